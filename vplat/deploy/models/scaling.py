"""
Scales: from what a tensor was seen to hold to the multiplier and shift that bring it to 8 bits.

Whatever decides a byte of a model is worked out of exact integers with single roundings of IEEE
754, so that every machine decides alike: sums are of integers, and of products of matrices, which
BLAS adds up in any order, every partial sum is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vplat.deploy.network import Integers

LIMIT: Final = 127
"""The magnitude that the scale of an 8-bit tensor is laid out for."""
CLIPPED: Final = 10_000
"""One value in as many may lie beyond the scale and is clipped."""
MULT_BITS: Final = 7
"""Multipliers are 64..127: 8-bit ones would let 32-bit products of long sums overflow on cores."""
GREATEST_SHIFT: Final = 31
"""What the dialect allows; ITA would take 34 (ita.md section 2.4)."""
SUM_BITS: Final = 62
"""Sums of squares are kept below 2^62."""


@dataclass(frozen=True)
class Rescale:
    """A multiplication by ``mult`` / 2^``shift``."""

    mult: int
    shift: int

    @property
    def factor(self) -> float:
        """What it multiplies by."""
        return math.ldexp(self.mult, -self.shift)


def nearest_rescale(factor: float) -> Rescale:
    """The closest to ``factor``, which is positive and at most 127."""
    fraction, exponent = math.frexp(factor)
    mult = round(math.ldexp(fraction, MULT_BITS))
    if mult == 1 << MULT_BITS:
        mult, exponent = mult >> 1, exponent + 1
    shift = MULT_BITS - exponent
    if not 0 <= shift <= GREATEST_SHIFT:
        raise ValueError(f"a rescaling by {factor} needs a shift of {shift}")
    return Rescale(mult, shift)


def reach(values: Integers) -> int:
    """The magnitude that all but one in `CLIPPED` of the values stay within; at least 1."""
    magnitudes = np.abs(values).ravel()
    place = magnitudes.size - 1 - magnitudes.size // CLIPPED
    return max(int(np.partition(magnitudes, place)[place]), 1)


def root_mean_square(values: Integers) -> float:
    """The root of the mean square; at least 1."""
    most = int(np.abs(values).max(initial=1))
    # Low bits are given up, rather than the exactness of the sum.
    over = 2 * most.bit_length() + values.size.bit_length() - SUM_BITS
    spare = max(0, -(-over // 2))
    squares = int(np.square(values >> spare).sum())
    return max(math.ldexp(math.sqrt(squares / values.size), spare), 1.0)


def rounded(values: npt.NDArray[np.float64]) -> Integers:
    """The nearest whole numbers."""
    return np.rint(values).astype(np.int64)
