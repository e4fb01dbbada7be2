"""The same network in fewer kinds of operators: what layers are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from vplat.deploy.network import Element, Integers, Network, Node, Operator, TensorType
from vplat.deploy.network.operators import (
    Add,
    Concat,
    Convolution,
    Gemm,
    Lookup,
    MatMul,
    PolynomialSoftmax,
    ReduceMean,
    ReduceSum,
    Reshape,
    Scale,
    Softmax2,
    Transpose,
)

from .expression import all_bytes

Rule: TypeAlias = "Callable[[Builder, Node], bool]"


class Builder:
    """Nodes in the making. Names of what is new begin with the name of the node it comes from."""

    def __init__(self, network: Network) -> None:
        self.types: dict[str, TensorType] = dict(network.types)
        self.constants: dict[str, Integers] = dict(network.constants)
        self.nodes: list[Node] = []
        self._count = 0

    def constant(self, of: Node, values: Integers, element: Element) -> str:
        """A new constant."""
        name = self._name(of)
        self.constants[name] = values
        self.types[name] = TensorType(element, values.shape)
        return name

    def add(self, of: Node, operator: Operator, inputs: Sequence[str], output: str = "") -> str:
        """A new node; its output, which is a new tensor if no name is given."""
        name = output or self._name(of)
        if not output:
            self.types[name] = operator.infer([self.types[each] for each in inputs])
        node_name = of.name if output else f"{of.name}/{self._count}"
        self.nodes.append(Node(node_name, operator, tuple(inputs), name))
        return name

    def _name(self, of: Node) -> str:
        while True:
            self._count += 1
            name = f"{of.output}/{self._count}"
            if name not in self.types:
                return name


def simplified(network: Network) -> Network:
    """
    A network with the same values in all tensors of the old one, and others between them.

    Constants are computed; a Gemm is a MatMul and what goes around it; sums have two operands;
    softmax takes int8; what is reduced is side by side.
    """
    builder = Builder(network)
    for node in network.nodes:
        if all(name in builder.constants for name in node.inputs):
            operands = [builder.constants[name] for name in node.inputs]
            builder.constants[node.output] = node.operator.compute(operands)
        elif not any(rule(builder, node) for rule in RULES):
            builder.nodes.append(node)
    return replace(
        network,
        nodes=tuple(builder.nodes),
        types=builder.types,
        constants=builder.constants,
    )


def _gemm(builder: Builder, node: Node) -> bool:
    operator = node.operator
    if not isinstance(operator, Gemm):
        return False
    left, right, *addend = node.inputs
    left = _transposed(builder, node, left) if operator.transpose_left else left
    right = _transposed(builder, node, right) if operator.transpose_right else right
    scales = operator.alpha != 1
    adds = bool(addend) and operator.beta != 0
    product = builder.add(node, MatMul(), (left, right), "" if scales or adds else node.output)
    if scales:
        scale = Scale(operator.alpha)
        product = builder.add(node, scale, (product,), "" if adds else node.output)
    if adds:
        scaled = _scaled(builder, node, addend[0], operator.beta)
        builder.add(node, Add(), (product, scaled), node.output)
    return True


def _transposed(builder: Builder, node: Node, name: str) -> str:
    rank = len(builder.types[name].shape)
    perm = (*range(rank - 2), rank - 1, rank - 2)
    if name in builder.constants:
        values = builder.constants[name].transpose(perm)
        return builder.constant(node, values, builder.types[name].element)
    return builder.add(node, Transpose(perm), (name,))


def _scaled(builder: Builder, node: Node, name: str, factor: int) -> str:
    if factor == 1:
        return name
    if name in builder.constants:
        return builder.constant(node, builder.constants[name] * factor, Element.INT32)
    return builder.add(node, Scale(factor), (name,))


def _sum_of_many(builder: Builder, node: Node) -> bool:
    if not isinstance(node.operator, Add) or len(node.inputs) == 2:
        return False
    total, *others = node.inputs
    for name in others[:-1]:
        total = builder.add(node, Add(), (total, name))
    builder.add(node, Add(), (total, others[-1]), node.output)
    return True


def _unsigned_softmax(builder: Builder, node: Node) -> bool:
    """Only distances count, so the values are made int8."""
    element = builder.types[node.inputs[0]].element
    known = isinstance(node.operator, Softmax2 | PolynomialSoftmax)
    if not known or element is not Element.UINT8:
        return False
    table = builder.constant(node, all_bytes(element) + Element.INT8.least, Element.INT8)
    values = builder.add(node, Lookup(), (node.inputs[0], table))
    builder.add(node, node.operator, (values,), node.output)
    return True


def _mixed_concat(builder: Builder, node: Node) -> bool:
    """Operands become what the result is."""
    element = builder.types[node.output].element
    differ = [builder.types[name].element is not element for name in node.inputs]
    if not isinstance(node.operator, Concat) or not any(differ):
        return False
    inputs = [
        _scaled_to_words(builder, node, name) if differs else name
        for name, differs in zip(node.inputs, differ, strict=True)
    ]
    builder.add(node, node.operator, inputs, node.output)
    return True


def _scaled_to_words(builder: Builder, node: Node, name: str) -> str:
    if name in builder.constants:
        return builder.constant(node, builder.constants[name], Element.INT32)
    return builder.add(node, Scale(1), (name,))


def _scattered_reduction(builder: Builder, node: Node) -> bool:
    """Axes that have others between them go to the end first."""
    operator = node.operator
    if not isinstance(operator, ReduceMean | ReduceSum):
        return False
    shape = builder.types[node.inputs[0]].shape
    axes = [axis for axis in operator.axes if shape[axis] != 1]
    between = range(min(axes), max(axes) + 1) if axes else range(0)
    if all(axis in operator.axes or shape[axis] == 1 for axis in between):
        return False
    kept = [axis for axis in range(len(shape)) if axis not in operator.axes]
    moved = builder.add(node, Transpose((*kept, *operator.axes)), node.inputs)
    last = tuple(range(len(kept), len(shape)))
    reduced = builder.add(node, replace(operator, axes=last, keep=False), (moved,))
    builder.add(node, Reshape(builder.types[node.output].shape), (reduced,), node.output)
    return True


def _unsigned_weights(builder: Builder, node: Node) -> bool:
    """Weights beyond int8 are sums of some that are not, each with the whole input."""
    operator = node.operator
    if not isinstance(operator, Convolution) or operator.groups != 1:
        return False
    source, weights, *bias = node.inputs
    if builder.types[weights].element is not Element.UINT8 or weights not in builder.constants:
        return False
    rest = builder.constants[weights]
    parts: list[Integers] = []
    while not parts or rest.any():
        parts.append(np.minimum(rest, Element.INT8.greatest))
        rest = rest - parts[-1]
    if len(parts) > 1:
        source = builder.add(node, Concat(1), [source] * len(parts))
    terms = builder.constant(node, np.concatenate(parts, axis=1), Element.INT8)
    builder.add(node, operator, (source, terms, *bias), node.output)
    return True


RULES: Sequence[Rule] = (
    _gemm,
    _sum_of_many,
    _unsigned_softmax,
    _mixed_concat,
    _scattered_reduction,
    _unsigned_weights,
)


def new_tensors(before: Network, after: Network) -> Iterator[str]:
    """Those that only the simplified network has."""
    return (node.output for node in after.nodes if node.output not in before.types)
