"""Small files of the integer dialect, written for a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from vplat.deploy.network import Element, Integers
from vplat.deploy.read import ReadNetwork, read_network
from vplat.deploy.reference import evaluate

Shape = Sequence[int | str]


def bytes_of(*lengths: int, seed: int = 1) -> Integers:
    """Random values of int8."""
    return np.random.default_rng(seed).integers(-128, 128, lengths, dtype=np.int64)


X = bytes_of(2, 3, 4)
"""What most tests compute on."""


def node(kind: str, inputs: Sequence[str], *outputs: str, **attributes: Any) -> onnx.NodeProto:
    """A node that makes ``y``, if nothing else is said, and is named after it."""
    [output] = outputs or ["y"]
    made = helper.make_node(kind, list(inputs), [output], name=f"{kind} {output}")
    for name, value in attributes.items():
        made.attribute.append(helper.make_attribute(name, value))
    return made


def requant(
    x: str, output: str = "y", *, div: int = 256, signed: int = 1, levels: int = 256
) -> onnx.NodeProto:
    """``RequantShift`` by constants ``mul`` and ``add``; attributes are tensors, as in files."""
    attributes = {
        name: numpy_helper.from_array(np.array(value, dtype=np.float32))
        for name, value in (("div", div), ("n_levels", [levels]), ("signed", [signed]))
    }
    return node("RequantShift", [x, "mul", "add"], output, **attributes)


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Shape],
    outputs: Sequence[str] = ("y",),
    constants: Mapping[str, Any] | None = None,
    *,
    declared: Mapping[str, int] | None = None,
    opset: int = 13,
) -> onnx.ModelProto:
    """A file; inputs are float32 if nothing else is declared, and so are constants."""
    kinds = declared or {}
    graph = helper.make_graph(
        nodes,
        "test",
        [
            helper.make_tensor_value_info(name, kinds.get(name, TensorProto.FLOAT), shape)
            for name, shape in inputs.items()
        ],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [
            numpy_helper.from_array(_as_in_files(array), name)
            for name, array in (constants or {}).items()
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])


def _as_in_files(array: npt.ArrayLike) -> npt.NDArray[Any]:
    if isinstance(array, np.ndarray) and array.dtype.kind != "i":
        return array
    return np.asarray(array, dtype=np.float32)


def shape(*lengths: int) -> npt.NDArray[np.uint64]:
    """A constant that is a shape, an axis or an index: no float, unlike the others."""
    return np.array(lengths, dtype=np.uint64)


def read(folder: Path, file: onnx.ModelProto, **options: Any) -> ReadNetwork:
    """The file, saved and read."""
    path = folder / "network.onnx"
    path.write_bytes(file.SerializeToString())
    return read_network(path, **options)


def compute(
    folder: Path, file: onnx.ModelProto, *inputs: npt.ArrayLike, **options: Any
) -> Integers:
    """The first output of the file for these inputs."""
    network = read(folder, file, **options).network
    tensors = evaluate(network, [np.asarray(each, dtype=np.int64) for each in inputs])
    return tensors[network.outputs[0]]


def element_of(folder: Path, file: onnx.ModelProto, name: str = "y", **options: Any) -> Element:
    """The element type that a tensor of the file is given."""
    return read(folder, file, **options).network.types[name].element


def result(
    folder: Path,
    nodes: onnx.NodeProto | list[onnx.NodeProto],
    constants: Mapping[str, Any] | None = None,
    x: Integers = X,
    **options: Any,
) -> Integers:
    """What nodes make of ``x``, with constants."""
    listed = nodes if isinstance(nodes, list) else [nodes]
    return compute(folder, model(listed, {"x": x.shape}, constants=constants), x, **options)
