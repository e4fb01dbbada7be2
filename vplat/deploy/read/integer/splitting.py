"""``Split``: the one operator with several results."""

from __future__ import annotations

from vplat.deploy.network.operators import Slice
from vplat.deploy.network.shapes import printed
from vplat.errors import DeployError

from .building import Value
from .call import Call


def split(call: Call) -> list[Value]:
    """The parts of x along an axis, in order; equal ones, if nothing else is said."""
    x = call.value(0)
    rank = len(x.type.shape)
    axis = call.attributes.integer("axis", 0)
    if not -rank <= axis < rank:
        raise DeployError(f"its axis {axis} is not one of {printed(x.type.shape)}")
    axis %= rank
    length, many = x.type.shape[axis], len(call.node.outputs)
    each = -(-length // many)
    equal = tuple(max(min(each, length - part * each), 0) for part in range(many))
    lengths = call.numbers("split", 1) or equal
    if len(lengths) != many or sum(lengths) != length or min(lengths) < 0:
        raise DeployError(f"its parts {list(lengths)} are not the {length} of axis {axis}")
    parts, start = [], 0
    for output, part in zip(call.node.outputs, lengths, strict=True):
        operator = Slice((start,), (start + part,), (axis,), (1,))
        name = output or call.building.fresh(f"{call.node.name} unused")
        parts.append(call.building.emit(call.node.name, operator, [x], name))
        start += part
    return parts
