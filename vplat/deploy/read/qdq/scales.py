"""Real factors as integer multipliers and shifts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vplat.deploy.network import Integers

from .values import Reals

EXACT = 1e-6
"""Scales are float32, so a factor is exact if it is met to within a few of its last bits."""

ACCELERATOR_BITS = 8  # ita.md 2.2: EPS_MULT
MULTIPLIER_BITS = 15
GREATEST_SHIFT = 31


@dataclass(frozen=True)
class Factor:
    """``multipliers / 2**shift``; multipliers have the shape of the factors they stand for."""

    multipliers: Integers
    shift: int


def _nearest(factors: Reals, bits: int, greatest_shift: int) -> Factor:
    largest = float(np.max(np.abs(factors), initial=0.0))
    if largest == 0:
        return Factor(np.zeros(factors.shape, np.int64), 0)
    # The largest multiplier uses all bits: 2**(bits - 1) <= largest * 2**shift < 2**bits.
    shift = bits - 1 - int(np.floor(np.log2(largest)))
    if round(largest * 2.0**shift) >= 2**bits:
        shift -= 1
    shift = min(max(shift, 0), greatest_shift)
    return Factor(np.rint(factors * 2.0**shift).astype(np.int64), shift)


def _is_exact(factor: Factor, factors: Reals) -> bool:
    met = factor.multipliers * 2.0**-factor.shift
    return bool(np.all(np.abs(met - factors) <= EXACT * np.abs(factors)))


def factor_of(
    factors: Reals, greatest_shift: int = GREATEST_SHIFT, bits: int = MULTIPLIER_BITS
) -> Factor:
    """
    Multipliers of up to ``bits`` bits and one shift for all of them. Where 8 bits, which is what
    the accelerator has, are exact, those are taken.
    """
    short = _nearest(factors, ACCELERATOR_BITS, greatest_shift)
    if _is_exact(short, factors):
        return short
    return _nearest(factors, bits, greatest_shift)
