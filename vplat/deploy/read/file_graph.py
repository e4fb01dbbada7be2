"""What a checked ONNX file says, in plain values: no protobuf past this module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from vplat.deploy.network.shapes import printed
from vplat.errors import DeployError

from .onnx_file import expect_bearable

if TYPE_CHECKING:
    import onnx

Numbers: TypeAlias = npt.NDArray[Any]
"""An array as a file has it: integers or floats of any width."""

Attribute: TypeAlias = int | float | str | tuple[int, ...] | tuple[float, ...] | Numbers


@dataclass(frozen=True)
class FileNode:
    """One node. ``inputs`` has an empty name for an operand that is left out."""

    name: str
    kind: str
    domain: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]

    @property
    def called(self) -> str:
        """How messages name it."""
        return f"'{self.name}' ({self.kind})"


@dataclass(frozen=True)
class FileInput:
    """An input that is no constant, with its declared element type (numpy's name for it)."""

    name: str
    declared: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class FileGraph:
    """A graph whose nodes are in order. ``Constant`` nodes are among the constants."""

    name: str
    inputs: tuple[FileInput, ...]
    outputs: tuple[str, ...]
    nodes: tuple[FileNode, ...]
    constants: Mapping[str, Numbers]


def graph_of(model: onnx.ModelProto) -> FileGraph:
    """
    What a model that `open_model` has checked holds.

    :raises DeployError: a constant or an attribute is damaged or of a kind that cannot be read
    """
    graph = model.graph
    constants = {each.name: _numbers(each) for each in graph.initializer}
    inputs = tuple(_input(each) for each in graph.input if each.name not in constants)
    nodes = []
    for node in map(_node, graph.node):
        if node.kind == "Constant" and node.domain in ("", "ai.onnx"):
            constants[node.outputs[0]] = _constant(node)
        else:
            nodes.append(node)
    outputs = tuple(each.name for each in graph.output)
    return FileGraph(graph.name or "network", inputs, outputs, tuple(nodes), constants)


def _input(value: onnx.ValueInfoProto) -> FileInput:
    tensor = value.type.tensor_type
    shape = tuple(each.dim_value for each in tensor.shape.dim)
    return FileInput(value.name, _element_name(tensor.elem_type), shape)


def _element_name(kind: int) -> str:
    """numpy's name for an element type that it computes with, else ONNX's."""
    from onnx import TensorProto, helper

    try:
        element = np.dtype(helper.tensor_dtype_to_np_dtype(kind))
        return element.name if element.kind in "biuf" else TensorProto.DataType.Name(kind).lower()
    except (KeyError, TypeError, ValueError):
        return f"element type {kind}"


def _numbers(tensor: onnx.TensorProto) -> Numbers:
    from onnx import numpy_helper

    what = f"constant '{tensor.name}'" if tensor.name else "a constant"
    expect_bearable(tensor.dims, what)
    if min(tensor.dims, default=0) < 0:
        raise DeployError(f"{what} has a negative dimension")
    try:
        array = np.asarray(numpy_helper.to_array(tensor))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        raise DeployError(f"{what} of shape {printed(tensor.dims)} has damaged data") from None
    if array.dtype.kind not in "biuf":
        raise DeployError(
            f"{what} has elements of type {_element_name(tensor.data_type)}, but numbers of the"
            " usual types are needed"
        )
    return array


def _node(node: onnx.NodeProto) -> FileNode:
    name = node.name or next(filter(None, node.output))
    attributes = {}
    for each in node.attribute:
        try:
            value = _attribute(each)
        except DeployError as error:
            raise DeployError(f"'{name}' ({node.op_type}): {error}") from None
        if value is not None:
            attributes[each.name] = value
    inputs, outputs = tuple(node.input), tuple(node.output)
    return FileNode(name, node.op_type, node.domain, inputs, outputs, attributes)


def _attribute(attribute: onnx.AttributeProto) -> Attribute | None:
    """Its value; None for graphs and other kinds that no operator here has."""
    kinds = type(attribute)
    match attribute.type:
        case kinds.INT:
            return int(attribute.i)
        case kinds.FLOAT:
            return float(attribute.f)
        case kinds.STRING:
            return bytes(attribute.s).decode("utf-8", "replace")
        case kinds.INTS:
            return tuple(map(int, attribute.ints))
        case kinds.FLOATS:
            return tuple(map(float, attribute.floats))
        case kinds.TENSOR:
            return _numbers(attribute.t)
    return None


def _constant(node: FileNode) -> Numbers:
    for name in ("value", "value_int", "value_ints", "value_float", "value_floats"):
        value = node.attributes.get(name)
        if value is not None and not isinstance(value, str):
            return np.asarray(value)
    raise DeployError(f"{node.called} has no value that is a dense tensor of numbers")


def names_of(names: Iterable[str]) -> str:
    """Names as messages list them."""
    return ", ".join(f"'{each}'" for each in names)
