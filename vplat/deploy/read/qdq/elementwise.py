"""Value-by-value operators: tables where one 8-bit tensor is involved, sums and products else."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from vplat.deploy.network import Element
from vplat.deploy.network.operators import Add, Multiply, Relu
from vplat.errors import DeployError

from .building import Building
from .products import added, scaled
from .storing import as_function, as_sum, function_of, magnitude_of, store
from .values import Function, Known, Mapped, Reals, Stored, Sum, Term, Value, Weights

_erf = np.vectorize(math.erf, otypes=[np.float64])


def _gelu(attributes: dict[str, object]) -> Mapped:
    if attributes.get("approximate", b"none") == b"tanh":
        inner = math.sqrt(2 / math.pi)
        return lambda x: 0.5 * x * (1 + np.tanh(inner * (x + 0.044715 * x**3)))
    return lambda x: 0.5 * x * (1 + _erf(x / math.sqrt(2)))


def _number(attributes: dict[str, object], name: str, default: float) -> float:
    value = attributes.get(name, default)
    return float(value) if isinstance(value, float | int) else default


def _sigmoid(x: Reals) -> Reals:
    return np.asarray(1 / (1 + np.exp(-x)))


def _hard_sigmoid(attributes: dict[str, object]) -> Mapped:
    alpha, beta = _number(attributes, "alpha", 0.2), _number(attributes, "beta", 0.5)
    return lambda x: np.clip(alpha * x + beta, 0, 1)


def _leaky(attributes: dict[str, object]) -> Mapped:
    alpha = _number(attributes, "alpha", 0.01)
    return lambda x: np.where(x < 0, alpha * x, x)


def _elu(attributes: dict[str, object]) -> Mapped:
    alpha = _number(attributes, "alpha", 1.0)
    return lambda x: np.where(x < 0, alpha * np.expm1(x), x)


UNARY: dict[str, Callable[[dict[str, object]], Mapped]] = {
    "Abs": lambda _: np.abs,
    "Cos": lambda _: np.cos,
    "Elu": _elu,
    "Erf": lambda _: _erf,
    "Exp": lambda _: np.exp,
    "FastGelu": lambda _: _gelu({"approximate": b"tanh"}),
    "Floor": lambda _: np.floor,
    "Gelu": _gelu,
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": lambda _: lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "LeakyRelu": _leaky,
    "Log": lambda _: np.log,
    "Neg": lambda _: np.negative,
    "QuickGelu": lambda a: lambda x: x * _sigmoid(_number(a, "alpha", 1.702) * x),
    "Reciprocal": lambda _: lambda x: 1 / x,
    "Relu": lambda _: lambda x: np.maximum(x, 0),
    "Round": lambda _: np.rint,
    "Sigmoid": lambda _: _sigmoid,
    "Sin": lambda _: np.sin,
    "Softplus": lambda _: lambda x: np.logaddexp(0, x),
    "Sqrt": lambda _: np.sqrt,
    "Tanh": lambda _: np.tanh,
}
"""Operators of one value, as functions of real numbers; they become tables of 256 entries."""

BINARY: dict[str, Callable[[Reals, Reals], Reals]] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Pow": np.power,
    "Min": np.minimum,
    "Max": np.maximum,
}


def unary(
    building: Building, hint: str, kind: str, value: Value, attributes: dict[str, object]
) -> Value:
    """A function of one tensor."""
    if isinstance(value, Known | Weights):
        return Known(UNARY[kind](attributes)(value.reals()))
    if kind == "Relu" and isinstance(value, Sum) and as_function(building, value) is None:
        return _relu_of_sum(building, hint, value)
    mapped = UNARY[kind](attributes)
    function = function_of(building, hint, value)
    inner = function.function
    return Function(function.of, lambda reals: mapped(inner(reals)))


def _relu_of_sum(building: Building, hint: str, value: Sum) -> Value:
    """A product's ReLU before it is stored: the sign of the sum decides, scales are positive."""
    if len(value.terms) != 1 or np.any(value.terms[0].scale <= 0):
        return store(building, hint, value)
    [term] = value.terms
    tensor, offset = term.tensor, np.rint(value.offset / term.scale).astype(np.int64)
    if np.any(offset):
        bias = building.constant(f"{hint}_bias", offset)
        tensor = building.emit(f"{hint}_biased", Add(), tensor, bias)
    tensor = building.emit(f"{hint}_relu", Relu(), tensor)
    return Sum((Term(tensor, term.scale, term.magnitude),), np.array(0.0), value.shape)


def clip(value: Function, least: float, greatest: float) -> Function:
    """Clip of a function."""
    inner = value.function
    return Function(value.of, lambda reals: np.clip(inner(reals), least, greatest))


def binary(building: Building, hint: str, kind: str, left: Value, right: Value) -> Value:
    """Two operands of the same shape, or that broadcast."""
    operate = BINARY[kind]
    if isinstance(left, Known | Weights) and isinstance(right, Known | Weights):
        return Known(operate(left.reals(), right.reals()))
    joined = _as_one_table(building, operate, left, right)
    if joined is not None:
        return joined
    if kind in ("Add", "Sub"):
        sign = 1.0 if kind == "Add" else -1.0
        other = scaled(as_sum(building, hint, right), sign)
        return added(as_sum(building, hint, left), other)
    if kind == "Mul" and isinstance(left, Known | Weights):
        return scaled(as_sum(building, hint, right), left.reals())
    if kind in ("Mul", "Div") and isinstance(right, Known | Weights):
        factor = right.reals() if kind == "Mul" else 1 / right.reals()
        return scaled(as_sum(building, hint, left), factor)
    return _of_two_tensors(building, hint, kind, left, right)


def _as_one_table(
    building: Building, operate: Callable[[Reals, Reals], Reals], left: Value, right: Value
) -> Function | None:
    """Both operands as functions of one tensor, or of one and a number."""
    if isinstance(right, Known | Weights):
        function, number = as_function(building, left), right.reals()
        if function is None or number.size != 1 or len(number.shape) > len(function.shape):
            return None
        inner, scalar = function.function, float(number.reshape(()))
        return Function(function.of, lambda reals: operate(inner(reals), np.array(scalar)))
    if isinstance(left, Known | Weights):
        return _as_one_table(building, lambda a, b: operate(b, a), right, left)
    first, second = as_function(building, left), as_function(building, right)
    if first is None or second is None or first.of.tensor != second.of.tensor:
        return None
    one, other = first.function, _on_codes(second, first.of)
    return Function(first.of, lambda reals: operate(one(reals), other(reals)))


def _on_codes(function: Function, base: Stored) -> Mapped:
    """The function, as one of what ``base`` says the same codes stand for."""
    inner, of = function.function, function.of

    def mapped(reals: Reals) -> Reals:
        codes = reals / base.scale + base.zero
        return inner((codes - of.zero) * of.scale)

    return mapped


def _of_two_tensors(building: Building, hint: str, kind: str, left: Value, right: Value) -> Value:
    first = store(building, f"{hint}_left", left)
    second = store(building, f"{hint}_right", right)
    if kind != "Mul":
        raise DeployError(f"{kind} of two tensors has no integer lowering")
    one, other = _without_zero(building, hint, first), _without_zero(building, hint, second)
    product = building.emit(f"{hint}_product", Multiply(), one, other)
    magnitude = 4 * magnitude_of(first.element) * magnitude_of(second.element)
    scale = np.array(first.scale * second.scale)
    shape = building.type_of(product).shape
    return Sum((Term(product, scale, magnitude),), np.array(0.0), shape)


def _without_zero(building: Building, hint: str, stored: Stored) -> str:
    if not stored.zero:
        return stored.tensor
    zero = building.constant(f"{hint}_zero", np.array(-stored.zero), Element.INT32)
    return building.emit(f"{hint}_centred", Add(), stored.tensor, zero)
