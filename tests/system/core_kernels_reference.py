"""What the kernels of firmware/kernels must give: plain numpy, straight from the specifications.

Whole matrices, 64-bit integers, no blocks. Section numbers without a file are those of
`quantised-operators.md`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Scale:
    """((x * mult + before) >> shift) + after, clipped."""

    mult: int
    before: int = 0
    after: int = 0
    shift: int = 0
    least: int = -128
    greatest: int = 127

    @classmethod
    def requant(cls, mult: int, shift: int, add: int = 0) -> Scale:
        """The accelerator's rule (`ita.md` section 5.2)."""
        return cls(mult, 1 << shift >> 1, add, shift)

    @classmethod
    def requant_shift(cls, mult: int, add: int, shift: int, *, signed: bool = True) -> Scale:
        """RequantShift (section 3.2)."""
        least, greatest = (-128, 127) if signed else (0, 255)
        return cls(mult, add + (1 << shift >> 1), 0, shift, least, greatest)

    def __call__(self, values: Matrix) -> Matrix:
        scaled = (values.astype(object) * self.mult + self.before) >> self.shift
        clipped = np.clip(scaled + self.after, self.least, self.greatest)
        return np.array(clipped, np.int64)


SOFTMAX_RULES: dict[str, tuple[int, int, int | None]] = {
    "ita": (255 * 256, 0, 16),
    "ita 2024-08": (127 * 256, 5, 16),
    "ITAMax": (255 * 256, 5, None),
}
"""Numerator, logarithm of a distance's unit, columns in a group (None: the row)."""


def softmax_base2(logits: Matrix, rule: str) -> Matrix:
    """`ita.md` section 5.3, and section 3.5 here, a row at a time."""
    return np.array([_softmax_row(row, *SOFTMAX_RULES[rule]) for row in logits.tolist()])


def _softmax_row(row: list[int], numerator: int, unit: int, group: int | None) -> list[int]:
    def distance(of: int) -> int:
        return of if unit == 0 else (of + (1 << unit - 1)) >> unit

    greatest, total = -128, 0
    for first in range(0, len(row), group or len(row)):
        values = row[first : first + (group or len(row))]
        if max(values) > greatest:
            total >>= distance(max(values) - greatest)
            greatest = max(values)
        total += sum(256 >> distance(greatest - value) for value in values)
    return [numerator // total >> distance(greatest - value) for value in row]


def isoftmax(values: Matrix, a: int, b: int, c: int, log2: int, levels: int) -> Matrix:
    """iSoftmax (section 3.5)."""
    below = values - values.max(axis=1, keepdims=True)
    halvings = np.clip(-below // log2, 0, 31)
    exponentials: Matrix = (a * (below + halvings * log2 + b) ** 2 + c) >> halvings
    shares: Matrix = exponentials * (levels - 1) // exponentials.sum(axis=1, keepdims=True)
    return shares


def truncated(dividend: Matrix, divisor: Matrix | int) -> Matrix:
    """Division towards zero."""
    return np.array(np.sign(dividend) * (np.abs(dividend) // divisor), np.int64)


def root_of(mean_squares: Matrix) -> Matrix:
    """floor(sqrt(x + 1)), exactly."""
    return np.array([[math.isqrt(int(each) + 1)] for each in mean_squares.ravel()])


def layer_norm(values: Matrix, weight: Matrix, bias: Matrix, log2_divisor: int) -> Matrix:
    """iLayerNorm (section 3.4), saturated."""
    count = values.shape[1]
    centred = values - truncated(values.sum(axis=1, keepdims=True), count)
    root = root_of((centred**2).sum(axis=1) // count)
    scaled = truncated(centred * weight, root) + bias >> log2_divisor
    return scaled.clip(-128, 127)


def rms_norm(values: Matrix, weight: Matrix, log2_divisor: int) -> Matrix:
    """iRMSNorm (section 3.4)."""
    root = root_of((values**2).sum(axis=1) // values.shape[1])
    scaled = truncated(values * weight, root) >> log2_divisor
    return scaled.clip(-128, 127)


def no_norm(values: Matrix, weight: Matrix, bias: Matrix, mult: int, log2_divisor: int) -> Matrix:
    """iNoNorm (section 3.4)."""
    scaled = (values * weight + bias) * mult >> log2_divisor
    return scaled.clip(-128, 127)


def ita_relu(values: Matrix) -> Matrix:
    """`ita.md` section 5.4."""
    return np.maximum(values, 0)


def ita_gelu(values: Matrix, b: int, c: int) -> Matrix:
    """`ita.md` section 5.4."""
    signed_26 = 1 << 25
    sums = (np.minimum(np.abs(values), -b) + b) ** 2 + c
    products = values * (np.where(values < 0, -sums, sums) + c)
    return np.array((products + signed_26) % (2 * signed_26) - signed_26, np.int64)


def integer_gelu(values: Matrix, b: int, one: int) -> Matrix:
    """iGELU (section 3.6)."""
    clipped = np.minimum(np.abs(values), -b)
    odd = np.sign(values) * (one - (clipped + b) ** 2)
    return np.array(values * (one + odd >> 1), np.int64)


def integer_hardswish(values: Matrix, three: int, six: int, one_over_six: int) -> Matrix:
    """iHardswish (section 3.6)."""
    return values * np.clip(values + three, 0, six) * one_over_six


FUNCTIONS: Mapping[str, Callable[..., Matrix]] = {
    "itself": lambda values: values,
    "ita_relu": ita_relu,
    "ita_gelu": ita_gelu,
    "integer_gelu": integer_gelu,
    "integer_hardswish": integer_hardswish,
}


@dataclasses.dataclass(frozen=True)
class Projection:
    """A product with weights [outputs, inputs]."""

    weights: Matrix
    bias: Matrix
    scale: Scale

    def __call__(self, values: Matrix) -> Matrix:
        return self.scale(values @ self.weights.T + self.bias)


@dataclasses.dataclass(frozen=True)
class Head:
    """Attention of one head (`ita.md` section 3)."""

    query: Projection
    key: Projection
    value: Projection
    output: Projection
    logits: Scale
    mixed: Scale
    rule: str

    def __call__(self, queries: Matrix, keys: Matrix) -> Matrix:
        logits = self.logits(self.query(queries) @ self.key(keys).T)
        return self.output(self.mixed(softmax_base2(logits, self.rule) @ self.value(keys)))
