"""Damaged and nonsensical files: each is read, or refused with a `DeployError`; nothing else."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from hypothesis import given
from hypothesis import strategies as st
from onnx import numpy_helper

from tests.deploy.integer_models import model, node, requant, shape
from vplat.deploy.network import Network
from vplat.deploy.network.ranges import value_ranges
from vplat.deploy.read import read_network
from vplat.deploy.read.integer.reading import LOWERINGS, PASSING
from vplat.deploy.reference import evaluate
from vplat.errors import DeployError

CONSTANTS = {
    "w": np.ones((4, 5), np.int64),
    "k": np.ones((2, 3, 2, 2), np.int64),
    "mul": 3,
    "add": np.arange(5),
    "s": shape(1, 1, 2, 5),
    "axes": shape(1),
    "row": np.arange(4) * 99,
}
NODES = [
    node("MatMul", ["x", "w"], "p"),
    requant("p", "r"),
    node("Reshape", ["r", "s"], "t"),
    node("Slice", ["t"], "u", starts=[0], ends=[9], axes=[3]),
    node("Pad", ["u"], "v", pads=[0, 2, 0, 0, 0, 0, 0, 1]),
    node("Conv", ["v", "k"], "c", pads=[1, 1, 0, 0], strides=[2, 1]),
    node("ReduceMean", ["c"], "m", axes=[2], keepdims=1),
    node("ITASoftmax", ["r"], "f"),
    node("Concat", ["m", "m"], axis=1),
]
FILE = model(NODES, {"x": (2, 4)}, ["y", "f"], CONSTANTS)
CONTENT = FILE.SerializeToString()


def outcome(content: bytes) -> Network | None:
    """What is read from a file, None if it is refused."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        path.write_bytes(content)
        try:
            return read_network(path).network
        except DeployError:
            return None


def test_the_file_is_read_as_it_is() -> None:
    assert outcome(CONTENT) is not None


BYTE = st.integers(0, 255)
PLACE = st.integers(0, len(CONTENT) - 1)


@given(st.lists(st.tuples(PLACE, BYTE), max_size=6), st.integers(0, len(CONTENT)))
def test_a_file_with_other_bytes_is_read_or_refused(
    changes: list[tuple[int, int]], length: int
) -> None:
    content = bytearray(CONTENT)
    for place, byte in changes:
        content[place] = byte
    outcome(bytes(content))
    outcome(bytes(content[:length]))


@given(PLACE, st.binary(min_size=1, max_size=8), st.integers(0, 8))
def test_a_file_with_bytes_put_in_or_taken_out_is_read_or_refused(
    place: int, inserted: bytes, removed: int
) -> None:
    outcome(CONTENT[:place] + inserted + CONTENT[place + removed :])


REQUANT: dict[str, Any] = {"div": 256, "n_levels": 256, "signed": 1}
RQS = {"mul": 3, "add": 7, "div": 4, "n_levels": 256, "signed": 1}
HARDSWISH = {"three": 122, "six": 245, "one_over_six": 42}
QUOTIENT = {"Delta": 100, "eta": 2, "eps": 300}
# A form of every operator that can be read if "" stands for an operand that fits it.
PLAUSIBLE: dict[str, tuple[list[str], dict[str, Any]]] = {
    "Add": (["", ""], {}),
    "AveragePool": ([""], {"kernel_shape": [5, 4]}),
    "Cast": ([""], {"to": 6}),
    "Clip": ([""], {"min": 0, "max": 9}),
    "Concat": (["", ""], {"axis": 0}),
    "Conv": (["", "k"], {"pads": [1, 0, 0, 1]}),
    "Dropout": ([""], {}),
    "Flatten": ([""], {}),
    "Gather": (["", "axes"], {"axis": -1}),
    "Gemm": (["", "w", "add"], {"beta": 2}),
    "GlobalAveragePool": ([""], {}),
    "GlobalMaxPool": ([""], {}),
    "ITAGELU": ([""], {"b": -80, "c": -7091}),
    "ITAMax": ([""], {"n_levels": 256}),
    "ITAPartialMax": ([""], {"group_width": 4}),
    "ITASoftmax": ([""], {}),
    "Identity": ([""], {}),
    "IntegerDiv": (["", ""], QUOTIENT),
    "IntegerMean": ([""], {"axes": [1]}),
    "MatMul": (["", "w"], {}),
    "MaxPool": ([""], {"kernel_shape": [2, 2], "ceil_mode": 1, "strides": [2, 2]}),
    "Mul": (["", ""], {}),
    "Pad": ([""], {"pads": [0, 1, 0, 0]}),
    "RQGemm": (["", "w", "add", "mul"], REQUANT),
    "RQIntegerDiv": (["", "", "mul", "mul"], REQUANT | QUOTIENT),
    "RQMatMul": (["", "w", "add", "mul"], REQUANT),
    "ReduceMean": ([""], {"axes": [-1]}),
    "ReduceSum": ([""], {}),
    "Relu": ([""], {}),
    "RequantShift": (["", "mul", "mul"], REQUANT),
    "RequantizedAdd": (
        ["", ""],
        {f"{at}_{name}": RQS[name] for at in ("rqs1", "rqs2", "rqsOut") for name in RQS},
    ),
    "RequantizedGemm": (["", "w", "add", "add", "mul"], REQUANT),
    "RequantizediGELU": (["", "mul", "mul"], REQUANT | {"b": -42, "one": 1929}),
    "RequantizediHardswish": (["", "mul", "mul"], REQUANT | HARDSWISH),
    "Reshape": ([""], {"shape": [-1, 4]}),
    "Shape": ([""], {}),
    "Slice": ([""], {"starts": [1], "ends": [9]}),
    "Split": ([""], {}),
    "Squeeze": ([""], {}),
    "Sub": (["", ""], {}),
    "Sum": ([""], {}),
    "Transpose": ([""], {}),
    "TrueIntegerDiv": ([""], QUOTIENT | {"y": 2}),
    "Unsqueeze": ([""], {"axes": [0]}),
    "iGELU": ([""], {"b": -42, "one": 1929}),
    "iHardswish": ([""], HARDSWISH),
    "iLayerNorm": (["", "row", "row"], {"D": 64}),
    "iNoNorm": (["", "row", "row"], {"D": 64, "mul": 5}),
    "iRMSNorm": (["", "row"], {"D": 64}),
    "iSoftmax": ([""], {"coeffA": 1, "coeffB": 173, "coeffC": 15599, "log2": 127}),
}
NAMES = sorted({name for _, attributes in PLAUSIBLE.values() for name in attributes} | {"perm"})
SMALL = st.integers(-3, 9)
NUMBER = SMALL | st.sampled_from([256, 65536, -(2**31), 2**31 - 1, 2**63 - 1, -(2**63)])
VALUE: st.SearchStrategy[Any] = (
    NUMBER
    | st.lists(NUMBER, min_size=1, max_size=4)
    | st.lists(SMALL, min_size=1, max_size=6)
    | st.floats(width=32)
    | st.sampled_from(["constant", "SAME_UPPER", "VALID", "other"])
    | st.lists(SMALL, max_size=2).map(lambda each: numpy_helper.from_array(np.array(each, "f4")))
)
INPUTS = {"x": (2, 4), "image": (1, 3, 5, 4), "rows": (1, 3, 16, 4), "none": (0, 4)}


def test_there_is_a_form_of_every_operator() -> None:
    assert set(PLAUSIBLE) == {*LOWERINGS, *PASSING, "Split"}


@st.composite
def graphs(draw: st.DrawFn) -> onnx.ModelProto:
    """Operators one after the other, most of them in a form that can be read."""
    nodes, tensors = [], list(INPUTS)
    for index in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(sorted(PLAUSIBLE)))
        operands, attributes = PLAUSIBLE[kind]
        chosen = [each or draw(st.sampled_from(tensors)) for each in operands]
        attributes = dict(attributes)
        if draw(st.integers(0, 3)) == 0:
            attributes |= draw(st.dictionaries(st.sampled_from(NAMES), VALUE, max_size=3))
        if draw(st.integers(0, 5)) == 0:
            place = draw(st.integers(0, len(chosen)))
            chosen[place : place + 1] = [draw(st.sampled_from(["", *tensors, *CONSTANTS]))]
        nodes.append(node(kind, chosen, f"t{index}", **attributes))
        tensors.append(f"t{index}")
    return model(nodes, INPUTS, tensors[len(INPUTS) :], CONSTANTS)


@given(graphs())
def test_a_graph_of_anything_is_read_or_refused(file: onnx.ModelProto) -> None:
    network = outcome(file.SerializeToString())
    if network is not None:
        computed_within_ranges(network)


def computed_within_ranges(network: Network) -> None:
    """What is read can be computed, unless it overflows, and has the shapes and values foretold."""
    draws = np.random.default_rng(0)
    kinds = [network.types[name] for name in network.inputs]
    ranges = value_ranges(network)
    try:
        tensors = evaluate(network, [draws.integers(-128, 128, kind.shape) for kind in kinds])
    except DeployError:
        return
    for name, values in tensors.items():
        assert values.shape == network.types[name].shape
        if values.size:
            assert ranges[name].least <= values.min()
            assert values.max() <= ranges[name].greatest


def test_one_file_holds_another_kind_of_message() -> None:
    assert outcome(FILE.graph.SerializeToString()) is None
    assert outcome(onnx.TensorProto().SerializeToString()) is None
