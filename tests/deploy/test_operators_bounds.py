"""No result is ever outside the bounds that an operator gives for its operands' bounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.deploy.network import Element, Integers, Network, Node, Operator, TensorType
from vplat.deploy.network.interval import Interval
from vplat.deploy.network.operators import (
    Add,
    Clip,
    Concat,
    Convolution,
    Gather,
    Gelu,
    Gemm,
    Hardswish,
    IntegerDivide,
    ItaGelu,
    LayerNorm,
    Lookup,
    MatMul,
    MaxPool,
    Multiply,
    NoNorm,
    Pad,
    PolynomialSoftmax,
    ReduceMean,
    ReduceSum,
    Relu,
    Requantise,
    Reshape,
    RmsNorm,
    Scale,
    Slice,
    Softmax2,
    Transpose,
)
from vplat.deploy.network.ranges import Range, overflows, range_before_shift, value_ranges

INT8, UINT8, INT32 = Element.INT8, Element.UINT8, Element.INT32
PLAIN = (2, 3, 4)

# Each with the shapes of its operands, and how large their values are.
CASES: list[tuple[Operator, list[tuple[tuple[int, ...], int]]]] = [
    (MatMul(), [((2, 3, 4), 128), ((2, 4, 5), 128)]),
    (MatMul(), [((3, 0), 128), ((0, 5), 128)]),
    (Gemm(-2, 3, True, True), [((4, 3), 128), ((5, 4), 128), ((3, 1), 1000)]),
    (Gemm(3), [((2, 3, 4), 128), ((4, 5), 128)]),
    (
        Convolution((2, 1), (1, 0, 0, 2), (1, 2), 2),
        [((1, 4, 5, 6), 128), ((6, 2, 2, 3), 128), ((6,), 99)],
    ),
    (Convolution((1,), (0, 0), (1,), 1), [((1, 3, 7), 128), ((2, 3, 2), 128)]),
    (Add(), [((2, 1, 4), 128), ((3, 1), 128), ((), 9)]),
    (Multiply(), [((2, 1, 4), 128), ((3, 1), 128)]),
    (Scale(-77), [(PLAIN, 128)]),
    (IntegerDivide(50, 3, 400), [(PLAIN, 100), ((4,), 128)]),
    (Requantise(5, INT8), [((1, 3, 4), 1000), ((3, 1), 100), ((), 1000)]),
    (Clip(-5, 9, INT8), [(PLAIN, 128)]),
    (Relu(), [(PLAIN, 128)]),
    (Lookup(), [(PLAIN, 128), ((256,), 128)]),
    (Gelu(-40, 1900), [(PLAIN, 128)]),
    (Hardswish(100, 200, 40), [(PLAIN, 128)]),
    (ItaGelu(-80, -7091), [(PLAIN, 128)]),
    (LayerNorm(6), [(PLAIN, 128), ((4,), 5000), ((4,), 5000)]),
    (RmsNorm(6), [(PLAIN, 128), ((4,), 5000)]),
    (NoNorm(9, 6), [(PLAIN, 128), ((4,), 128), ((4,), 5000)]),
    (Softmax2(65280, 0, 2), [(PLAIN, 128)]),
    (PolynomialSoftmax(1, 345, 62395, 255, 256), [(PLAIN, 128)]),
    (ReduceSum((0, 2), True), [(PLAIN, 128)]),
    (ReduceSum((1,), False), [(PLAIN, 128)]),
    (ReduceMean((0, 2), False), [(PLAIN, 128)]),
    (MaxPool((2, 2), (1, 2), (1, 0, 0, 0), (1, 1)), [((1, 3, 4, 4), 128)]),
    (Reshape((6, 4)), [(PLAIN, 128)]),
    (Transpose((2, 0, 1)), [(PLAIN, 128)]),
    (Gather(1, 1), [(PLAIN, 128)]),
    (Slice((2,), (-1,), (1,), (-1,)), [(PLAIN, 128)]),
    (Concat(1), [((2, 3, 4), 128), ((2, 0, 4), 128), ((2, 1, 4), 128)]),
    (Pad((0, 1, 0), (0, 0, 2), 55), [(PLAIN, 128)]),
]


def drawn(data: st.DataObject, shape: tuple[int, ...], magnitude: int) -> tuple[Interval, Integers]:
    """Bounds that vary along some of the axes, and values within them."""
    draws = np.random.default_rng(data.draw(st.integers(0, 1 << 32)))
    varies = [data.draw(st.booleans()) for _ in shape]
    known = data.draw(st.booleans())
    ranked = tuple(n if v or known else 1 for n, v in zip(shape, varies, strict=True))
    ends = draws.integers(-magnitude, magnitude, (2, *ranked), dtype=np.int64)
    low, high = (ends[0], ends[0]) if known else (ends.min(axis=0), ends.max(axis=0))
    return Interval(low, high, shape), draws.integers(
        low, high, shape, dtype=np.int64, endpoint=True
    )


@pytest.mark.parametrize(("operator", "shapes"), CASES, ids=lambda case: type(case).__name__)
@given(data=st.data())
def test_results_are_within_the_bounds(
    operator: Operator, shapes: list[tuple[tuple[int, ...], int]], data: st.DataObject
) -> None:
    operands = [drawn(data, shape, magnitude) for shape, magnitude in shapes]
    kinds = [TensorType(INT8, shape) for shape, _ in shapes]
    result = operator.infer(kinds)
    bounds = operator.bounds([interval for interval, _ in operands], result)
    values = operator.compute([value for _, value in operands])
    assert bounds.shape == values.shape == result.shape
    assert len(bounds.least.shape) == len(result.shape)
    assert ((bounds.least <= values) & (values <= bounds.greatest)).all()


def test_every_operator_is_among_the_cases() -> None:
    from vplat.deploy.network import operators

    exported = {each for each in vars(operators).values() if isinstance(each, type)}
    assert exported - {type(operator) for operator, _ in CASES} == set()


def of(
    operator: Operator, *constants: Integers, element: Element = INT8, shape: tuple[int, ...]
) -> Network:
    """A network of one node whose operands are an input ``x`` and constants."""
    types = {"x": TensorType(element, shape)}
    names = tuple(f"c{index}" for index in range(len(constants)))
    types |= {
        name: TensorType(INT8 if abs(each).max() < 128 else INT32, each.shape)
        for name, each in zip(names, constants, strict=True)
    }
    inputs = ("x", *names)
    types["y"] = operator.infer([types[name] for name in inputs])
    nodes = (Node("n", operator, inputs, "y"),)
    return Network("net", ("x",), ("y",), nodes, types, dict(zip(names, constants, strict=True)))


def test_a_product_has_the_worst_case_of_its_actual_weights() -> None:
    weights = np.array([[3, -1], [-2, 0]], dtype=np.int64)
    ranges = value_ranges(of(MatMul(), weights, shape=(1, 2)))
    assert ranges["y"] == Range(-128 * 3 - 127 * 2, 127 * 3 + 128 * 2)
    assert ranges["c0"] == Range(-2, 3)
    unsigned = value_ranges(of(MatMul(), weights, element=UINT8, shape=(1, 2)))
    assert unsigned["y"] == Range(-255 * 2, 255 * 3)


def test_the_pads_of_a_convolution_are_zeros_in_the_worst_case() -> None:
    weights = np.array([[[1, 1]]], dtype=np.int64)
    padded, plain = Convolution((1,), (1, 0), (1,)), Convolution((1,), (0, 0), (1,))
    inputs = {"x": Range(10, 20)}
    assert value_ranges(of(plain, weights, shape=(1, 1, 4)), inputs)["y"] == Range(20, 40)
    assert value_ranges(of(padded, weights, shape=(1, 1, 4)), inputs)["y"] == Range(0, 40)


def test_a_node_that_can_overflow_is_told() -> None:
    just_not = of(Scale(1 << 24), shape=(4,))
    assert overflows(just_not, value_ranges(just_not)) == []
    network = of(Scale(1 << 25), shape=(4,))
    [sentence] = overflows(network, value_ranges(network))
    assert sentence.startswith("node 'n' can reach -4294967296 to 4261412864, which is not int32")


@pytest.mark.parametrize(
    ("least", "greatest", "bits"),
    [(0, 0, 1), (-1, 0, 1), (-128, 127, 8), (0, 255, 9), (-129, 0, 9), (-(1 << 25), 0, 26)],
)
def test_the_bits_of_a_range(least: int, greatest: int, bits: int) -> None:
    assert Range(least, greatest).bits == bits


@given(*[st.integers(-(1 << 31), (1 << 31) - 1)] * 4, st.integers(0, 31))
def test_what_is_shifted_is_within_its_range(
    a: int, b: int, mult: int, add: int, shift: int
) -> None:
    x = Range(min(a, b), max(a, b))
    constants = [np.array(each, dtype=np.int64) for each in (mult, add)]
    bounds = range_before_shift(Requantise(shift, INT8), x, *constants)
    for value in (a, b, (a + b) // 2):
        assert bounds.least <= value * mult + add + ((1 << shift) >> 1) <= bounds.greatest
