"""Some harts go on while the others stand still, which no hardware does: it may change the run."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final, NamedTuple

from .rows import (
    COLUMNS,
    CYCLES,
    DUE,
    ENTERS,
    HELD,
    HORIZON,
    INSIDE,
    NO_STEP,
    NOW,
    POSITION,
    RUNNABLE,
    STEP,
    TURNS,
)

if TYPE_CHECKING:
    from .machine import Machine

ENOUGH_CYCLES: Final = 1 << 40
"""More than any instruction or block takes."""


class Turns(NamedTuple):
    """What the row of turns held before a hart got a turn out of order."""

    hart: int
    position: int
    horizon: int


class Alone:
    """Harts of one machine that stand still by somebody's wish.

    A hart that goes on alone goes on with its turn if it has the turn, and as long as that lasts
    the run is what it would have been. Otherwise it gets a turn out of order for a step or a block;
    afterwards the order is what it was. A hart that needs more takes time along with it, and the
    others catch up when they are let go.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._only: Collection[int] | None = None
        self._before: Turns | None = None
        self._began: tuple[int, int] | None = None
        self._had_turn = False
        self._disorder = False

    @property
    def is_frozen(self) -> bool:
        """Some harts stand still."""
        return self._only is not None

    def prepare(self, only: Collection[int], steps: Collection[int]) -> bool:
        """Let ``only`` these go on, of whom ``steps`` make a step; False if none of them can."""
        able = [hart for hart in only if self._machine.harts[hart].runs]
        wanted = [hart for hart in able if hart in steps] if steps else able
        if not wanted:
            return False
        self._only = [wanted[0]] if steps else only
        for hart in self._machine.harts:
            self.freeze(hart.index)
        if self._began is None:
            self._began = self._moment()
        if len(wanted) == 1 or steps:
            self._see_to_turn(wanted[0])
        return True

    def took_disorder(self) -> bool:
        """Whether the order of turns has been another one since this was asked."""
        disorder, self._disorder = self._disorder, False
        return disorder

    def freeze(self, hart: int) -> None:
        """Let ``hart`` stand still if it is one of those that are to."""
        if self._only is not None and hart not in self._only:
            self._machine.engine.rows[hart * COLUMNS + RUNNABLE] = 0

    def leave(self) -> None:
        """After a turn out of order: go back to the order."""
        if self._before is None:
            return
        turns, rows = self._machine.turns, self._machine.engine.rows
        before, self._before = self._before, None
        turns[POSITION] = before.position
        turns[HORIZON] = min(turns[HORIZON], before.horizon)
        turns[DUE] = self._machine.clock.next_due
        rows[before.hart * COLUMNS + TURNS] += 1  # others may have run since its turn before

    def thaw(self) -> None:
        """Let everybody go on."""
        self.leave()
        if self._only is None:
            return
        if self._began != self._moment():
            self._disorder = True
        self._only = self._began = None
        self._had_turn = False
        for hart in self._machine.harts:
            self._machine.engine.rows[hart.index * COLUMNS + RUNNABLE] = int(hart.runs)

    def _see_to_turn(self, hart: int) -> None:
        """Let ``hart`` go on with its turn, or give it one, or let the others miss theirs."""
        turns, row = self._machine.turns, hart * COLUMNS
        rows = self._machine.engine.rows
        has_time = rows[row + CYCLES] < min(turns[HORIZON], turns[DUE])
        if turns[POSITION] == hart and (has_time or rows[row + HELD] == INSIDE):
            return
        if rows[row + STEP] == NO_STEP:
            if self._had_turn:
                return
            rows[row + STEP] = ENTERS
        self._had_turn = self._disorder = True
        self._before = Turns(hart, turns[POSITION], turns[HORIZON])
        turns[POSITION] = hart
        turns[HORIZON] = turns[DUE] = rows[row + CYCLES] + ENOUGH_CYCLES

    def _moment(self) -> tuple[int, int]:
        return self._machine.turns[NOW], self._machine.turns[POSITION]
