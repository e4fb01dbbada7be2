"""How harts take turns; ``probe_run`` in ``_probe.c`` does the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from vplat.machine.clock import NEVER
from vplat.machine.engine import Reason
from vplat.machine.rows import (
    AT_ENTRY,
    ATTENTION,
    COLUMNS,
    CYCLES,
    DUE,
    HELD,
    HOLD_AT,
    HORIZON,
    INSIDE,
    LIMIT,
    NO_STEP,
    NOW,
    POSITION,
    RETURN_AT,
    RUNNABLE,
    STEP,
    STOPS,
    TURNS,
)

from .contention import settle_round


def split_rows(rows: memoryview) -> list[memoryview]:
    """The row of each hart, as views into ``rows``."""
    return [rows[start : start + COLUMNS] for start in range(0, len(rows), COLUMNS)]


def holds(row: memoryview, wanted: bool, reached: Callable[[], bool]) -> bool:
    """Whether a hart is held before its next step, which has not been charged; its row says so.

    ``wanted`` is whether somebody waits for it there, whom ``reached`` asks.
    """
    is_held = row[STEP] == STOPS or 0 < row[HOLD_AT] <= row[CYCLES]
    if not is_held and not (wanted and row[CYCLES] < row[LIMIT] and reached()):
        return False
    row[STEP], row[HOLD_AT], row[HELD] = NO_STEP, 0, AT_ENTRY
    return True


class Rounds:
    """Gives turns to harts, in their order, over and over, until the machine is needed.

    ``take_turn`` lets a hart execute up to the ``LIMIT`` in its row; False if it left its turn for
    another reason.
    """

    def __init__(
        self, rows: Sequence[memoryview], turns: memoryview, take_turn: Callable[[int], bool]
    ) -> None:
        self._rows, self._turns, self._take_turn = rows, turns, take_turn

    def run(self, turn_cycles: int, solo_cycles: int) -> tuple[Reason, int]:
        """See ``Engine.run``."""
        turns = self._turns
        while True:
            while turns[POSITION] < len(self._rows):
                if (stopped := self._position()) is not None:
                    return stopped
            turns[POSITION] = 0
            awake = [row[CYCLES] for row in self._rows if row[RUNNABLE]]
            reached = min(turns[HORIZON], turns[DUE])
            if not awake:  # time has come as far as the last of them did
                reached = min(reached, max(row[CYCLES] for row in self._rows))
            elif min(awake) < reached:
                continue  # a hart was woken after its turn: the round is not over for it
            settle_round(self._rows, turns, turns[NOW])
            # Harts may have waited: where a slice ends must not make a difference.
            awake = [row[CYCLES] for row in self._rows if row[RUNNABLE]]
            turns[NOW] = max(turns[NOW], reached)
            if (reason := self._reason(awake)) is not None:
                return reason, -1
            turns[HORIZON] = turns[NOW] + (solo_cycles if len(awake) == 1 else turn_cycles)

    def _reason(self, awake: Sequence[int]) -> Reason | None:
        """Why no further round can begin, where ``awake`` are the times of the harts that run."""
        turns = self._turns
        reason = None
        if turns[NOW] >= turns[DUE]:
            reason = Reason.DUE
        elif not awake and turns[DUE] >= NEVER:
            return Reason.IDLE
        else:
            # Nobody has anything to do before that.
            earliest = min(*awake, turns[DUE], turns[RETURN_AT])
            turns[NOW] = max(turns[NOW], earliest)
            if turns[NOW] >= turns[RETURN_AT]:
                reason = Reason.SLICE
            elif turns[NOW] >= turns[DUE]:
                reason = Reason.DUE
        if reason is not None:
            turns[HORIZON] = turns[NOW]
        return reason

    def _position(self) -> tuple[Reason, int] | None:
        """Let the hart at ``POSITION`` run, or go on to the next one."""
        turns = self._turns
        hart = turns[POSITION]
        row = self._rows[hart]
        limit = min(turns[HORIZON], turns[DUE])
        inside = row[HELD] == INSIDE  # a block is finished first, as it would have been
        if not row[RUNNABLE]:
            turns[POSITION] += 1
        elif row[ATTENTION] and not inside:
            return Reason.ATTENTION, hart
        elif row[CYCLES] >= limit and not inside:
            turns[POSITION] += 1
        else:
            if row[HELD]:  # the turn in which it was held goes on
                row[LIMIT] = min(row[LIMIT], limit)
            else:
                row[LIMIT] = limit
                row[TURNS] += 1
            if not self._take_turn(hart):
                return Reason.EXIT, hart
        return None
