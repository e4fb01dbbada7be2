"""Operators that compute element by element (``quantised-operators.md`` 3.3 and 3.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vplat.deploy.network.interval import Interval
from vplat.deploy.network.operator import Arrays, Operator
from vplat.deploy.network.shapes import broadcast, expect
from vplat.deploy.network.tensor import Element, Integers, TensorType
from vplat.errors import DeployError


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
    ``trunc((n + sign(n) * (d >> 1)) / d)`` with ``n = left * delta * eta`` (64 bits) and
    ``d = right * eta + eps``; result int32. Operands broadcast.
    """

    delta: int
    eta: int
    eps: int

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 2)
        left, right = (max(each.element.greatest, -each.element.least) for each in operands)
        widest = max(left * abs(self.delta * self.eta), right * abs(self.eta) + abs(self.eps))
        if widest >= 1 << 62:
            raise DeployError("its numbers can take more than 64 bits on the way")
        return TensorType(Element.INT32, broadcast([operand.shape for operand in operands]))

    def compute(self, operands: Arrays) -> Integers:
        """Raises `DeployError` where a divisor is not positive."""
        left, right = operands
        divisor = right * self.eta + self.eps
        if divisor.size and divisor.min() < 1:
            raise DeployError(f"a divisor is {divisor.min()}, but must be positive")
        dividend = left * (self.delta * self.eta)
        return truncated_quotient(dividend + np.sign(dividend) * (divisor >> 1), divisor)

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        left, right = operands
        divisors = [corner * self.eta + self.eps for corner in right.corners]
        if min((int(each.min()) for each in divisors if each.size), default=1) < 1:
            return Interval.of_type(result)
        # A quotient that is rounded to the nearest is monotone in either operand.
        quotients = [self.compute((a, b)) for a in left.corners for b in right.corners]
        return Interval.around(quotients, result.shape)
