"""Operators that move values and leave them as they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from vplat.deploy.network import Operator
from vplat.deploy.network.operators import (
    Gather,
    MaxPool,
    Pad,
    Reshape,
    Slice,
    Transpose,
)
from vplat.errors import DeployError

from .building import Building
from .storing import store
from .values import Entering, Function, Known, Stored, Sum, Term, Value, Weights


def move(building: Building, hint: str, operator: Operator, value: Value) -> Value:
    """``operator`` on what the value is made of; scales stay, so they have to be uniform."""
    if isinstance(value, Known | Weights):
        raise DeployError("a parameter is moved at run time; fold constants before you quantise")
    if isinstance(value, Function):
        moved = _move_stored(building, hint, operator, value.of)
        return Function(moved, value.function)
    if isinstance(value, Sum) and len(value.terms) == 1:
        [term] = value.terms
        if term.scale.size == 1 and value.offset.size == 1:
            tensor = building.emit(hint, operator, term.tensor)
            scale, offset = term.scale.reshape(()), value.offset.reshape(())
            moved_term = Term(tensor, scale, term.magnitude)
            return Sum((moved_term,), offset, building.type_of(tensor).shape)
    if isinstance(value, Stored):
        return _move_stored(building, hint, operator, value)
    if isinstance(value, Entering):
        raise DeployError("the network's input is moved before it is quantised")
    return _move_stored(building, hint, operator, store(building, hint, value))


def _move_stored(building: Building, hint: str, operator: Operator, stored: Stored) -> Stored:
    tensor = building.emit(hint, operator, stored.tensor)
    shape = building.type_of(tensor).shape
    return Stored(tensor, stored.element, shape, stored.scale, stored.zero)


def move_known(value: Known | Weights, change: Callable[[np.ndarray], np.ndarray]) -> Value:
    """A movement of a parameter, done beforehand."""
    if isinstance(value, Known):
        return Known(change(value.array))
    scale = np.broadcast_to(value.scale, value.shape)
    zero = np.broadcast_to(value.zero, value.shape)
    if value.scale.size == 1:
        return Weights(change(value.integers), value.scale, value.zero, value.element)
    return Weights(change(value.integers), change(scale), change(zero), value.element)


def reshape(building: Building, hint: str, value: Value, shape: Sequence[int]) -> Value:
    """Reshape to a shape without 0 and -1, as ONNX has them."""
    if isinstance(value, Known | Weights):
        return move_known(value, lambda array: array.reshape(shape))
    return move(building, hint, Reshape(tuple(shape)), value)


def resolved_shape(old: Sequence[int], wanted: Sequence[int], allow_zero: bool) -> tuple[int, ...]:
    """ONNX's rules: 0 keeps a dimension, -1 is what is left."""
    shape = [
        old[i] if each == 0 and not allow_zero and i < len(old) else each
        for i, each in enumerate(wanted)
    ]
    if -1 in shape:
        known = int(np.prod([each for each in shape if each != -1]))
        total = int(np.prod(old))
        shape[shape.index(-1)] = total // known if known else 0
    return tuple(shape)


def transpose(building: Building, hint: str, value: Value, order: Sequence[int] | None) -> Value:
    """Transpose; without an order, all axes reversed."""
    axes = tuple(order) if order is not None else tuple(reversed(range(len(value.shape))))
    if isinstance(value, Known | Weights):
        return move_known(value, lambda array: array.transpose(axes))
    return move(building, hint, Transpose(axes), value)


def slices(
    building: Building,
    hint: str,
    value: Value,
    bounds: Sequence[tuple[int, int, int, int]],
) -> Value:
    """Slice by (axis, start, end, step) with ONNX's clamping."""
    index = [slice(None)] * len(value.shape)
    axes, starts, ends, steps = [], [], [], []
    for given, start, end, step in bounds:
        axis = given % len(value.shape)
        index[axis] = slice(start, end, step)
        first, last, _ = index[axis].indices(value.shape[axis])
        axes.append(axis)
        starts.append(first)
        ends.append(last)
        steps.append(step)
    if isinstance(value, Known | Weights):
        return move_known(value, lambda array: array[tuple(index)])
    operator = Slice(tuple(starts), tuple(ends), tuple(axes), tuple(steps))
    return move(building, hint, operator, value)


def gather(building: Building, hint: str, value: Value, indices: Value, axis: int) -> Value:
    """Gather of one constant index, or of a run of them, or of any from a parameter."""
    if not isinstance(indices, Known):
        raise DeployError("its indices are computed; only constant ones can be gathered")
    chosen = indices.array.astype(np.int64)
    axis %= len(value.shape)
    if isinstance(value, Known | Weights):
        return move_known(value, lambda array: np.take(array, chosen, axis=axis))
    if chosen.size == 1 and chosen.ndim == 0:
        return move(building, hint, Gather(int(chosen), axis), value)
    flat = chosen.reshape(-1) % value.shape[axis]
    if chosen.ndim == 1 and flat.size and np.all(np.diff(flat) == 1):
        return slices(building, hint, value, [(axis, int(flat[0]), int(flat[-1]) + 1, 1)])
    raise DeployError("it gathers scattered indices; only one, or a run of them, can be")


def pad(building: Building, hint: str, value: Value, pads: Sequence[int], number: float) -> Value:
    """Constant padding, with the integer that stands for ``number``."""
    stored = store(building, hint, value)
    rank = len(stored.shape)
    code = round(number / stored.scale) + stored.zero
    code = min(max(code, stored.element.least), stored.element.greatest)
    operator = Pad(tuple(pads[:rank]), tuple(pads[rank:]), code)
    return move(building, hint, operator, stored)


def max_pool(building: Building, hint: str, value: Value, operator: MaxPool) -> Value:
    """MaxPool: order is kept by a positive scale."""
    return move(building, hint, operator, store(building, hint, value))
