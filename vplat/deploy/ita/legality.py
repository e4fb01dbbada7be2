"""What ITA can take exactly, and the sentence that says why it cannot take the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vplat.deploy.network import Element, Integers, TensorType
from vplat.deploy.network.operators import NoNorm, Requantise, Softmax2

from .matrices import Requant
from .packing import GREATEST_BIAS, LEAST_BIAS, TILE_EDGE

LARGEST_INNER: Final = 15 * TILE_EDGE
"""Tile counts have 4 bits (`ita.md` section 3.1)."""
GREATEST_MULT: Final = 255
GREATEST_SHIFT: Final = 34
LEAST_BYTE, GREATEST_BYTE = -128, 127
SOFTMAX: Final = Softmax2(65280, 0, 16)
"""ITA's since November 2024 (`ita.md` section 5.3)."""


class NotOnItaError(Exception):
    """The reason why something is left to the harts, a sentence without its subject."""


@dataclass(frozen=True)
class Fitted:
    """
    A requantisation as ITA does it: of ``sign * sum + bias``.

    The sign goes into the weights.
    """

    requant: Requant
    sign: int = 1
    bias: int = 0


def scalar(values: Integers, what: str) -> int:
    """The one value that all elements of a constant have."""
    if values.size == 0 or (values != values.flat[0]).any():
        raise NotOnItaError(f"its {what} differs from channel to channel, and ITA has one for all")
    return int(values.flat[0])


def fitted(operator: Requantise, mult: Integers, add: Integers) -> Fitted:
    """
    ``clip((x * mult + add + half) >> shift)`` with ITA's registers (`ita.md` section 5.2).

    :raises NotOnItaError: there are no such values
    """
    if operator.element is not Element.INT8:
        raise NotOnItaError(f"its result is {operator.element.value}, and ITA's is int8")
    return fitted_values(scalar(mult, "multiplier"), scalar(add, "addend"), operator.shift)


def fitted_values(mult: int, add: int, shift: int) -> Fitted:
    """The same of whole numbers."""
    sign = -1 if mult < 0 else 1
    mult = abs(mult)
    while mult > GREATEST_MULT and mult % 2 == 0 and shift > 1:
        # All but the addend is even, so its lowest bit is lost when the sum is shifted.
        mult, add, shift = mult // 2, add // 2, shift - 1
    if mult > GREATEST_MULT:
        raise NotOnItaError(f"its multiplier {mult} does not fit ITA's 8 bits")
    if shift > GREATEST_SHIFT:
        raise NotOnItaError(f"its shift {shift} is above ITA's {GREATEST_SHIFT}")
    after, bias = _split(mult, add, shift)
    return Fitted(Requant(mult, shift, after), sign, bias)


def _split(mult: int, add: int, shift: int) -> tuple[int, int]:
    """``add`` as something after the shift, and a bias before the multiplication."""
    half = (1 << shift) >> 1
    if mult % (1 << shift) == 0:
        # Nothing but the addend has a fraction: it is rounded for all sums alike.
        add = (add + half) >> shift << shift
    else:
        add -= add % (mult & -mult)  # what is below the lowest bit of all else is lost
    found = []
    for after in range(LEAST_BYTE, GREATEST_BYTE + 1):
        rest = add - (after << shift)
        if rest == 0 or (mult and rest % mult == 0):
            found.append((rest // mult if rest else 0, after))
    bias, after = min(found, key=lambda each: abs(each[0]), default=(1 << 31, 0))
    if not LEAST_BIAS <= bias <= GREATEST_BIAS:
        raise NotOnItaError(
            f"its addend {add} is too great for 8 bits after the shift of {shift} and a bias of "
            "24 bits before it"
        )
    return after, bias


def fitted_no_norm(operator: NoNorm) -> Fitted:
    """
    ``((x * w + b) * mult) >> log2``, which is rounded down: what takes back ITA's half.

    :raises NotOnItaError: the multiplier does not fit
    """
    half = (1 << operator.log2_divisor) >> 1
    return fitted_values(operator.mult, -half, operator.log2_divisor)


def check_int8(type_: TensorType, what: str) -> None:
    """Operands are int8 (`ita.md` section 1)."""
    if type_.element is not Element.INT8:
        raise NotOnItaError(f"{what} is {type_.element.value}, and ITA multiplies int8")


def check_inner(inner: int) -> None:
    """How much a product may sum over."""
    if not 0 < inner <= LARGEST_INNER:
        raise NotOnItaError(f"it sums over {inner}, and ITA over {LARGEST_INNER} at most")


def checked_bias(bias: Integers | None) -> Integers | None:
    """The biases, if 24 bits hold them; None where all are 0."""
    if bias is None or not bias.any():
        return None
    if bias.min() < LEAST_BIAS or bias.max() > GREATEST_BIAS:
        raise NotOnItaError("a bias does not fit ITA's 24 bits")
    return bias


def checked_weights(values: Integers, sign: int) -> Integers:
    """The weights with the sign of the scale, if 8 bits hold them."""
    signed = values * sign
    if signed.size and (signed.min() < LEAST_BYTE or signed.max() > GREATEST_BYTE):
        raise NotOnItaError("its negative scale makes a weight of -128 one of 128")
    return signed


def check_padding(sequence: int, width: int, by: Requant) -> None:
    """Keys that are no keys must come out as the least logit, whatever they hold."""
    if sequence % TILE_EDGE == 0:
        return
    greatest = LEAST_BIAS + width * LEAST_BYTE * LEAST_BYTE
    half = (1 << by.shift) >> 1
    logit = np.clip((greatest * by.mult + half >> by.shift) + by.add, LEAST_BYTE, GREATEST_BYTE)
    if logit != LEAST_BYTE:
        raise NotOnItaError(
            f"its {sequence} positions are no multiple of {TILE_EDGE}, and its scale "
            f"{by.mult} / 2^{by.shift} is too small for a bias to take padded keys out"
        )
