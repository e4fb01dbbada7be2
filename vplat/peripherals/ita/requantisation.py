"""From 26-bit accumulators to int8 (`ita.md` sections 5.1 and 5.2)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ACCUMULATOR_BITS = 26
GREATEST_SHIFT = 34
"""The greatest shift that stays within the 35-bit product (`ita.md` section 2.4)."""


def wrap(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """``values`` modulo 2^26, as signed 26-bit numbers."""
    half = 1 << (ACCUMULATOR_BITS - 1)
    return ((values + half) & (2 * half - 1)) - half


def requantise(
    accumulators: NDArray[np.signedinteger[Any]] | NDArray[np.float64],
    mult: int,
    shift: int,
    add: int,
) -> NDArray[np.int8]:
    """``sat8(floor(accumulator * mult / 2^shift + 1/2) + add)``, element by element.

    ``accumulators`` are integers of 26 bits, held in any signed or in float64 elements; ``mult``
    and ``shift`` are u8, ``add`` is s8. A shift of 0 does not round. Beyond a shift of 34, where
    the hardware is undefined, the formula is followed.
    """
    # Exact in float64: the product has at most 34 bits, and scaling by a power of two, one half
    # and an s8 leave every sum within 53.
    scaled = np.multiply(accumulators, mult * 2.0**-shift, dtype=np.float64)
    scaled += add + 0.5
    np.floor(scaled, out=scaled)
    np.clip(scaled, -128.0, 127.0, out=scaled)
    return scaled.astype(np.int8)
