"""Operators that move values (section 3.8)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import prod
from typing import Final

import numpy as np

from vplat.deploy.network import Element
from vplat.deploy.network.operators import Concat, Gather, Pad, Reshape, Slice, Transpose
from vplat.deploy.network.shapes import printed
from vplat.errors import DeployError

from .building import Value, constant
from .call import Call, Literal, Operand

CONTAINERS: Final = {
    1: tuple(Element),
    11: tuple(Element),
    6: tuple(Element),
    7: tuple(Element),
    5: (Element.INT8, Element.UINT8),
    10: (Element.INT8, Element.UINT8),
    3: (Element.INT8,),
    2: (Element.UINT8,),
}
"""
What ONNX's element types hold, by their numbers: float32, float64, int32, int64, int16, float16,
int8 and uint8.
"""


def reshape(call: Call) -> Value:
    """``Reshape``: 0 copies a length, -1 is what remains."""
    x = call.value(0)
    wanted = call.numbers("shape", 1)
    if wanted is None:
        raise DeployError("it has no shape")
    copies = not call.attributes.integer("allowzero", 0)
    shape = list(wanted)
    for axis, length in enumerate(wanted):
        if length == 0 and copies:
            if axis >= len(x.type.shape):
                raise DeployError(f"its shape {list(wanted)} copies an axis that x has not")
            shape[axis] = x.type.shape[axis]
    if min(shape, default=0) < -1 or shape.count(-1) > 1:
        raise DeployError(f"its shape {list(wanted)} is none")
    if -1 in shape:
        rest = -prod(shape)
        if not rest or x.type.size % rest:
            raise DeployError(f"{printed(x.type.shape)} cannot become {list(wanted)}")
        shape[shape.index(-1)] = x.type.size // rest
    return call.make(Reshape(tuple(shape)), x)


def flatten(call: Call) -> Value:
    """``Flatten``: to a matrix."""
    x = call.value(0)
    shape = x.type.shape
    axis = call.attributes.integer("axis", 1)
    if not -len(shape) <= axis <= len(shape):
        raise DeployError(f"its axis {axis} is not one of {printed(shape)}")
    axis += len(shape) if axis < 0 else 0
    return call.make(Reshape((prod(shape[:axis]), prod(shape[axis:]))), x)


def squeeze(call: Call) -> Value:
    """``Squeeze``: drops axes of length 1."""
    x = call.value(0)
    shape = x.type.shape
    given = call.numbers("axes", 1)
    axes = (
        {axis for axis, length in enumerate(shape) if length == 1}
        if given is None
        else {_axis(axis, len(shape)) for axis in given}
    )
    if any(shape[axis] != 1 for axis in axes):
        raise DeployError(f"its axes {sorted(axes)} of {printed(shape)} are not all of length 1")
    kept = tuple(length for axis, length in enumerate(shape) if axis not in axes)
    return call.make(Reshape(kept), x)


def unsqueeze(call: Call) -> Value:
    """``Unsqueeze``: adds axes of length 1."""
    x = call.value(0)
    given = call.numbers("axes", 1)
    if given is None:
        raise DeployError("it has no axes")
    rank = len(x.type.shape) + len(given)
    axes = {_axis(axis, rank) for axis in given}
    if len(axes) != len(given):
        raise DeployError(f"its axes {list(given)} name one axis twice")
    lengths = iter(x.type.shape)
    return call.make(Reshape(tuple(1 if i in axes else next(lengths) for i in range(rank))), x)


def transpose(call: Call) -> Value:
    """``Transpose``: reversed, if nothing else is said."""
    x = call.value(0)
    perm = call.attributes.integers("perm", tuple(reversed(range(len(x.type.shape)))))
    return call.make(Transpose(perm), x)


def gather(call: Call) -> Value:
    """``Gather`` by constant indices, whose axes take the place of the one they choose from."""
    x, indices = call.value(0), call.known(1)
    axis = _axis(call.attributes.integer("axis", 0), len(x.type.shape))
    length = x.type.shape[axis]
    outside = (indices < -length) | (indices >= length)
    if outside.any():
        raise DeployError(
            f"its index {indices[outside][0]} is not on axis {axis} of {printed(x.type.shape)}"
        )
    chosen = [int(each) % length for each in indices.reshape(-1)]
    if not chosen:
        raise DeployError("it has no indices")
    if indices.ndim == 1:
        return _gathered(call, chosen, axis, call.make)
    if len(chosen) == 1:
        rows = call.make if indices.ndim == 0 else partial(call.step, "row")
        result = rows(Gather(chosen[0], axis), x)
    else:
        result = _gathered(call, chosen, axis, partial(call.step, "rows"))
    if indices.ndim == 0:
        return result
    before, after = x.type.shape[:axis], x.type.shape[axis + 1 :]
    return call.make(Reshape((*before, *indices.shape, *after)), result)


def _gathered(call: Call, chosen: Sequence[int], axis: int, make: Callable[..., Value]) -> Value:
    """The chosen ones along an axis, which stays, made as what `make` makes of it."""
    x, count = call.value(0), len(chosen)
    if list(chosen) == list(range(chosen[0], chosen[0] + count)):
        return make(Slice((chosen[0],), (chosen[0] + count,), (axis,), (1,)), x)
    parts = [
        call.step(f"part {i}", Slice((first,), (first + 1,), (axis,), (1,)), x)
        for i, first in enumerate(chosen)
    ]
    return make(Concat(axis), *parts)


def concat(call: Call) -> Value:
    """``Concat``."""
    values = call.alike()
    if not values:
        raise DeployError("it has no operands")
    axis = _axis(call.attributes.integer("axis"), len(values[0].type.shape))
    return call.make(Concat(axis), *values)


def slices(call: Call) -> Value:
    """``Slice``, with its bounds as attributes or as constant operands."""
    x = call.value(0)
    starts, ends = call.numbers("starts", 1), call.numbers("ends", 2)
    if starts is None or ends is None:
        raise DeployError("it has no starts or no ends")
    axes = call.numbers("axes", 3) or tuple(range(len(starts)))
    steps = call.numbers("steps", 4) or (1,) * len(starts)
    if not len(starts) == len(ends) == len(axes) == len(steps):
        raise DeployError("its starts, ends, axes and steps are not equally many")
    if 0 in steps:
        raise DeployError("one of its steps is 0")
    axes = tuple(_axis(axis, len(x.type.shape)) for axis in axes)
    bounds = [
        slice(start, end, step).indices(x.type.shape[axis])
        for start, end, axis, step in zip(starts, ends, axes, steps, strict=True)
    ]
    first, last, by = zip(*bounds, strict=True) if bounds else ((), (), ())
    return call.make(Slice(first, last, axes, by), x)


def pad(call: Call) -> Value:
    """``Pad`` with a constant; older files have everything as attributes."""
    mode = call.attributes.text("mode", "constant")
    if mode != "constant":
        raise DeployError(f"its mode is '{mode}', but only constants can be padded with")
    x = call.value(0)
    rank = len(x.type.shape)
    pads = call.numbers("pads", 1)
    axes = call.numbers("axes", 3)
    if pads is None:
        raise DeployError("it has no pads")
    chosen = tuple(range(rank)) if axes is None else tuple(_axis(axis, rank) for axis in axes)
    if len(pads) != 2 * len(chosen):
        raise DeployError(f"its {len(pads)} pads do not fit {len(chosen)} axes")
    before, after = [0] * rank, [0] * rank
    for place, axis in enumerate(chosen):
        before[axis], after[axis] = pads[place], pads[place + len(chosen)]
    value = call.numbers("value", 2) or (0,)
    if len(value) != 1:
        raise DeployError(f"its value has {len(value)} numbers instead of one")
    return call.make(Pad(tuple(before), tuple(after), value[0]), x)


def passed(call: Call) -> Operand:
    """
    ``Identity``, ``Dropout``, and ``Cast`` to a type that holds all that x can hold: floats are
    only the file's container of integers.
    """
    x = call.given(0)
    if call.node.kind == "Cast" and not isinstance(x, Literal):
        kind = call.attributes.integer("to")
        held = CONTAINERS.get(kind, ())
        if x.type.element not in held:
            raise DeployError(
                f"it casts {x.type.element.value} to ONNX's element type {kind}, which may not hold"
                " it; a Clip or a RequantShift is needed"
            )
    return x


def shape_of(call: Call) -> Value:
    """``Shape``, which is known when a network is read."""
    lengths = call.value(0).type.shape
    start = call.attributes.integer("start", 0)
    part = lengths[start : call.attributes.integer("end", len(lengths))]
    return constant(call.node.outputs[0], np.array(part, dtype=np.int64))


def _axis(axis: int, rank: int) -> int:
    if not -rank <= axis < rank:
        raise DeployError(f"its axis {axis} is not one of {rank}")
    return axis % rank
