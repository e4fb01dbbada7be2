"""Operators that only move values (``quantised-operators.md`` section 3.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from vplat.deploy.network.interval import Interval
from vplat.deploy.network.operator import Arrays, Operator
from vplat.deploy.network.shapes import expect, expect_axis, printed
from vplat.deploy.network.tensor import Element, Integers, TensorType
from vplat.errors import DeployError


@dataclass(frozen=True)
class Reshape(Operator):
    """The same values in another shape, which is spelt out (a 0 is a length, no code)."""

    shape: tuple[int, ...]

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        x = operands[0]
        if prod(self.shape) != x.size or min(self.shape, default=0) < 0:
            raise DeployError(f"the shape {printed(x.shape)} cannot become {printed(self.shape)}")
        return TensorType(x.element, self.shape)

    def compute(self, operands: Arrays) -> Integers:
        return operands[0].reshape(self.shape)

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        return Interval.flat(*operands[0].everywhere(), result.shape)


@dataclass(frozen=True)
class Transpose(Operator):
    """Axes in another order: axis i of the result is axis ``perm[i]`` of x."""

    perm: tuple[int, ...]

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        x = operands[0]
        if sorted(self.perm) != list(range(len(x.shape))):
            raise DeployError(
                f"its perm {list(self.perm)} does not order the axes of {printed(x.shape)}"
            )
        return TensorType(x.element, tuple(x.shape[axis] for axis in self.perm))

    def compute(self, operands: Arrays) -> Integers:
        return operands[0].transpose(self.perm)

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        low, high = (corner.transpose(self.perm) for corner in operands[0].corners)
        return Interval(low, high, result.shape)


@dataclass(frozen=True)
class Gather(Operator):
    """What is at ``index`` (from 0) of ``axis``, which is dropped."""

    index: int
    axis: int

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        x = operands[0]
        expect_axis(self.axis, x.shape)
        if not 0 <= self.index < x.shape[self.axis]:
            raise DeployError(
                f"there is no index {self.index} on axis {self.axis} of {printed(x.shape)}"
            )
        return TensorType(x.element, x.shape[: self.axis] + x.shape[self.axis + 1 :])

    def compute(self, operands: Arrays) -> Integers:
        return np.asarray(operands[0].take(self.index, axis=self.axis), dtype=np.int64)

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        bounds = operands[0].over((self.axis,))
        low, high = (corner.squeeze(self.axis) for corner in bounds.corners)
        return Interval(low, high, result.shape)


@dataclass(frozen=True)
class Concat(Operator):
    """
    Operands one after the other along ``axis``; each may have length 0 there. The result's
    element type is that of the operands, or int32 where these differ.
    """

    axis: int

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        if not operands:
            raise DeployError("it has no operands")
        first = operands[0].shape
        expect_axis(self.axis, first)
        for operand in operands:
            shape = operand.shape
            if len(shape) != len(first) or any(
                shape[axis] != first[axis] for axis in range(len(first)) if axis != self.axis
            ):
                raise DeployError(
                    f"the shapes {printed(first)} and {printed(shape)} differ in more than axis"
                    f" {self.axis}"
                )
        elements = {operand.element for operand in operands if operand.size}
        element = elements.pop() if len(elements) == 1 else operands[0].element
        length = sum(operand.shape[self.axis] for operand in operands)
        return TensorType(
            Element.INT32 if elements else element,
            (*first[: self.axis], length, *first[self.axis + 1 :]),
        )

    def compute(self, operands: Arrays) -> Integers:
        return np.concatenate(operands, axis=self.axis)

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        ends = [each.everywhere() for each in operands if prod(each.shape)] or [(0, 0)]
        least, greatest = min(low for low, _ in ends), max(high for _, high in ends)
        return Interval.flat(least, greatest, result.shape)


@dataclass(frozen=True)
class Slice(Operator):
    """
    On each of ``axes``, what ``range(start, end, step)`` names: a start is an index, a step may be
    negative, and an end is then down to -1 (past the first).
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    axes: tuple[int, ...]
    steps: tuple[int, ...]

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        x = operands[0]
        if len({len(self.starts), len(self.ends), len(self.axes), len(self.steps)}) != 1:
            raise DeployError("its starts, ends, axes and steps are not equally many")
        if len(set(self.axes)) != len(self.axes):
            raise DeployError(f"its axes {list(self.axes)} name one axis twice")
        lengths = list(x.shape)
        for axis, places in self.places():
            expect_axis(axis, x.shape)
            if (
                places
                and not 0
                <= min(places[0], places[-1])
                <= max(places[0], places[-1])
                < x.shape[axis]
            ):
                raise DeployError(f"it leaves axis {axis} of {printed(x.shape)}")
            lengths[axis] = len(places)
        return TensorType(x.element, tuple(lengths))

    def compute(self, operands: Arrays) -> Integers:
        result = operands[0]
        for axis, places in self.places():
            result = result.take(np.arange(places.start, places.stop, places.step), axis=axis)
        return result

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        bounds = operands[0].over(self.axes)
        return Interval(bounds.least, bounds.greatest, result.shape)

    def places(self) -> list[tuple[int, range]]:
        """Each axis, with the indices that are taken of it."""
        if 0 in self.steps:
            raise DeployError("one of its steps is 0")
        bounds = zip(self.axes, self.starts, self.ends, self.steps, strict=True)
        return [(axis, range(start, end, step)) for axis, start, end, step in bounds]


@dataclass(frozen=True)
class Pad(Operator):
    """``before[i]`` and ``after[i]`` times ``value`` around axis i, on every axis."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    value: int

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        x = operands[0]
        if not len(self.before) == len(self.after) == len(x.shape):
            raise DeployError(
                f"{len(self.before)} and {len(self.after)} pads do not fit the shape"
                f" {printed(x.shape)}"
            )
        if min((*self.before, *self.after), default=0) < 0:
            raise DeployError("one of its pads is negative")
        if not x.element.least <= self.value <= x.element.greatest:
            raise DeployError(f"its value {self.value} is not one of {x.element.value}")
        lengths = zip(self.before, x.shape, self.after, strict=True)
        return TensorType(x.element, tuple(map(sum, lengths)))

    def compute(self, operands: Arrays) -> Integers:
        around = list(zip(self.before, self.after, strict=True))
        return np.pad(operands[0], around, constant_values=self.value)

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        ends = zip(self.before, self.after, strict=True)
        padded = [axis for axis, pads in enumerate(ends) if any(pads)]
        bounds = operands[0].over(padded).with_value(self.value) if padded else operands[0]
        return Interval(bounds.least, bounds.greatest, result.shape)
