"""The softmax family, over the last axis (``quantised-operators.md`` 2 and 3.5, ``ita.md`` 5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vplat.deploy.network.interval import Interval
from vplat.deploy.network.operator import Arrays, Operator
from vplat.deploy.network.shapes import expect, expect_byte, printed
from vplat.deploy.network.tensor import Element, Integers, TensorType
from vplat.errors import DeployError

WEIGHT_OF_THE_MAXIMUM: Final = 256
LARGEST_SHIFT: Final = 31  # leaves nothing of any operand; numpy leaves those past 63 undefined


def _expect_rows(operands: Sequence[TensorType]) -> TensorType:
    expect(operands, 1)
    x = operands[0]
    expect_byte(x, "the input")
    if not x.shape or x.shape[-1] == 0:
        raise DeployError(f"an input of shape {printed(x.shape)} has no rows")
    return TensorType(Element.UINT8, x.shape)


@dataclass(frozen=True)
class Softmax2(Operator):
    """
    Softmax of base 2, int8 (or uint8) to uint8. A value at a distance d from its row's maximum is
    shifted by ``s(d) = (d + half) >> step_log2``, half being ``(1 << step_log2) >> 1``.

    The weights ``256 >> s(d)`` are summed over the row, or, with ``group``, over groups of so many
    columns from the left, each measured from the maximum so far: where it rises by r, the sum so
    far is shifted right by ``s(r)``. The result is ``(numerator // sum) >> s(d)``.

    ITA since 2024-11 is ``(65280, 0, 16)``, ``ITAMax`` ``(65280, 5, None)`` and ``ITAPartialMax``
    ``(32512, 5, 16)``. A last group may be shorter.
    """

    numerator: int
    step_log2: int
    group: int | None

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        # The sum of a row is 256 at least: with up to this the result is a byte.
        if not 0 < self.numerator <= 65535:
            raise DeployError(f"its numerator is {self.numerator}, but 1 to 65535 is possible")
        if not 0 <= self.step_log2 <= 8 or (self.group is not None and self.group < 1):
            raise DeployError(
                f"its step is 2^{self.step_log2} in groups of {self.group}, but a step of 2^0 to"
                " 2^8 and groups of at least 1 are possible"
            )
        return _expect_rows(operands)

    def compute(self, operands: Arrays) -> Integers:
        x = operands[0]
        length = x.shape[-1]
        group = self.group or length
        greatest = np.full((*x.shape[:-1], 1), Element.INT8.least, dtype=np.int64)
        total = np.zeros_like(greatest)
        for column in range(0, length, group):
            part = x[..., column : column + group]
            before, greatest = greatest, np.maximum(greatest, part.max(axis=-1, keepdims=True))
            total = total >> self.shifts(greatest - before)
            weights = WEIGHT_OF_THE_MAXIMUM >> self.shifts(greatest - part)
            total = total + weights.sum(axis=-1, keepdims=True)
        result: Integers = (self.numerator // total) >> self.shifts(greatest - x)
        return result

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        # The sum of a row is at least the weight of its greatest value.
        return Interval.flat(0, self.numerator // WEIGHT_OF_THE_MAXIMUM, result.shape)

    def shifts(self, distances: Integers) -> Integers:
        """``s(d)`` of every distance."""
        half = (1 << self.step_log2) >> 1
        result: Integers = np.minimum((distances + half) >> self.step_log2, LARGEST_SHIFT)
        return result


@dataclass(frozen=True)
class PolynomialSoftmax(Operator):
    """
    Softmax by a polynomial of second degree, int8 (or uint8) to uint8. With t = x - maximum,
    ``z = clip(trunc(-t / log2), 0, 31)`` and ``p = t + z * log2``:
    ``e = (a * (p + b)^2 + c) >> z`` and ``floor(e * (levels - 1) / sum e)``.
    """

    a: int
    b: int
    c: int
    log2: int
    levels: int

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        if not 2 <= self.levels <= 256 or self.log2 < 1:
            raise DeployError(
                f"{self.levels} levels and a log2 of {self.log2}, but 2 to 256 levels and a log2"
                " of at least 1 are possible"
            )
        terms = self.exponentials()
        if terms[0] < 1 or min(terms) < 0 or max(terms) > Element.INT32.greatest:
            raise DeployError(
                f"its polynomial reaches {min(terms)} to {max(terms)}, but must be positive for"
                " the maximum and fit int32 everywhere"
            )
        return _expect_rows(operands)

    def compute(self, operands: Arrays) -> Integers:
        x = operands[0]
        table = np.array(self.exponentials(), dtype=np.int64)
        terms = table[x.max(axis=-1, keepdims=True) - x]
        result: Integers = terms * (self.levels - 1) // terms.sum(axis=-1, keepdims=True)
        return result

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        return Interval.flat(0, self.levels - 1, result.shape)

    def exponentials(self) -> list[int]:
        """``e`` for every distance from the maximum, 0 to 255."""
        terms = []
        for distance in range(256):
            shift = min(distance // self.log2, 31)
            place = shift * self.log2 - distance
            terms.append((self.a * (place + self.b) ** 2 + self.c) >> shift)
        return terms
