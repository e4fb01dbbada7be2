"""From a file in the QDQ dialect to a network of integers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from vplat.deploy.network import Element, Network
from vplat.errors import DeployError

from .building import Building
from .expanding import expanded
from .nodes import LOWERINGS, Call
from .storing import quantise
from .values import (
    Entering,
    Joined,
    Known,
    Normalised,
    Probabilities,
    Reals,
    Stored,
    Sum,
    Value,
    Weights,
)

if TYPE_CHECKING:
    import onnx

ELEMENTS: dict[np.dtype[Any], Element] = {np.dtype(each.value): each for each in Element}


MALFORMED = (ArithmeticError, LookupError, TypeError, ValueError)
"""What Python and numpy raise for numbers that contradict each other."""


@dataclass(frozen=True)
class Scaling:
    """What a network's input or output stands for: real = scale * (integer - zero)."""

    scale: Reals
    zero: int


@dataclass(frozen=True)
class QuantisedNetwork:
    """The integers, and what those at the network's edge stand for."""

    network: Network
    scalings: dict[str, Scaling]


def is_qdq(model: onnx.ModelProto) -> bool:
    """Whether the file is in this dialect."""
    return any(
        node.op_type in ("QuantizeLinear", "DequantizeLinear") or node.op_type.startswith("QLinear")
        for node in model.graph.node
    )


def read_qdq(model: onnx.ModelProto) -> QuantisedNetwork:
    """
    Lower the file.

    :raises DeployError: what cannot be lowered, all of it, with the reason for each node
    """
    return _Reading(model).read()


@dataclass
class _Reading:
    model: onnx.ModelProto
    values: dict[str, Value] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    scalings: dict[str, Scaling] = field(default_factory=dict)

    def read(self) -> QuantisedNetwork:
        graph = self.model.graph
        names = [each.name for each in graph.input] + [n for v in graph.node for n in v.output]
        self.building = Building(names)
        self._take_parameters()
        inputs = self._take_inputs()
        for node in expanded(graph.node):
            self._lower(node)
        outputs = [] if self.problems else [self._finish(each.name) for each in graph.output]
        if self.problems:
            problems = ("this network cannot be deployed:", *dict.fromkeys(self.problems))
            raise DeployError(DeployError.ITEM.join(problems))
        network = self.building.network(graph.name or "network", inputs, outputs)
        return QuantisedNetwork(network, self.scalings)

    def _take_parameters(self) -> None:
        from onnx import numpy_helper

        for each in self.model.graph.initializer:
            self.values[each.name] = Known(numpy_helper.to_array(each))

    def _take_inputs(self) -> list[str]:
        from onnx import TensorProto, helper

        names = []
        for each in self.model.graph.input:
            if each.name in self.values:
                continue
            tensor = each.type.tensor_type
            shape = tuple(dimension.dim_value for dimension in tensor.shape.dim)
            names.append(each.name)
            if tensor.elem_type == TensorProto.FLOAT:
                self.values[each.name] = Entering(each.name, shape)
                continue
            element = ELEMENTS.get(np.dtype(helper.tensor_dtype_to_np_dtype(tensor.elem_type)))
            if element is None or element is Element.INT32:
                kind = TensorProto.DataType.Name(tensor.elem_type)
                self.problems.append(
                    f"input '{each.name}' is {kind}; float, int8 and uint8 can be read"
                )
                continue
            self.values[each.name] = Entering(each.name, shape)
        return names

    def _lower(self, node: onnx.NodeProto) -> None:
        from onnx import helper

        if any(name and name not in self.values for name in node.input):
            # What it needs has been refused; that is told where it was.
            return
        lowering = LOWERINGS.get(node.op_type)
        attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
        operands = [self.values[name] if name else None for name in node.input]
        call = Call(self.building, node.name or node.output[0], node.output, operands, attributes)
        try:
            if node.op_type == "QuantizeLinear":
                results: list[Value] = [self._quantise(call)]
            elif node.op_type == "DequantizeLinear":
                results = [self._dequantise(call)]
            elif lowering is not None:
                results = lowering(call, node.op_type)
            else:
                results = self._refuse()
        except DeployError as error:
            self.problems.append(f"{node.op_type} '{call.hint}': {error}")
            return
        except MALFORMED as error:
            told = str(error).partition("\n")[0]
            self.problems.append(
                f"{node.op_type} '{call.hint}': its attributes or operands do not fit ({told})"
            )
            return
        self.values.update(zip(node.output, results, strict=False))

    def _refuse(self) -> list[Value]:
        raise DeployError("there is no integer lowering for this operator")

    def _like(self, call: Call) -> Stored:
        """Scale, zero point and element type of a QuantizeLinear or DequantizeLinear."""
        scale = call.known(1).astype(np.float64)
        zero = call.known(2) if call.has(2) else np.array(0, np.uint8)
        if scale.size != 1:
            raise DeployError(
                "a tensor that is computed has a scale for each channel; use one for all"
            )
        element = ELEMENTS.get(zero.dtype)
        if element is None:
            raise DeployError(f"{zero.dtype} is not supported; int8 and uint8 are")
        if not float(scale.reshape(())) > 0:
            raise DeployError("its scale is not above 0")
        return Stored("", element, (), float(scale.reshape(())), int(zero.reshape(())))

    def _quantise(self, call: Call) -> Value:
        value = call.operand(0)
        if isinstance(value, Known) and call.known(1).size != 1:
            reals = value.reals()
            scale, zero = self._along(call, reals.shape)
            element = ELEMENTS[call.known(2).dtype] if call.has(2) else Element.UINT8
            integers = np.clip(np.rint(reals / scale) + zero, element.least, element.greatest)
            return Weights(integers.astype(np.int64), scale, zero, element)
        like = self._like(call)
        stored = quantise(call.building, call.outputs[0], value, like)
        if isinstance(value, Entering):
            self.scalings[value.name] = Scaling(np.array(like.scale), like.zero)
        return stored

    def _dequantise(self, call: Call) -> Value:
        value = call.operand(0)
        if isinstance(value, Known):
            scale, zero = self._along(call, value.shape)
            element = ELEMENTS.get(value.array.dtype)
            if element is None:
                raise DeployError(f"{value.array.dtype} is not supported; int8, uint8, int32 are")
            return Weights(value.array.astype(np.int64), scale, zero, element)
        if isinstance(value, Weights):
            return value
        like = self._like(call)
        if isinstance(value, Entering):
            entered = quantise(call.building, call.outputs[0], value, like)
            self.scalings[value.name] = Scaling(np.array(like.scale), like.zero)
            return entered
        if not isinstance(value, Stored) or abs(value.scale - like.scale) > 1e-5 * like.scale:
            raise DeployError("it reads integers at another scale than they were written with")
        return value

    def _along(self, call: Call, shape: tuple[int, ...]) -> tuple[Reals, np.ndarray]:
        scale = call.known(1).astype(np.float64)
        zero = call.known(2).astype(np.int64) if call.has(2) else np.zeros(scale.shape, np.int64)
        if scale.size == 1:
            return scale.reshape(()), zero.reshape(())
        axis = int(str(call.attributes.get("axis", 1))) % len(shape)
        if scale.shape != (shape[axis],):
            raise DeployError("its scales do not fit its axis")
        along = tuple(-1 if i == axis else 1 for i in range(len(shape)))
        return scale.reshape(along), np.broadcast_to(zero, scale.shape).reshape(along)

    def _finish(self, name: str) -> str:
        value = self.values[name]
        if isinstance(value, Stored):
            self.scalings[value.tensor] = Scaling(np.array(value.scale), value.zero)
            return value.tensor
        if isinstance(value, Sum) and len(value.terms) == 1 and not np.any(value.offset):
            [term] = value.terms
            self.scalings[term.tensor] = Scaling(term.scale, 0)
            return term.tensor
        if isinstance(value, Joined | Normalised | Probabilities | Sum):
            self.problems.append(
                f"output '{name}' is not quantised; put a QuantizeLinear behind it"
            )
            return name
        self.problems.append(f"output '{name}' does not depend on any input")
        return name
