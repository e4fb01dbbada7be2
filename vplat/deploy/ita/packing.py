"""Constants as the accelerator reads them: tiles and 24-bit biases (`ita.md` section 4)."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from vplat.deploy.network import Integers

TILE_EDGE: Final = 64
TILE_BYTES: Final = TILE_EDGE * TILE_EDGE
BIAS_BYTES: Final = 3
"""Of one bias."""
TILE_BIAS_BYTES: Final = BIAS_BYTES * TILE_EDGE
BIAS_READ_BEYOND: Final = 32
"""Bytes that the unit reads behind the biases of a tile (section 1)."""
LEAST_BIAS: Final = -(2**23)
GREATEST_BIAS: Final = 2**23 - 1


def tiles_for(values: int) -> int:
    """How many tiles a dimension of so many values takes."""
    return -(-values // TILE_EDGE)


def padded(matrix: Integers) -> Integers:
    """``matrix`` with zeros below and to the right, up to whole tiles."""
    rows, columns = (tiles_for(length) * TILE_EDGE for length in matrix.shape)
    filled = np.zeros((rows, columns), np.int64)
    filled[: matrix.shape[0], : matrix.shape[1]] = matrix
    return filled


def tiled(matrix: Integers) -> npt.NDArray[np.int8]:
    """
    A matrix of int8 values as tiles, row by row of tiles, padded with zeros: [tiles, 64, 64].
    """
    filled = padded(matrix)
    rows, columns = (length // TILE_EDGE for length in filled.shape)
    parted = filled.reshape(rows, TILE_EDGE, columns, TILE_EDGE).swapaxes(1, 2)
    return parted.reshape(rows * columns, TILE_EDGE, TILE_EDGE).astype(np.int8)


def packed_biases(biases: Integers) -> npt.NDArray[np.uint8]:
    """
    Biases, one for each column (or row), as 3 bytes each, zeros up to whole tiles.

    Behind them are the bytes that the unit reads and ignores, so that they can be copied whole.
    """
    count = tiles_for(len(biases)) * TILE_EDGE
    filled = np.zeros(count, np.int64)
    filled[: len(biases)] = biases
    words = filled.astype("<i4").view(np.uint8).reshape(count, 4)[:, :BIAS_BYTES]
    beyond = np.zeros(BIAS_READ_BEYOND, np.uint8)
    return np.concatenate([np.ascontiguousarray(words).reshape(-1), beyond])


def diagonal_tile(scales: Integers) -> npt.NDArray[np.int8]:
    """Weights that scale each of up to 64 columns by itself."""
    tile = np.zeros((TILE_EDGE, TILE_EDGE), np.int8)
    np.fill_diagonal(tile[: len(scales), : len(scales)], scales)
    return tile
