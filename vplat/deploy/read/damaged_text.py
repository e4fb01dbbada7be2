"""Names that are no text: protobuf hands these on as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vplat.errors import DeployError

if TYPE_CHECKING:
    import onnx


def expect_text(model: onnx.ModelProto) -> None:
    """Refuses a model with a name in it that is not UTF-8."""
    for name in _names(model):
        if not isinstance(name, str):
            raise DeployError(f"it has a name that is no text ({name!r}); is it damaged?")


def _names(model: onnx.ModelProto) -> Iterator[object]:
    """Every name that is read from a file."""
    graph = model.graph
    yield graph.name
    for version in model.opset_import:
        yield version.domain
    for constant in graph.initializer:
        yield constant.name
        for entry in constant.external_data:
            yield from (entry.key, entry.value)
    for value in (*graph.input, *graph.output):
        yield value.name
        for dimension in value.type.tensor_type.shape.dim:
            yield dimension.dim_param
    for node in graph.node:
        yield from (node.op_type, node.domain, node.name, *node.input, *node.output)
        for attribute in node.attribute:
            yield from (attribute.name, attribute.t.name)
