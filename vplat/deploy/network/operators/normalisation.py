"""Normalisation over the last axis (``quantised-operators.md`` section 3.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vplat.deploy.network.operator import Arrays, Operator
from vplat.deploy.network.shapes import expect, expect_byte, fits, printed
from vplat.deploy.network.tensor import Element, Integers, TensorType
from vplat.errors import DeployError

from .elementwise import truncated_quotient


def int8(values: Integers) -> Integers:
    """Saturated to int8."""
    return np.clip(values, Element.INT8.least, Element.INT8.greatest)


def _root(values: Integers) -> Integers:
    # A double holds these exactly and its root is rounded correctly, so the floor is right.
    root: Integers = np.floor(np.sqrt(values)).astype(np.int64)
    return root


def _expect_rows(operands: Sequence[TensorType]) -> TensorType:
    """Refuses parameters that are not one for each element of the last axis, which has some."""
    x, *parameters = operands
    expect_byte(x, "the input")
    if not x.shape or x.shape[-1] == 0:
        raise DeployError(f"an input of shape {printed(x.shape)} has no rows to normalise")
    for parameter in parameters:
        if parameter.shape not in (x.shape[-1:], (1,), ()):
            raise DeployError(
                f"a parameter of shape {printed(parameter.shape)} does not fit rows of"
                f" {x.shape[-1]}"
            )
    return TensorType(Element.INT8, x.shape)


@dataclass(frozen=True)
class LayerNorm(Operator):
    """
    With N the last axis' length, ``mean = trunc(sum x / N)``, ``d = x - mean``,
    ``s = floor(sqrt(trunc(sum d^2 / N) + 1))``: ``(trunc(d * w / s) + b) >> log2_divisor``,
    saturated to int8. Operands: x (int8 or uint8), w and b (int32, ``[N]``).
    """

    log2_divisor: int

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 3)
        return _expect_rows(operands)

    def compute(self, operands: Arrays) -> Integers:
        x, weights, bias = operands
        length = x.shape[-1]
        distance = x - truncated_quotient(x.sum(axis=-1, keepdims=True), length)
        deviation = _root((distance**2).sum(axis=-1, keepdims=True) // length + 1)
        return int8((truncated_quotient(distance * weights, deviation) + bias) >> self.log2_divisor)


@dataclass(frozen=True)
class RmsNorm(Operator):
    """
    With N the last axis' length and ``s = floor(sqrt(trunc(sum x^2 / N) + 1))``:
    ``trunc(x * w / s) >> log2_divisor``, saturated to int8. Operands: x (int8 or uint8), w
    (int32, ``[N]``).
    """

    log2_divisor: int

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 2)
        return _expect_rows(operands)

    def compute(self, operands: Arrays) -> Integers:
        x, weights = operands
        deviation = _root((x**2).sum(axis=-1, keepdims=True) // x.shape[-1] + 1)
        return int8(truncated_quotient(x * weights, deviation) >> self.log2_divisor)


@dataclass(frozen=True)
class NoNorm(Operator):
    """
    ``((x * w + b) * mult) >> log2_divisor`` (the floor: nothing is added to round), saturated to
    int8. Operands: x (int8 or uint8), w and b, which broadcast to x. The product takes 64 bits.
    """

    mult: int
    log2_divisor: int

    def infer(self, operands: Sequence[TensorType]) -> TensorType:
        expect(operands, 3)
        x = operands[0]
        expect_byte(x, "the input")
        if not all(fits(parameter.shape, x.shape) for parameter in operands[1:]):
            raise DeployError(f"its parameters do not broadcast to {printed(x.shape)}")
        return TensorType(Element.INT8, x.shape)

    def compute(self, operands: Arrays) -> Integers:
        x, weights, bias = operands
        return int8(((x * weights + bias) * self.mult) >> self.log2_divisor)
