"""Activations (``quantised-operators.md`` section 3.6, ``ita.md`` section 5.4)."""

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

ITA_ACCUMULATOR_BITS: Final = 26


@dataclass(frozen=True)
class Gelu(Operator):
    """
    With ``q = min(|x|, -b)`` and ``L = sign(x) * (one - (q + b)^2)``: ``x * ((one + L) >> 1)``,
    int32 of int8 or uint8. ``b`` is negative.
    """

    b: int
    one: int

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        expect_byte(operands[0], "the input")
        if self.b >= 0:
            raise DeployError(f"its b is {self.b}, but must be negative")
        return TensorType(Element.INT32, operands[0].shape)

    def compute(self, operands: Arrays) -> Integers:
        x = operands[0]
        error = np.sign(x) * (self.one - (np.minimum(np.abs(x), -self.b) + self.b) ** 2)
        result: Integers = x * ((self.one + error) >> 1)
        return result

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        return _bounds_of_function(self, operands, result)


@dataclass(frozen=True)
class Hardswish(Operator):
    """``x * clip(x + three, 0, six) * one_over_six``, int32 of int8 or uint8."""

    three: int
    six: int
    one_over_six: int

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        expect_byte(operands[0], "the input")
        if self.six < 0:
            raise DeployError(f"its six is {self.six}, but must not be negative")
        return TensorType(Element.INT32, operands[0].shape)

    def compute(self, operands: Arrays) -> Integers:
        x = operands[0]
        return x * np.clip(x + self.three, 0, self.six) * self.one_over_six

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        return _bounds_of_function(self, operands, result)


@dataclass(frozen=True)
class ItaGelu(Operator):
    """
    ITA's GELU before its requantisation, int32 of int8: with ``a = min(|x|, -b)`` and
    ``L = (a + b)^2 + c``: ``x * (sign * L + c)`` modulo 2^26 (signed), where sign is -1 for a
    negative x and 1 otherwise. ``b`` and ``c`` take 16 bits.
    """

    b: int
    c: int

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        if operands[0].element is not Element.INT8:
            raise DeployError(f"the input is {operands[0].element.value}, but ITA takes int8")
        if not all(-(1 << 15) <= value < 1 << 15 for value in (self.b, self.c)):
            raise DeployError(f"b and c are {self.b} and {self.c}, but ITA has 16 bits for each")
        return TensorType(Element.INT32, operands[0].shape)

    def compute(self, operands: Arrays) -> Integers:
        x = operands[0]
        error = (np.minimum(np.abs(x), -self.b) + self.b) ** 2 + self.c
        product = x * (np.where(x < 0, -error, error) + self.c)
        half = 1 << (ITA_ACCUMULATOR_BITS - 1)
        wrapped: Integers = (product + half) % (2 * half) - half
        return wrapped

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        return _bounds_of_function(self, operands, result)


@dataclass(frozen=True)
class Relu(Operator):
    """``max(x, 0)``, of x's element type."""

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        return operands[0]

    def compute(self, operands: Arrays) -> Integers:
        return np.maximum(operands[0], 0)

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        low, high = (np.maximum(corner, 0) for corner in operands[0].corners)
        return Interval(low, high, result.shape)


@dataclass(frozen=True)
class Lookup(Operator):
    """
    ``table[x & 255]``: any function of one byte. Operands: x (int8 or uint8) and a constant table
    of 256 entries, whose element type is the result's.
    """

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 2)
        x, table = operands
        expect_byte(x, "the input")
        if table.shape != (256,):
            raise DeployError(f"its table has shape {printed(table.shape)} instead of 256")
        return TensorType(table.element, x.shape)

    def compute(self, operands: Arrays) -> Integers:
        x, table = operands
        result: Integers = table[x & 255]
        return result

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        x, table = operands
        corners = [
            _every_result(self, x, np.broadcast_to(corner, (256,))) for corner in table.corners
        ]
        least, greatest = int(corners[0].min()), int(corners[1].max())
        return Interval.flat(least, greatest, result.shape)


def _bounds_of_function(
    operator: Operator, operands: Sequence[Interval], result: TensorType
) -> Interval:
    results = _every_result(operator, operands[0])
    return Interval.flat(int(results.min()), int(results.max()), result.shape)


def _every_result(operator: Operator, x: Interval, *constants: Integers) -> Integers:
    """What a function of one byte makes of all bytes that there can be."""
    least, greatest = x.everywhere()
    return operator.compute([np.arange(least, greatest + 1, dtype=np.int64), *constants])
