"""What harts lose by getting into each other's way; `_probe.c` has the same, by the same names.

All of it is integer arithmetic on the rows, so that both probes give the same cycles.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vplat.machine.rows import (
    ACCESSES,
    BANKS,
    CYCLES,
    FRACTION_BITS,
    ROUND_ACCESSES,
    ROUND_UNIT_CYCLES,
    STALLED,
    UNIT_CYCLES,
    UNIT_FREE_AT,
    WAIT,
    WAITED,
)

ONE_CYCLE: Final = 1 << FRACTION_BITS


def stall(row: memoryview, parts: int) -> None:
    """Let a hart stand still for so many parts of a cycle."""
    before = row[STALLED] >> FRACTION_BITS
    row[STALLED] += parts
    row[CYCLES] += (row[STALLED] >> FRACTION_BITS) - before


def wait_for_banks(row: memoryview) -> None:
    """The accesses since this was last said have waited for ports that hold banks."""
    accesses = row[ACCESSES] - row[WAITED]
    if accesses > 0:  # it is not where what a hart did not run of a block has been taken back
        row[WAITED] = row[ACCESSES]
        stall(row, accesses * row[WAIT])


def settle_round(rows: Sequence[memoryview], turns: memoryview, start: int) -> None:
    """A round that began at ``start`` is over: charge harts for waiting for one another.

    They have met at the banks, and at the unit they share, which serves one request a cycle.
    """
    for row in rows:
        wait_for_banks(row)
    accesses = [_taken(row, ACCESSES, ROUND_ACCESSES) for row in rows]
    unit_cycles = [_taken(row, UNIT_CYCLES, ROUND_UNIT_CYCLES) for row in rows]
    active = [a + u > 0 for a, u in zip(accesses, unit_cycles, strict=True)]
    if not any(active):
        return
    ends = [row[CYCLES] for row, counts in zip(rows, active, strict=True) if counts]
    latest = max(start + 1, *ends)
    at_banks = _waits_at_banks(accesses, latest - start, turns[BANKS])
    at_unit = _waits_at_unit(unit_cycles, rows, turns, start, latest)
    for row, *parts in zip(rows, at_banks, at_unit, strict=True):
        if sum(parts) > 0:
            stall(row, sum(parts))


def _waits_at_banks(accesses: Sequence[int], cycles: int, banks: int) -> list[int]:
    accessing = sum(count > 0 for count in accesses)
    if accessing < 2 or banks < 2:
        return [0] * len(accesses)
    total, most = sum(accesses), (accessing - 1) * ONE_CYCLE // banks
    return [count * _meeting_wait(total - count, banks * cycles, most) for count in accesses]


def _waits_at_unit(
    unit_cycles: Sequence[int],
    rows: Sequence[memoryview],
    turns: memoryview,
    start: int,
    latest: int,
) -> list[int]:
    using = sum(count > 0 for count in unit_cycles)
    if not using:
        return [0] * len(rows)
    total = sum(unit_cycles)
    begin = max(start, turns[UNIT_FREE_AT])
    free_at = begin + total
    alone = using == 1 and begin == start  # it waits for nobody, whatever was counted
    turns[UNIT_FREE_AT] = free_at = min(free_at, latest) if alone else free_at
    if alone:
        return [0] * len(rows)
    most, waits = max(unit_cycles), []
    for row, count in zip(rows, unit_cycles, strict=True):
        late = max(free_at - row[CYCLES], 0) * count // most << FRACTION_BITS
        met = count * _meeting_wait(total - count, latest - start, ONE_CYCLE // 2)
        waits.append(max(late, met))
    return waits


def _meeting_wait(others: int, capacity: int, most: int) -> int:
    """Parts of a cycle that one request waits for those of others, of which ``capacity`` could be
    served: half the odds that one of them is there in the same cycle.

    That the others then wait as well makes it no longer: who waits asks for nothing more.
    """
    return min((others << FRACTION_BITS) // (2 * capacity), most)


def _taken(row: memoryview, counted: int, seen: int) -> int:
    """How much of a count is new in this round."""
    amount: int = row[counted] - row[seen]
    if amount <= 0:
        return 0
    row[seen] = row[counted]
    return amount
