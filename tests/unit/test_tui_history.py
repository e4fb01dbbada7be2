"""Samples of running totals, and the curves drawn from them."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.live_states import history
from vplat.tui.drawing import chart, curve
from vplat.tui.history import History

steps = st.lists(st.tuples(st.integers(1, 10**9), st.integers(0, 10**9)), min_size=2, max_size=50)


def sampled(pairs: list[tuple[int, int]]) -> History:
    cycles = accumulate(cycles for cycles, _ in pairs)
    return History(tuple(cycles), tuple(accumulate(growth for _, growth in pairs)))


@given(steps, st.integers(1, 40))
def test_the_parts_of_a_history_add_up_to_its_growth(
    pairs: list[tuple[int, int]], columns: int
) -> None:
    made = sampled(pairs)
    span = made.cycles[-1] - made.cycles[0]
    rates = made.rates(columns)
    assert len(rates) == columns
    growth = made.totals[-1] - made.totals[0]
    assert sum(rates) * span / columns == pytest.approx(growth, rel=1e-6, abs=1e-3)


def test_a_rate_is_the_growth_per_cycle_of_its_part() -> None:
    assert history(0, 1000, 1000, 1500).rates(3) == pytest.approx((1.0, 0.0, 0.5))


def test_between_two_samples_the_total_grows_evenly() -> None:
    assert history(0, 500).rates(4) == pytest.approx((0.5,) * 4)


@pytest.mark.parametrize("short", [History(), history(7)])
def test_a_history_without_two_samples_has_no_rates(short: History) -> None:
    assert short.rates(8) == ()
    assert short.present == 0.0


def test_the_present_rate_is_that_of_the_last_few_samples() -> None:
    assert history(0, 900, 1800, *(1800 + 100 * n for n in range(5))).present == 0.1


def test_a_curve_is_as_high_as_its_values() -> None:
    assert curve([0, 0.001, 0.5, 1, 2], 1.0) == " ▁▄██"
    assert curve([], 1.0) == ""
    assert curve([0, 0], 0.0) == "  "


def test_a_chart_stacks_its_rows() -> None:
    assert chart([0, 1, 2, 3, 4], 4.0, 2) == ["   ▄█", " ▄███"]


@given(st.lists(st.floats(0, 1e12), max_size=30), st.integers(1, 6))
def test_a_chart_has_one_character_a_value_in_every_row(values: list[float], rows: int) -> None:
    drawn = chart(values, max(values, default=0.0), rows)
    assert [len(row) for row in drawn] == [len(values)] * rows
