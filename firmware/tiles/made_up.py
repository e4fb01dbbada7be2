"""What image.c makes up and sums up, on the host: for the generators of golden sums.

Shares nothing with the platform: numpy and the rules of image.c, kernels/random.h and
kernels/checksum.h alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.int64]

EDGE = 64
TILE_WORDS = EDGE * EDGE // 4
GOLDEN_RATIO = 0x9E3779B1
FNV_OFFSET_BASIS, FNV_PRIME = 2166136261, 16777619
WORD = np.uint64(0xFFFF_FFFF)


def steps(states: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The next state of each generator (xorshift32)."""
    states = states ^ states << np.uint64(13) & WORD
    states = states ^ states >> np.uint64(17)
    return states ^ states << np.uint64(5) & WORD


def matrix(first: int, rows: int, columns: int, seed: int) -> Matrix:
    """The matrix [rows, columns] whose tiles, row by row, are those from ``first`` on."""
    count = rows * columns // EDGE**2
    states = (seed + first + np.arange(count, dtype=np.uint64)) * np.uint64(GOLDEN_RATIO) & WORD
    words = np.empty((count, TILE_WORDS), "<u4")
    for i in range(TILE_WORDS):
        states = steps(states)
        words[:, i] = states
    tiles = words.view(np.int8).reshape(rows // EDGE, columns // EDGE, EDGE, EDGE)
    return tiles.transpose(0, 2, 1, 3).reshape(rows, columns).astype(np.int64)


def biases(count: int, seed: int, shift: int) -> Matrix:
    """So many values, each the top bits of a number that is taken as signed."""
    state = np.array([seed], np.uint64)
    values = []
    for _ in range(count):
        state = steps(state)
        values.append(int(state.astype(np.uint32).view(np.int32)[0]) >> shift)
    return np.array(values, np.int64)


def fnv(words: NDArray[np.uint32]) -> int:
    """FNV-1a over words."""
    value = FNV_OFFSET_BASIS
    for word in words.tolist():
        value = (value ^ word) * FNV_PRIME & 0xFFFF_FFFF
    return value


def checksum(result: Matrix) -> int:
    """The sum of the sums of a result's tiles, row by row."""
    rows, columns = (size // EDGE for size in result.shape)
    tiles = result.astype(np.int8).reshape(rows, EDGE, columns, EDGE).transpose(0, 2, 1, 3)
    words = np.ascontiguousarray(tiles).reshape(rows * columns, EDGE * EDGE).view("<u4")
    return fnv(np.array([fnv(tile) for tile in words], np.uint32))
