"""What has state of its own."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Part(Protocol):
    """A part of a machine whose state belongs into its snapshots; see ``Machine.parts``.

    The annotation of what ``snapshot`` returns is what a file is read by, so it says everything:
    numbers, strings, bytes, enumerations, frozen data classes, named tuples, tuples and mappings of
    such. What was returned once never changes.
    """

    def snapshot(self) -> Any:
        """All that may change while the machine runs; asked for between two turns."""
        ...

    def restore(self, state: Any) -> None:
        """Go back to what ``snapshot`` returned, in a machine of the same board and firmware."""
        ...


@runtime_checkable
class Latecomer(Protocol):
    """An observer that is a part, and wants to know when it has not seen how the run began."""

    def begin_late(self) -> None:
        """The machine has been put to a state whose past nobody has noted for this observer."""
        ...
