"""Back to eight bits (``quantised-operators.md`` section 3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vplat.deploy.network.interval import Interval
from vplat.deploy.network.operator import Arrays, Operator
from vplat.deploy.network.shapes import expect, fits, printed
from vplat.deploy.network.tensor import Element, Integers, TensorType
from vplat.errors import DeployError


@dataclass(frozen=True)
class Requantise(Operator):
    """
    ``clip((x * mult + add + half) >> shift)`` to what ``element`` holds; half is
    ``1 << (shift - 1)``, or 0 for a shift of 0. The sum takes 64 bits.

    Operands: x of any element type, and the constants mult and add, int32, whose shapes broadcast
    to that of x: each is a scalar ``()``, or has x's rank.
    """

    shift: int
    element: Element

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 3)
        x = operands[0]
        if not 0 <= self.shift <= 31:
            raise DeployError(f"its shift is {self.shift}, but 0 to 31 is possible")
        for operand, what in zip(operands[1:], ("multiplier", "addend"), strict=True):
            if not fits(operand.shape, x.shape):
                raise DeployError(
                    f"its {what} of shape {printed(operand.shape)} does not broadcast to"
                    f" {printed(x.shape)}"
                )
        return TensorType(self.element, x.shape)

    def compute(self, operands: Arrays) -> Integers:
        x, mult, add = operands
        half = (1 << self.shift) >> 1
        shifted: Integers = (x * mult + (add + half)) >> self.shift
        return np.clip(shifted, self.element.least, self.element.greatest)

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        x, mult, add = operands
        corners = [(a, b, c) for a in x.corners for b in mult.corners for c in add.corners]
        return Interval.around([self.compute(corner) for corner in corners], result.shape)


@dataclass(frozen=True)
class Clip(Operator):
    """x, but no less than ``least`` and no more than ``greatest``, stored as ``element``."""

    least: int
    greatest: int
    element: Element

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 1)
        if not self.element.least <= self.least <= self.greatest <= self.element.greatest:
            raise DeployError(
                f"{self.least} to {self.greatest} is not a range within {self.element.value}"
            )
        return TensorType(self.element, operands[0].shape)

    def compute(self, operands: Arrays) -> Integers:
        return np.clip(operands[0], self.least, self.greatest)

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        return operands[0].within(self.least, self.greatest)
