"""Every node of a graph lowered, and everything that cannot be lowered reported at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from vplat.deploy.network import Element, Network, TensorType
from vplat.deploy.network.operators import Reshape
from vplat.deploy.read.attributes import Attributes
from vplat.deploy.read.file_graph import FileGraph, FileNode
from vplat.errors import DeployError

from . import elementwise, movement, products, requantisation, rows, windows
from .building import Building, Value
from .call import Call, Literal, Operand
from .splitting import split

Lowering = Callable[[Call], Value]

FLOAT_OPERATORS: Final = frozenset(
    ("BatchNormalization", "Erf", "Gelu", "LayerNormalization", "Sigmoid", "Softmax", "Tanh")
)
"""Nobody has these in a network of integers."""

LOWERINGS: Final[Mapping[str, Lowering]] = {
    "Add": elementwise.add,
    "AveragePool": windows.average_pool,
    "Clip": elementwise.clip,
    "Concat": movement.concat,
    "Conv": windows.convolution,
    "Flatten": movement.flatten,
    "Gather": movement.gather,
    "Gemm": products.gemm,
    "GlobalAveragePool": windows.global_average_pool,
    "GlobalMaxPool": windows.global_max_pool,
    "ITAGELU": elementwise.ita_gelu,
    "ITAMax": rows.two_pass_softmax,
    "ITAPartialMax": rows.partial_softmax,
    "ITASoftmax": rows.ita_softmax,
    "IntegerDiv": elementwise.integer_division,
    "IntegerMean": rows.reduce_mean,
    "MatMul": products.matmul,
    "MaxPool": windows.max_pool,
    "Mul": elementwise.multiply,
    "Pad": movement.pad,
    "RQGemm": products.requantised_gemm,
    "RQIntegerDiv": elementwise.requantised_division,
    "RQMatMul": products.requantised_matmul,
    "ReduceMean": rows.reduce_mean,
    "ReduceSum": rows.reduce_sum,
    "Relu": elementwise.relu,
    "RequantShift": requantisation.requant_shift,
    "RequantizedAdd": requantisation.requantised_add,
    "RequantizedGemm": products.requantised_gemm,
    "RequantizediGELU": elementwise.requantised_gelu,
    "RequantizediHardswish": elementwise.requantised_hardswish,
    "Reshape": movement.reshape,
    "Shape": movement.shape_of,
    "Slice": movement.slices,
    "Squeeze": movement.squeeze,
    "Sub": elementwise.subtract,
    "Sum": elementwise.add,
    "Transpose": movement.transpose,
    "TrueIntegerDiv": elementwise.true_integer_division,
    "Unsqueeze": movement.unsqueeze,
    "iGELU": elementwise.gelu,
    "iHardswish": elementwise.hardswish,
    "iLayerNorm": rows.layer_norm,
    "iNoNorm": rows.no_norm,
    "iRMSNorm": rows.rms_norm,
    "iSoftmax": rows.polynomial_softmax,
}
"""One entry for each operator that makes one tensor."""

PASSING: Final = ("Cast", "Dropout", "Identity")
"""What leaves values as they are."""

DOMAINS: Final = ("", "ai.onnx", "PACTOps", "vplat")


def read_integer(graph: FileGraph, elements: Mapping[str, Element]) -> Network:
    """
    The network that a file of the integer dialect describes. ``elements`` has every input's type.

    :raises DeployError: some nodes cannot be read: all of them, each with the reason
    """
    return _Reading(graph, elements).read()


@dataclass
class _Reading:
    graph: FileGraph
    elements: Mapping[str, Element]
    values: dict[str, Operand] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def read(self) -> Network:
        graph = self.graph
        made = [name for node in graph.nodes for name in node.outputs]
        inputs = [each.name for each in graph.inputs]
        self.building = Building([*graph.constants, *inputs, *made])
        for name, numbers in graph.constants.items():
            self.values[name] = Literal(name, numbers)
        for each in graph.inputs:
            kind = TensorType(self.elements[each.name], each.shape)
            self.values[each.name] = self.building.enter(each.name, kind)
        for node in graph.nodes:
            self._lower(node)
        outputs = [] if self.problems else self._outputs(inputs)
        if self.problems:
            problems = ("this network cannot be deployed:", *self.problems, *self._advice())
            raise DeployError(DeployError.ITEM.join(problems))
        return self.building.network(graph.name, inputs, outputs)

    def _advice(self) -> Iterator[str]:
        """What to do, if none of it was quantised."""
        kinds = {node.kind for node in self.graph.nodes}
        if kinds & FLOAT_OPERATORS and not any("equant" in kind for kind in kinds):
            yield "it looks like a float network; vplat quantise makes an 8-bit one of it"

    def _lower(self, node: FileNode) -> None:
        if any(name and name not in self.values for name in node.inputs):
            # What it takes has been refused, and that has been reported.
            self._report_if_unknown(node)
            return
        operands = tuple(self.values[name] if name else None for name in node.inputs)
        try:
            results = self._results(node, operands)
        except DeployError as error:
            self.problems.append(f"{node.called}: {error}")
            return
        self.values.update(zip(node.outputs, results, strict=False))

    def _results(self, node: FileNode, operands: tuple[Operand | None, ...]) -> Sequence[Operand]:
        self._expect_known(node)
        call = Call(node, self.building, operands, Attributes(node.attributes))
        if node.kind == "Split":
            return split(call)
        if any(node.outputs[1:]):
            raise DeployError(f"its second output '{node.outputs[1]}' is not computed")
        if not node.outputs[0]:
            raise DeployError("its first output has no name")
        if node.kind in PASSING:
            return [movement.passed(call)]
        return [LOWERINGS[node.kind](call)]

    def _expect_known(self, node: FileNode) -> None:
        if node.domain not in DOMAINS:
            raise DeployError(f"the integer dialect has no operators of the domain '{node.domain}'")
        if node.kind not in LOWERINGS and node.kind not in (*PASSING, "Split"):
            raise DeployError("the integer dialect has no such operator")

    def _report_if_unknown(self, node: FileNode) -> None:
        try:
            self._expect_known(node)
        except DeployError as error:
            self.problems.append(f"{node.called}: {error}")

    def _outputs(self, inputs: Sequence[str]) -> list[str]:
        """The tensors that are the outputs, each of them made by a node of its own."""
        taken = set(inputs)
        names: list[str] = []
        for name in self.graph.outputs:
            value = self.values[name]
            if isinstance(value, Literal) or value.values is not None:
                self.problems.append(f"output '{name}' does not depend on any input")
                continue
            if value.name in taken:
                copy = self.building.fresh(f"{name} copy") if name in taken else name
                value = self.building.emit(copy, Reshape(value.type.shape), [value], copy)
            taken.add(value.name)
            names.append(value.name)
        return names
