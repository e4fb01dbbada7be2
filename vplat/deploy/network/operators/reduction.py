"""Sums, means and maxima over axes (``quantised-operators.md`` section 3.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from vplat.deploy.network.interval import Interval
from vplat.deploy.network.operator import Arrays, Operator
from vplat.deploy.network.shapes import expect, expect_axis, printed, windows
from vplat.deploy.network.tensor import Element, Integers, TensorType
from vplat.errors import DeployError

from .convolution import patches


def _reduced(shape: tuple[int, ...], axes: tuple[int, ...], keep: bool) -> tuple[int, ...]:
    for axis in axes:
        expect_axis(axis, shape)
    if len(set(axes)) != len(axes):
        raise DeployError(f"its axes {list(axes)} name one axis twice")
    kept = (1,) if keep else ()
    return tuple(
        number
        for axis, length in enumerate(shape)
        for number in (kept if axis in axes else (length,))
    )


@dataclass(frozen=True)
class ReduceSum(Operator):
    """The sum over ``axes`` (from 0, ascending), which stay with length 1 if ``keep``; int32."""

    axes: tuple[int, ...]
    keep: bool

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        return TensorType(Element.INT32, _reduced(operands[0].shape, self.axes, self.keep))

    def compute(self, operands: Arrays) -> Integers:
        total: Integers = operands[0].sum(axis=self.axes, keepdims=self.keep)
        return np.asarray(total, dtype=np.int64)

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        count = prod(operands[0].shape[axis] for axis in self.axes)
        bounds = _bounds_over(operands[0], self.axes, self.keep, result)
        return Interval(bounds.least * count, bounds.greatest * count, result.shape)


@dataclass(frozen=True)
class ReduceMean(Operator):
    """
    The mean over ``axes`` (from 0, ascending) of n elements, of x's element type: for n a power of
    two ``(sum + n / 2) >> log2 n``, and otherwise rounded to the nearest, halves away from 0.
    """

    axes: tuple[int, ...]
    keep: bool

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        x = operands[0]
        result = TensorType(x.element, _reduced(x.shape, self.axes, self.keep))
        if not self.count(x.shape):
            raise DeployError(f"the shape {printed(x.shape)} has no elements to average")
        return result

    def compute(self, operands: Arrays) -> Integers:
        x = operands[0]
        count = self.count(x.shape)
        total = np.asarray(x.sum(axis=self.axes, keepdims=self.keep), dtype=np.int64)
        if count & (count - 1) == 0:
            return (total + count // 2) >> (count.bit_length() - 1)
        nearest: Integers = np.sign(total) * ((2 * np.abs(total) + count) // (2 * count))
        return nearest

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        return _bounds_over(operands[0], self.axes, self.keep, result)

    def count(self, shape: tuple[int, ...]) -> int:
        """How many elements each mean is taken of."""
        return prod(shape[axis] for axis in self.axes)


@dataclass(frozen=True)
class MaxPool(Operator):
    """
    The greatest value in a sliding window over one or two axes of ``[N, C, ...]``; of x's element
    type. ``pads`` has all begins, then all ends; what they add is never the greatest.
    """

    kernel: tuple[int, ...]
    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...]

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        x = operands[0]
        rank = len(x.shape) - 2
        if rank not in (1, 2):
            raise DeployError(f"the shape {printed(x.shape)} is neither 1-D nor 2-D with channels")
        places = windows(x.shape[2:], self.kernel, self.strides, self.pads, self.dilations)
        self._expect_something_in_each_window(x.shape[2:], places)
        return TensorType(x.element, (*x.shape[:2], *places))

    def _expect_something_in_each_window(
        self, lengths: tuple[int, ...], places: tuple[int, ...]
    ) -> None:
        for axis, (length, many) in enumerate(zip(lengths, places, strict=True)):
            offsets = np.arange(self.kernel[axis]) * self.dilations[axis] - self.pads[axis]
            seen = np.arange(many)[:, None] * self.strides[axis] + offsets
            if not ((seen >= 0) & (seen < length)).any(axis=1).all():
                raise DeployError("one of its windows sees nothing but pads")

    def compute(self, operands: Arrays) -> Integers:
        lowest = Element.INT32.least
        seen = patches(operands[0], self.kernel, self.strides, self.pads, self.dilations, lowest)
        rank = len(self.kernel)
        result: Integers = seen.max(axis=tuple(range(2 + rank, 2 + 2 * rank)))
        return result

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        return _bounds_over(operands[0], tuple(range(2, len(result.shape))), True, result)


def _bounds_over(x: Interval, axes: tuple[int, ...], keep: bool, result: TensorType) -> Interval:
    bounds = x.over(axes)
    low, high = (
        corner if keep else corner.squeeze(axes) for corner in (bounds.least, bounds.greatest)
    )
    return Interval(low, high, result.shape)
