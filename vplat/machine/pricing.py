"""What the machine asks of a timing table, and what it tells one of the code to be priced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .isa import Instruction


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of one instruction when a hart is about to run its block for the first time.

    ``wait_states`` are those of the memory it accesses. ``crosses`` says that the access lies in
    two words, ``accesses`` how many it makes to the memory whose banks harts share. ``operands``
    are the values of rs1 and rs2 of a division, ``target`` is where a jump leads, each None where
    it is not known. A ``split_target`` is a 4-byte instruction that is not on a word boundary.
    """

    wait_states: int = 0
    crosses: bool = False
    accesses: int = 0
    operands: tuple[int | None, int | None] = (None, None)
    target: int | None = None
    split_target: bool = False


UNSEEN = Seen()
"""Of an instruction of which there is nothing to know."""


@dataclass(frozen=True, slots=True)
class FirstRun:
    """A block of code that a hart is about to run, nobody having run it before."""

    address: int
    instructions: Sequence[Instruction]
    seen: Sequence[Seen]


@dataclass(frozen=True, slots=True)
class Price:
    """What each instruction of a block takes: cycles, and cycles of the unit that harts share."""

    cycles: Sequence[int]
    unit_cycles: Sequence[int]


@dataclass(frozen=True, slots=True)
class InstructionCache:
    """A cache that all harts fetch through: the size of a line, and what a miss costs.

    ``miss_cycles`` come on top of the wait states of the memory that the line is in.
    """

    line_bytes: int
    miss_cycles: int


class Timing(Protocol):
    """A timing table, as the machine sees it."""

    @property
    def cache(self) -> InstructionCache | None:
        """The instruction cache; None where fetching costs nothing."""
        ...

    def price(self, run: FirstRun) -> Price:
        """What the instructions of a block take from now on."""
        ...


class OneCycleEach:
    """A timing by which every instruction takes one cycle, waits for data memory aside."""

    cache: InstructionCache | None = None

    def price(self, run: FirstRun) -> Price:
        """A cycle each."""
        return Price([1 + seen.wait_states for seen in run.seen], [0] * len(run.seen))
