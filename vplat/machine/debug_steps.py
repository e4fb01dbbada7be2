"""Stepping: a hart executes one instruction and is held behind it, wherever that leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .holding import Holds, Standing, cut_for_length, standing
from .rows import AT_ENTRY, COLUMNS, ENTERS, HELD, INSIDE, NO_STEP, STEP

if TYPE_CHECKING:
    from .blocks import Block
    from .machine import Machine

WORD = 0xFFFF_FFFF


class Step(NamedTuple):
    """A step under way: where the hart stood, and the instruction it is held at, if it is."""

    start: Standing
    behind: int | None


class End(NamedTuple):
    """The address behind a block inside which a hart is held."""

    block: Block
    address: int


class Stepping:
    """The steps of one machine's harts.

    A hart is held at the following instruction of its block, or before the next block, whichever
    it comes to. So nothing needs to be known of where a branch or a trap leads.
    """

    def __init__(self, machine: Machine, holds: Holds) -> None:
        self._machine, self._holds = machine, holds
        self._steps: dict[int, Step] = {}
        self._ends: dict[int, End] = {}
        """By hart, the end of a block that the engine may now run beyond (``cut_for_length``)."""

    @property
    def harts(self) -> list[int]:
        """Who is stepping."""
        return list(self._steps)

    @property
    def guards_ends(self) -> bool:
        """Somebody is to be held at the end of a block, as ``guard_ends`` has it."""
        return bool(self._ends)

    def arm(self, hart: int) -> None:
        """Hold ``hart`` once it has executed its next instruction."""
        self.disarm(hart)
        start = standing(self._machine, hart)
        instruction = self._machine.blocks.decode(self._machine.peek_word(start.pc))
        behind = None if instruction.ends_block else start.pc + instruction.length & WORD
        if behind is not None:
            self._holds.add(hart, behind)
        self._steps[hart] = Step(start, behind)
        self._machine.engine.rows[hart * COLUMNS + STEP] = ENTERS

    def disarm(self, hart: int) -> None:
        """Let ``hart`` run on."""
        step = self._steps.pop(hart, None)
        if step is None:
            return
        self._machine.engine.rows[hart * COLUMNS + STEP] = NO_STEP
        if step.behind is not None:
            self._holds.drop(hart, step.behind)

    def start_of(self, hart: int) -> Standing:
        """Where the step of ``hart`` began."""
        return self._steps[hart].start

    def reached(self, hart: int, address: int) -> bool:
        """In a callback before the instruction at ``address``: whether the hart is held there."""
        end = self._ends.get(hart)
        if end is not None and end.address == address:
            return self._machine.harts[hart].block is end.block
        step = self._steps.get(hart)
        return (
            step is not None
            and address == step.behind
            and self._machine.harts[hart].instructions != step.start.instructions
        )

    def done(self) -> list[int]:
        """Between turns: the harts that have made their steps. The others are armed anew."""
        found = []
        rows = self._machine.engine.rows
        for hart, step in self._steps.items():
            now = standing(self._machine, hart)
            if (now.pc, now.instructions) != (step.start.pc, step.start.instructions):
                found.append(hart)
            else:
                rows[hart * COLUMNS + STEP] = ENTERS
        return found

    def guard_ends(self) -> None:
        """Before harts go on: hold those where the blocks end that they are inside."""
        rows = self._machine.engine.rows
        for hart in range(len(self._machine.harts)):
            if rows[hart * COLUMNS + HELD] == INSIDE and hart not in self._ends:
                end = cut_for_length(self._machine, hart)
                block = self._machine.harts[hart].block
                if end is not None and block is not None:
                    self._ends[hart] = End(block, end)
                    self._holds.add(hart, end)

    def leave_ends(self) -> None:
        """Between turns: who has come to such an end stands before a block. Forget who has left.

        The instruction there is that of another block, which will be charged when it is entered,
        unless it has been: the engine may have ended the block where it did before.
        """
        rows = self._machine.engine.rows
        for hart, (block, end) in list(self._ends.items()):
            row, subject = hart * COLUMNS, self._machine.harts[hart]
            if rows[row + HELD] == INSIDE and subject.block is block:
                if subject.pc != end:
                    continue
                rows[row + HELD] = AT_ENTRY
            self._holds.drop(hart, end)
            del self._ends[hart]
