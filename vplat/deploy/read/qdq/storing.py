"""Making stored 8-bit tensors of real values: what QuantizeLinear asks for."""

from __future__ import annotations

import numpy as np

from vplat.deploy.network import Element, Integers, TensorType
from vplat.deploy.network.operators import Add, Concat, Lookup, Multiply, Requantise, Scale
from vplat.deploy.network.operators.precise import PreciseNorm, TableSoftmax, exponential_table
from vplat.errors import DeployError

from .building import Building
from .scales import factor_of
from .values import (
    Entering,
    Function,
    Joined,
    Known,
    Normalised,
    Probabilities,
    Reals,
    Stored,
    Sum,
    Term,
    Value,
    Weights,
)

GREATEST_ADD_SHIFT = 22
"""A zero point shifted by more would not leave room for the sum beside it in 32 bits."""

SUM_BITS = 30


def magnitude_of(element: Element) -> int:
    """No value of this type is further from 0."""
    return max(-element.least, element.greatest)


def store(building: Building, hint: str, value: Value) -> Stored:
    """
    The value as a stored tensor, at a scale that follows from what it can be.

    :raises DeployError: that does not follow from 256 values; the file has to say it
    """
    if isinstance(value, Stored):
        return value
    function = as_function(building, value)
    if function is None:
        raise DeployError(f"'{hint}' needs a QuantizeLinear in front of what uses it")
    reals = function.reals()
    if not np.all(np.isfinite(reals)):
        raise DeployError("it is not finite for all that its argument can be")
    least, greatest = min(float(reals.min()), 0.0), max(float(reals.max()), 0.0)
    scale = (greatest - least) / 255 or 1.0
    zero = round(-128 - least / scale)
    return _lookup(building, hint, function, Stored("", Element.INT8, (), scale, zero))


def as_function(building: Building, value: Value) -> Function | None:
    """The value as a function of one stored tensor; None if it is not."""
    if isinstance(value, Function):
        return value
    if isinstance(value, Stored):
        return Function(value, lambda reals: reals)
    if isinstance(value, Sum) and len(value.terms) == 1:
        [term] = value.terms
        kind = building.type_of(term.tensor)
        if kind.element is Element.INT32 or term.scale.size != 1 or value.offset.size != 1:
            return None
        scale, offset = float(term.scale.reshape(())), float(value.offset.reshape(()))
        stored = Stored(term.tensor, kind.element, kind.shape, 1.0, 0)
        return Function(stored, lambda reals: scale * reals + offset)
    return None


def function_of(building: Building, hint: str, value: Value) -> Function:
    """The value as a function of one stored tensor, itself if need be."""
    function = as_function(building, value)
    if function is not None:
        return function
    return Function(store(building, hint, value), lambda reals: reals)


def as_sum(building: Building, hint: str, value: Value) -> Sum:
    """The value as a sum of tensors."""
    if isinstance(value, Sum):
        return value
    if isinstance(value, Known | Weights):
        return Sum((), value.reals(), value.shape)
    stored = store(building, hint, value)
    term = Term(stored.tensor, np.array(stored.scale), magnitude_of(stored.element))
    return Sum((term,), np.array(-stored.scale * stored.zero), stored.shape)


def quantise(building: Building, hint: str, value: Value, like: Stored) -> Stored | Weights:
    """The value at the scale, zero point and element type of ``like``."""
    if isinstance(value, Entering):
        building.enter(value.name, TensorType(like.element, value.shape))
        return Stored(value.name, like.element, value.shape, like.scale, like.zero)
    if isinstance(value, Known | Weights):
        return _quantise_known(value.reals(), like)
    if isinstance(value, Joined):
        return _join(building, hint, value, like)
    if isinstance(value, Normalised):
        return _normalise(building, hint, value, like)
    if isinstance(value, Probabilities):
        return _soften(building, hint, value, like)
    if isinstance(value, Stored) and _holds_all(value, like):
        return value
    function = as_function(building, value)
    if function is not None:
        return _lookup(building, hint, function, like)
    return _requantise_sum(building, hint, as_sum(building, hint, value), like)


def _quantise_known(reals: Reals, like: Stored) -> Weights:
    integers = np.rint(reals / like.scale) + like.zero
    return Weights(
        np.clip(integers, like.element.least, like.element.greatest).astype(np.int64),
        np.array(like.scale),
        np.array(like.zero),
        like.element,
    )


def _holds_all(stored: Stored, like: Stored) -> bool:
    """Whether the stored integers, less their zero, have the wanted scale and are in its range."""
    least, greatest = like.element.least - like.zero, like.element.greatest - like.zero
    return (
        abs(stored.scale - like.scale) <= 1e-5 * like.scale
        and stored.element.least - stored.zero >= least
        and stored.element.greatest - stored.zero <= greatest
    )


def _lookup(building: Building, hint: str, function: Function, like: Stored) -> Stored:
    with np.errstate(all="ignore"):
        codes = np.rint(function.reals() / like.scale) + like.zero
    codes = np.clip(np.nan_to_num(codes), like.element.least, like.element.greatest)
    table = building.constant(f"{hint}_table", codes.astype(np.int64), like.element)
    tensor = building.emit(hint, Lookup(), function.of.tensor, table)
    return Stored(tensor, like.element, function.shape, like.scale, like.zero)


def _join(building: Building, hint: str, value: Joined, like: Stored) -> Stored:
    parts = []
    for number, each in enumerate(value.parts):
        part = quantise(building, f"{hint}_{number}", each, like)
        if isinstance(part, Weights):
            parts.append(building.constant(f"{hint}_{number}", part.integers, like.element))
        elif (part.element, part.zero) == (like.element, like.zero):
            parts.append(part.tensor)
        else:
            same = Function(part, lambda reals: reals)
            parts.append(_lookup(building, f"{hint}_{number}", same, like).tensor)
    tensor = building.emit(hint, Concat(value.axis), *parts)
    return Stored(tensor, like.element, value.shape, like.scale, like.zero)


def _normalise(building: Building, hint: str, value: Normalised, like: Stored) -> Stored:
    operator, weight, bias = PreciseNorm.fitted(
        columns=value.shape[-1],
        weight=value.weight / like.scale,
        bias=value.bias / like.scale + like.zero,
        epsilon=value.epsilon / value.of.scale**2,
        centres=value.centres,
        zero=value.of.zero,
        element=like.element,
    )
    tensor = building.emit(
        hint,
        operator,
        value.of.tensor,
        building.constant(f"{hint}_weight", weight),
        building.constant(f"{hint}_bias", bias),
    )
    return Stored(tensor, like.element, value.shape, like.scale, like.zero)


def _soften(building: Building, hint: str, value: Probabilities, like: Stored) -> Stored:
    """Probabilities from -128 on are stored as uint8 instead: products like no zero point."""
    element, zero = like.element, like.zero
    if (element, zero) == (Element.INT8, -128):
        element, zero = Element.UINT8, 0
    operator = TableSoftmax.fitted(like.scale, zero, element)
    table = building.constant("exponential", exponential_table(value.of.scale))
    tensor = building.emit(hint, operator, value.of.tensor, table)
    return Stored(tensor, element, value.shape, like.scale, zero)


def _uniform(array: Reals) -> Reals:
    """One number where all are equal."""
    if array.size and np.all(array == array.flat[0]):
        return np.array(array.flat[0])
    return array


def _requantise_sum(building: Building, hint: str, value: Sum, like: Stored) -> Stored:
    is_product = (
        len(value.terms) == 1 and building.type_of(value.terms[0].tensor).element is Element.INT32
    )
    if is_product:
        tensor = _requantise_product(building, hint, value, like)
    else:
        tensor = _requantise_terms(building, hint, value, like)
    return Stored(tensor, like.element, value.shape, like.scale, like.zero)


def _requantise_product(building: Building, hint: str, value: Sum, like: Stored) -> str:
    [term] = value.terms
    scale = _uniform(term.scale)
    factor = factor_of(scale / like.scale)
    offset = value.offset / scale
    add = np.array(0, dtype=np.int64)
    if like.zero and factor.shift > GREATEST_ADD_SHIFT:
        offset = offset + like.zero * like.scale / scale
    else:
        add = np.array(like.zero << factor.shift)
    tensor = _plus(building, hint, term.tensor, np.rint(offset).astype(np.int64))
    return building.emit(
        hint,
        Requantise(factor.shift, like.element),
        tensor,
        building.constant(f"{hint}_mult", _of_rank(factor.multipliers, len(value.shape))),
        building.constant(f"{hint}_add", add),
    )


def _of_rank(integers: Integers, rank: int) -> Integers:
    """A scalar, or an array with all axes of what it broadcasts to."""
    if integers.size == 1:
        return integers.reshape(())
    return integers.reshape((1,) * (rank - integers.ndim) + integers.shape)


def _plus(building: Building, hint: str, tensor: str, integers: Integers) -> str:
    if not np.any(integers):
        return tensor
    return building.emit(
        f"{hint}_biased", Add(), tensor, building.constant(f"{hint}_bias", integers)
    )


def _requantise_terms(building: Building, hint: str, value: Sum, like: Stored) -> str:
    """All terms at a common scale, as fine as 32 bits allow; then added and shifted."""
    most = sum(float(np.max(np.abs(each.scale))) * each.magnitude for each in value.terms)
    most += float(np.max(np.abs(value.offset), initial=0.0))
    most = most / like.scale + magnitude_of(like.element)
    shift = max(0, min(SUM_BITS - 1, int(np.floor(SUM_BITS - np.log2(most)))))
    scaled = [_scaled(building, hint, each, like.scale / 2.0**shift) for each in value.terms]
    offset = value.offset / like.scale + like.zero
    total = scaled[0] if len(scaled) == 1 else building.emit(f"{hint}_sum", Add(), *scaled)
    total = _plus(building, hint, total, np.rint(offset * 2.0**shift).astype(np.int64))
    return building.emit(
        hint,
        Requantise(shift, like.element),
        total,
        building.constant("one", np.array(1)),
        building.constant("nothing", np.array(0)),
    )


def _scaled(building: Building, hint: str, term: Term, unit: float) -> str:
    factors = np.rint(_uniform(term.scale) / unit).astype(np.int64)
    if factors.size == 1:
        factor = int(factors.reshape(()))
        return building.emit(f"{hint}_scaled", Scale(factor), term.tensor)
    constant = building.constant(f"{hint}_scales", factors)
    return building.emit(f"{hint}_scaled", Multiply(), term.tensor, constant)
