"""Softmax, normalisation and reductions (sections 2, 3.4, 3.5 and 3.7)."""

from __future__ import annotations

import numpy as np

from vplat.deploy.network import Element, Operator
from vplat.deploy.network.operators import (
    LayerNorm,
    NoNorm,
    PolynomialSoftmax,
    ReduceMean,
    ReduceSum,
    Reshape,
    RmsNorm,
    Softmax2,
)
from vplat.deploy.network.shapes import printed
from vplat.errors import DeployError

from .building import Value, constant
from .call import Call
from .requantisation import clip_to, levels_of, log2_of

DEEPLOY_STEP_LOG2 = 5
ITA_NUMERATOR, ITA_STEP_LOG2, ITA_GROUP = 65280, 0, 16


def polynomial_softmax(call: Call) -> Value:
    """``iSoftmax``."""
    a, b, c, log2 = (
        call.attributes.integer(each) for each in ("coeffA", "coeffB", "coeffC", "log2")
    )
    for number in (a, b, c, log2):
        if abs(number) > Element.INT32.greatest:
            raise DeployError(f"its coefficient {number} is not int32")
    levels = levels_of(call.attributes, default=256)
    _expect_last_axis(call)
    return call.make(PolynomialSoftmax(a, b, c, log2, levels), call.byte(0))


def two_pass_softmax(call: Call) -> Value:
    """``ITAMax``: the maximum of the whole row first."""
    numerator = (levels_of(call.attributes, default=256) - 1) * 256
    _expect_last_axis(call)
    return call.make(Softmax2(numerator, DEEPLOY_STEP_LOG2, None), call.byte(0))


def partial_softmax(call: Call) -> Value:
    """``ITAPartialMax``: the maximum of groups so far; rows are whole groups."""
    numerator = (levels_of(call.attributes, default=256) // 2 - 1) * 256
    group = call.attributes.integer("group_width", 16)
    x = call.byte(0)
    length = x.type.shape[-1] if x.type.shape else 0
    if group < 1 or length % group:
        raise DeployError(f"its rows of {length} are not whole groups of {group}")
    _expect_last_axis(call)
    return call.make(Softmax2(numerator, DEEPLOY_STEP_LOG2, group), x)


def ita_softmax(call: Call) -> Value:
    """``ITASoftmax``, vplat's own: the softmax of current ITA (``ita.md`` section 5.3)."""
    operator = Softmax2(
        call.attributes.integer("numerator", ITA_NUMERATOR),
        call.attributes.integer("step", ITA_STEP_LOG2),
        call.attributes.integer("group", ITA_GROUP) or None,
    )
    _expect_last_axis(call)
    return call.make(operator, call.byte(0))


def _expect_last_axis(call: Call) -> None:
    rank = len(call.value(0).type.shape)
    axis = call.attributes.integer("axis", -1)
    if axis not in (-1, rank - 1):
        raise DeployError(f"its axis is {axis}, but the last one is what it computes over")


def layer_norm(call: Call) -> Value:
    """``iLayerNorm(x, weight, bias)``."""
    x = call.byte(0)
    operator = LayerNorm(log2_of(call.attributes, "D"))
    return _clipped(call, operator, x, _for_rows(call, 1, x), _for_rows(call, 2, x))


def rms_norm(call: Call) -> Value:
    """``iRMSNorm(x, weight)``."""
    x = call.byte(0)
    return _clipped(call, RmsNorm(log2_of(call.attributes, "D")), x, _for_rows(call, 1, x))


def no_norm(call: Call) -> Value:
    """``iNoNorm(x, weight, bias)``."""
    x = call.byte(0)
    mult = call.attributes.integer("mul")
    if not Element.INT32.least <= mult <= Element.INT32.greatest:
        raise DeployError(f"its mul {mult} is not int32")
    operator = NoNorm(mult, log2_of(call.attributes, "D"))
    return _clipped(call, operator, x, call.spread(1, x, Element.INT8), call.spread(2, x))


def _clipped(call: Call, operator: Operator, *operands: Value) -> Value:
    limits = clip_to(levels_of(call.attributes, default=256), signed=True)
    if limits is None:
        return call.make(operator, *operands)
    return call.make(limits, call.step("normalised", operator, *operands))


def _for_rows(call: Call, index: int, x: Value) -> Value:
    """A parameter with one int32 for each element of x's last axis."""
    values = call.known(index)
    length = x.type.shape[-1] if x.type.shape else 0
    name = call.given(index).name
    if values.size not in (1, length):
        raise DeployError(
            f"constant '{name}' of shape {printed(values.shape)} does not fit rows of {length}"
        )
    return constant(name, np.broadcast_to(values.reshape(-1), (length,)), Element.INT32)


def reduce_sum(call: Call) -> Value:
    """``ReduceSum``."""
    axes, keep = _axes(call)
    if axes is None:
        return call.make(Reshape(call.value(0).type.shape), call.value(0))
    return call.make(ReduceSum(axes, keep), call.value(0))


def reduce_mean(call: Call) -> Value:
    """``ReduceMean`` and ``IntegerMean``."""
    axes, keep = _axes(call)
    if axes is None:
        return call.make(Reshape(call.value(0).type.shape), call.value(0))
    return call.make(ReduceMean(axes, keep), call.value(0))


def _axes(call: Call) -> tuple[tuple[int, ...] | None, bool]:
    """The axes, ascending, or None where nothing is reduced; and whether they stay."""
    rank = len(call.value(0).type.shape)
    given = call.numbers("axes", 1)
    if not given and call.attributes.integer("noop_with_empty_axes", 0):
        return None, True
    axes = given or tuple(range(rank))
    for axis in axes:
        if not -rank <= axis < rank:
            raise DeployError(f"its axis {axis} is not one of {rank}")
    return (
        tuple(sorted({axis % rank for axis in axes})),
        bool(call.attributes.integer("keepdims", 1)),
    )
