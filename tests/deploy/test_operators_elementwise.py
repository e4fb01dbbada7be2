"""Requantisation, sums, quotients, activations and movement, element by element."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.deploy.network import Element, Operator, TensorType
from vplat.deploy.network.operators import (
    Add,
    Clip,
    Concat,
    Gather,
    Gelu,
    Hardswish,
    IntegerDivide,
    ItaGelu,
    Lookup,
    Multiply,
    Pad,
    Relu,
    Requantise,
    Reshape,
    Scale,
    Slice,
    Transpose,
)
from vplat.errors import DeployError

INT8, UINT8, INT32 = Element.INT8, Element.UINT8, Element.INT32
WORD = st.integers(INT32.least, INT32.greatest)
EVERY_BYTE = np.arange(-128, 128, dtype=np.int64)


def one(operator: Operator, *operands: int) -> int:
    """What an operator makes of scalars."""
    return int(operator.compute([np.array(each, dtype=np.int64) for each in operands]))


@given(WORD, WORD, WORD, st.integers(0, 31), st.sampled_from([INT8, UINT8]))
def test_requantisation_follows_its_definition(
    x: int, mult: int, add: int, shift: int, element: Element
) -> None:
    half = (1 << shift) // 2
    expected = max(element.least, min(element.greatest, (x * mult + add + half) >> shift))
    assert one(Requantise(shift, element), x, mult, add) == expected


@pytest.mark.parametrize(
    ("mult", "shift", "acc", "expected"),
    [(108, 15, 12345, 41), (108, 15, -12345, -41), (64, 8, -2, 0), (64, 8, 2, 1), (1, 1, -3, -1)],
)
def test_halves_are_rounded_up(mult: int, shift: int, acc: int, expected: int) -> None:
    """The rows of the table in ``ita.md`` section 5.2 that have no addend."""
    assert one(Requantise(shift, INT8), acc, mult, 0) == expected


def test_a_requantisation_takes_one_multiplier_for_each_channel() -> None:
    x, mult = np.full((1, 2, 2), 10, dtype=np.int64), np.array([[[1], [2]]], dtype=np.int64)
    operator = Requantise(0, INT8)
    operands = [TensorType(INT32, (1, 2, 2)), TensorType(INT32, (1, 2, 1)), TensorType(INT32, ())]
    assert operator.infer(operands) == TensorType(INT8, (1, 2, 2))
    result = operator.compute([x, mult, np.zeros((), np.int64)])
    assert result.tolist() == [[[10, 10], [20, 20]]]
    with pytest.raises(DeployError, match="multiplier of shape 3 does not broadcast to 1x2x2"):
        operator.infer([operands[0], TensorType(INT32, (3,)), operands[2]])
    with pytest.raises(DeployError, match="its shift is 32"):
        Requantise(32, INT8).infer(operands)


@given(WORD, st.integers(-300, 0), st.integers(0, 300))
def test_clip_saturates(x: int, least: int, greatest: int) -> None:
    assert one(Clip(least, greatest, INT32), x) == sorted((least, x, greatest))[1]


def test_a_clip_must_fit_its_element_type() -> None:
    with pytest.raises(DeployError, match="0 to 255 is not a range within int8"):
        Clip(0, 255, INT8).infer([TensorType(INT32, ())])


@given(st.integers(-32768, -1), st.integers(-32768, 32767))
def test_gelu_follows_its_definition(b: int, constant: int) -> None:
    expected = []
    for x in range(-128, 128):
        q = min(abs(x), -b)
        sign = (x > 0) - (x < 0)
        expected.append(x * ((constant + sign * (constant - (q + b) ** 2)) >> 1))
    assert Gelu(b, constant).compute([EVERY_BYTE]).tolist() == expected


@given(*[st.integers(-32768, 32767)] * 2)
def test_the_gelu_of_ita_follows_its_definition(b: int, c: int) -> None:
    expected = []
    for x in range(-128, 128):
        a = min(abs(x), -b)
        level = (a + b) ** 2 + c
        g = x * ((-level if x < 0 else level) + c) & (1 << 26) - 1
        expected.append(g - (1 << 26) if g >> 25 else g)
    assert ItaGelu(b, c).compute([EVERY_BYTE]).tolist() == expected


def test_the_worked_example_of_the_gelu_of_ita() -> None:
    """``ita.md`` section 5.4: raw values, and those after a requantisation by 74 / 2^20."""
    gelu = ItaGelu(-80, -7091)
    assert (one(gelu, 32), one(gelu, -32)) == (-380096, 73728)
    table = {
        -128: 0,
        -64: 1,
        -48: 3,
        -32: 5,
        -8: 3,
        0: 0,
        1: -1,
        8: -5,
        32: -27,
        80: -80,
        127: -127,
    }
    found = {x: one(Requantise(20, INT8), one(gelu, x), 74, 0) for x in table}
    assert found == table


def test_the_gelu_of_ita_takes_int8_and_16_bits() -> None:
    with pytest.raises(DeployError, match="ITA takes int8"):
        ItaGelu(-80, 0).infer([TensorType(UINT8, (4,))])
    with pytest.raises(DeployError, match="16 bits for each"):
        ItaGelu(-80, 1 << 15).infer([TensorType(INT8, (4,))])


@given(st.integers(-32768, 32767), st.integers(0, 32767), st.integers(-32768, 32767))
def test_hardswish_follows_its_definition(three: int, six: int, sixth: int) -> None:
    expected = [x * max(0, min(six, x + three)) * sixth for x in range(-128, 128)]
    assert Hardswish(three, six, sixth).compute([EVERY_BYTE]).tolist() == expected


def test_a_lookup_is_indexed_by_the_byte() -> None:
    table = np.arange(256, dtype=np.int64) - 128
    kinds = [TensorType(INT8, (2,)), TensorType(UINT8, (256,))]
    assert Lookup().infer(kinds) == TensorType(UINT8, (2,))
    assert Lookup().compute([np.array([-1, 5], dtype=np.int64), table]).tolist() == [127, -123]
    with pytest.raises(DeployError, match="shape 255 instead of 256"):
        Lookup().infer([kinds[0], TensorType(INT8, (255,))])


@given(WORD, st.integers(0, 2**20), st.integers(1, 1000), st.integers(1, 1000), st.integers(1, 9))
def test_an_integer_quotient_follows_its_definition(
    a: int, b: int, delta: int, eta: int, eps: int
) -> None:
    divisor = b * eta + eps
    number = abs(a * delta * eta) + (divisor >> 1)
    expected = number // divisor if a >= 0 else -(number // divisor)
    assert one(IntegerDivide(delta, eta, eps), a, b) == (expected if a else 0)


def test_a_quotient_needs_a_positive_divisor_and_64_bits() -> None:
    with pytest.raises(DeployError, match="a divisor is -2, but must be positive"):
        one(IntegerDivide(1, 3, 1), 5, -1)
    kinds = [TensorType(INT32, ()), TensorType(INT8, ())]
    with pytest.raises(DeployError, match="more than 64 bits"):
        IntegerDivide(1 << 42, 1 << 20, 1).infer(kinds)
    with pytest.raises(DeployError, match="more than 64 bits"):
        one(IntegerDivide(1 << 20, 1 << 20, 1), 1 << 22, 1)


def test_sums_and_products_broadcast_to_int32() -> None:
    row, column = np.array([1, 2, 3], dtype=np.int64), np.array([[10], [20]], dtype=np.int64)
    kinds = [TensorType(INT8, (3,)), TensorType(UINT8, (2, 1))]
    assert Add().infer(kinds) == Multiply().infer(kinds) == TensorType(INT32, (2, 3))
    assert Add().compute([row, column, row]).tolist() == [[12, 14, 16], [22, 24, 26]]
    assert Multiply().compute([row, column]).tolist() == [[10, 20, 30], [20, 40, 60]]
    assert Scale(-3).compute([row]).tolist() == [-3, -6, -9]
    with pytest.raises(DeployError, match="shapes 3 and 2 do not broadcast"):
        Add().infer([kinds[0], TensorType(INT8, (2,))])


def test_relu_has_the_element_type_of_its_operand() -> None:
    assert Relu().infer([TensorType(INT32, (2,))]) == TensorType(INT32, (2,))
    assert Relu().compute([np.array([-5, 5], dtype=np.int64)]).tolist() == [0, 5]


CUBE = np.arange(24, dtype=np.int64).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        (Reshape((4, 6)), CUBE.reshape(4, 6)),
        (Transpose((2, 0, 1)), CUBE.transpose(2, 0, 1)),
        (Gather(1, 1), CUBE[:, 1]),
        (Slice((1, 3), (3, -1), (1, 2), (1, -2)), CUBE[:, 1:3, 3::-2]),
        (Slice((2,), (2,), (1,), (1,)), CUBE[:, 2:2]),
        (Pad((1, 0, 0), (0, 0, 2), -7), np.pad(CUBE, ((1, 0), (0, 0), (0, 2)), constant_values=-7)),
    ],
)
def test_movement_moves(operator: Operator, expected: np.ndarray) -> None:
    kind = TensorType(INT8, CUBE.shape)
    assert operator.infer([kind]) == TensorType(INT8, expected.shape)
    assert (operator.compute([CUBE]) == expected).all()


@pytest.mark.parametrize(
    ("operator", "message"),
    [
        (Reshape((5, 5)), "2x3x4 cannot become 5x5"),
        (Transpose((0, 0, 1)), "does not order the axes"),
        (Gather(3, 1), "no index 3 on axis 1"),
        (Gather(0, 3), "no axis 3"),
        (Slice((0,), (4,), (1,), (1,)), "leaves axis 1"),
        (Pad((0, 0, 0), (0, 0, 0), 200), "200 is not one of int8"),
        (Pad((0, 0), (0, 0), 0), "2 and 2 pads do not fit"),
    ],
)
def test_movement_refuses_what_does_not_fit(operator: Operator, message: str) -> None:
    with pytest.raises(DeployError, match=message):
        operator.infer([TensorType(INT8, CUBE.shape)])


def test_operands_of_a_concatenation_may_be_empty_or_of_other_types() -> None:
    empty, full = np.zeros((1, 0, 2), np.int64), np.ones((1, 3, 2), np.int64)
    kinds = [TensorType(INT8, (1, 0, 2)), TensorType(UINT8, (1, 3, 2))]
    assert Concat(1).infer(kinds) == TensorType(UINT8, (1, 3, 2))
    assert (Concat(1).compute([empty, full]) == full).all()
    mixed = [TensorType(INT8, (1, 2, 2)), TensorType(UINT8, (1, 3, 2))]
    assert Concat(1).infer(mixed) == TensorType(INT32, (1, 5, 2))
    with pytest.raises(DeployError, match="differ in more than axis 1"):
        Concat(1).infer([kinds[0], TensorType(INT8, (2, 3, 2))])
