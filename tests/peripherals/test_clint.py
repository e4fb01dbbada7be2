"""The core-local interruptor, from its registers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.peripherals.clint import Clint
from vplat.testing.bench import Bench

ONES = 0xFFFF_FFFF


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def clint(bench: Bench) -> Clint:
    return bench.build(Clint)


def sent(bench: Bench) -> list[tuple[int, str, int, int]]:
    return [(each.cycle, each.output, each.level, each.harts) for each in bench.sent]


def set_compare(bench: Bench, clint: Clint, hart: int, value: int) -> None:
    """As the privileged specification recommends for RV32: no value in between is reached."""
    bench.store(clint, 0x4004 + 8 * hart, ONES, hart=hart)
    bench.store(clint, 0x4000 + 8 * hart, value & ONES, hart=hart)
    bench.store(clint, 0x4004 + 8 * hart, value >> 32, hart=hart)


def test_after_reset_nothing_is_pending_nor_ever_will_be(bench: Bench, clint: Clint) -> None:
    assert bench.load(clint, "msip[0]") == 0
    assert bench.load(clint, "mtimecmp_lo[7]") == bench.load(clint, "mtimecmp_hi[7]") == ONES
    bench.settle(limit=0)
    assert clint.doing() == ""


@pytest.mark.parametrize("hart", [0, 3, 7])
def test_msip_drives_the_software_interrupt_of_its_hart(
    bench: Bench, clint: Clint, hart: int
) -> None:
    bench.store(clint, 4 * hart, ONES)
    assert bench.load(clint, 4 * hart) == 1
    bench.store(clint, 4 * hart, 0xFFFF_FFFE)
    assert bench.load(clint, 4 * hart) == 0
    assert sent(bench) == [(0, "software", 1, 1 << hart), (0, "software", 0, 1 << hart)]


def test_mtime_counts_cycles(bench: Bench, clint: Clint) -> None:
    bench.advance((5 << 32) + 1234)
    assert bench.load(clint, 0xBFF8) == 1234
    assert bench.load(clint, 0xBFFC) == 5
    assert clint.real_time() == (5 << 32) + 1234


def test_mtime_may_count_slower(bench: Bench) -> None:
    clint = bench.build(Clint, {"tick_divider": 100})
    bench.advance(1299)
    assert clint.real_time() == 12


def test_mtime_goes_on_from_what_is_written(bench: Bench, clint: Clint) -> None:
    bench.advance(1000)
    bench.store(clint, "mtime_lo", 50)
    bench.store(clint, "mtime_hi", 7)
    bench.advance(25)
    assert clint.real_time() == (7 << 32) + 75
    bench.store(clint, "mtime_lo", 0xFFFF_FFFF)
    bench.advance(2)
    assert clint.real_time() == (8 << 32) + 1


def test_mtime_goes_round_at_its_64_bits(bench: Bench, clint: Clint) -> None:
    bench.store(clint, "mtime_hi", ONES)
    bench.store(clint, "mtime_lo", ONES)
    bench.advance(3)
    assert clint.real_time() == 2


@pytest.mark.parametrize("hart", [0, 6])
def test_the_timer_interrupt_rises_in_the_cycle_when_the_time_has_come(
    bench: Bench, clint: Clint, hart: int
) -> None:
    bench.advance(10)
    set_compare(bench, clint, hart, 500)
    assert clint.doing() == f"timer of hart {hart} in 490 ticks"
    bench.advance(1000)
    assert sent(bench) == [(500, "timer", 1, 1 << hart)]


def test_the_timer_interrupt_falls_when_the_compare_value_is_moved_on(
    bench: Bench, clint: Clint
) -> None:
    set_compare(bench, clint, 2, 100)
    bench.advance(150)
    set_compare(bench, clint, 2, 300)
    bench.advance(200)
    assert sent(bench) == [(100, "timer", 1, 4), (150, "timer", 0, 4), (300, "timer", 1, 4)]


def test_a_compare_value_in_the_past_raises_at_once(bench: Bench, clint: Clint) -> None:
    bench.advance(100)
    set_compare(bench, clint, 1, 100)
    set_compare(bench, clint, 3, 5)
    assert sent(bench) == [(100, "timer", 1, 2), (100, "timer", 1, 8)]


def test_a_write_to_mtime_raises_and_drops_timer_interrupts(bench: Bench, clint: Clint) -> None:
    set_compare(bench, clint, 0, 1000)
    bench.advance(10)
    bench.store(clint, "mtime_lo", 2000)
    bench.store(clint, "mtime_lo", 900)
    bench.advance(500)
    assert sent(bench) == [(10, "timer", 1, 1), (10, "timer", 0, 1), (110, "timer", 1, 1)]


def test_with_a_slow_tick_the_interrupt_comes_at_the_tick(bench: Bench) -> None:
    clint = bench.build(Clint, {"tick_divider": 100})
    bench.advance(250)
    set_compare(bench, clint, 0, 5)
    bench.advance(1000)
    assert sent(bench) == [(500, "timer", 1, 1)]


def test_a_compare_value_that_no_run_reaches_is_not_waited_for(bench: Bench, clint: Clint) -> None:
    bench.store(clint, "mtimecmp_lo[0]", 0)
    bench.settle(limit=0)
    set_compare(bench, clint, 0, 1000)
    bench.store(clint, "mtimecmp_hi[0]", ONES)
    bench.settle(limit=0)
    assert bench.sent == []


def test_a_hart_that_is_behind_takes_nothing_back_from_another(bench: Bench, clint: Clint) -> None:
    bench.now = 5000
    set_compare(bench, clint, 0, 4500)
    bench.now = 3000
    set_compare(bench, clint, 1, 3500)
    assert sent(bench) == [(5000, "timer", 1, 1)]
    bench.advance(500)
    assert sent(bench)[1:] == [(3500, "timer", 1, 2)]


def test_registers_of_harts_that_do_not_exist_are_zero(bench: Bench) -> None:
    clint = bench.build(Clint, {"harts": 2})
    for offset in (4 * 2, 4 * 31, 0x4010, 0x4014, 0x40FC):
        bench.store(clint, offset, ONES)
        assert bench.load(clint, offset) == 0
    assert bench.sent == []
    bench.settle(limit=0)


def test_what_is_no_register_reads_as_zero(bench: Bench, clint: Clint) -> None:
    bench.store(clint, 0x8000, ONES)
    assert bench.load(clint, 0x8000) == 0


def test_a_snapshot_keeps_time_and_pending_interrupts(bench: Bench, clint: Clint) -> None:
    bench.store(clint, "mtime_hi", 3)
    saved = clint.snapshot()
    bench.store(clint, "mtime_hi", 9)
    clint.restore(saved)
    assert clint.real_time() == 3 << 32


@given(
    compare=st.lists(st.integers(0, 300), min_size=3, max_size=3),
    divider=st.integers(1, 7),
    late=st.integers(0, 50),
)
def test_the_line_of_every_hart_is_high_exactly_while_the_time_is_reached(
    compare: list[int], divider: int, late: int
) -> None:
    bench = Bench()
    clint = bench.build(Clint, {"harts": 3, "tick_divider": divider})
    bench.advance(late)
    for hart, value in enumerate(compare):
        set_compare(bench, clint, hart, value)
    bench.settle(limit=10_000)
    rises = [
        (hart, each.cycle) for each in bench.sent for hart in range(3) if each.harts >> hart & 1
    ]
    assert sorted(rises) == [
        (hart, max(late, value * divider)) for hart, value in enumerate(compare)
    ]
    assert all(each.level for each in bench.sent)
