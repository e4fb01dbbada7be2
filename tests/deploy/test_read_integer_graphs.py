"""Movement, windows and graphs of the integer dialect, in every form that files write them in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
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
    shape,
)
from vplat.deploy.network import Element, Integers
from vplat.errors import DeployError

W = bytes_of(4, 5, seed=2)
B = np.arange(5) * 1000 - 2500


# ---- reductions and pools -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ReduceSum", "ReduceMean", "IntegerMean"])
@pytest.mark.parametrize("as_operand", [True, False])
@pytest.mark.parametrize("keep", [0, 1])
def test_a_reduction_has_its_axes_as_attribute_or_operand(
    tmp_path: Path, kind: str, as_operand: bool, keep: int
) -> None:
    if as_operand:
        reduction, constants = node(kind, ["x", "axes"], keepdims=keep), {"axes": shape(0, 2)}
    else:
        reduction, constants = node(kind, ["x"], axes=[-1, 0], keepdims=keep), {}
    total = X.sum(axis=(0, 2), keepdims=bool(keep))
    expected = total if kind == "ReduceSum" else (total + 4) >> 3
    y = result(tmp_path, reduction, constants)
    assert y.shape == expected.shape
    assert (y == expected).all()


def test_a_reduction_without_axes_is_over_all_of_them_or_none(tmp_path: Path) -> None:
    assert result(tmp_path, node("ReduceSum", ["x"])).tolist() == [[[X.sum()]]]
    assert (result(tmp_path, node("ReduceSum", ["x"], noop_with_empty_axes=1)) == X).all()


IMAGE = bytes_of(1, 3, 5, 5)


def test_pools_over_everything(tmp_path: Path) -> None:
    nearest = (2 * np.abs(total := IMAGE.sum(axis=(2, 3), keepdims=True)) + 25) // 50
    mean = np.sign(total) * nearest
    assert (result(tmp_path, node("GlobalAveragePool", ["x"]), x=IMAGE) == mean).all()
    average = node("AveragePool", ["x"], kernel_shape=[5, 5])
    assert (result(tmp_path, average, x=IMAGE) == mean).all()
    greatest = IMAGE.max(axis=(2, 3), keepdims=True)
    assert (result(tmp_path, node("GlobalMaxPool", ["x"]), x=IMAGE) == greatest).all()


def test_a_mean_of_another_window_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeployError, match="window of 2x2 is not all of the input 1x3x5x5"):
        result(tmp_path, node("AveragePool", ["x"], kernel_shape=[2, 2]), x=IMAGE)


def test_ceil_mode_adds_a_window_that_begins_inside(tmp_path: Path) -> None:
    line = np.array([[[1, 2, 3, 4, 9]]])
    pool = node("MaxPool", ["x"], kernel_shape=[2], strides=[2], ceil_mode=1)
    assert result(tmp_path, pool, x=line).tolist() == [[[2, 4, 9]]]
    wide = node("MaxPool", ["x"], kernel_shape=[1], strides=[3], ceil_mode=1)
    assert result(tmp_path, wide, x=line).tolist() == [[[1, 4]]]


# ---- movement -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moving", "constants", "expected"),
    [
        (node("Reshape", ["x", "s"]), {"s": [0, -1]}, X.reshape(2, 12)),
        (node("Reshape", ["x"], shape=[4, -1]), {}, X.reshape(4, 6)),
        (node("Flatten", ["x"]), {}, X.reshape(2, 12)),
        (node("Flatten", ["x"], axis=-1), {}, X.reshape(6, 4)),
        (node("Flatten", ["x"], axis=0), {}, X.reshape(1, 24)),
        (node("Unsqueeze", ["x"], axes=[0, -1]), {}, X[None, ..., None]),
        (node("Unsqueeze", ["x", "a"]), {"a": shape(1)}, X[:, None]),
        (node("Transpose", ["x"]), {}, X.T),
        (node("Transpose", ["x"], perm=[1, 0, 2]), {}, X.swapaxes(0, 1)),
        (node("Gather", ["x", "i"], axis=1), {"i": np.array(-1)}, X[:, 2]),
        (node("Gather", ["x", "i"], axis=2), {"i": shape(1)}, X[:, :, 1:2]),
        (node("Gather", ["x", "i"], axis=2), {"i": shape(1, 2)}, X[:, :, 1:3]),
        (node("Gather", ["x", "i"], axis=2), {"i": shape(3, 0, 0)}, X[:, :, [3, 0, 0]]),
        (node("Slice", ["x"], starts=[1], ends=[9], axes=[-1]), {}, X[:, :, 1:]),
        (node("Slice", ["x"], starts=[0, -2], ends=[1, -1]), {}, X[:1, -2:-1]),
        (
            node("Slice", ["x", "s", "e", "a", "t"]),
            {"s": [3], "e": [-(2**40)], "a": [2], "t": [-2]},
            X[:, :, ::-2],
        ),
        (
            node("Slice", ["x", "s", "e"]),
            {"s": shape(1), "e": shape(2**63 - 1)},
            X[1:],
        ),
        (
            node("Pad", ["x"], mode="constant", pads=[0, 1, 0, 0, 0, 2], value=-3),
            {},
            np.pad(X, ((0, 0), (1, 0), (0, 2)), constant_values=-3),
        ),
        (
            node("Pad", ["x", "p", "v", "a"]),
            {"p": shape(1, 2), "v": np.array(4), "a": shape(2)},
            np.pad(X, ((0, 0), (0, 0), (1, 2)), constant_values=4),
        ),
        (node("Identity", ["x"]), {}, X),
    ],
)
def test_movement_in_all_its_forms(
    tmp_path: Path,
    moving: onnx.NodeProto,
    constants: dict[str, Any],
    expected: Integers,
) -> None:
    y = result(tmp_path, moving, {name: np.asarray(each) for name, each in constants.items()})
    assert y.shape == expected.shape
    assert (y == expected).all()


def test_squeeze_drops_axes_of_length_one(tmp_path: Path) -> None:
    x = bytes_of(1, 3, 1)
    assert result(tmp_path, node("Squeeze", ["x"]), x=x).shape == (3,)
    assert result(tmp_path, node("Squeeze", ["x"], axes=[-1]), x=x).shape == (1, 3)
    assert result(tmp_path, node("Squeeze", ["x", "a"]), {"a": shape(0)}, x=x).shape == (3, 1)


def test_parts_of_length_zero_are_joined(tmp_path: Path) -> None:
    file = model([node("Concat", ["a", "b"], axis=-2)], {"a": (1, 16, 0, 4), "b": (1, 16, 1, 4)})
    part = bytes_of(1, 16, 1, 4)
    joined = compute(tmp_path, file, np.zeros((1, 16, 0, 4)), part)
    assert (joined == part).all()


def test_a_constant_is_joined_as_what_it_is_joined_to(tmp_path: Path) -> None:
    nodes = [requant("x", "r", signed=0), node("Concat", ["token", "r"], axis=0)]
    constants = {"mul": 1, "add": 0, "token": np.array([[1, 2]])}
    file = model(nodes, {"x": (3, 2)}, constants=constants)
    assert element_of(tmp_path, file) is Element.UINT8


def test_a_split_makes_several_tensors(tmp_path: Path) -> None:
    split = onnx.helper.make_node("Split", ["x"], ["p", "q", "r"], name="s", axis=2)
    nodes = [split, node("Add", ["p", "r"])]
    x = bytes_of(2, 3, 5)
    whole = model([split], {"x": x.shape}, ["p", "q", "r"])
    network = read(tmp_path, whole).network
    assert [network.types[name].shape[2] for name in network.outputs] == [2, 2, 1]
    split.attribute.append(onnx.helper.make_attribute("split", [2, 1, 2]))
    assert (compute(tmp_path, model(nodes, {"x": x.shape}), x) == x[..., :2] + x[..., 3:]).all()


# ---- the graph ----------------------------------------------------------------------------------


def test_nodes_may_be_out_of_order_and_constants_among_the_inputs(tmp_path: Path) -> None:
    nodes = [node("Add", ["p", "b"]), node("MatMul", ["x", "w"], "p")]
    file = model(nodes, {"x": X.shape, "w": W.shape, "b": B.shape}, constants={"w": W, "b": B})
    network = read(tmp_path, file).network
    assert network.inputs == ("x",)
    assert [each.output for each in network.nodes] == ["p", "y"]
    assert (compute(tmp_path, file, X) == X @ W + B).all()


def test_what_is_constant_is_computed_when_the_network_is_read(tmp_path: Path) -> None:
    value = numpy_helper.from_array(W.T.astype(np.float32))
    nodes = [
        onnx.helper.make_node("Constant", [], ["c"], name="c", value=value),
        node("Transpose", ["c"], "w"),
        node("Shape", ["x"], "s"),
        node("Reshape", ["x", "s"], "r"),
        node("MatMul", ["r", "w"]),
    ]
    file = model(nodes, {"x": X.shape})
    network = read(tmp_path, file).network
    assert [each.output for each in network.nodes] == ["r", "y"]
    assert (network.constants["w"] == W).all()
    assert network.types["w"].element is Element.INT8
    assert (compute(tmp_path, file, X) == X @ W).all()


def test_equal_constants_are_stored_once(tmp_path: Path) -> None:
    nodes = [node("MatMul", ["x", "v"], "p"), node("MatMul", ["x", "w"], "q")]
    file = model([*nodes, node("Add", ["p", "q"])], {"x": X.shape}, constants={"v": W, "w": W})
    assert set(read(tmp_path, file).network.constants) == {"v"}


def test_what_no_output_needs_is_left_out(tmp_path: Path) -> None:
    nodes = [node("MatMul", ["x", "w"], "unused"), node("Relu", ["x"])]
    file = model(nodes, {"x": X.shape, "z": (3,)}, constants={"w": W})
    network = read(tmp_path, file).network
    assert (len(network.nodes), set(network.types)) == (1, {"x", "y", "z"})
    assert network.inputs == ("x", "z")


def test_outputs_have_tensors_of_their_own(tmp_path: Path) -> None:
    nodes = [node("Relu", ["x"], "r"), node("Identity", ["r"], "a"), node("Identity", ["x"], "b")]
    network = read(tmp_path, model(nodes, {"x": (4,)}, ["r", "a", "b", "x"])).network
    assert network.outputs == ("r", "a", "b", "x copy")
    assert len({each.output for each in network.nodes}) == 4


def test_nodes_of_one_name_get_different_ones(tmp_path: Path) -> None:
    first, second = node("Relu", ["x"], "r"), node("Relu", ["r"], "y")
    first.name = second.name = "relu"
    network = read(tmp_path, model([first, second], {"x": (4,)})).network
    assert [each.name for each in network.nodes] == ["relu", "relu 2"]
