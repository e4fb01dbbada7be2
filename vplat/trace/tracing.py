"""What a run is asked to have traced."""

from __future__ import annotations

import dataclasses

from vplat.errors import UsageError


@dataclasses.dataclass(frozen=True)
class Tracing:
    """What a ledger is to keep of a run.

    ``select`` are patterns, none for everything; cycles count from ``begin`` up to ``end``, which
    is excluded, None for the end of the run. ``functions`` asks for every change of function,
    ``counters`` for samples of energy and of the bytes that devices move.
    """

    select: tuple[str, ...] = ()
    begin: int = 0
    end: int | None = None
    functions: bool = False
    counters: bool = False

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.begin:
            raise UsageError(
                f"the trace is to begin at cycle {self.begin} and to end at cycle {self.end}; "
                "let it end after it begins"
            )
