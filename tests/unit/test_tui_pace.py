"""How often work may be done that must not cost too much."""

from __future__ import annotations

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
    gaps = [after - before for before, after in zip(begun, begun[1:], strict=False)]
    assert min(gaps) >= 0.1 - 1e-9


@pytest.mark.parametrize("cost", [0.004, 0.02, 0.3])
def test_dear_work_takes_no_more_than_its_share(cost: float) -> None:
    clock = Clock()
    begun = work_for(60.0, clock, Pace(0.1, 0.03, clock), cost)
    assert len(begun) * cost <= 0.03 * 60.0 + cost
    assert len(begun) * cost >= 0.02 * 60.0 or len(begun) >= 590


def test_one_dear_piece_of_work_delays_only_the_next() -> None:
    clock = Clock()
    pace = Pace(0.1, 0.03, clock)
    assert len(work_for(0.15, clock, pace, cost=1.0)) == 1
    clock.now += 100.0
    assert len(work_for(1.0, clock, pace, cost=0.0)) >= 9
