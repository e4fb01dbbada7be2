"""What may take a hand in a run: a debugger, or whoever wants the machine at an exact moment."""

from __future__ import annotations

from typing import Protocol


class Control(Protocol):
    """``Machine.control``. Without one a run pays a comparison for each of these moments."""

    def reached(self, hart: int, address: int) -> bool:
        """A hart is about to execute an instruction that ``Engine.hold`` was said of.

        True holds the hart in front of it. This is asked inside a callback of the engine.
        """
        ...

    def look(self) -> bool:
        """Something has happened, and no hart is in its turn.

        What is said here may take as long as it likes: simulated time stands still. True ends the
        slice of the run.
        """
        ...

    def hart_woke(self, hart: int) -> None:
        """A sleeping hart runs again."""
        ...
