"""Operators that compute element by element (``quantised-operators.md`` 3.3 and 3.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vplat.deploy.network.interval import Interval
from vplat.deploy.network.operator import Arrays, Operator
from vplat.deploy.network.shapes import broadcast, expect
from vplat.deploy.network.tensor import Element, Integers, TensorType
from vplat.errors import DeployError

WIDEST: Final = 1 << 62
"""What numbers on the way of a division stay below, so that half a divisor can be added."""


def truncated_quotient(dividend: Integers, divisor: Integers | int) -> Integers:
    """``dividend / divisor`` without its fraction, as C divides; the divisor is positive."""
    magnitude: Integers = np.floor_divide(np.abs(dividend), divisor)
    return np.sign(dividend) * magnitude


@dataclass(frozen=True)
class Add(Operator):
    """The sum of two or more operands of any element types, which broadcast; result int32."""

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        if len(operands) < 2:
            raise DeployError(f"it has {len(operands)} operands, but a sum has 2 or more")
        return TensorType(Element.INT32, broadcast([operand.shape for operand in operands]))

    def compute(self, operands: Arrays) -> Integers:
        total = operands[0]
        for operand in operands[1:]:
            total = total + operand
        return total

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        sums = [self.compute([each.corners[end] for each in operands]) for end in (0, 1)]
        return Interval.around(sums, result.shape)


@dataclass(frozen=True)
class Multiply(Operator):
    """The product of two operands element by element, which broadcast; result int32."""

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 2)
        return TensorType(Element.INT32, broadcast([operand.shape for operand in operands]))

    def compute(self, operands: Arrays) -> Integers:
        left, right = operands
        return left * right

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        left, right = operands
        return Interval.around([a * b for a in left.corners for b in right.corners], result.shape)


@dataclass(frozen=True)
class Scale(Operator):
    """``x * factor``; result int32."""

    factor: int

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        return TensorType(Element.INT32, operands[0].shape)

    def compute(self, operands: Arrays) -> Integers:
        return operands[0] * self.factor

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        return Interval.around([each * self.factor for each in operands[0].corners], result.shape)


@dataclass(frozen=True)
class IntegerDivide(Operator):
    """
    ``trunc((n + sign(n) * (d >> 1)) / d)`` with ``n = left * delta * eta`` and
    ``d = right * eta + eps``; result int32. Operands broadcast. Numbers on the way have 64 bits.
    """

    delta: int
    eta: int
    eps: int

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 2)
        right = max(operands[1].element.greatest, -operands[1].element.least)
        if max(abs(self.delta * self.eta), right * abs(self.eta) + abs(self.eps)) >= WIDEST:
            raise DeployError("its numbers take more than 64 bits on the way")
        for name, number in (("eta", self.eta), ("eps", self.eps)):
            if not Element.INT32.least <= number <= Element.INT32.greatest:
                raise DeployError(f"its {name} {number} is not int32")
        return TensorType(Element.INT32, broadcast([operand.shape for operand in operands]))

    def compute(self, operands: Arrays) -> Integers:
        """Raises `DeployError` where a divisor is not positive, or a dividend leaves 64 bits."""
        left, right = operands
        divisor = right * self.eta + self.eps
        if divisor.size and divisor.min() < 1:
            raise DeployError(f"a divisor is {divisor.min()}, but must be positive")
        if left.size and not self._bears(int(left.min()), int(left.max())):
            raise DeployError(
                f"with {left.min()} to {left.max()}, its dividend takes more than 64 bits"
            )
        dividend = left * (self.delta * self.eta)
        return truncated_quotient(dividend + np.sign(dividend) * (divisor >> 1), divisor)

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        left, right = operands
        divisors = [corner * self.eta + self.eps for corner in right.corners]
        if min((int(each.min()) for each in divisors if each.size), default=1) < 1:
            return Interval.of_type(result)
        if not self._bears(*left.everywhere()):
            return self._wide_bounds(left.everywhere(), right.everywhere(), result)
        # A quotient that is rounded to the nearest is monotone in either operand.
        quotients = [self.compute((a, b)) for a in left.corners for b in right.corners]
        return Interval.around(quotients, result.shape)

    def _bears(self, least: int, greatest: int) -> bool:
        """Whether all left operands within these bounds have a dividend of 64 bits."""
        return max(abs(least), abs(greatest)) * abs(self.delta * self.eta) < WIDEST

    def _wide_bounds(
        self, left: tuple[int, int], right: tuple[int, int], result: TensorType
    ) -> Interval:
        """As `bounds`, the same everywhere: for dividends that numpy's integers do not hold."""
        quotients = []
        for dividend in (each * self.delta * self.eta for each in left):
            for divisor in (each * self.eta + self.eps for each in right):
                magnitude = (abs(dividend) + (divisor >> 1)) // divisor
                quotients.append(magnitude if dividend > 0 else -magnitude)
        least, greatest = max(min(quotients), -WIDEST), min(max(quotients), WIDEST)
        return Interval.flat(least, greatest, result.shape)
