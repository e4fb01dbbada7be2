"""MatMul, Gemm and Conv of quantised operands, with zero points folded into constants."""

from __future__ import annotations

import numpy as np

from vplat.deploy.network import Element, Integers
from vplat.deploy.network.operators import (
    Add,
    Convolution,
    Lookup,
    MatMul,
    Multiply,
    Pad,
    ReduceSum,
    Scale,
    Transpose,
)
from vplat.errors import DeployError

from .building import Building
from .storing import as_sum, magnitude_of, store
from .values import Known, Reals, Stored, Sum, Term, Value, Weights


def _signed(building: Building, hint: str, stored: Stored) -> Stored:
    """The same numbers as int8, for the right side of a product."""
    if stored.element is Element.INT8:
        return stored
    table = building.constant(f"{hint}_to_int8", np.arange(256) - 128, Element.INT8)
    tensor = building.emit(f"{hint}_int8", Lookup(), stored.tensor, table)
    return Stored(tensor, Element.INT8, stored.shape, stored.scale, stored.zero - 128)


def _centred(hint: str, weights: Weights) -> tuple[Integers, Integers]:
    """Weights as int8, and the zero points that are left: 0 where int8 holds the difference."""
    centred = weights.integers - weights.zero
    if centred.size == 0 or (centred.min() >= -128 and centred.max() <= 127):
        return centred, np.zeros_like(weights.zero)
    if weights.element is Element.INT32:
        raise DeployError(f"the weights of '{hint}' are int32; quantise them to 8 bits")
    shift = 128 if weights.element is Element.UINT8 else 0
    return weights.integers - shift, weights.zero - shift


class Right:
    """The right operand of a product, a parameter or a tensor: [..., inner, columns], int8."""

    def __init__(self, building: Building, hint: str, value: Value, transposed: bool) -> None:
        self._building = building
        self._hint = hint
        if isinstance(value, Weights | Known):
            self._of_weights(_weights(hint, value), transposed)
        else:
            self._of_tensor(store(building, hint, value), transposed)

    def _of_weights(self, weights: Weights, transposed: bool) -> None:
        integers, zero = _centred(self._hint, weights)
        scale = np.broadcast_to(weights.scale, weights.shape)
        zeros = np.broadcast_to(zero, weights.shape)
        if transposed:
            integers, scale, zeros = integers.T, scale.T, zeros.T
        if integers.ndim > 1 and np.any(scale != scale[..., :1, :]):
            raise DeployError(
                f"the weights of '{self._hint}' have a scale for each row; quantise them by columns"
            )
        by_columns = scale[..., 0, :] if integers.ndim > 1 else scale[:1]
        self.scale: Reals = by_columns
        self.zero = zeros[..., :1, :] if integers.ndim > 1 else zeros[:1]
        self.shape = integers.shape
        self.tensor = self._building.constant(f"{self._hint}_weight", integers, Element.INT8)
        self.sums: Integers | None = integers.sum(axis=-2)
        self.magnitude = int(np.abs(integers).sum(axis=-2).max(initial=0))

    def _of_tensor(self, stored: Stored, transposed: bool) -> None:
        stored = _signed(self._building, self._hint, stored)
        tensor, shape = stored.tensor, stored.shape
        if transposed:
            order = (*range(len(shape) - 2), len(shape) - 1, len(shape) - 2)
            tensor = self._building.emit(f"{self._hint}_transposed", Transpose(order), tensor)
            shape = (*shape[:-2], shape[-1], shape[-2])
        self.scale = np.array(stored.scale)
        self.zero = np.array([[stored.zero]])
        self.shape = shape
        self.tensor = tensor
        self.sums = None
        self.magnitude = 128 * shape[-2]


def _weights(hint: str, value: Weights | Known) -> Weights:
    if isinstance(value, Weights):
        return value
    raise DeployError(f"the weights of '{hint}' are float; quantise them to int8")


def multiply(
    building: Building, hint: str, left: Value, right: Value, transposed: bool = False
) -> Sum:
    """
    left x right, over the last axis of the left and the last but one of the right side:
    sum (l - zl)(r - zr) = sum l r - zl sum r - zr sum l + inner zl zr.
    """
    if isinstance(left, Weights | Known):
        return _multiply_known_left(building, hint, left, right, transposed)
    stored = store(building, hint, left)
    side = Right(building, hint, right, transposed)
    if len(stored.shape) < 2 or len(side.shape) < 2:
        raise DeployError(f"'{hint}' multiplies a vector; reshape it to a matrix")
    product = building.emit(f"{hint}_product", MatMul(), stored.tensor, side.tensor)
    inner = side.shape[-2]
    zeros: Integers = np.array(0)
    if stored.zero and side.sums is not None:
        zeros = stored.zero * (inner * side.zero[..., 0, :] - side.sums)
    elif stored.zero:
        axis = len(side.shape) - 2
        sums = building.emit(f"{hint}_right_sums", ReduceSum((axis,), True), side.tensor)
        product = _with_scaled(building, hint, product, sums, -stored.zero)
        zeros = inner * stored.zero * side.zero
    if np.any(side.zero):
        product = _without_right_zero(building, hint, product, stored, side)
    magnitude = side.magnitude * 2 * magnitude_of(stored.element)
    scale = side.scale * stored.scale
    shape = building.type_of(product).shape
    return Sum((Term(product, scale, magnitude),), zeros * scale, shape)


def _multiply_known_left(
    building: Building, hint: str, left: Weights | Known, right: Value, transposed: bool
) -> Sum:
    """A parameter on the left: (R^T L^T)^T, so that it is on the right."""
    weights = _weights(hint, left)
    if weights.scale.size != 1 or len(weights.shape) != 2:
        raise DeployError(f"'{hint}' multiplies a parameter from the left; it needs one scale")
    stored = store(building, hint, right)
    flipped = stored
    order = (*range(len(stored.shape) - 2), len(stored.shape) - 1, len(stored.shape) - 2)
    if not transposed:
        tensor = building.emit(f"{hint}_flipped", Transpose(order), stored.tensor)
        shape = building.type_of(tensor).shape
        flipped = Stored(tensor, stored.element, shape, stored.scale, stored.zero)
    product = multiply(building, hint, flipped, weights, transposed=True)
    [term] = product.terms
    tensor = building.emit(f"{hint}_back", Transpose(order), term.tensor)
    scale, offset = np.array(term.scale.flat[0]), product.offset
    if offset.size > 1:  # one for each column before, so one for each row now
        offset = offset.reshape(-1, 1)
    shape = building.type_of(tensor).shape
    return Sum((Term(tensor, scale, term.magnitude),), offset, shape)


def _with_scaled(building: Building, hint: str, tensor: str, sums: str, factor: int) -> str:
    scaled = building.emit(f"{hint}_correction", Scale(factor), sums)
    return building.emit(f"{hint}_corrected", Add(), tensor, scaled)


def _without_right_zero(
    building: Building, hint: str, product: str, stored: Stored, side: Right
) -> str:
    axis = len(stored.shape) - 1
    sums = building.emit(f"{hint}_left_sums", ReduceSum((axis,), True), stored.tensor)
    zero = int(side.zero.flat[0])
    if np.all(side.zero == zero):
        return _with_scaled(building, hint, product, sums, -zero)
    zeros = building.constant(f"{hint}_zeros", -side.zero)
    scaled_sums = building.emit(f"{hint}_correction", Multiply(), sums, zeros)
    return building.emit(f"{hint}_corrected", Add(), product, scaled_sums)


def gemm(
    building: Building,
    hint: str,
    left: Value,
    right: Value,
    bias: Value | None,
    attributes: dict[str, object],
) -> Sum:
    """alpha * left x right + beta * bias."""
    alpha, beta = _number(attributes, "alpha", 1.0), _number(attributes, "beta", 1.0)
    if attributes.get("transA", 0):
        stored = store(building, hint, left)
        tensor = building.emit(f"{hint}_left", Transpose((1, 0)), stored.tensor)
        shape = (stored.shape[1], stored.shape[0])
        left = Stored(tensor, stored.element, shape, stored.scale, stored.zero)
    product = scaled(
        multiply(building, hint, left, right, bool(attributes.get("transB", 0))), alpha
    )
    if bias is None:
        return product
    return added(product, scaled(as_sum(building, hint, bias), beta))


def _number(attributes: dict[str, object], name: str, default: float) -> float:
    value = attributes.get(name, default)
    return float(value) if isinstance(value, float | int) else default


def scaled(value: Sum, factor: Reals | float) -> Sum:
    """The sum times a number, or times an array that broadcasts to it."""
    factors = np.asarray(factor, dtype=np.float64)
    terms = tuple(Term(each.tensor, each.scale * factors, each.magnitude) for each in value.terms)
    shape = np.broadcast_shapes(value.shape, factors.shape)
    return Sum(terms, value.offset * factors, shape)


def added(left: Sum, right: Sum) -> Sum:
    """The sum of two sums."""
    shape = np.broadcast_shapes(left.shape, right.shape)
    return Sum(left.terms + right.terms, left.offset + right.offset, shape)


def convolve(
    building: Building,
    hint: str,
    operands: list[Value],
    attributes: dict[str, object],
) -> Sum:
    """Conv; padding is with the zero point, which stands for 0."""
    stored = store(building, hint, operands[0])
    given = operands[1]
    weights = _weights(hint, given) if isinstance(given, Weights | Known) else None
    if weights is None:
        raise DeployError(f"the weights of '{hint}' are computed; only parameters can be convolved")
    integers, zero = _centred(hint, weights)
    rank = len(stored.shape) - 2
    pads = _pads(attributes, stored.shape, weights.shape, rank)
    tensor = stored.tensor
    if stored.zero and any(pads):
        around = (0, 0, *pads[:rank]), (0, 0, *pads[rank:])
        tensor = building.emit(f"{hint}_padded", Pad(*around, stored.zero), tensor)
        pads = (0,) * (2 * rank)
    operator = Convolution(
        strides=_integers(attributes, "strides", rank),
        pads=pads,
        dilations=_integers(attributes, "dilations", rank),
        groups=int(str(attributes.get("group", 1))),
    )
    weight = building.constant(f"{hint}_weight", integers, Element.INT8)
    product = building.emit(f"{hint}_product", operator, tensor, weight)
    by_channel = (-1, *(1,) * rank)
    if np.any(zero):
        product = _without_weight_zero(
            building, hint, operator, (tensor, product), (integers, zero)
        )
        integers = integers - zero
    sums = integers.reshape(integers.shape[0], -1)
    scale = np.broadcast_to(weights.scale, (integers.shape[0], *weights.scale.shape[1:])).reshape(
        integers.shape[0], -1
    )[:, 0]
    magnitude = int(np.abs(sums).sum(axis=1).max(initial=0)) * 2 * magnitude_of(stored.element)
    scales = (scale * stored.scale).reshape(by_channel)
    zeros = (-stored.zero * sums.sum(axis=1)).reshape(by_channel)
    term = Term(product, scales, magnitude)
    value = Sum((term,), zeros * scales, building.type_of(product).shape)
    if len(operands) < 3:
        return value
    bias = as_sum(building, hint, operands[2])
    return added(value, Sum((), bias.offset.reshape(by_channel), value.shape))


def _without_weight_zero(
    building: Building,
    hint: str,
    operator: Convolution,
    tensors: tuple[str, str],
    weights: tuple[Integers, Integers],
) -> str:
    """sum x (w - z) = sum x w - z sum x, the latter by weights of 1."""
    (x, product), (integers, zero) = tensors, weights
    ones = building.constant(f"{hint}_ones", np.ones_like(integers), Element.INT8)
    sums = building.emit(f"{hint}_sums", operator, x, ones)
    by_channel = (-1, *(1,) * (integers.ndim - 2))
    zeros = np.broadcast_to(-zero, (integers.shape[0], *zero.shape[1:])).reshape(by_channel)
    factors = building.constant(f"{hint}_zeros", zeros)
    correction = building.emit(f"{hint}_correction", Multiply(), sums, factors)
    return building.emit(f"{hint}_corrected", Add(), product, correction)


def _integers(attributes: dict[str, object], name: str, rank: int) -> tuple[int, ...]:
    given = attributes.get(name)
    return tuple(int(each) for each in given) if isinstance(given, list) else (1,) * rank


def _pads(
    attributes: dict[str, object], shape: tuple[int, ...], kernel: tuple[int, ...], rank: int
) -> tuple[int, ...]:
    automatic = attributes.get("auto_pad", b"NOTSET")
    if automatic in (b"SAME_UPPER", b"SAME_LOWER"):
        strides = _integers(attributes, "strides", rank)
        dilations = _integers(attributes, "dilations", rank)
        totals = [
            max((-(-size // stride) - 1) * stride + (edge - 1) * dilation + 1 - size, 0)
            for size, stride, edge, dilation in zip(
                shape[2:], strides, kernel[2:], dilations, strict=True
            )
        ]
        less, more = [t // 2 for t in totals], [t - t // 2 for t in totals]
        return tuple(less + more) if automatic == b"SAME_UPPER" else tuple(more + less)
    given = attributes.get("pads")
    return tuple(int(each) for each in given) if isinstance(given, list) else (0,) * (2 * rank)
