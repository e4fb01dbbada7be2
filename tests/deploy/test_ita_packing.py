"""Weights and biases as the accelerator reads them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vplat.deploy.ita.packing import (
    BIAS_READ_BEYOND,
    GREATEST_BIAS,
    LEAST_BIAS,
    TILE_EDGE,
    diagonal_tile,
    packed_biases,
    tiled,
    tiles_for,
)
from vplat.peripherals.ita.layout import unpack_biases

LENGTHS = st.integers(1, 200)


@given(rows=LENGTHS, columns=LENGTHS, seed=st.integers(0, 2**32 - 1))
def test_every_value_is_at_its_place_in_its_tile_and_the_rest_is_zero(
    rows: int, columns: int, seed: int
) -> None:
    matrix = np.random.default_rng(seed).integers(-128, 128, (rows, columns))
    tiles = tiled(matrix)
    down, across = tiles_for(rows), tiles_for(columns)
    assert tiles.shape == (down * across, TILE_EDGE, TILE_EDGE)
    parted = tiles.reshape(down, across, TILE_EDGE, TILE_EDGE).swapaxes(1, 2)
    whole = parted.reshape(down * TILE_EDGE, across * TILE_EDGE).copy()
    assert np.array_equal(whole[:rows, :columns], matrix)
    whole[:rows, :columns] = 0
    assert not whole.any()


@given(st.lists(st.integers(LEAST_BIAS, GREATEST_BIAS), min_size=1, max_size=200))
def test_biases_are_read_back_as_they_were(values: list[int]) -> None:
    packed = packed_biases(np.array(values))
    count = tiles_for(len(values)) * TILE_EDGE
    assert packed.size == 3 * count + BIAS_READ_BEYOND
    read = unpack_biases(packed[: 3 * count].tobytes())
    assert read.tolist() == values + [0] * (count - len(values))


def test_a_diagonal_tile_scales_each_column_by_itself() -> None:
    scales = np.arange(-20, 30)
    values = np.arange(64 * 50).reshape(64, 50) % 100
    product = values @ diagonal_tile(scales).astype(np.int64)[:50, :50].T
    assert np.array_equal(product, values * scales)
