"""Letting a machine run on to an exact moment, at the speed of any other run nearly all the way.

No instruction takes less than a cycle, so a hart that may run for as many cycles as instructions
are missing does not run too far. Close to the goal it goes block by block, then by instruction.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from .debug_steps import Stepping
from .holding import standing
from .position import Position
from .rows import (
    COLUMNS,
    CYCLES,
    ENTERS,
    HELD,
    HOLD_AT,
    INSIDE,
    INSTRUCTIONS,
    NO_STEP,
    NOT_HELD,
    POSITION,
    STEP,
    STOPS,
)

if TYPE_CHECKING:
    from .machine import Machine

LONGEST_BLOCK: Final = 512
"""Instructions that the engine puts into one block at most."""
WORTH_WHILE: Final = 64
"""Cycles that a hart runs unseen, at least."""


@dataclasses.dataclass(frozen=True)
class Goal:
    """A moment to come: ``position``; or without one, ``hart`` has retired ``instructions``.

    If ``is_poised``, it is about to execute the next one.
    """

    position: Position | None = None
    hart: int = -1
    instructions: int = 0
    is_poised: bool = False


class Seeking:
    """Holds harts ever closer to a goal; to be asked whenever the machine has come back."""

    def __init__(self, machine: Machine, stepping: Stepping) -> None:
        self._machine, self._stepping = machine, stepping
        self._lengths: dict[int, int] = {}
        self._seen = 0
        self._but: Collection[int] = ()

    def has_come_to(self, goal: Goal) -> bool:
        """The machine is there, or further."""
        if goal.position is not None:
            return Position.of(self._machine) >= goal.position
        if standing(self._machine, goal.hart).instructions < goal.instructions:
            return False
        held = self._machine.engine.rows[goal.hart * COLUMNS + HELD]
        return held != NOT_HELD or not goal.is_poised

    def approach(self, goal: Goal, *, but: Collection[int] = ()) -> None:
        """Let harts run, but not beyond; those in ``but`` are somebody else's to hold."""
        self._but = but
        if goal.position is not None:
            self._approach_position(goal.position)
            return
        row = goal.hart * COLUMNS
        missing = goal.instructions - self._machine.engine.rows[row + INSTRUCTIONS]
        if missing >= LONGEST_BLOCK + WORTH_WHILE:
            self._run(goal.hart, missing - LONGEST_BLOCK)
        elif missing == 0 and goal.is_poised:
            self._stop(goal.hart, STOPS)
        else:
            self._come_near(goal.hart, missing)

    def leave(self) -> None:
        """Let harts run on."""
        rows = self._machine.engine.rows
        for hart in range(len(self._machine.harts)):
            rows[hart * COLUMNS + HOLD_AT] = 0
            if hart not in self._but:
                self._stepping.disarm(hart)
                rows[hart * COLUMNS + STEP] = NO_STEP

    def _approach_position(self, end: Position) -> None:
        machine, rows = self._machine, self._machine.engine.rows
        harts = range(len(machine.harts))
        charged = sum(rows[hart * COLUMNS + INSTRUCTIONS] for hart in harts)
        missing = end.instructions - charged
        share = missing // len(harts) - LONGEST_BLOCK
        if share >= WORTH_WHILE:
            for hart in harts:
                self._run(hart, share)
            return
        for hart in harts:
            if hart == machine.turns[POSITION]:
                self._come_near(hart, missing)
            else:
                self._stop(hart, STOPS)

    def _run(self, hart: int, cycles: int) -> None:
        self._stop(hart, NO_STEP)
        if hart in self._but:
            return
        rows, row = self._machine.engine.rows, hart * COLUMNS
        rows[row + HOLD_AT] = rows[row + CYCLES] + cycles

    def _come_near(self, hart: int, missing: int) -> None:
        """``missing`` are the instructions that may still be charged."""
        if self._machine.engine.rows[hart * COLUMNS + HELD] == INSIDE:
            rest = missing >= 0
            length = 0
        else:
            length = self._length_at(self._machine.harts[hart].pc)
            rest = 0 < length <= missing
        if rest:
            self._stop(hart, ENTERS if length else STOPS)
        else:
            self._stop(hart, NO_STEP)
            if hart not in self._but:
                self._stepping.arm(hart)

    def _stop(self, hart: int, step: int) -> None:
        if hart in self._but:
            return
        self._stepping.disarm(hart)
        row = hart * COLUMNS
        self._machine.engine.rows[row + HOLD_AT] = 0
        self._machine.engine.rows[row + STEP] = step

    def _length_at(self, address: int) -> int:
        """Instructions of the block that begins there; 0 where none is known."""
        blocks = self._machine.blocks.blocks
        if len(blocks) < self._seen:
            self._lengths.clear()
            self._seen = 0
        for block in blocks[self._seen :]:
            longest = max(len(block.instructions), self._lengths.get(block.address, 0))
            self._lengths[block.address] = longest
        self._seen = len(blocks)
        return self._lengths.get(address, 0)


class Seeker:
    """``vplat.machine.control.Control`` that ends a slice of the run at a goal, and nowhere else.

    While a machine has one, its run ends slices until ``done``.
    """

    def __init__(self, machine: Machine, goal: Goal) -> None:
        self._machine, self._goal = machine, goal
        self._stepping = Stepping(machine, machine.holds)
        self._seeking = Seeking(machine, self._stepping)
        self.done = False
        self.look()

    def reached(self, hart: int, address: int) -> bool:
        """Whether the hart is held in front of the instruction at ``address``."""
        return self._stepping.reached(hart, address)

    def look(self) -> bool:
        """See whether the goal is reached; if not, come closer."""
        self._stepping.leave_ends()
        self._stepping.done()
        self.done = self._machine.outcome is not None or self._seeking.has_come_to(self._goal)
        if self.done:
            self._seeking.leave()
        else:
            self._seeking.approach(self._goal)
            self._stepping.guard_ends()
        return self.done

    def hart_woke(self, hart: int) -> None:
        """Nothing: it runs as it would have."""
