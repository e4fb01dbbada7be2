"""How often work may be done that must not cost too much."""

from __future__ import annotations

from itertools import pairwise

import pytest

from vplat.tui.pace import Pace


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def work_for(seconds: float, clock: Clock, pace: Pace, cost: float) -> list[float]:
    """Ask every millisecond whether the work is due, do it when it is; when it was begun."""
    begun, end = [], clock.now + seconds
    while clock.now < end:
        if pace.due():
            begun.append(clock.now)
            clock.now += cost
            pace.done()
        clock.now += 0.001
    return begun


def test_cheap_work_is_done_at_its_interval() -> None:
    clock = Clock()
    begun = work_for(10.0, clock, Pace(0.1, 0.03, clock), cost=0.0)
    assert 90 <= len(begun) <= 100
    gaps = [after - before for before, after in pairwise(begun)]
    assert min(gaps) >= 0.1 - 1e-9


@pytest.mark.parametrize("cost", [0.004, 0.02, 0.3])
def test_dear_work_takes_no_more_than_its_share(cost: float) -> None:
    clock = Clock()
    begun = work_for(60.0, clock, Pace(0.1, 0.03, clock), cost)
    assert len(begun) * cost <= 0.03 * 60.0 + cost
    assert len(begun) * cost >= 0.02 * 60.0 or len(begun) >= 590


def test_the_first_time_is_after_the_delay() -> None:
    clock = Clock()
    begun = work_for(1.0, clock, Pace(0.1, 0.03, clock, delay=0.25), cost=0.0)
    assert begun[0] == pytest.approx(100.25, abs=0.002)


def test_credit_lets_work_of_the_first_moments_be_done() -> None:
    clock = Clock()
    pace = Pace(0.002, 0.01, clock, credit=0.005)
    assert 8 <= len(work_for(0.05, clock, pace, cost=0.0005)) <= 14
    work_for(20.0, clock, pace, cost=0.0005)
    assert pace.spent <= 0.005 + 0.01 * 20.05 + 0.0005


def test_one_dear_piece_of_work_delays_only_the_next() -> None:
    clock = Clock()
    pace = Pace(0.1, 0.03, clock)
    assert len(work_for(0.05, clock, pace, cost=1.0)) == 1
    clock.now += 100.0
    assert len(work_for(1.0, clock, pace, cost=0.0)) >= 9
