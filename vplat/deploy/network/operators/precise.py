"""
Normalisation and softmax as fine as 8-bit results can show: what the QDQ dialect is lowered to.

The integer dialect's own (`normalise.py`, `softmax.py`) truncate the mean and the deviation to
integers, as its networks were trained to bear. A network that was quantised after training was not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vplat.deploy.network.operator import Arrays, Operator
from vplat.deploy.network.tensor import Element, Integers, TensorType
from vplat.errors import DeployError

ROOT_BITS = 8
"""Bits after the point of the root of a row's variance."""

FRACTION_BITS = 16
"""Bits after the point of a normalised value."""

INVERSE_BITS = 20
"""Significant bits of a root's inverse."""

WEIGHT_BITS = 16
"""Bits of the largest weight."""


@dataclass(frozen=True)
class PreciseNorm(Operator):
    """
    Normalisation of rows along the last axis, of N columns: operands x (8 bits), weight and bias
    (int32[N]); results are 8 bits.

        d = N x - sum x                            (N (x - zero), without centring)
        v = floor(sum d^2 / N) + epsilon
        root = floor(sqrt(v 2^16));  e = bits of root + 19
        t = d floor(2^e / root) / 2^(e - 24)       (d / sqrt(v), with 16 bits after the point)
        y = clip(floor((t weight / 2^16 + bias) / 2^shift))

    Both quotients by powers of two before the last one are rounded, halves up; ``bias`` has the
    half that rounds y. The two products take 64 bits, all else 32, but for v and its root.
    """

    shift: int
    epsilon: int
    centres: bool
    zero: int
    element: Element

    @classmethod
    def fitted(
        cls,
        columns: int,
        weight: npt.NDArray[np.float64],
        bias: npt.NDArray[np.float64],
        epsilon: float,
        centres: bool,
        zero: int,
        element: Element,
    ) -> tuple[PreciseNorm, Integers, Integers]:
        """
        The operator and its constants for a real weight and bias, in steps of the result; epsilon
        is in squared steps of the argument.
        """
        largest = max(float(np.max(np.abs(weight), initial=0.0)), 1e-9)
        shift = min(max(WEIGHT_BITS - 1 - math.floor(math.log2(largest)), 0), 20)
        integers = np.rint(np.broadcast_to(weight, (columns,)) * 2.0**shift).astype(np.int64)
        added = np.rint(np.broadcast_to(bias, (columns,)) * 2.0**shift).astype(np.int64)
        added += (1 << shift) >> 1
        operator = cls(shift, max(1, round(epsilon * columns**2)), centres, zero, element)
        return operator, integers, np.clip(added, -(2**30), 2**30)

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        """The argument's shape."""
        x, weight, bias = operands
        if x.element is Element.INT32 or not x.shape or not 0 < x.shape[-1] <= 4096:
            raise DeployError(f"normalises rows of 1 to 4096 8-bit values, not {x}")
        if weight.shape != x.shape[-1:] or bias.shape != x.shape[-1:]:
            raise DeployError(f"needs a weight and a bias for each of {x.shape[-1]} columns")
        return TensorType(self.element, x.shape)

    def compute(self, operands: Arrays) -> Integers:
        """See the class."""
        x, weight, bias = operands
        columns = x.shape[-1]
        subtracted = x.sum(axis=-1, keepdims=True) if self.centres else columns * self.zero
        d = columns * x - subtracted
        variance = (d * d).sum(axis=-1) // columns + self.epsilon
        flat = [math.isqrt(int(each) << (2 * ROOT_BITS)) for each in variance.reshape(-1)]
        exponents = [each.bit_length() + INVERSE_BITS - 1 for each in flat]
        inverses = [(1 << e) // root for root, e in zip(flat, exponents, strict=True)]
        rows = (*x.shape[:-1], 1)
        inverse = np.array(inverses, dtype=np.int64).reshape(rows)
        shift = np.array(exponents, dtype=np.int64).reshape(rows) - ROOT_BITS - FRACTION_BITS
        t = (d * inverse + (1 << shift >> 1)) >> shift
        scaled = (t * weight + (1 << FRACTION_BITS >> 1)) >> FRACTION_BITS
        y = (scaled + bias) >> self.shift
        clipped: Integers = np.clip(y, self.element.least, self.element.greatest)
        return clipped


WEIGHT_ONE = 1 << 13
"""What the greatest value of a row weighs in `TableSoftmax`."""

FINE_LEVELS = 64
"""`TableSoftmax.levels` counts these parts of a step."""


def exponential_table(scale: float) -> Integers:
    """Weights of distances 0 to 255 from the greatest value, for values of ``scale`` a step."""
    weights: Integers = np.rint(WEIGHT_ONE * np.exp(-scale * np.arange(256))).astype(np.int64)
    return weights


@dataclass(frozen=True)
class TableSoftmax(Operator):
    """
    Softmax along the last axis by a table of weights: operands x (8 bits) and the table
    (int32[256], up to 2^13). With w = table[greatest of the row - x] and the sum of a row's w,

        y = clip(floor((w levels + 32 sum) / (64 sum)) + zero)

    which is w / sum in steps of 64 / levels, rounded. Rows have up to 8191 columns, so that all of
    it is below 2^32.
    """

    levels: int
    zero: int
    element: Element

    @classmethod
    def fitted(cls, scale: float, zero: int, element: Element) -> TableSoftmax:
        """The operator whose results are probabilities in steps of ``scale``."""
        return cls(round(FINE_LEVELS / scale), zero, element)

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        """The argument's shape."""
        x, table = operands
        if x.element is Element.INT32 or not x.shape or not 0 < x.shape[-1] <= 8191:
            raise DeployError(f"needs rows of 1 to 8191 8-bit values, not {x}")
        if table.shape != (256,):
            raise DeployError(f"needs a table of 256 weights, not {table}")
        if not 0 < self.levels < 1 << 18:
            raise DeployError(f"its step of {FINE_LEVELS / max(self.levels, 1):g} is too fine")
        return TensorType(self.element, x.shape)

    def compute(self, operands: Arrays) -> Integers:
        """See the class."""
        x, table = operands
        weights = table[x.max(axis=-1, keepdims=True) - x]
        total = weights.sum(axis=-1, keepdims=True)
        half = FINE_LEVELS // 2
        y = (weights * self.levels + half * total) // (FINE_LEVELS * total) + self.zero
        clipped: Integers = np.clip(y, self.element.least, self.element.greatest)
        return clipped
