"""An ONNX file: opened within limits, checked as a graph, its nodes put in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vplat.deploy.network.shapes import printed
from vplat.errors import DeployError

from .damaged_text import expect_text
from .external_data import take_external_data
from .graph_order import put_in_order

if TYPE_CHECKING:
    import onnx

LARGEST_FILE_BYTES: Final = 2**31
"""What the format itself allows; larger networks keep their weights in files of their own."""

LARGEST_TENSOR: Final = 2**27
"""Elements. No board has a memory for a tensor of this size, and a host does not suffer yet."""

MOST_AXES: Final = 16

OPSETS: Final = range(7, 29)
"""Versions of the operator set whose operators are read; older ones broadcast differently."""

Shapes = Mapping[str, tuple[int, ...]]


def open_model(path: Path, input_shapes: Shapes | None = None) -> onnx.ModelProto:
    """
    The file, with its external data in it, its nodes in an order in which they can be computed,
    and every dimension of its inputs known. ``input_shapes`` gives those that the file leaves open.

    :raises DeployError: it is not such a file, in one sentence that begins with its path
    """
    try:
        model = _parsed(path)
        expect_text(model)
        _expect_known_version(model)
        take_external_data(model, path.parent)
        _settle_shapes(model, input_shapes or {})
        _expect_sound_tensors(model.graph)
        put_in_order(model.graph)
    except DeployError as error:
        raise DeployError(f"{path}: {error}") from None
    return model


def expect_bearable(shape: Sequence[int], what: str) -> None:
    """
    Refuses a tensor of more than `LARGEST_TENSOR` elements or `MOST_AXES` axes, before anything is
    allocated. A length of 0 counts as 1: the others have to be bearable all the same.
    """
    if len(shape) > MOST_AXES:
        raise DeployError(f"{what} has {len(shape)} axes, but {MOST_AXES} are the most here")
    if prod(max(length, 1) for length in shape) > LARGEST_TENSOR:
        raise DeployError(
            f"{what} of shape {printed(shape)} has more than {LARGEST_TENSOR} elements, the most"
            " that a tensor can have here"
        )


def _parsed(path: Path) -> onnx.ModelProto:
    try:
        import onnx
        from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    except ImportError:
        raise DeployError(
            "reading it takes the package 'onnx'; run pip install 'vplat[deploy]'"
        ) from None
    if path.is_dir():
        raise DeployError("it is a directory, but an ONNX file is needed")
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE_BYTES:
            raise DeployError(f"its {size} bytes are more than the {LARGEST_FILE_BYTES} of ONNX")
        data = path.read_bytes()
    except OSError as error:
        raise DeployError(f"it cannot be read: {error.strerror or error}") from None
    if not data:
        raise DeployError("it is empty, but an ONNX file is needed")
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except (DecodeError, RuntimeError):
        raise DeployError("it is not an ONNX file, or it is truncated") from None
    if not model.graph.node:
        raise DeployError("it has no nodes; is it an ONNX file?")
    return model


def _expect_known_version(model: onnx.ModelProto) -> None:
    versions = [each.version for each in model.opset_import if each.domain in ("", "ai.onnx")]
    if not versions:
        raise DeployError("it does not say which version of the ONNX operator set it uses")
    if versions[0] not in OPSETS:
        raise DeployError(
            f"it uses version {versions[0]} of the ONNX operator set, but {OPSETS.start} to"
            f" {OPSETS.stop - 1} can be read; export it for one of these"
        )


def _settle_shapes(model: onnx.ModelProto, given: Shapes) -> None:
    """Every input gets dimensions that are numbers, from the file or from ``given``."""
    constants = {each.name for each in model.graph.initializer}
    inputs = [each for each in model.graph.input if each.name not in constants]
    unknown = sorted(set(given) - {each.name for each in inputs})
    if unknown:
        names = ", ".join(f"'{each.name}'" for each in inputs)
        raise DeployError(f"it has no input '{unknown[0]}' to give a shape; it has {names}")
    problems = []
    for each in inputs:
        try:
            _settle_shape(each, given.get(each.name))
        except DeployError as error:
            problems.append(str(error))
    if problems:
        raise DeployError("; ".join(problems))


def _settle_shape(value: onnx.ValueInfoProto, given: tuple[int, ...] | None) -> None:
    if value.type.WhichOneof("value") != "tensor_type":
        raise DeployError(f"input '{value.name}' is not a tensor")
    shape = value.type.tensor_type.shape
    known = value.type.tensor_type.HasField("shape")
    if given is not None:
        fits = len(given) == len(shape.dim) and all(
            not dimension.HasField("dim_value") or dimension.dim_value == length
            for dimension, length in zip(shape.dim, given, strict=True)
        )
        if known and not fits:
            raise DeployError(
                f"input '{value.name}' is declared {_declared(shape)}, so it cannot be"
                f" {printed(given)}"
            )
        del shape.dim[:]
        for length in given:
            shape.dim.add().dim_value = length
    open_axes = [each for each in shape.dim if not each.HasField("dim_value")]
    if open_axes or (given is None and not known):
        written = f"declared {_declared(shape)}" if known else "not declared"
        raise DeployError(
            f"input '{value.name}' has a dynamic shape ({written}); give it one with"
            f" --input-shape {value.name}=1x..."
        )
    lengths = [each.dim_value for each in shape.dim]
    if min(lengths, default=0) < 0:
        raise DeployError(f"input '{value.name}' has a negative dimension: {printed(lengths)}")
    expect_bearable(lengths, f"input '{value.name}'")


def _declared(shape: onnx.TensorShapeProto) -> str:
    """A shape with names for the lengths that are open: ``[batch, 4]``."""
    lengths = (
        str(each.dim_value) if each.HasField("dim_value") else each.dim_param or "?"
        for each in shape.dim
    )
    return f"[{', '.join(lengths)}]"


def _expect_sound_tensors(graph: onnx.GraphProto) -> None:
    """Constants have bearable sizes; every tensor's name stands for one thing."""
    if graph.sparse_initializer:
        raise DeployError("it has sparse constants; export them densely")
    for constant in graph.initializer:
        if min(constant.dims, default=0) < 0:
            raise DeployError(f"constant '{constant.name}' has a negative dimension")
        expect_bearable(constant.dims, f"constant '{constant.name}'")
    for what, names in (
        ("constants", [each.name for each in graph.initializer]),
        ("inputs", [each.name for each in graph.input]),
        ("outputs", [each.name for each in graph.output]),
    ):
        twice = [name for name, many in Counter(names).items() if many > 1]
        if twice:
            raise DeployError(f"two of its {what} are called '{twice[0]}'")
    if not graph.output:
        raise DeployError("it has no outputs")
