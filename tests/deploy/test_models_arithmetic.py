"""What models are made of: draws, scales, and the real functions they are compared with."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.deploy.models.activation import real_gelu
from vplat.deploy.models.draws import Draws
from vplat.deploy.models.products import convolved
from vplat.deploy.models.scaling import nearest_rescale, reach, root_mean_square


def test_draws_are_normal_as_far_as_their_moments_tell() -> None:
    values = Draws(3).normal(200_000)
    assert abs(values.mean()) < 0.01
    assert abs(values.std() - 1) < 0.01
    assert np.abs(values).max() < 4.9
    assert abs((np.abs(values) < 1).mean() - 0.683) < 0.005


def test_draws_of_one_key_are_alike_and_of_another_are_not() -> None:
    assert np.array_equal(Draws(1, 2).normal(8), Draws(1, 2).normal(8))
    assert not np.array_equal(Draws(1, 2).normal(8), Draws(2, 1).normal(8))
    assert Draws(0).below(10, 5).tolist() == [6, 2, 0, 0, 8]


def test_whole_numbers_are_drawn_evenly_below_their_limit() -> None:
    counts = np.bincount(Draws(7).below(5, 50_000))
    assert len(counts) == 5
    assert np.abs(counts - 10_000).max() < 500


def test_a_smooth_field_has_a_deviation_of_about_1_and_neighbours_alike() -> None:
    field = Draws(2).smooth((4, 60, 90), (20, 5))
    assert field.shape == (4, 60, 90)
    assert 0.7 < field.std() < 1.3
    assert np.array_equal(field[:, 0, 0], field[:, 4, 4])


@given(st.floats(min_value=1e-6, max_value=126))
def test_a_rescaling_is_within_a_128th_of_what_was_asked(factor: float) -> None:
    found = nearest_rescale(factor)
    assert 64 <= found.mult < 128
    assert 0 <= found.shift <= 31
    assert abs(found.factor / factor - 1) <= 1 / 128


@pytest.mark.parametrize("factor", [128.0, 1e-9])
def test_a_rescaling_beyond_the_shifts_there_are_is_refused(factor: float) -> None:
    with pytest.raises(ValueError, match="needs a shift of"):
        nearest_rescale(factor)


@given(st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=50))
def test_the_root_mean_square_is_that_of_the_integers(values: list[int]) -> None:
    exact = math.sqrt(sum(value * value for value in values) / len(values))
    found = root_mean_square(np.array(values, dtype=np.int64))
    assert found == pytest.approx(max(exact, 1.0), rel=1e-6, abs=2.0)


def test_the_reach_leaves_out_one_value_in_ten_thousand() -> None:
    values = np.arange(-15_000, 15_000, dtype=np.int64)
    assert reach(values) == 14_998
    assert reach(np.array([-7, 3], dtype=np.int64)) == 7
    assert reach(np.zeros(4, dtype=np.int64)) == 1


def test_the_real_gelu_is_that_of_the_error_function() -> None:
    points = np.linspace(-6, 6, 101)
    exact = [x * (1 + math.erf(x / math.sqrt(2))) / 2 for x in points]
    assert np.abs(real_gelu(points) - exact).max() < 1e-6


def test_a_real_convolution_is_the_sum_over_its_window() -> None:
    x = np.arange(2 * 7, dtype=np.float64).reshape(1, 2, 7)
    weights = np.array([[[1.0, 0, 2], [0, 3, 0]]])
    found = convolved(x, weights, 2, 1)
    padded = np.pad(x[0], ((0, 0), (1, 1)))
    wanted = [padded[0, i] + 2 * padded[0, i + 2] + 3 * padded[1, i + 1] for i in (0, 2, 4, 6)]
    assert found[0, 0].tolist() == wanted
