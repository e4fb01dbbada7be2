"""Which integers inputs hold, and how arrays become inputs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto

from tests.deploy.integer_models import element_of, model, node, read, requant
from vplat.deploy.network import Element
from vplat.deploy.network.ranges import value_ranges
from vplat.deploy.reference import evaluate
from vplat.errors import DeployError

ADD = [node("Add", ["x", "x"])]
PRODUCT = [node("Transpose", ["x"], "t"), node("MatMul", ["t", "w"])]
W = {"w": np.ones((2, 3), np.int64)}


def element(
    folder: Path,
    nodes: list[onnx.NodeProto],
    declared: int = TensorProto.FLOAT,
    sample: Any = None,
    given: Mapping[str, Element] | None = None,
) -> Element:
    """What the input ``x`` is read as."""
    file = model(nodes, {"x": (2, 2)}, constants=W, declared={"x": declared})
    samples = None if sample is None else [np.array(sample)]
    return element_of(folder, file, "x", samples=samples, input_types=given)


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (TensorProto.FLOAT, Element.INT8),
        (TensorProto.DOUBLE, Element.INT8),
        (TensorProto.INT8, Element.INT8),
        (TensorProto.UINT8, Element.UINT8),
        (TensorProto.BOOL, Element.UINT8),
        (TensorProto.INT16, Element.INT32),
        (TensorProto.INT32, Element.INT32),
        (TensorProto.INT64, Element.INT32),
    ],
)
def test_declared_types(tmp_path: Path, declared: int, expected: Element) -> None:
    assert element(tmp_path, ADD, declared) is expected


@pytest.mark.parametrize(
    ("declared", "name"), [(TensorProto.STRING, "string"), (TensorProto.COMPLEX64, "complex64")]
)
def test_inputs_that_have_no_numbers_are_refused(tmp_path: Path, declared: int, name: str) -> None:
    with pytest.raises(DeployError, match=f"input 'x' is declared {name}, but numbers of"):
        element(tmp_path, ADD, declared)


@pytest.mark.parametrize("declared", [TensorProto.INT32, TensorProto.INT64])
def test_an_input_that_a_product_takes_is_a_byte_whatever_is_declared(
    tmp_path: Path, declared: int
) -> None:
    assert element(tmp_path, PRODUCT, declared) is Element.INT8


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ([[0, 127], [-128, 5]], Element.INT8),
        ([[0, 128], [0, 0]], Element.UINT8),
        ([[0, 255], [0, 0]], Element.UINT8),
        ([[-1, 255], [0, 0]], Element.INT32),
        ([[0, 256], [0, 0]], Element.INT32),
        ([[0, np.nan], [0, 300]], Element.INT8),
    ],
)
def test_a_sample_widens_what_the_graph_leaves_open(
    tmp_path: Path, sample: Any, expected: Element
) -> None:
    assert element(tmp_path, ADD, sample=sample) is expected
    assert element(tmp_path, ADD, TensorProto.UINT8, sample) is Element.UINT8
    assert element(tmp_path, ADD, sample=sample, given={"x": Element.INT8}) is Element.INT8


def test_a_widened_input_is_told_with_the_option_that_says_so(tmp_path: Path) -> None:
    file = model(ADD, {"x": (2,)})
    [note] = read(tmp_path, file, samples=[np.array([0, 200])]).notes
    assert note == (
        "input 'x' is declared float32, and its sample does not fit int8, so it is uint8;"
        " --input-type x=uint8 says so without a sample"
    )
    assert read(tmp_path, file, samples=[np.array([0, 100])]).notes == ()


def test_a_type_for_an_input_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="it has no input 'z' to give a type; it has 'x'"):
        element(tmp_path, ADD, given={"z": Element.INT8})


def test_a_result_that_can_overflow_is_a_note_and_one_that_does_an_error(tmp_path: Path) -> None:
    file = model(ADD, {"x": (2,)}, declared={"x": TensorProto.INT32})
    found = read(tmp_path, file)
    [note] = found.notes
    assert note == (
        "node 'Add y' can reach -4294967296 to 4294967294, which is not int32; whether it does"
        " depends on the inputs"
    )
    assert value_ranges(found.network)["y"].greatest == 2**32 - 2
    assert evaluate(found.network, [np.array([1, 2])])["y"].tolist() == [2, 4]
    with pytest.raises(DeployError, match=r"node 'Add y': tensor 'y' has 4294967294 at \[1\]"):
        evaluate(found.network, [np.array([1, 2**31 - 1])])


# ---- arrays -------------------------------------------------------------------------------------


def bound(folder: Path, arrays: Mapping[str, Any], **options: Any) -> dict[str, Any]:
    """Arrays as inputs of a network with two of them and a constant."""
    nodes = [node("MatMul", ["x", "w"], "p"), node("Add", ["p", "z"])]
    file = model(nodes, {"x": (1, 2), "z": (3,)}, constants=W)
    converted = {name: np.asarray(array) for name, array in arrays.items()}
    network = read(folder, file, **options)
    return {name: each.tolist() for name, each in network.bind_inputs(converted).items()}


def test_arrays_are_inputs_by_position(tmp_path: Path) -> None:
    arrays = {"arr_0": [[1.0, -2.0]], "x": np.array([3, 4, 5], np.int8)}
    assert bound(tmp_path, arrays) == {"x": [[1, -2]], "z": [3, 4, 5]}


def test_weights_may_be_repeated_after_the_inputs(tmp_path: Path) -> None:
    arrays = {"a": [[1, 2]], "b": [3, 4, 5], "again": np.ones((2, 3))}
    assert bound(tmp_path, arrays) == {"x": [[1, 2]], "z": [3, 4, 5]}


def test_axes_of_length_one_may_be_left_out(tmp_path: Path) -> None:
    assert bound(tmp_path, {"a": [1, 2], "b": [[3, 4, 5]]}) == {"x": [[1, 2]], "z": [3, 4, 5]}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": [[1, 2]]}, "there are 1 array, but the network has 2 inputs ('x', 'z')"),
        (
            {"a": [[1, 2]], "b": [3, 4, 5], "c": [1, 2]},
            "array 'c' is one too many: the network has 2 inputs ('x', 'z')",
        ),
        (
            {"a": [[1, 2, 3]], "b": [3, 4, 5]},
            "for input 'x' has shape 1x3 instead of 1x2",
        ),
        ({"a": [[1, 2]], "b": [3, 4.5, 5]}, "array 'b' for input 'z' has 4.5 at [1], but integers"),
        ({"a": [[1, np.inf]], "b": [3, 4, 5]}, "array 'a' for input 'x' has inf at [0, 1]"),
        ({"a": [[1, -200]], "b": [3, 4, 5]}, "has -200 at [0, 1], which is not int8 (-128 to 127)"),
        ({"a": [["1", "2"]], "b": [3, 4, 5]}, "has elements of type <U1, but numbers are needed"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(DeployError) as caught:
        bound(tmp_path, arrays)
    assert message in str(caught.value)


def test_a_value_out_of_range_is_told_with_the_option_that_helps(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="give the type with --input-type x=uint8 or int32"):
        bound(tmp_path, {"a": [[1, 200]], "b": [3, 4, 5]})


def test_outputs_are_bound_by_position_too(tmp_path: Path) -> None:
    network = read(tmp_path, model(ADD, {"x": (2,)}))
    assert network.bind_outputs({"whatever": np.array([1.0, 2.0])})["y"].tolist() == [1, 2]
    with pytest.raises(DeployError, match="there are 2 arrays, but the network has 1 output"):
        network.bind_outputs({"a": np.zeros(2), "b": np.zeros(2)})


# ---- real numbers at the edges ------------------------------------------------------------------


def quantised(x: str, output: str, scale: str, zero: str) -> list[onnx.NodeProto]:
    return [
        node("Div", [x, scale], f"{x} d"),
        node("Add", [f"{x} d", zero], f"{x} a"),
        node("Round", [f"{x} a"], f"{x} r"),
        node("Clip", [f"{x} r"], output, min=-128.0, max=127.0),
    ]


def test_quantisation_at_the_edges_is_done_by_the_host(tmp_path: Path) -> None:
    nodes = [
        *quantised("x", "q", "scale", "zero"),
        *quantised("v", "w", "wscale", "none"),
        node("MatMul", ["q", "w"], "p"),
        requant("p", "i", div=4),
        node("Sub", ["i", "out zero"], "s"),
        node("Mul", ["s", "out scale"]),
    ]
    constants = {
        "scale": np.float32(0.5),
        "zero": np.float32(1),
        "wscale": np.float32(0.25),
        "none": np.float32(0),
        "v": np.array([[0.5, -1.0], [0.3, 2.0]], np.float32),
        "mul": 3,
        "add": 0,
        "out zero": np.float32(-3),
        "out scale": np.float32(0.125),
    }
    found = read(tmp_path, model(nodes, {"x": (1, 2)}, constants=constants))
    assert [type(each.operator).__name__ for each in found.network.nodes] == [
        "MatMul",
        "Requantise",
    ]
    assert found.network.outputs == ("i",)
    assert found.network.constants["w"].tolist() == [[2, -4], [1, 8]]
    inputs = found.bind_inputs({"x": np.array([[0.25, 1000.0]], np.float32)})
    assert inputs["x"].tolist() == [[2, 127]]  # 0.5 + 1 is half way, and goes to the even one
    got = evaluate(found.network, inputs)["i"]
    assert got.tolist() == [[(131 * 3 + 2) >> 2, 127]]
    assert found.boundaries["i"].reals(got).tolist() == [[(98 + 3) / 8, (127 + 3) / 8]]


def test_floats_within_the_network_are_refused(tmp_path: Path) -> None:
    nodes = [node("Relu", ["x"], "r"), *quantised("r", "y", "scale", "zero")]
    constants = {"scale": np.float32(0.5), "zero": np.float32(1)}
    with pytest.raises(DeployError) as caught:
        read(tmp_path, model(nodes, {"x": (2,)}, constants=constants))
    assert "'Div r d' (Div): the integer dialect has no such operator" in str(caught.value)
    assert "'Round r r' (Round): the integer dialect has no such operator" in str(caught.value)
