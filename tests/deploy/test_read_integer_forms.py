"""Forms of operators that public networks of the integer dialect have, beyond the usual ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto

from tests.deploy.integer_models import (
    X,
    bytes_of,
    compute,
    element_of,
    model,
    node,
    read,
    requant,
    result,
    shape,
)
from vplat.deploy.network import Element, Integers, TensorType
from vplat.deploy.network.interval import Interval
from vplat.deploy.network.operators import IntegerDivide
from vplat.errors import DeployError

DIVISION = {"Delta": 16384, "eta": 200000, "eps": 1}


def quotient(a: int, b: int) -> int:
    """``IntegerDiv`` (section 3.7) in integers without limits."""
    dividend = a * DIVISION["Delta"] * DIVISION["eta"]
    divisor = b * DIVISION["eta"] + DIVISION["eps"]
    magnitude = (abs(dividend) + (divisor >> 1)) // divisor
    return magnitude if dividend > 0 else -magnitude


def divided(a: Integers, b: Integers) -> Integers:
    pairs = zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)
    return np.array([quotient(*pair) for pair in pairs]).reshape(a.shape)


# ---- division -----------------------------------------------------------------------------------


def test_a_product_of_bytes_is_divided_though_its_type_could_need_more_than_64_bits(
    tmp_path: Path,
) -> None:
    w = bytes_of(4, 3, seed=2)
    norm = np.arange(1, 19).reshape(2, 3, 3)
    nodes = [node("MatMul", ["x", "w"], "p"), node("IntegerDiv", ["p", "n"], **DIVISION)]
    file = model(nodes, {"x": X.shape, "n": norm.shape}, constants={"w": w})
    assert (compute(tmp_path, file, X, norm) == divided(X @ w, norm)).all()


def test_a_dividend_that_leaves_64_bits_is_refused_with_its_values(tmp_path: Path) -> None:
    nodes = [node("IntegerDiv", ["x", "n"], **DIVISION)]
    file = model(nodes, {"x": (2,), "n": (2,)})
    big = np.array([-(2**31), 3])
    with pytest.raises(DeployError, match="-2147483648 to 3, its dividend takes more than 64 bits"):
        compute(tmp_path, file, big, np.array([1, 1]), input_types={"x": Element.INT32})


@given(
    st.lists(st.integers(-(2**31), 2**31 - 1), min_size=2, max_size=2).map(sorted),
    st.lists(st.integers(0, 127), min_size=2, max_size=2).map(sorted),
    st.data(),
)
def test_bounds_of_a_quotient_hold_it_however_wide_its_dividend_is(
    left: list[int], right: list[int], data: st.DataObject
) -> None:
    operator = IntegerDivide(*DIVISION.values())
    intervals = [Interval.flat(ends[0], ends[1], (1,)) for ends in (left, right)]
    bounds = operator.bounds(intervals, TensorType(Element.INT32, (1,)))
    exact = quotient(data.draw(st.integers(*left)), data.draw(st.integers(*right)))
    least, greatest = bounds.everywhere()
    assert max(least, -(2**62)) <= min(max(exact, -(2**62)), 2**62) <= greatest


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"eta": 1 << 31}, "eta 2147483648 is not int32"),
        ({"eps": 1 << 40, "eta": 1}, "eps 1099511627776 is not int32"),
        ({"Delta": 1 << 61}, "more than 64 bits"),
    ],
)
def test_attributes_of_a_division_that_no_board_can_hold_are_refused(
    tmp_path: Path, changed: dict[str, int], message: str
) -> None:
    file = model([node("IntegerDiv", ["x", "n"], **{**DIVISION, **changed})], {"x": [2], "n": [2]})
    with pytest.raises(DeployError, match=message):
        read(tmp_path, file)


# ---- activations --------------------------------------------------------------------------------


def test_a_gelu_of_fine_steps_has_a_constant_past_16_bits(tmp_path: Path) -> None:
    b, one = -320, 112_000
    y = result(tmp_path, node("iGELU", ["x"], b=b, one=one))
    q = np.minimum(np.abs(X), -b)
    assert (y == X * ((one + np.sign(X) * (one - (q + b) ** 2)) >> 1)).all()


def test_a_gelu_whose_constant_is_not_int32_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="its attribute 'one' 2147483648 is not int32"):
        result(tmp_path, node("iGELU", ["x"], b=-3, one=1 << 31))


def test_a_fused_hardswish_has_its_multiplier_as_an_operand_or_as_an_attribute(
    tmp_path: Path,
) -> None:
    rule: dict[str, Any] = {"three": 765, "six": 1530, "one_over_six": 33}
    rule |= {"div": 1 << 16, "n_levels": 256, "signed": 1}
    operands = node("RequantizediHardswish", ["x", "m", "a"], **rule)
    attributes = node("RequantizediHardswish", ["x"], mul=40, add=[80], **rule)
    expected = np.clip((X * np.clip(X + 765, 0, 1530) * 33 * 40 + 2 + 32768) >> 16, -128, 127)
    constants = {"m": np.array(40), "a": np.array(80)}
    assert (result(tmp_path, operands, constants) == expected).all()
    assert (result(tmp_path, attributes) == expected).all()


# ---- differences --------------------------------------------------------------------------------


def test_a_difference_broadcasts_and_is_int32(tmp_path: Path) -> None:
    b = np.array([-128, 0, 5, 127])
    y = node("Sub", ["x", "b"])
    assert (result(tmp_path, y, {"b": b}) == X - b).all()
    assert (result(tmp_path, node("Sub", ["b", "x"]), {"b": b}) == b - X).all()
    assert element_of(tmp_path, model([y], {"x": [4], "b": [4]})) is Element.INT32


def test_a_difference_of_two_inputs_is_requantised(tmp_path: Path) -> None:
    nodes = [node("Sub", ["x", "z"], "s"), requant("s", div=2)]
    file = model(nodes, {"x": X.shape, "z": X.shape}, constants={"mul": 1, "add": 0})
    z = X[::-1]
    assert (compute(tmp_path, file, X, z) == np.clip((X - z + 1) >> 1, -128, 127)).all()


# ---- what moves or passes values ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("axis", "indices"),
    [(1, [[2]]), (-1, [[[3]]]), (2, [[3, -1], [0, 2]]), (0, [[1, 0]]), (1, [[0, 1, 2]])],
)
def test_axes_of_indices_take_the_place_of_the_one_they_choose_from(
    tmp_path: Path, axis: int, indices: list[Any]
) -> None:
    chosen = np.array(indices)
    y = result(tmp_path, node("Gather", ["x", "i"], axis=axis), {"i": chosen})
    assert y.shape == np.take(X, chosen, axis).shape
    assert (y == np.take(X, chosen, axis)).all()


def test_no_indices_choose_nothing_that_could_be_computed(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="it has no indices"):
        result(tmp_path, node("Gather", ["x", "i"]), {"i": shape()})


@pytest.mark.parametrize("to", ["FLOAT", "DOUBLE", "INT32", "INT64", "INT16", "FLOAT16", "INT8"])
def test_casts_to_what_holds_all_values_leave_them_as_they_are(tmp_path: Path, to: str) -> None:
    nodes = [
        node("Cast", ["x"], "c", to=int(TensorProto.DataType.Value(to))),
        node("Dropout", ["c"], "d"),
        node("Add", ["d", "d"]),
    ]
    assert (result(tmp_path, nodes) == 2 * X).all()


@pytest.mark.parametrize("to", ["UINT8", "BOOL", "STRING", "UINT32"])
def test_casts_to_what_may_not_hold_a_value_are_refused(tmp_path: Path, to: str) -> None:
    number = int(TensorProto.DataType.Value(to))
    with pytest.raises(DeployError, match=f"casts int8 to ONNX's element type {number}, which may"):
        result(tmp_path, node("Cast", ["x"], to=number))


def test_an_input_that_a_product_takes_behind_a_cast_holds_bytes(tmp_path: Path) -> None:
    nodes = [node("Cast", ["x"], "c", to=1), node("MatMul", ["c", "w"])]
    file = model(
        nodes, {"x": X.shape}, constants={"w": bytes_of(4, 2)}, declared={"x": TensorProto.INT32}
    )
    assert element_of(tmp_path, file, "x") is Element.INT8
