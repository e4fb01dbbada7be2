"""Small networks in the QDQ dialect, and what onnxruntime says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from vplat.deploy.network import Integers, Network
from vplat.deploy.read.qdq import QuantisedNetwork

Floats = npt.NDArray[np.float32]


class Graph:
    """A graph written down operator by operator."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._inputs: list[onnx.ValueInfoProto] = []
        self._parameters: list[onnx.TensorProto] = []

    def input(self, name: str, *shape: int) -> str:
        self._inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        return name

    def parameter(self, value: npt.ArrayLike, dtype: Any = np.float32) -> str:
        name = f"p{len(self._parameters)}"
        self._parameters.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def node(self, kind: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        output = f"{kind.lower()}_{len(self._nodes)}"
        made = helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes)
        self._nodes.append(made)
        return output

    def stored(self, value: str, scale: float, zero: int = 0, dtype: Any = np.int8) -> str:
        """Through QuantizeLinear and DequantizeLinear."""
        how = self.parameter(scale), self.parameter(zero, dtype)
        return self.node("DequantizeLinear", self.node("QuantizeLinear", value, *how), *how)

    def weights(self, value: npt.ArrayLike, scale: npt.ArrayLike, **attributes: Any) -> str:
        """An int8 parameter, dequantised."""
        scales = np.asarray(scale, np.float32)
        zero = self.parameter(np.zeros(scales.shape), np.int8)
        integers = self.parameter(value, np.int8)
        return self.node("DequantizeLinear", integers, self.parameter(scales), zero, **attributes)

    def model(self, *outputs: str) -> onnx.ModelProto:
        made = [helper.make_tensor_value_info(o, TensorProto.FLOAT, None) for o in outputs]
        graph = helper.make_graph(self._nodes, "test", self._inputs, made, self._parameters)
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets)
        model.ir_version = 9
        return onnx.shape_inference.infer_shapes(model)


def by_onnxruntime(model: onnx.ModelProto, inputs: Mapping[str, Floats]) -> list[Floats]:
    """The file's outputs, computed as its nodes say."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    return [np.asarray(each) for each in session.run(None, dict(inputs))]


def computed(network: Network, inputs: Mapping[str, Integers]) -> dict[str, Integers]:
    """All tensors of the network."""
    values = {**network.constants, **inputs}
    for node in network.nodes:
        values[node.output] = node.operator.compute([values[name] for name in node.inputs])
    return values


def steps_apart(
    read: QuantisedNetwork, model: onnx.ModelProto, inputs: Mapping[str, Floats]
) -> Sequence[npt.NDArray[np.float64]]:
    """For each output, how many of its steps lie between our result and onnxruntime's."""
    network = read.network
    entered = {}
    for name in network.inputs:
        scaling, element = read.scalings[name], network.types[name].element
        integers = np.rint(inputs[name] / scaling.scale) + scaling.zero
        entered[name] = np.clip(integers, element.least, element.greatest).astype(np.int64)
    values = computed(network, entered)
    apart = []
    for name, wanted in zip(network.outputs, by_onnxruntime(model, inputs), strict=True):
        scaling = read.scalings[name]
        apart.append(np.abs(values[name] - scaling.zero - wanted / scaling.scale))
    return apart
