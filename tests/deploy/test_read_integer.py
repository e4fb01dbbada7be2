"""Operators of the integer dialect in every form that files write them in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from onnx import numpy_helper

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
)
from vplat.deploy.network import Element, Integers
from vplat.deploy.network.operators import (
    Clip,
    Convolution,
    Gelu,
    Hardswish,
    IntegerDivide,
    LayerNorm,
    NoNorm,
    PolynomialSoftmax,
    RmsNorm,
    Scale,
    Softmax2,
)

W = bytes_of(4, 5, seed=2)
B = np.arange(5) * 1000 - 2500


def rounded(x: Integers, mult: npt.ArrayLike, add: npt.ArrayLike, shift: int) -> Integers:
    y = (x * np.asarray(mult) + np.asarray(add) + (1 << shift >> 1)) >> shift
    return np.asarray(y, dtype=np.int64)


# ---- products -----------------------------------------------------------------------------------


def test_a_bias_is_added_to_a_product(tmp_path: Path) -> None:
    nodes = [node("MatMul", ["x", "w"], "p"), node("Add", ["b", "p"])]
    assert (result(tmp_path, nodes, {"w": W, "b": B}) == X @ W + B).all()


@pytest.mark.parametrize(("left", "right"), [((4,), (4, 5)), ((2, 3, 4), (4,)), ((4,), (4,))])
def test_a_vector_is_a_row_or_a_column(
    tmp_path: Path, left: tuple[int, ...], right: tuple[int, ...]
) -> None:
    x, w = bytes_of(*left), bytes_of(*right, seed=2)
    y = result(tmp_path, node("MatMul", ["x", "w"]), {"w": w}, x)
    assert y.shape == (x @ w).shape
    assert (y == x @ w).all()


def test_gemm_reads_its_factors_and_transpositions(tmp_path: Path) -> None:
    x, w, c = bytes_of(4, 3), bytes_of(5, 4, seed=2), bytes_of(3, 1, seed=3)
    gemm = node("Gemm", ["x", "w", "c"], alpha=2.0, beta=3.0, transA=1, transB=1)
    y = result(tmp_path, gemm, {"w": w, "c": c}, x)
    assert (y == 2 * (x.T @ w.T) + 3 * c).all()


def test_gemm_may_leave_its_addend_out(tmp_path: Path) -> None:
    x = bytes_of(3, 4)
    assert (result(tmp_path, node("Gemm", ["x", "w"]), {"w": W}, x) == x @ W).all()
    assert (result(tmp_path, node("Gemm", ["x", "w", ""]), {"w": W}, x) == x @ W).all()


REQUANT = {
    name: numpy_helper.from_array(np.array(value, np.float32))
    for name, value in (("div", 1 << 10), ("n_levels_out", [256]), ("signed", [1]))
}


@pytest.mark.parametrize("kind", ["RQGemm", "RequantizedGemm"])
@pytest.mark.parametrize("addend", [True, False])
def test_requantised_gemm_has_add_before_mult(tmp_path: Path, kind: str, addend: bool) -> None:
    x = bytes_of(3, 4)
    inputs = ["x", "w", *(["c"] if addend else []), "add", "mul"]
    add = np.arange(5) * 1000
    constants = {"w": W, "c": B, "add": add, "mul": np.array(3)}
    y = result(tmp_path, node(kind, inputs, transB=0, **REQUANT), constants, x)
    expected = rounded(x @ W + (B if addend else 0), 3, add, 10)
    assert (y == expected.clip(-128, 127)).all()


def test_requantised_matmul_has_add_before_mult(tmp_path: Path) -> None:
    y = result(
        tmp_path,
        node("RQMatMul", ["x", "w", "add", "mul"], **REQUANT),
        {"w": W, "add": [5000], "mul": [3]},
    )
    assert (y == rounded(X @ W, 3, 5000, 10).clip(-128, 127)).all()


@pytest.mark.parametrize(
    ("auto", "pads"),
    [("SAME_UPPER", (0, 0, 1, 1)), ("SAME_LOWER", (1, 1, 0, 0)), ("VALID", (0, 0, 0, 0))],
)
def test_auto_pad_becomes_pads(tmp_path: Path, auto: str, pads: tuple[int, ...]) -> None:
    x, w = bytes_of(1, 2, 6, 6), bytes_of(3, 2, 3, 3)
    convolution = node("Conv", ["x", "w"], auto_pad=auto, strides=[2, 2])
    y = result(tmp_path, convolution, {"w": w}, x)
    assert (y == Convolution((2, 2), pads, (1, 1)).compute([x, w])).all()


def test_a_convolution_may_have_a_bias(tmp_path: Path) -> None:
    x, w = bytes_of(1, 4, 9), bytes_of(4, 1, 3)
    convolution = node("Conv", ["x", "w", "b"], group=4, pads=[1, 1], dilations=[1], strides=[1])
    y = result(tmp_path, convolution, {"w": w, "b": [1, 2, 3, 4]}, x)
    expected = Convolution((1,), (1, 1), (1,), 4).compute([x, w, np.arange(1, 5)])
    assert (y == expected).all()


# ---- requantisation -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dimensions", "as_read"),
    [
        ((), ()),
        ((1,), ()),
        ((1, 1, 1, 1), ()),
        ((4,), (1, 1, 4)),
        ((3, 1), (1, 3, 1)),
        ((1, 3, 1), (1, 3, 1)),
        ((2, 1, 1), (2, 1, 1)),
        ((3,), (1, 3, 1)),  # does not broadcast: one value for each channel
        ((1, 3), (1, 3, 1)),
        ((2, 3, 4), (2, 3, 4)),
    ],
)
def test_multipliers_are_given_in_many_shapes(
    tmp_path: Path, dimensions: tuple[int, ...], as_read: tuple[int, ...]
) -> None:
    mult = np.random.default_rng(3).permutation(50)[: int(np.prod(dimensions))].reshape(dimensions)
    file = model([requant("x")], {"x": X.shape}, constants={"mul": mult, "add": 99})
    network = read(tmp_path, file).network
    [found] = network.nodes
    assert network.types[found.inputs[1]].shape == as_read
    assert network.types[found.inputs[1]].element is Element.INT32
    full = np.broadcast_to(mult.reshape(as_read), X.shape)
    assert (compute(tmp_path, file, X) == rounded(X, full, 99, 8).clip(-128, 127)).all()


def test_multipliers_that_do_not_vary_are_stored_once(tmp_path: Path) -> None:
    constants = {"mul": np.full((2, 3, 1), 7), "add": np.zeros((4,), np.int64)}
    network = read(tmp_path, model([requant("x")], {"x": X.shape}, constants=constants)).network
    assert [network.types[name].shape for name in network.nodes[0].inputs[1:]] == [(), ()]


@pytest.mark.parametrize(
    ("signed", "levels", "element", "least", "greatest"),
    [
        (1, 256, Element.INT8, -128, 127),
        (0, 256, Element.UINT8, 0, 255),
        (1, 16, Element.INT8, -8, 7),
        (0, 16, Element.UINT8, 0, 15),
    ],
)
def test_levels_and_sign_say_where_a_requantisation_saturates(
    tmp_path: Path, signed: int, levels: int, element: Element, least: int, greatest: int
) -> None:
    file = model(
        [requant("x", div=1, signed=signed, levels=levels)],
        {"x": X.shape},
        constants={"mul": 9, "add": 3},
    )
    assert element_of(tmp_path, file) is element
    assert (compute(tmp_path, file, X) == (X * 9 + 3).clip(least, greatest)).all()


def test_requantised_add_has_its_halves_in_its_addends(tmp_path: Path) -> None:
    numbers = {
        "rqs1_mul": 50, "rqs1_add": 64, "rqs1_div": 128, "rqs1_n_levels": 256, "rqs1_signed": 1,
        "rqs2_mul": 90, "rqs2_add": 0, "rqs2_div": 128, "rqs2_n_levels": 256, "rqs2_signed": 1,
        "rqsOut_mul": 3, "rqsOut_add": 1, "rqsOut_div": 2, "rqsOut_n_levels_out": 256,
        "rqsOut_signed": 0,
    }  # fmt: skip
    file = model([node("RequantizedAdd", ["x", "z"], **numbers)], {"x": X.shape, "z": X.shape})
    z = X[::-1]
    first = ((X * 50 + 64) >> 7).clip(-128, 127)
    second = ((z * 90) >> 7).clip(-128, 127)
    expected = (((first + second) * 3 + 1) >> 1).clip(0, 255)
    assert (compute(tmp_path, file, X, z) == expected).all()


FUSED: dict[str, tuple[dict[str, int], Any]] = {
    "RequantizediGELU": ({"b": -42, "one": 1929}, Gelu(-42, 1929)),
    "RequantizediHardswish": (
        {"three": 122, "six": 245, "one_over_six": 42},
        Hardswish(122, 245, 42),
    ),
}


@pytest.mark.parametrize("kind", FUSED)
def test_a_fused_activation_divides_its_addend_by_its_multiplier(tmp_path: Path, kind: str) -> None:
    attributes, operator = FUSED[kind]
    fused = node(kind, ["x", "mul", "add"], **attributes, **REQUANT)
    y = result(tmp_path, fused, {"mul": 3, "add": 100_000})
    assert (y == rounded(operator.compute([X]), 3, 33_333, 10).clip(-128, 127)).all()


def test_a_fused_quotient_is_requantised(tmp_path: Path) -> None:
    numbers = {"Delta": 100, "eta": 2, "eps": 1}
    fused = node("RQIntegerDiv", ["x", "d", "mul", "add"], **numbers, **REQUANT)
    y = result(tmp_path, fused, {"d": [1, 2, 3, 4], "mul": 3, "add": 0})
    quotients = IntegerDivide(100, 2, 1).compute([X, np.array([1, 2, 3, 4])])
    assert (y == rounded(quotients, 3, 0, 10).clip(-128, 127)).all()


# ---- normalisation, softmax, activations --------------------------------------------------------


def test_norms_take_their_divisor_as_a_tensor_or_a_number(tmp_path: Path) -> None:
    weights, bias = bytes_of(4, seed=3) * 100, bytes_of(4, seed=4) * 100
    divisor = numpy_helper.from_array(np.array([1024], np.float32))
    norm = node("iLayerNorm", ["x", "w", "b"], D=divisor, n_levels=256)
    y = result(tmp_path, norm, {"w": weights, "b": bias})
    assert (y == LayerNorm(10).compute([X, weights, bias])).all()
    root = node("iRMSNorm", ["x", "w"], D=65536, n_levels=256)
    y = result(tmp_path, root, {"w": weights * 500})
    assert (y == RmsNorm(16).compute([X, weights * 500])).all()


def test_a_norm_of_fewer_levels_is_clipped(tmp_path: Path) -> None:
    weights = np.full(4, 100_000)
    root = node("iRMSNorm", ["x", "w"], D=1024, n_levels_out=16)
    y = result(tmp_path, root, {"w": weights})
    assert (y == RmsNorm(10).compute([X, weights]).clip(-8, 7)).all()


@pytest.mark.parametrize("dimensions", [(2, 3, 4), (4,), (1, 3, 4)])
def test_no_norm_takes_parameters_that_broadcast(
    tmp_path: Path, dimensions: tuple[int, ...]
) -> None:
    weights, bias = bytes_of(*dimensions, seed=3), bytes_of(*dimensions, seed=4) * 50
    norm = node("iNoNorm", ["x", "w", "b"], D=4096, mul=17, n_levels=256)
    y = result(tmp_path, norm, {"w": weights, "b": bias})
    assert (y == NoNorm(17, 12).compute([X, weights, bias])).all()


WIDE = bytes_of(3, 32)


@pytest.mark.parametrize(
    ("kind", "attributes", "operator"),
    [
        (
            "iSoftmax",
            {"coeffA": 1, "coeffB": 173, "coeffC": 15599, "log2": 127, "n_levels": 256},
            PolynomialSoftmax(1, 173, 15599, 127, 256),
        ),
        ("ITAMax", {"n_levels": 256}, Softmax2(65280, 5, None)),
        ("ITAPartialMax", {"n_levels": 256, "group_width": 16}, Softmax2(32512, 5, 16)),
        ("ITAPartialMax", {"n_levels": 256, "group_width": 8}, Softmax2(32512, 5, 8)),
        ("ITASoftmax", {}, Softmax2(65280, 0, 16)),
        ("ITASoftmax", {"numerator": 32512, "step": 5, "group": 0}, Softmax2(32512, 5, None)),
        ("iGELU", {"b": -42, "one": 1929}, Gelu(-42, 1929)),
        ("iHardswish", {"three": 1, "six": 2, "one_over_six": 3}, Hardswish(1, 2, 3)),
    ],
)
def test_an_operator_reads_its_attributes(
    tmp_path: Path, kind: str, attributes: dict[str, int], operator: Any
) -> None:
    file = model([node(kind, ["x"], **attributes)], {"x": WIDE.shape})
    [found] = read(tmp_path, file).network.nodes
    assert found.operator == operator
    assert (compute(tmp_path, file, WIDE) == operator.compute([WIDE])).all()


def test_the_gelu_of_ita_is_requantised_by_a_node_of_its_own(tmp_path: Path) -> None:
    nodes = [node("ITAGELU", ["x"], "g", b=-80, c=-7091), requant("g", div=1 << 20)]
    y = result(tmp_path, nodes, {"mul": 74, "add": 0}, np.array([-128, -64, 0, 32, 127]))
    assert y.tolist() == [0, 1, 0, -27, -127]


# ---- element by element -------------------------------------------------------------------------


def test_a_sum_has_any_number_of_operands(tmp_path: Path) -> None:
    file = model([node("Add", ["a", "b", "c"])], dict.fromkeys("abc", (2, 3)))
    a, b, c = (bytes_of(2, 3, seed=seed) for seed in range(3))
    assert (compute(tmp_path, file, a, b, c) == a + b + c).all()
    assert element_of(tmp_path, file) is Element.INT32


def test_division_by_a_constant_is_a_product(tmp_path: Path) -> None:
    file = model(
        [node("TrueIntegerDiv", ["x"], Delta=16384, eps=1, eta=200000, y=2)], {"x": X.shape}
    )
    [found] = read(tmp_path, file).network.nodes
    assert found.operator == Scale(8191)


def test_integer_division_reads_its_attributes(tmp_path: Path) -> None:
    division = node("IntegerDiv", ["x", "d"], Delta=100, eta=2, eps=1)
    y = result(tmp_path, division, {"d": [[5]]})
    assert (y == IntegerDivide(100, 2, 1).compute([X, np.array(5)])).all()


@pytest.mark.parametrize("opset", [10, 13])
def test_clip_has_its_limits_as_attributes_or_operands(tmp_path: Path, opset: int) -> None:
    if opset == 10:
        clip, constants = node("Clip", ["x"], min=0.0, max=20.0), {}
    else:
        clip, constants = node("Clip", ["x", "low", "high"]), {"low": 0, "high": 20}
    file = model([clip], {"x": X.shape}, constants=constants, opset=opset)
    assert read(tmp_path, file).network.nodes[0].operator == Clip(0, 20, Element.INT8)
    assert (compute(tmp_path, file, X) == X.clip(0, 20)).all()


def test_relu_and_mul(tmp_path: Path) -> None:
    nodes = [node("Relu", ["x"], "r"), node("Mul", ["r", "x"])]
    assert (result(tmp_path, nodes) == np.maximum(X, 0) * X).all()
