"""One entry for each ONNX operator of the dialect: how its attributes and operands are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from vplat.deploy.network.operators import MaxPool, ReduceSum
from vplat.errors import DeployError

from . import elementwise, movement, products
from .building import Building
from .storing import as_sum, function_of, magnitude_of, store
from .values import (
    Joined,
    Known,
    Normalised,
    Probabilities,
    Reals,
    Sum,
    Term,
    Value,
    Weights,
)

FLOAT = 1
"""onnx.TensorProto.FLOAT"""


@dataclass(frozen=True)
class Call:
    """A node: where its result goes, its operands (None: left out), its attributes."""

    building: Building
    hint: str
    outputs: Sequence[str]
    operands: Sequence[Value | None]
    attributes: dict[str, object]

    def has(self, index: int) -> bool:
        """Whether there is such an operand."""
        return index < len(self.operands) and self.operands[index] is not None

    def operand(self, index: int) -> Value:
        """An operand that has to be there."""
        value = self.operands[index] if index < len(self.operands) else None
        if value is None:
            raise DeployError(f"its operand {index} is missing")
        return value

    def known(self, index: int) -> np.ndarray:
        """An operand whose numbers are known, as they are in the file."""
        value = self.operand(index)
        if not isinstance(value, Known):
            raise DeployError(f"its operand {index} has to be constant")
        return value.array

    def integers(self, name: str, index: int) -> list[int] | None:
        """Numbers that older files have as an attribute and newer ones as an operand."""
        given = self.attributes.get(name)
        if isinstance(given, list | tuple):
            return [int(each) for each in given]
        if isinstance(given, int):
            return [given]
        if self.has(index):
            return [int(each) for each in self.known(index).reshape(-1)]
        return None

    def integer(self, name: str, default: int) -> int:
        """An attribute."""
        value = self.attributes.get(name, default)
        return value if isinstance(value, int) else default

    def number(self, name: str, default: float) -> float:
        """An attribute."""
        value = self.attributes.get(name, default)
        return float(value) if isinstance(value, int | float) else default


Lowered: TypeAlias = Callable[[Call, str], list[Value]]


def _matmul(call: Call, _: str) -> list[Value]:
    return [products.multiply(call.building, call.hint, call.operand(0), call.operand(1))]


def _gemm(call: Call, _: str) -> list[Value]:
    bias = call.operand(2) if call.has(2) else None
    left, right = call.operand(0), call.operand(1)
    return [products.gemm(call.building, call.hint, left, right, bias, call.attributes)]


def _convolution(call: Call, _: str) -> list[Value]:
    operands = [each for each in call.operands if each is not None]
    return [products.convolve(call.building, call.hint, operands, call.attributes)]


def _bias_of_product(call: Call, _: str) -> list[Value]:
    """QLinearConv's and QGemm's bias: int32, at the product of its operands' scales."""
    scale = call.known(1).astype(np.float64) * call.known(2).astype(np.float64)
    return [Known(call.known(0).astype(np.float64) * scale)]


def _unary(call: Call, kind: str) -> list[Value]:
    return [elementwise.unary(call.building, call.hint, kind, call.operand(0), call.attributes)]


def _binary(call: Call, kind: str) -> list[Value]:
    operands = [call.operand(index) for index in range(len(call.operands))]
    value = operands[0]
    for other in operands[1:]:
        value = elementwise.binary(call.building, call.hint, kind, value, other)
    return [value]


def _clip(call: Call, _: str) -> list[Value]:
    least = float(call.known(1)) if call.has(1) else call.number("min", -np.inf)
    greatest = float(call.known(2)) if call.has(2) else call.number("max", np.inf)
    function = function_of(call.building, call.hint, call.operand(0))
    return [elementwise.clip(function, least, greatest)]


def _same(call: Call, kind: str) -> list[Value]:
    if kind == "Cast" and call.attributes.get("to") != FLOAT:
        raise DeployError("only casts to float can be left out")
    return [call.operand(0)]


def _softmax(call: Call, _: str) -> list[Value]:
    stored = store(call.building, f"{call.hint}_in", call.operand(0))
    axis = call.integer("axis", -1)
    if axis not in (-1, len(stored.shape) - 1):
        raise DeployError(f"its axis is {axis}; only the last one can be")
    return [Probabilities(stored)]


def _normalisation(call: Call, kind: str) -> list[Value]:
    value = call.operand(0)
    stored = store(call.building, f"{call.hint}_in", value)
    axis = call.integer("axis", -1)
    if axis not in (-1, len(stored.shape) - 1):
        raise DeployError(f"its axis is {axis}; only the last one can be")
    weight = _parameter(call, 1)
    centres = kind == "LayerNormalization"
    bias = _parameter(call, 2) if centres and call.has(2) else np.zeros(weight.shape)
    epsilon = call.number("epsilon", 1e-5)
    return [Normalised(stored, weight, bias, epsilon, centres)]


def _parameter(call: Call, index: int) -> Reals:
    value = call.operand(index)
    if not isinstance(value, Known | Weights):
        raise DeployError(f"its operand {index} has to be constant")
    return value.reals()


def _reshape(call: Call, _: str) -> list[Value]:
    value = call.operand(0)
    wanted = [int(each) for each in call.known(1).reshape(-1)]
    shape = movement.resolved_shape(value.shape, wanted, bool(call.integer("allowzero", 0)))
    return [movement.reshape(call.building, call.hint, value, shape)]


def _flatten(call: Call, _: str) -> list[Value]:
    value = call.operand(0)
    axis = call.integer("axis", 1)
    axis += len(value.shape) if axis < 0 else 0
    sides = int(np.prod(value.shape[:axis])), int(np.prod(value.shape[axis:]))
    return [movement.reshape(call.building, call.hint, value, sides)]


def _squeeze(call: Call, _: str) -> list[Value]:
    value = call.operand(0)
    axes = call.integers("axes", 1)
    rank = len(value.shape)
    dropped = {each % rank for each in axes} if axes is not None else None
    shape = [
        size
        for axis, size in enumerate(value.shape)
        if not (size == 1 if dropped is None else axis in dropped)
    ]
    return [movement.reshape(call.building, call.hint, value, shape)]


def _unsqueeze(call: Call, _: str) -> list[Value]:
    value = call.operand(0)
    axes = call.integers("axes", 1) or []
    rank = len(value.shape) + len(axes)
    added = {each % rank for each in axes}
    sizes = iter(value.shape)
    shape = [1 if axis in added else next(sizes) for axis in range(rank)]
    return [movement.reshape(call.building, call.hint, value, shape)]


def _transpose(call: Call, _: str) -> list[Value]:
    order = call.integers("perm", len(call.operands))
    return [movement.transpose(call.building, call.hint, call.operand(0), order)]


def _slice(call: Call, _: str) -> list[Value]:
    value = call.operand(0)
    starts, ends = call.integers("starts", 1) or [], call.integers("ends", 2) or []
    axes = call.integers("axes", 3) or list(range(len(starts)))
    steps = call.integers("steps", 4) or [1] * len(starts)
    bounds = list(zip(axes, starts, ends, steps, strict=True))
    return [movement.slices(call.building, call.hint, value, bounds)]


def _split(call: Call, _: str) -> list[Value]:
    value = call.operand(0)
    axis = call.integer("axis", 0) % len(value.shape)
    lengths = call.integers("split", 1)
    if lengths is None:
        each = -(-value.shape[axis] // len(call.outputs))
        lengths = [each] * len(call.outputs)
    starts = np.cumsum([0, *lengths[:-1]])
    return [
        movement.slices(call.building, name, value, [(axis, int(start), int(start) + length, 1)])
        for name, start, length in zip(call.outputs, starts, lengths, strict=True)
    ]


def _gather(call: Call, _: str) -> list[Value]:
    axis = call.integer("axis", 0)
    value, indices = call.operand(0), call.operand(1)
    return [movement.gather(call.building, call.hint, value, indices, axis)]


def _concat(call: Call, _: str) -> list[Value]:
    parts = tuple(call.operand(index) for index in range(len(call.operands)))
    axis = call.integer("axis", 0) % len(parts[0].shape)
    if all(isinstance(each, Known) for each in parts):
        arrays = [each.array for each in parts if isinstance(each, Known)]
        return [Known(np.concatenate(arrays, axis=axis))]
    shape = list(parts[0].shape)
    shape[axis] = sum(each.shape[axis] for each in parts)
    return [Joined(parts, axis, tuple(shape))]


def _pad(call: Call, _: str) -> list[Value]:
    if call.attributes.get("mode", b"constant") != b"constant":
        raise DeployError("it pads with copies; only constants can be")
    value = call.operand(0)
    pads = call.integers("pads", 1) or []
    number = float(_parameter(call, 2).reshape(())) if call.has(2) else call.number("value", 0.0)
    if call.has(3):
        rank, axes = len(value.shape), call.integers("axes", 3) or []
        full = [0] * (2 * rank)
        for position, axis in enumerate(axes):
            full[axis % rank] = pads[position]
            full[axis % rank + rank] = pads[position + len(axes)]
        pads = full
    return [movement.pad(call.building, call.hint, value, pads, number)]


def _max_pool(call: Call, _: str) -> list[Value]:
    kernel = tuple(call.integers("kernel_shape", 99) or ())
    ones, zeros = [1] * len(kernel), [0] * 2 * len(kernel)
    if call.integer("ceil_mode", 0) or call.attributes.get("auto_pad", b"NOTSET") != b"NOTSET":
        raise DeployError("it pads by ceil_mode or auto_pad; give it pads")
    operator = MaxPool(
        kernel,
        tuple(call.integers("strides", 99) or ones),
        tuple(call.integers("pads", 99) or zeros),
        tuple(call.integers("dilations", 99) or ones),
    )
    return [movement.max_pool(call.building, call.hint, call.operand(0), operator)]


def _mean(call: Call, kind: str) -> list[Value]:
    stored = store(call.building, f"{call.hint}_in", call.operand(0))
    rank = len(stored.shape)
    if kind == "GlobalAveragePool":
        axes, keep = list(range(2, rank)), True
    else:
        axes = [a % rank for a in call.integers("axes", 1) or range(rank)]
        keep = bool(call.integer("keepdims", 1))
    count = int(np.prod([stored.shape[axis] for axis in axes]))
    tensor = call.building.emit(call.hint, ReduceSum(tuple(sorted(axes)), keep), stored.tensor)
    share = 1 if kind == "ReduceSum" else count
    magnitude = magnitude_of(stored.element) * count
    term = Term(tensor, np.array(stored.scale / share), magnitude)
    offset = np.array(-stored.scale * stored.zero * count / share)
    return [Sum((term,), offset, call.building.type_of(tensor).shape)]


def _add(call: Call, kind: str) -> list[Value]:
    if len(call.operands) == 1:
        return [as_sum(call.building, call.hint, call.operand(0))]
    return _binary(call, kind)


LOWERINGS: dict[str, Lowered] = {
    **dict.fromkeys(elementwise.UNARY, _unary),
    **dict.fromkeys(elementwise.BINARY, _binary),
    **dict.fromkeys(
        ("LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization"), _normalisation
    ),
    **dict.fromkeys(("ReduceMean", "ReduceSum", "GlobalAveragePool"), _mean),
    **dict.fromkeys(("Identity", "Dropout", "Cast"), _same),
    "BiasOfProduct": _bias_of_product,
    "Clip": _clip,
    "Concat": _concat,
    "Conv": _convolution,
    "Flatten": _flatten,
    "Gather": _gather,
    "Gemm": _gemm,
    "MatMul": _matmul,
    "MaxPool": _max_pool,
    "Pad": _pad,
    "Reshape": _reshape,
    "Slice": _slice,
    "Softmax": _softmax,
    "Split": _split,
    "Squeeze": _squeeze,
    "Sum": _add,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
"""How each operator between DequantizeLinear and QuantizeLinear is lowered."""
