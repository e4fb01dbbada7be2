"""ONNX as it is written: nodes, constants and types of the integer dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from vplat.errors import DeployError

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto

OPSET: Final = 13
DOMAIN: Final = "vplat"
"""Of operators that ONNX does not have, or has for floats alone."""
CUSTOM: Final = frozenset({"RequantShift", "iLayerNorm", "iNoNorm", "ITASoftmax", "ITAGELU"})
IR_VERSION: Final = 8
"""Every ONNX since 1.10 reads it."""


class GraphWriter:
    """A graph under construction. Names are its tensors'; a node is named after its output."""

    def __init__(self, name: str) -> None:
        try:
            import onnx
        except ImportError:
            raise DeployError(
                "models are written with the package onnx, which is not installed; "
                "pip install 'vplat[deploy]'"
            ) from None
        self._onnx = onnx
        self._name = name
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self._types: dict[str, ValueInfoProto] = {}
        self._inputs: list[str] = []

    def declare(self, name: str, element: str, shape: Sequence[int]) -> None:
        """Say what the tensor ``name`` holds: an element like ``int8``, and its shape."""
        kind = self._onnx.helper.np_dtype_to_tensor_dtype(np.dtype(element))
        self._types[name] = self._onnx.helper.make_tensor_value_info(name, kind, list(shape))

    def input(self, name: str, element: str, shape: Sequence[int]) -> None:
        """One more input of the graph."""
        self.declare(name, element, shape)
        self._inputs.append(name)

    def constant(self, name: str, values: npt.NDArray[Any]) -> str:
        """One more initialiser, of the array's own type; its name."""
        stored = np.asarray(values, order="C")
        self._constants.append(self._onnx.numpy_helper.from_array(stored, name))
        return name

    def node(
        self,
        kind: str,
        inputs: Sequence[str],
        output: str,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        """
        One more node. Attributes are as ONNX has them; those of the integer dialect's own operators
        are tensors (quantised-operators.md section 3.1).
        """
        made = self._onnx.helper.make_node(kind, list(inputs), [output], name=output)
        # An addition of three has no place among ONNX's own, which is of two.
        if kind in CUSTOM or (kind == "Add" and len(inputs) > 2):
            made.domain = DOMAIN
        for name, value in (attributes or {}).items():
            held = self._tensor(value) if kind in CUSTOM else value
            made.attribute.append(self._onnx.helper.make_attribute(name, held))
        self._nodes.append(made)

    def _tensor(self, value: int) -> TensorProto:
        tensor: TensorProto = self._onnx.numpy_helper.from_array(np.array([value], np.int32))
        return tensor

    def model(self, outputs: Sequence[str], about: str) -> ModelProto:
        """The whole as it can be saved; ``about`` is its documentation."""
        helper = self._onnx.helper
        ends = {*self._inputs, *outputs}
        graph = helper.make_graph(
            self._nodes,
            self._name,
            [self._types[name] for name in self._inputs],
            [self._types[name] for name in outputs],
            self._constants,
            value_info=[value for name, value in self._types.items() if name not in ends],
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(DOMAIN, 1)]
        model: ModelProto = helper.make_model(
            graph,
            opset_imports=opsets,
            producer_name="vplat",
            ir_version=IR_VERSION,
            doc_string=about,
        )
        return model
