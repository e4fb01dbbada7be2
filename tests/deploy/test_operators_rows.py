"""Normalisation, softmax and reductions against ``quantised-operators.md``, element by element."""

from __future__ import annotations

from math import isqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.deploy.network import Element, Operator, TensorType
from vplat.deploy.network.operators import (
    LayerNorm,
    MaxPool,
    NoNorm,
    PolynomialSoftmax,
    ReduceMean,
    ReduceSum,
    RmsNorm,
    Softmax2,
)
from vplat.errors import DeployError

INT8, UINT8, INT32 = Element.INT8, Element.UINT8, Element.INT32
ITA, ITA_MAX, ITA_PARTIAL_MAX = (
    Softmax2(65280, 0, 16),
    Softmax2(65280, 5, None),
    Softmax2(32512, 5, 16),
)

BYTE = st.integers(-128, 127)
ROW = st.lists(BYTE, min_size=1, max_size=70)
PARAMETER = st.integers(-(1 << 22), 1 << 22)


def computed(operator: Operator, *operands: list[int]) -> list[int]:
    """What an operator makes of rows; numpy's and ours are the only integers of 64 bits here."""
    result = operator.compute([np.array(each, dtype=np.int64) for each in operands])
    return [int(each) for each in result]


def quotient(dividend: int, divisor: int) -> int:
    """Truncated, as in C; the divisor is positive."""
    return dividend // divisor if dividend >= 0 else -(-dividend // divisor)


def int8(value: int) -> int:
    return max(-128, min(127, value))


@given(ROW, st.data(), st.integers(0, 20))
def test_layer_norm_follows_its_definition(row: list[int], data: st.DataObject, log2: int) -> None:
    many = len(row)
    weights = data.draw(st.lists(PARAMETER, min_size=many, max_size=many))
    bias = data.draw(st.lists(PARAMETER, min_size=many, max_size=many))
    distances = [x - quotient(sum(row), many) for x in row]
    deviation = isqrt(sum(d * d for d in distances) // many + 1)
    expected = [
        int8((quotient(d * w, deviation) + b) >> log2)
        for d, w, b in zip(distances, weights, bias, strict=True)
    ]
    assert computed(LayerNorm(log2), row, weights, bias) == expected


@given(ROW, st.data(), st.integers(0, 20))
def test_rms_norm_follows_its_definition(row: list[int], data: st.DataObject, log2: int) -> None:
    weights = data.draw(st.lists(PARAMETER, min_size=len(row), max_size=len(row)))
    deviation = isqrt(sum(x * x for x in row) // len(row) + 1)
    expected = [int8(quotient(x * w, deviation) >> log2) for x, w in zip(row, weights, strict=True)]
    assert computed(RmsNorm(log2), row, weights) == expected


@given(ROW, BYTE, PARAMETER, st.integers(-1000, 1000), st.integers(0, 24))
def test_no_norm_takes_the_floor(
    row: list[int], weight: int, bias: int, mult: int, log2: int
) -> None:
    expected = [int8(((x * weight + bias) * mult) >> log2) for x in row]
    assert computed(NoNorm(mult, log2), row, [weight], [bias]) == expected


def test_the_mean_of_a_layer_norm_is_truncated_towards_zero() -> None:
    # The floor of -1 / 2 would be -1, which makes the distances 1 and 0.
    assert computed(LayerNorm(0), [-1, 0], [100, 100], [0, 0]) == [-100, 0]


@given(ROW)
def test_ita_max_follows_its_definition(row: list[int]) -> None:
    shifts = [(max(row) - x + 16) >> 5 for x in row]
    inverse = 255 * 256 // sum(256 >> s for s in shifts)
    assert computed(ITA_MAX, row) == [inverse >> s for s in shifts]


@given(
    st.integers(1, 5).flatmap(lambda many: st.lists(BYTE, min_size=16 * many, max_size=16 * many))
)
def test_ita_partial_max_follows_its_definition(row: list[int]) -> None:
    greatest, total = -128, 0
    for group in range(0, len(row), 16):
        part = row[group : group + 16]
        if max(part) > greatest:
            total >>= (max(part) - greatest + 16) >> 5
            greatest = max(part)
        total += sum(256 >> ((greatest - x + 16) >> 5) for x in part)
    expected = [(127 * 256 // total) >> ((greatest - x + 16) >> 5) for x in row]
    assert computed(ITA_PARTIAL_MAX, row) == expected


@given(st.lists(BYTE, min_size=1, max_size=300))
def test_the_softmax_of_ita_follows_its_definition(row: list[int]) -> None:
    greatest, total = -128, 0
    for group in range(0, len(row), 16):
        part = row[group : group + 16]
        new = max(greatest, *part)
        total = (total >> (new - greatest)) + sum(256 >> (new - x) for x in part)
        greatest = new
    inverse = 65280 // total
    assert computed(ITA, row) == [(inverse >> (greatest - x)) & 255 for x in row]


def test_the_worked_examples_of_the_softmax_of_ita() -> None:
    """``ita.md`` section 5.3."""
    row = [-20] * 64
    for column, value in {0: 10, 1: 9, 17: 12, 18: 11, 40: 8, 63: 12}.items():
        row[column] = value
    likely = {0: 21, 1: 10, 17: 86, 18: 43, 40: 5, 63: 86}
    assert computed(ITA, row) == [likely.get(column, 0) for column in range(64)]
    assert computed(ITA, [7] * 64) == [3] * 64
    assert computed(ITA, list(range(-32, 32)))[-8:] == [0, 1, 3, 7, 15, 31, 63, 127]


def test_a_row_whose_sum_exceeds_65280_becomes_zeros() -> None:
    assert computed(ITA, [0] * 256) == [0] * 256
    assert computed(ITA, [0] * 255) == [1] * 255


@given(ROW, st.integers(1, 200), st.integers(0, 400), st.integers(1, 60_000), st.integers(1, 255))
def test_the_polynomial_softmax_follows_its_definition(
    row: list[int], a: int, b: int, c: int, log2: int
) -> None:
    terms = []
    for x in row:
        t = x - max(row)
        z = min(-t // log2, 31)
        terms.append((a * (t + z * log2 + b) ** 2 + c) >> z)
    expected = [term * 255 // sum(terms) for term in terms]
    assert computed(PolynomialSoftmax(a, b, c, log2, 256), row) == expected


def test_a_polynomial_that_leaves_32_bits_is_refused() -> None:
    with pytest.raises(DeployError, match="fit int32 everywhere"):
        PolynomialSoftmax(1 << 30, 1 << 30, 0, 1, 256).infer([TensorType(INT8, (4,))])


@pytest.mark.parametrize("operator", [ITA, PolynomialSoftmax(1, 345, 62395, 255, 256)])
def test_a_softmax_takes_rows_of_bytes(operator: Operator) -> None:
    assert operator.infer([TensorType(UINT8, (2, 5))]) == TensorType(UINT8, (2, 5))
    with pytest.raises(DeployError, match="int8 or uint8 is what it computes on"):
        operator.infer([TensorType(INT32, (2, 5))])
    with pytest.raises(DeployError, match="has no rows"):
        operator.infer([TensorType(INT8, (2, 0))])


def test_parameters_of_a_norm_fit_the_rows() -> None:
    wrong = [TensorType(INT8, (2, 8)), TensorType(INT32, (4,)), TensorType(INT32, (8,))]
    with pytest.raises(DeployError, match="a parameter of shape 4 does not fit rows of 8"):
        LayerNorm(4).infer(wrong)


@given(st.lists(BYTE, min_size=1, max_size=40))
def test_a_mean_rounds_by_its_number_of_elements(row: list[int]) -> None:
    many, total = len(row), sum(row)
    if many & (many - 1) == 0:
        expected = (total + many // 2) >> (many.bit_length() - 1)
    else:
        nearest = (2 * abs(total) + many) // (2 * many)
        expected = nearest if total > 0 else -nearest
    assert ReduceMean((0,), False).compute([np.array(row, dtype=np.int64)]) == expected


@pytest.mark.parametrize(
    ("row", "mean"),
    [([-1, 0], 0), ([1, 0], 1), ([-3, 0], -1), ([-3, *[0] * 5], -1), ([3, *[0] * 5], 1)],
)
def test_halves_of_a_mean(row: list[int], mean: int) -> None:
    """Up for a power of two elements, and away from zero for others (section 3.7)."""
    assert ReduceMean((0,), False).compute([np.array(row, dtype=np.int64)]) == mean


def test_reductions_keep_their_axes_or_drop_them() -> None:
    x = np.arange(24, dtype=np.int64).reshape(2, 3, 4)
    kind = TensorType(INT8, x.shape)
    kept, dropped = ReduceSum((0, 2), True), ReduceSum((0, 2), False)
    assert kept.infer([kind]) == TensorType(INT32, (1, 3, 1))
    assert dropped.infer([kind]) == TensorType(INT32, (3,))
    assert dropped.compute([x]).tolist() == [60, 92, 124]
    assert kept.compute([x]).tolist() == [[[60], [92], [124]]]
    assert ReduceMean((1,), False).infer([kind]) == TensorType(INT8, (2, 4))


def test_a_pool_takes_the_greatest_and_never_a_pad() -> None:
    x = np.array([[[[-5, -9], [-7, -8]]]], dtype=np.int64)
    pool = MaxPool((2, 2), (1, 1), (1, 1, 0, 0), (1, 1))
    assert pool.infer([TensorType(INT8, x.shape)]) == TensorType(INT8, (1, 1, 2, 2))
    assert pool.compute([x]).tolist() == [[[[-5, -5], [-5, -5]]]]
    line = MaxPool((2,), (2,), (0, 1), (2,))
    assert line.compute([np.array([[[1, 9, 3, 8, 2]]], dtype=np.int64)]).tolist() == [[[3, 3]]]


def test_a_window_that_sees_only_pads_is_refused() -> None:
    with pytest.raises(DeployError, match="sees nothing but pads"):
        MaxPool((2,), (1,), (2, 0), (1,)).infer([TensorType(INT8, (1, 1, 4))])
