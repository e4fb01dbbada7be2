"""How a run ended."""

from __future__ import annotations

import dataclasses
from enum import StrEnum


class Ending(StrEnum):
    """Every way a run can end."""

    EXITED = "exited"
    OUT_OF_CYCLES = "out-of-cycles"
    CRASHED = "crashed"
    DEADLOCKED = "deadlocked"
    INTERRUPTED = "interrupted"


@dataclasses.dataclass(frozen=True)
class Trap:
    """A synchronous exception as a hart met it: its mcause, pc, mtval, registers and time.

    ``detail`` says in words what lies behind it ("dma has no register at +0x40").
    """

    hart: int
    cause: int
    pc: int
    value: int
    registers: tuple[int, ...]
    cycle: int
    detail: str = ""


@dataclasses.dataclass(frozen=True)
class Waiting:
    """A hart that sleeps when the run ends: at which pc, on what, and what is missing."""

    hart: int
    pc: int
    reason: str
    explanation: str


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The end of a run.

    ``status`` is the firmware's own exit status if it ended itself. ``trap`` is there after a crash
    by an exception, ``waiting`` after a deadlock; ``message`` says in one sentence what happened.
    """

    ending: Ending
    status: int | None = None
    message: str = ""
    trap: Trap | None = None
    waiting: tuple[Waiting, ...] = ()
