"""The barrier of a Snitch cluster."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.model import Stall
from vplat.peripherals.snitch_barrier import SnitchBarrier
from vplat.testing import Bench

HARTS = 3


def arrives(bench: Bench, barrier: SnitchBarrier, hart: int, cycle: int) -> bool:
    """Whether a hart that reads the CSR at ``cycle`` must wait."""
    bench.now = cycle
    try:
        barrier.arrive(hart)
    except Stall:
        return True
    return False


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def barrier(bench: Bench) -> SnitchBarrier:
    return bench.build(SnitchBarrier, {"harts": HARTS})


def test_nobody_passes_before_all_have_arrived(bench: Bench, barrier: SnitchBarrier) -> None:
    assert arrives(bench, barrier, 0, 10)
    assert arrives(bench, barrier, 2, 20)
    bench.advance(1000)
    assert bench.woken == []
    assert arrives(bench, barrier, 0, 1020), "a second read is no second arrival"
    assert barrier.explain_wait(0) == "2 of 3 harts have arrived; hart 1 missing"
    assert barrier.explain_wait(1) == ""


def test_all_leave_in_the_cycle_after_the_last_arrival(
    bench: Bench, barrier: SnitchBarrier
) -> None:
    for hart, cycle in ((0, 10), (2, 20), (1, 30)):
        assert arrives(bench, barrier, hart, cycle)
    assert bench.woken == []
    bench.advance(1)
    assert bench.woken == [0, 1, 2]
    assert not any(arrives(bench, barrier, hart, 31) for hart in range(HARTS))
    assert arrives(bench, barrier, 0, 32), "the next one begins anew"


def test_a_last_arrival_behind_the_others_in_time_does_not_let_them_go_early(
    bench: Bench, barrier: SnitchBarrier
) -> None:
    for hart, cycle in ((0, 500), (1, 700), (2, 100)):
        assert arrives(bench, barrier, hart, cycle)
    bench.advance(600)
    assert (bench.now, bench.woken) == (700, [])
    bench.advance(1)
    assert bench.woken == [0, 1, 2]


@given(st.permutations(range(HARTS)), st.lists(st.integers(0, 300), min_size=3, max_size=3))
def test_in_any_order_all_leave_one_cycle_after_the_latest(
    order: list[int], cycles: list[int]
) -> None:
    bench = Bench()
    barrier = bench.build(SnitchBarrier, {"harts": HARTS})
    for hart, cycle in zip(order, cycles, strict=True):
        assert arrives(bench, barrier, hart, cycle)
    bench.settle()
    assert (bench.now, bench.woken) == (max(cycles) + 1, [0, 1, 2])


def test_a_hart_that_does_not_take_part_passes(bench: Bench, barrier: SnitchBarrier) -> None:
    assert not arrives(bench, barrier, HARTS, 10)


def test_barriers_are_counted(bench: Bench, barrier: SnitchBarrier) -> None:
    for _ in range(2):
        for hart in range(HARTS):
            arrives(bench, barrier, hart, bench.now)
        assert barrier.doing() == "3 of 3 harts wait"
        bench.settle()
        for hart in range(HARTS):
            arrives(bench, barrier, hart, bench.now)
    assert barrier.activities == {"barriers": 2}
    assert barrier.doing() == ""
