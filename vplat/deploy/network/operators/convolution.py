"""Convolutions (``quantised-operators.md`` section 3.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from vplat.deploy.network.interval import Interval
from vplat.deploy.network.operator import Arrays, Operator
from vplat.deploy.network.shapes import expect, expect_byte, printed, windows
from vplat.deploy.network.tensor import Element, Integers, TensorType
from vplat.errors import DeployError

from .product import exact_matmul


@dataclass(frozen=True)
class Convolution(Operator):
    """
    A convolution over one or two axes, result int32. Operands: ``x`` ``[N, C, ...]`` and weights
    ``[M, C/groups, kernel...]``, int8 or uint8, and an optional bias ``[M]``.

    ``pads`` has all begins, then all ends; what they add is 0 in true values.
    """

    strides: tuple[int, ...]
    pads: tuple[int, ...]
    dilations: tuple[int, ...]
    groups: int = 1

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 2, 3)
        x, weights, *bias = operands
        expect_byte(x, "the input")
        expect_byte(weights, "the weight operand")
        rank = len(x.shape) - 2
        if rank not in (1, 2) or len(weights.shape) != rank + 2:
            raise DeployError(
                f"an input of shape {printed(x.shape)} with weights of shape"
                f" {printed(weights.shape)} is neither a 1-D nor a 2-D convolution"
            )
        channels, (made, taken) = x.shape[1], weights.shape[:2]
        if self.groups < 1 or taken * self.groups != channels or made % self.groups:
            raise DeployError(
                f"{channels} channels in {self.groups} groups do not fit weights of shape"
                f" {printed(weights.shape)}"
            )
        if bias and bias[0].shape != (made,):
            raise DeployError(f"the bias has shape {printed(bias[0].shape)} instead of {made}")
        places = windows(x.shape[2:], weights.shape[2:], self.strides, self.pads, self.dilations)
        return TensorType(Element.INT32, (x.shape[0], made, *places))

    def compute(self, operands: Arrays) -> Integers:
        x, weights, *bias = operands
        rank = x.ndim - 2
        columns = patches(x, weights.shape[2:], self.strides, self.pads, self.dilations, 0)
        batch, channels, places = columns.shape[0], columns.shape[1], columns.shape[2 : 2 + rank]
        grouped = columns.reshape(
            batch, self.groups, channels // self.groups, int(np.prod(places)), -1
        )
        left = grouped.swapaxes(2, 3).reshape(batch, self.groups, int(np.prod(places)), -1)
        right = weights.reshape(self.groups, weights.shape[0] // self.groups, left.shape[-1])
        sums = exact_matmul(right, left.swapaxes(-1, -2))
        result = sums.reshape(batch, weights.shape[0], *places)
        return result + bias[0].reshape(-1, *(1,) * rank) if bias else result

    def bounds(self, operands: Sequence[Interval], result: TensorType) -> Interval:
        x, weights, *bias = operands
        x = x.over(axis for axis in range(len(x.shape)) if axis != 1)
        x = x.with_value(0) if any(self.pads) else x
        taps = prod(weights.shape[2:])
        rows = [
            np.repeat(np.broadcast_to(corner.reshape(-1), x.shape[1]), taps) for corner in x.corners
        ]
        grouped = (self.groups, result.shape[1] // self.groups, -1)
        columns = [
            np.broadcast_to(corner, weights.shape).reshape(grouped) for corner in weights.corners
        ]
        terms = [row.reshape(self.groups, 1, -1) * column for row in rows for column in columns]
        extremes = np.minimum.reduce(terms), np.maximum.reduce(terms)
        sums = [each.sum(axis=-1).reshape(-1) for each in extremes]
        for each in bias:
            sums = [total + corner for total, corner in zip(sums, each.corners, strict=True)]
        around = (1,) * (len(result.shape) - 2)
        return Interval.around([each.reshape(-1, *around) for each in sums], result.shape)


def patches(
    x: Integers,
    kernel: Sequence[int],
    strides: Sequence[int],
    pads: Sequence[int],
    dilations: Sequence[int],
    outside: int,
) -> Integers:
    """
    What a sliding window sees: ``[N, C, places..., kernel...]``, a view where nothing is padded.

    ``outside`` is the value of the pads.
    """
    rank = len(kernel)
    around = [(0, 0), (0, 0), *zip(pads[:rank], pads[rank:], strict=True)]
    padded = np.pad(x, around, constant_values=outside) if any(pads) else x
    reach = tuple(
        dilation * (length - 1) + 1 for dilation, length in zip(dilations, kernel, strict=True)
    )
    seen = sliding_window_view(padded, reach, axis=tuple(range(2, 2 + rank)))
    steps = (
        slice(None),
        slice(None),
        *(slice(None, None, stride) for stride in strides),
        *(slice(None, None, dilation) for dilation in dilations),
    )
    window: Integers = seen[steps]
    return window
