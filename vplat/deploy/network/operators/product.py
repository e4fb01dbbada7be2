"""Matrix products (``quantised-operators.md`` section 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vplat.deploy.network.interval import Interval
from vplat.deploy.network.operator import Arrays, Operator
from vplat.deploy.network.shapes import broadcast, expect, expect_byte, fits, printed
from vplat.deploy.network.tensor import Element, Integers, TensorType
from vplat.errors import DeployError

EXACT_IN_FLOAT32: Final = 2**24
EXACT_IN_FLOAT64: Final = 2**53


def largest(values: Integers) -> int:
    """The largest magnitude; 0 if there are no values."""
    return max(abs(int(values.min())), abs(int(values.max()))) if values.size else 0


def exact_matmul(left: Integers, right: Integers) -> Integers:
    """
    ``left @ right``, exactly. Floats hold every partial sum where these are below 2^24 or 2^53,
    and their products are a hundred times as fast as those of integers.
    """
    bound = largest(left) * largest(right) * left.shape[-1]
    if bound < EXACT_IN_FLOAT32:
        single: Integers = (left.astype(np.float32) @ right.astype(np.float32)).astype(np.int64)
        return single
    if bound < EXACT_IN_FLOAT64:
        double: Integers = (left.astype(np.float64) @ right.astype(np.float64)).astype(np.int64)
        return double
    exact: Integers = left @ right
    return exact


@dataclass(frozen=True)
class MatMul(Operator):
    """
    ``left @ right`` for int8 or uint8 operands of rank 2 and more; result int32.

    Shapes ``[.., M, K]`` and ``[.., K, N]`` make ``[.., M, N]``; the axes before broadcast.
    """

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 2)
        left, right = operands
        expect_byte(left, "the left operand")
        expect_byte(right, "the right operand")
        if len(left.shape) < 2 or len(right.shape) < 2 or left.shape[-1] != right.shape[-2]:
            raise DeployError(
                f"the shapes {printed(left.shape)} and {printed(right.shape)} do not multiply"
            )
        batch = broadcast((left.shape[:-2], right.shape[:-2], ()))
        return TensorType(Element.INT32, (*batch, left.shape[-2], right.shape[-1]))

    def compute(self, operands: Arrays) -> Integers:
        left, right = operands
        return exact_matmul(left, right)

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        return product_bounds(operands[0], operands[1], result.shape)


@dataclass(frozen=True)
class Gemm(Operator):
    """
    ``alpha * (left' @ right') + beta * addend``, where ``'`` is an optional transposition of the
    last two axes; result int32. Operands: left, right (int8 or uint8) and an optional addend that
    broadcasts to the product's shape. Axes before the last two broadcast, as in `MatMul`.
    """

    alpha: int = 1
    beta: int = 1
    transpose_left: bool = False
    transpose_right: bool = False

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 2, 3)
        factors = tuple(
            TensorType(operand.element, _turned(operand.shape, turn))
            for operand, turn in zip(
                operands, (self.transpose_left, self.transpose_right), strict=False
            )
        )
        product = MatMul().infer(factors)
        for addend in operands[2:]:
            if not fits(addend.shape, product.shape):
                raise DeployError(
                    f"the addend's shape {printed(addend.shape)} does not broadcast to"
                    f" {printed(product.shape)}"
                )
        return product

    def compute(self, operands: Arrays) -> Integers:
        left, right, *addend = operands
        left = left.swapaxes(-1, -2) if self.transpose_left else left
        right = right.swapaxes(-1, -2) if self.transpose_right else right
        product = self.alpha * exact_matmul(left, right)
        return product + self.beta * addend[0] if addend else product

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        left, right, *addend = operands
        left = _turned_bounds(left) if self.transpose_left else left
        right = _turned_bounds(right) if self.transpose_right else right
        product = product_bounds(left, right, result.shape)
        scaled = [self.alpha * corner for corner in product.corners]
        added = [self.beta * corner for each in addend for corner in each.corners] or [
            np.zeros((), dtype=np.int64)
        ]
        return Interval.around([a + b for a in scaled for b in added], result.shape)


def _turned(shape: tuple[int, ...], turn: bool) -> tuple[int, ...]:
    if len(shape) < 2:
        raise DeployError(f"an operand of shape {printed(shape)} is not a matrix")
    return (*shape[:-2], shape[-1], shape[-2]) if turn else shape


def _turned_bounds(interval: Interval) -> Interval:
    low, high = (corner.swapaxes(-1, -2) for corner in interval.corners)
    return Interval(low, high, _turned(interval.shape, True))


def product_bounds(left: Interval, right: Interval, shape: tuple[int, ...]) -> Interval:
    """The bounds of ``left @ right``, by column: a term has its extremes at corners."""
    length = left.shape[-1]
    if not length:
        return Interval.flat(0, 0, shape)
    left = left.over(range(len(left.shape) - 1))
    right = right.over(range(len(right.shape) - 2))
    rows = [np.broadcast_to(corner.reshape(1, -1), (1, length)) for corner in left.corners]
    columns = [
        np.broadcast_to(corner.reshape(corner.shape[-2:]), (length, corner.shape[-1]))
        for corner in right.corners
    ]
    return Interval.around(_extreme_sums(rows, columns), shape)


def _extreme_sums(rows: Sequence[Integers], columns: Sequence[Integers]) -> list[Integers]:
    if np.array_equal(columns[0], columns[1]):
        # Known weights: a positive one takes the row's bound, a negative one the other.
        up, down = np.maximum(columns[0], 0), np.minimum(columns[0], 0)
        return [
            exact_matmul(rows[near], up) + exact_matmul(rows[1 - near], down) for near in (0, 1)
        ]
    terms = [row.T * column for row in rows for column in columns]
    sums = np.minimum.reduce(terms).sum(axis=0), np.maximum.reduce(terms).sum(axis=0)
    return list(sums)
