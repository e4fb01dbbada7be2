"""What is wrong with a file is told in a sentence, with the file's path; never a traceback."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from tests.deploy.integer_models import model, node, requant, shape
from tests.deploy.refusals import behind, told, told_of_nodes
from vplat.deploy.read import open_model
from vplat.errors import DeployError

W = {"w": np.ones((4, 5), np.int64)}
PRODUCT = node("MatMul", ["x", "w"])


# ---- the file -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "it is empty, but an ONNX file is needed"),
        (b"not a network at all\n", "it is not an ONNX file, or it is truncated"),
        (b"\x08\x08", "it has no nodes; is it an ONNX file?"),
        (
            model([PRODUCT], {"x": (3, 4)}, constants=W).SerializeToString()[:-30],
            "it is not an ONNX file, or it is truncated",
        ),
    ],
)
def test_files_that_are_not_onnx(tmp_path: Path, content: bytes, sentence: str) -> None:
    assert told(tmp_path, content) == sentence


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    for path, sentence in (
        (tmp_path, "it is a directory, but an ONNX file is needed"),
        (tmp_path / "nowhere.onnx", "it cannot be read: No such file or directory"),
    ):
        with pytest.raises(DeployError) as caught:
            open_model(path)
        assert behind(path, caught.value) == sentence


def test_a_file_larger_than_the_format_allows_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.onnx"
    path.touch()
    os.truncate(path, 2**31 + 1)
    with pytest.raises(DeployError, match="its 2147483649 bytes are more than the 2147483648"):
        open_model(path)


@pytest.mark.parametrize("opset", [6, 99])
def test_operator_sets_that_are_too_old_or_too_new(tmp_path: Path, opset: int) -> None:
    file = model([PRODUCT], {"x": (3, 4)}, constants=W, opset=opset)
    assert told(tmp_path, file) == (
        f"it uses version {opset} of the ONNX operator set, but 7 to 28 can be read; export it for"
        " one of these"
    )


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    content = model([PRODUCT], {"x": (3, 4)}, constants=W).SerializeToString()
    damaged = content.replace(b"MatMul y", b"MatMul\xff\xfe")
    assert told(tmp_path, damaged) == (
        "it has a name that is no text (b'MatMul\\xff\\xfe'); is it damaged?"
    )


def test_a_file_without_an_operator_set(tmp_path: Path) -> None:
    file = model([PRODUCT], {"x": (3, 4)}, constants=W)
    del file.opset_import[:]
    assert told(tmp_path, file) == (
        "it does not say which version of the ONNX operator set it uses"
    )


# ---- shapes -------------------------------------------------------------------------------------


def test_a_dynamic_shape_is_told_with_the_option_that_settles_it(tmp_path: Path) -> None:
    file = model([PRODUCT], {"x": ("batch", 4)}, constants=W)
    assert told(tmp_path, file) == (
        "input 'x' has a dynamic shape (declared [batch, 4]); give it one with"
        " --input-shape x=1x..."
    )
    settled = open_model(tmp_path / "network.onnx", {"x": (3, 4)})
    assert [each.dim_value for each in settled.graph.input[0].type.tensor_type.shape.dim] == [3, 4]


def test_every_dynamic_shape_is_told(tmp_path: Path) -> None:
    file = model([node("Add", ["x", "z"])], {"x": ("n",), "z": ("n", "m")})
    sentence = told(tmp_path, file)
    assert "input 'x' has a dynamic shape (declared [n])" in sentence
    assert "input 'z' has a dynamic shape (declared [n, m])" in sentence


def test_an_input_of_unknown_rank_can_be_given_one(tmp_path: Path) -> None:
    file = model([PRODUCT], {"x": (3, 4)}, constants=W)
    file.graph.input[0].type.tensor_type.ClearField("shape")
    assert "(not declared)" in told(tmp_path, file)
    open_model(tmp_path / "network.onnx", {"x": (3, 4)})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"x": (3, 5)}, "input 'x' is declared [batch, 4], so it cannot be 3x5"),
        ({"x": (3,)}, "input 'x' is declared [batch, 4], so it cannot be 3"),
        ({"x": (-3, 4)}, "input 'x' has a negative dimension: -3x4"),
        ({"y": (3, 4)}, "it has no input 'y' to give a shape; it has 'x'"),
    ],
)
def test_a_shape_that_contradicts_the_file(
    tmp_path: Path, given: dict[str, tuple[int, ...]], sentence: str
) -> None:
    file = model([PRODUCT], {"x": ("batch", 4)}, constants=W)
    assert told(tmp_path, file, input_shapes=given) == sentence


def test_an_input_that_is_no_tensor(tmp_path: Path) -> None:
    file = model([PRODUCT], {"x": (3, 4)}, constants=W)
    kind = helper.make_sequence_type_proto(file.graph.input[0].type)
    file.graph.input[0].type.CopyFrom(kind)
    assert told(tmp_path, file) == "input 'x' is not a tensor"


HUGE = "has more than 134217728 elements, the most that a tensor can have here"


def test_huge_tensors_are_refused_before_they_are_allocated(tmp_path: Path) -> None:
    file = model([PRODUCT], {"x": (1 << 20, 1 << 20)}, constants=W)
    assert told(tmp_path, file) == f"input 'x' of shape 1048576x1048576 {HUGE}"
    file = model([PRODUCT], {"x": (3, 4)}, constants=W)
    file.graph.initializer[0].dims[:] = [1 << 40, 1 << 40]
    assert told(tmp_path, file).endswith(HUGE)
    grown = model([node("Pad", ["x"], pads=[0, 1 << 40])], {"x": (4,)})
    assert told_of_nodes(tmp_path, grown) == [
        f"'Pad y' (Pad): a result of shape 1099511627780 {HUGE}"
    ]
    file = model([PRODUCT], {"x": (1,) * 17}, constants=W)
    assert told(tmp_path, file) == "input 'x' has 17 axes, but 16 are the most here"


# ---- the graph ----------------------------------------------------------------------------------


def test_a_cycle_is_told_with_its_nodes(tmp_path: Path) -> None:
    nodes = [
        node("Add", ["x", "c"], "a"),
        node("Relu", ["a"], "b"),
        node("Relu", ["b"], "c"),
        node("Relu", ["c"]),
    ]
    assert told(tmp_path, model(nodes, {"x": (4,)})) == (
        "its graph has a cycle: 'Relu b' (Relu) feeds 'Relu c' (Relu) feeds 'Add a' (Add) feeds"
        " 'Relu b' (Relu), so none of these can be computed"
    )


def test_tensors_that_nothing_makes_are_all_told(tmp_path: Path) -> None:
    file = model([node("Add", ["x", "p"]), node("Relu", ["q"], "z")], {"x": (4,)}, ["y", "r"])
    assert told(tmp_path, file) == (
        "nothing makes 'p' (taken by 'Add y' (Add)), 'q' (taken by 'Relu z' (Relu)),"
        " 'r' (an output)"
    )


def test_names_that_stand_for_two_things(tmp_path: Path) -> None:
    twice = [node("Relu", ["x"]), node("Relu", ["x"])]
    assert told(tmp_path, model(twice, {"x": (4,)})) == (
        "the tensor 'y' is made twice, once by 'Relu y' (Relu)"
    )
    over = [node("Relu", ["x"]), node("Relu", ["y"], "x")]
    assert "the tensor 'x' is made twice" in told(tmp_path, model(over, {"x": (4,)}))
    file = model([node("Relu", ["x"])], {"x": (4,)})
    file.graph.input.append(file.graph.input[0])
    assert told(tmp_path, file) == "two of its inputs are called 'x'"
    file = model([PRODUCT], {"x": (3, 4)}, constants=W)
    file.graph.initializer.append(file.graph.initializer[0])
    assert told(tmp_path, file) == "two of its constants are called 'w'"


def test_graphs_that_compute_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, model([node("Relu", ["x"])], {"x": (4,)}, [])) == "it has no outputs"
    silent = helper.make_node("Relu", ["x"], [], name="silent")
    file = model([silent, node("Relu", ["x"])], {"x": (4,)})
    assert told(tmp_path, file) == "node 'silent' (Relu) has no output"
    constant = model([node("Relu", ["w"])], {"x": (4,)}, constants=W)
    assert told_of_nodes(tmp_path, constant) == ["output 'y' does not depend on any input"]


# ---- nodes --------------------------------------------------------------------------------------


def test_all_nodes_that_cannot_be_read_are_told_at_once(tmp_path: Path) -> None:
    nodes = [
        node("Erf", ["x"], "a"),
        node("MatMul", ["a", "w"], "b"),
        node("TopK", ["b"], "c"),
        node("Conv", ["x", "w"], "d"),
        node("Relu", ["x"]),
    ]
    assert told_of_nodes(tmp_path, model(nodes, {"x": (3, 4)}, constants=W)) == [
        "'Erf a' (Erf): the integer dialect has no such operator",
        "'TopK c' (TopK): the integer dialect has no such operator",
        "'Conv d' (Conv): its weights have shape 4x5 instead of one for 1-D or 2-D",
        "it looks like a float network; vplat quantise makes an 8-bit one of it",
    ]


def test_operators_of_other_domains_are_not_those_of_this_one(tmp_path: Path) -> None:
    foreign = node("Relu", ["x"])
    foreign.domain = "com.example"
    assert told_of_nodes(tmp_path, model([foreign], {"x": (4,)})) == [
        "'Relu y' (Relu): the integer dialect has no operators of the domain 'com.example'"
    ]


@pytest.mark.parametrize(
    ("made", "constants", "reason"),
    [
        (
            PRODUCT,
            {"w": np.array([[0.5]])},
            "constant 'w' has 0.5 at [0, 0], but this dialect",
        ),
        (PRODUCT, {"w": np.array([[np.nan]])}, "constant 'w' has nan at [0, 0], but this dialect"),
        (
            PRODUCT,
            {"w": np.array([[1], [300]])},
            "constant 'w' has 300 at [1, 0], which is not int8 (-128 to 127)",
        ),
        (
            requant("x"),
            {"mul": shape(2**31), "add": 0},
            "constant 'mul' has 2147483648 at [0], which is not int32",
        ),
        (
            requant("x"),
            {"mul": np.ones((2, 2)), "add": 0},
            "constant 'mul' of shape 2x2 fits neither 3x4 nor its channels",
        ),
        (requant("x", div=3), {"mul": 1, "add": 0}, "'div' is 3, but must be a power of two"),
        (
            requant("x", levels=512),
            {"mul": 1, "add": 0},
            "its attribute 'n_levels' is 512, but 2, 4 .. 256 are possible",
        ),
        (node("RequantShift", ["x", "mul", "x"]), {"mul": 1}, "operand 2 ('x') must be constant"),
        (
            node("RequantShift", ["x", "mul", "mul"], div=2, n_levels=256),
            {"mul": 1},
            "its attribute 'signed' is missing",
        ),
        (node("iGELU", ["x"], b=-3.5, one=1), {}, "its attribute 'b' is -3.5, but must be an"),
        (node("iGELU", ["x"], b="three", one=1), {}, "its attribute 'b' is 'three', but must be a"),
        (node("iGELU", ["x"], b=[1, 2], one=1), {}, "its attribute 'b' has 2 numbers instead of"),
        (node("iGELU", ["x"], b=-70000, one=1), {}, "'b' is -70000, which takes more than 16 bits"),
        (node("iGELU", ["x"], b=3, one=1), {}, "its b is 3, but must be negative"),
        (node("MatMul", ["x"]), {}, "its operand 1 is missing"),
        (node("MatMul", ["x", "w"]), {"w": np.ones((3, 3))}, "3x4 and 3x3 do not multiply"),
        (node("Pad", ["x"], mode="reflect", pads=[0] * 4), {}, "its mode is 'reflect', but only"),
        (node("Gather", ["x", "i"]), {"i": shape(3)}, "its index 3 is not on axis 0 of 3x4"),
        (node("Reshape", ["x", "s"]), {"s": shape(5, 3)}, "3x4 cannot become 5x3"),
        (node("Reshape", ["x", "x"]), {}, "its operand 1 ('x') must be constant"),
        (node("Split", ["x"], split=[1, 3]), {}, "its parts [1, 3] are not the 3 of axis 0"),
        (
            node("ITAPartialMax", ["x"], n_levels=256),
            {},
            "its rows of 4 are not whole groups of 16",
        ),
        (
            node("iSoftmax", ["x"], axis=0, coeffA=1, coeffB=1, coeffC=1, log2=1),
            {},
            "its axis is 0",
        ),
        (node("Slice", ["x"], starts=[0], ends=[1], axes=[5]), {}, "its axis 5 is not one of 2"),
    ],
)
def test_a_node_is_refused_with_its_reason(
    tmp_path: Path, made: onnx.NodeProto, constants: dict[str, Any], reason: str
) -> None:
    [line] = told_of_nodes(tmp_path, model([made], {"x": (3, 4)}, constants=constants))
    assert line.startswith(f"'{made.name}' ({made.op_type}): ")
    assert reason in line


def test_a_second_output_is_not_computed(tmp_path: Path) -> None:
    pool = helper.make_node("MaxPool", ["x"], ["y", "places"], name="pool", kernel_shape=[2])
    assert told_of_nodes(tmp_path, model([pool], {"x": (1, 2, 4)})) == [
        "'pool' (MaxPool): its second output 'places' is not computed"
    ]
