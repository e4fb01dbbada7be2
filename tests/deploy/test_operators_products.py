"""Products and convolutions against sums that are written out, and their speed's exactness."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.deploy.network import Element, Integers, TensorType
from vplat.deploy.network.operators import Convolution, Gemm, MatMul
from vplat.deploy.network.operators.product import exact_matmul
from vplat.errors import DeployError

INT8, UINT8, INT32 = Element.INT8, Element.UINT8, Element.INT32


def bytes_of(shape: tuple[int, ...], seed: int, element: Element = INT8) -> Integers:
    draws = np.random.default_rng(seed)
    return draws.integers(element.least, element.greatest + 1, shape, dtype=np.int64)


def types(*arrays: Integers) -> list[TensorType]:
    return [TensorType(INT8, each.shape) for each in arrays]


def test_a_product_of_matrices_broadcasts_the_axes_before() -> None:
    left, right = bytes_of((3, 1, 4, 5), 1), bytes_of((2, 5, 6), 2)
    assert MatMul().infer(types(left, right)) == TensorType(INT32, (3, 2, 4, 6))
    expected = [
        [[[sum(int(left[a, 0, m, k]) * int(right[b, k, n]) for k in range(5)) for n in range(6)]
          for m in range(4)] for b in range(2)] for a in range(3)
    ]  # fmt: skip
    assert MatMul().compute([left, right]).tolist() == expected


def test_a_product_over_no_elements_is_zero() -> None:
    left, right = bytes_of((2, 0), 1), bytes_of((0, 3), 2)
    assert MatMul().infer(types(left, right)).shape == (2, 3)
    assert MatMul().compute([left, right]).tolist() == [[0] * 3] * 2


@pytest.mark.parametrize(("magnitude", "inner"), [(1 << 11, 3), (1 << 25, 7), (1 << 30, 5)])
def test_products_are_exact_in_whatever_number_format_is_used(magnitude: int, inner: int) -> None:
    draws = np.random.default_rng(magnitude)
    left = draws.integers(-magnitude, magnitude, (4, inner), dtype=np.int64)
    right = draws.integers(-magnitude, magnitude, (inner, 5), dtype=np.int64)
    expected = [
        [sum(int(left[m, k]) * int(right[k, n]) for k in range(inner)) for n in range(5)]
        for m in range(4)
    ]
    assert exact_matmul(left, right).tolist() == expected


def test_the_worst_case_of_bytes_is_exact() -> None:
    left = np.full((1, 70_000), 255, dtype=np.int64)
    right = np.full((70_000, 1), -128, dtype=np.int64)
    assert exact_matmul(left, right).item() == 70_000 * 255 * -128


@pytest.mark.parametrize("turns", list(product((False, True), repeat=2)))
def test_gemm_transposes_scales_and_adds(turns: tuple[bool, bool]) -> None:
    left, right, addend = bytes_of((3, 4), 1), bytes_of((4, 5), 2), bytes_of((3, 1), 3)
    operator = Gemm(2, -3, *turns)
    operands = [left.T if turns[0] else left, right.T if turns[1] else right, addend]
    assert operator.infer(types(*operands)) == TensorType(INT32, (3, 5))
    assert (operator.compute(operands) == 2 * (left @ right) - 3 * addend).all()
    assert (operator.compute(operands[:2]) == 2 * (left @ right)).all()


def test_gemm_takes_batches() -> None:
    left, right = bytes_of((2, 3, 4), 1), bytes_of((2, 5, 4), 2)
    operator = Gemm(transpose_right=True)
    assert operator.infer(types(left, right)).shape == (2, 3, 5)
    assert (operator.compute([left, right]) == left @ right.swapaxes(1, 2)).all()


def test_products_refuse_what_does_not_fit() -> None:
    byte, wide = TensorType(INT8, (2, 3)), TensorType(INT32, (3, 2))
    with pytest.raises(DeployError, match="the right operand is int32"):
        MatMul().infer([byte, wide])
    with pytest.raises(DeployError, match="2x3 and 2x3 do not multiply"):
        MatMul().infer([byte, byte])
    with pytest.raises(DeployError, match="addend's shape 4x2 does not broadcast to 2x2"):
        Gemm().infer([byte, TensorType(INT8, (3, 2)), TensorType(INT32, (4, 2))])
    with pytest.raises(DeployError, match="an operand of shape 3 is not a matrix"):
        Gemm().infer([byte, TensorType(INT8, (3,))])


def convolved(x: Integers, weights: Integers, operator: Convolution) -> list[object]:
    """A convolution over two axes, as its definition reads."""
    batch, _, *lengths = x.shape
    made, taken, *kernel = weights.shape
    top, left = operator.pads[:2]
    places = [
        (lengths[a] + operator.pads[a] + operator.pads[2 + a]
         - operator.dilations[a] * (kernel[a] - 1) - 1) // operator.strides[a] + 1
        for a in (0, 1)
    ]  # fmt: skip

    def at(n: int, m: int, i: int, j: int) -> int:
        first = m // (made // operator.groups) * taken
        total = 0
        for c, p, q in product(range(taken), range(kernel[0]), range(kernel[1])):
            row = i * operator.strides[0] - top + p * operator.dilations[0]
            column = j * operator.strides[1] - left + q * operator.dilations[1]
            if 0 <= row < lengths[0] and 0 <= column < lengths[1]:
                total += int(x[n, first + c, row, column]) * int(weights[m, c, p, q])
        return total

    ranges = (range(places[0]), range(places[1]))
    return [
        [[[at(n, m, i, j) for j in ranges[1]] for i in ranges[0]] for m in range(made)]
        for n in range(batch)
    ]


@given(st.data())
def test_convolutions_are_what_their_definition_says(data: st.DataObject) -> None:
    small = st.integers(1, 3)
    groups, made, taken = data.draw(small), data.draw(small), data.draw(small)
    kernel = (data.draw(small), data.draw(small))
    operator = Convolution(
        strides=(data.draw(small), data.draw(small)),
        pads=tuple(data.draw(st.lists(st.integers(0, 3), min_size=4, max_size=4))),
        dilations=(data.draw(st.integers(1, 2)), data.draw(st.integers(1, 2))),
        groups=groups,
    )
    lengths = tuple(data.draw(st.integers(1, 6)) + 2 * size for size in kernel)
    seed = data.draw(st.integers(0, 1 << 30))
    x = bytes_of((data.draw(st.integers(1, 2)), groups * taken, *lengths), seed, UINT8)
    weights = bytes_of((groups * made, taken, *kernel), seed + 1)
    expected = convolved(x, weights, operator)
    result = operator.compute([x, weights])
    assert result.tolist() == expected
    assert operator.infer(types(x, weights)) == TensorType(INT32, result.shape)


def test_a_convolution_over_one_axis_is_one_over_two_with_a_single_row() -> None:
    x, weights, bias = bytes_of((2, 4, 9), 1), bytes_of((6, 2, 3), 2), bytes_of((6,), 3)
    line = Convolution((2,), (1, 2), (2,), groups=2)
    plane = Convolution((1, 2), (0, 1, 0, 2), (1, 2), groups=2)
    expected = plane.compute([x[:, :, None], weights[:, :, None], bias])
    assert (line.compute([x, weights, bias]) == expected[:, :, 0]).all()
    assert line.infer(types(x, weights, bias)).shape == expected[:, :, 0].shape


@pytest.mark.parametrize(
    ("x", "weights", "groups", "message"),
    [
        ((1, 4, 8, 8), (2, 4, 9, 9), 1, "a kernel of 9x9 does not fit 8x8"),
        ((1, 4, 8, 8), (2, 3, 3, 3), 1, "4 channels in 1 groups do not fit"),
        ((1, 4, 8, 8), (3, 2, 3, 3), 2, "4 channels in 2 groups do not fit"),
        ((1, 4, 8, 8, 8), (2, 4, 3, 3, 3), 1, "neither a 1-D nor a 2-D convolution"),
    ],
)
def test_convolutions_refuse_what_does_not_fit(
    x: tuple[int, ...], weights: tuple[int, ...], groups: int, message: str
) -> None:
    rank = len(x) - 2
    operator = Convolution((1,) * rank, (0,) * 2 * rank, (1,) * rank, groups)
    with pytest.raises(DeployError, match=message):
        operator.infer([TensorType(INT8, x), TensorType(INT8, weights)])
