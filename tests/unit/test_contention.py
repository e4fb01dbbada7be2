"""What harts lose by getting into each other's way: the arithmetic, and its use by the turns."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.machine_samples import BEACON, machine
from vplat.engines.contention import ONE_CYCLE, settle_round, stall, wait_for_banks
from vplat.engines.rounds import split_rows
from vplat.machine.board import MemorySpec
from vplat.machine.rows import (
    ACCESSES,
    BANKS,
    CYCLES,
    STALLED,
    UNIT_CYCLES,
    UNIT_FREE_AT,
    WAIT,
    new_rows,
    new_turns,
)
from vplat.testing import Load, Work

BANKED = MemorySpec("tcdm", 0x1000_0000, 0x1000, banks=4)
counts = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), min_size=1, max_size=9)


def a_round(
    asked: Sequence[tuple[int, int]], *, cycles: int = 2000, banks: int = 0, start: int = 0
) -> tuple[list[int], memoryview]:
    """What each hart lost in a round in which it made accesses and asked for the unit."""
    flat, turns = new_rows(len(asked)), new_turns()
    rows = split_rows(flat)
    turns[BANKS] = banks
    for row, (accesses, unit_cycles) in zip(rows, asked, strict=True):
        row[CYCLES], row[ACCESSES], row[UNIT_CYCLES] = start + cycles, accesses, unit_cycles
    settle_round(rows, turns, start)
    return [row[CYCLES] - start - cycles for row in rows], turns


def test_harts_that_ask_for_more_than_the_unit_gives_end_when_it_has_served_them() -> None:
    lost, turns = a_round([(0, 800)] * 8)
    assert lost == [8 * 800 - 2000] * 8
    assert turns[UNIT_FREE_AT] == 8 * 800


def test_what_exceeds_the_unit_delays_harts_by_how_much_they_ask() -> None:
    lost, _ = a_round([(0, 4000), (0, 2000), (0, 0)])
    assert lost == [4000 + 2000 - 2000, (4000 + 2000 - 2000) // 2, 0]


def test_a_request_waits_for_half_the_odds_that_another_is_there() -> None:
    lost, _ = a_round([(0, 500)] * 2)
    assert lost == [500 * 500 // 2000 // 2] * 2


@given(st.integers(1, 1000), st.integers(0, 1000))
def test_requests_that_the_unit_can_serve_wait_for_half_a_cycle_at_most(
    one: int, other: int
) -> None:
    lost, _ = a_round([(0, one), (0, other)])
    assert lost[0] <= one / 2


def test_the_unit_goes_on_with_what_it_had_to_do() -> None:
    flat, turns = new_rows(2), new_turns()
    rows = split_rows(flat)
    for row in rows:
        row[CYCLES], row[UNIT_CYCLES] = 1000, 1000
    settle_round(rows, turns, 0)
    assert [row[CYCLES] for row in rows] == [2000, 2000]
    for row in rows:
        row[CYCLES], row[UNIT_CYCLES] = 2500, 1500
    settle_round(rows, turns, 1500)
    assert [row[CYCLES] for row in rows] == [3000, 3000]


@given(counts)
def test_a_hart_that_is_alone_loses_nothing(asked: list[tuple[int, int]]) -> None:
    lost, _ = a_round([asked[0]] + [(0, 0)] * 7, banks=16)
    assert lost == [0] * 8


@given(counts)
def test_what_no_board_has_costs_nothing(asked: list[tuple[int, int]]) -> None:
    lost, _ = a_round([(accesses, 0) for accesses, _ in asked], banks=1)
    assert lost == [0] * len(asked)


@given(counts, st.sampled_from([2, 16, 32]))
def test_an_access_waits_at_most_for_every_other_hart_at_its_bank(
    asked: list[tuple[int, int]], banks: int
) -> None:
    lost, _ = a_round([(accesses, 0) for accesses, _ in asked], banks=banks)
    for cycles, (accesses, _) in zip(lost, asked, strict=True):
        assert 0 <= cycles <= accesses * (len(asked) - 1) / banks


@given(counts)
def test_nobody_ends_later_than_the_unit_or_the_longest_wait(asked: list[tuple[int, int]]) -> None:
    lost, turns = a_round(asked)
    for cycles, (_, unit_cycles) in zip(lost, asked, strict=True):
        assert cycles <= max(turns[UNIT_FREE_AT] - 2000, unit_cycles)


@given(st.lists(st.integers(0, 3 * ONE_CYCLE), max_size=50))
def test_parts_of_cycles_add_up(parts: list[int]) -> None:
    row = new_rows(1)
    for each in parts:
        stall(row, each)
    assert row[CYCLES] == sum(parts) // ONE_CYCLE
    assert row[STALLED] == sum(parts)


@given(st.lists(st.integers(0, 1000), max_size=30), st.integers(0, 2 * ONE_CYCLE))
def test_each_access_waits_once_for_ports_that_hold_banks(made: list[int], wait: int) -> None:
    row = new_rows(1)
    row[WAIT] = wait
    for accesses in made:
        row[ACCESSES] += accesses
        wait_for_banks(row)
        wait_for_banks(row)
    assert row[CYCLES] == sum(made) * wait // ONE_CYCLE


def test_accesses_that_were_taken_back_are_not_charged_again() -> None:
    row = new_rows(1)
    row[WAIT] = ONE_CYCLE
    for accesses in (10, 7, 10, 12):
        row[ACCESSES] = accesses
        wait_for_banks(row)
    assert row[CYCLES] == 12


# In a machine.


def test_harts_that_load_from_the_same_banks_wait_for_each_other() -> None:
    loads = [Load(BANKED.base)] * 300 + [Work(1)]
    together = machine({0: loads, 1: loads}, memories=[BANKED], turn_cycles=1000)
    together.run()
    alone = machine({0: loads}, memories=[BANKED], turn_cycles=1000)
    alone.run()
    assert alone.harts[0].clock == 301
    # Of the other's 300 accesses to 4 banks in 301 cycles, half of one in the same cycle.
    assert [hart.clock for hart in together.harts] == [301 + 300 * 300 // (2 * 4 * 301)] * 2


def test_accesses_to_what_has_no_banks_meet_nobody() -> None:
    loads = [Load(0x8000_0000)] * 300
    made = machine({0: loads, 1: loads}, memories=[BANKED], turn_cycles=1000)
    made.run()
    assert [hart.clock for hart in made.harts] == [300, 300]


def test_a_wait_that_changes_holds_for_the_accesses_from_then_on() -> None:
    loads = [Load(BANKED.base)] * 100
    made = machine(
        {0: [*loads, Load(BEACON + 8), *loads, Load(BEACON + 8)]},
        memories=[BANKED],
        turn_cycles=1000,
    )
    made.engine.rows[WAIT] = ONE_CYCLE // 2
    made.run()
    assert made.harts[0].clock == 202 + 100
