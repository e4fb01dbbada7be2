"""The network while it is being made: values, nodes, and constants stored once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from vplat.deploy.network import Element, Integers, Network, Node, Operator, TensorType, needed
from vplat.deploy.read.culprit import first_of
from vplat.deploy.read.onnx_file import expect_bearable
from vplat.errors import DeployError


@dataclass(frozen=True)
class Value:
    """A tensor of the network, or a constant that is no part of it until a node takes it."""

    name: str
    type: TensorType
    values: Integers | None = None


def narrowest(values: Integers) -> Element:
    """The narrowest element type that holds all values, int8 before uint8; int32 if none does."""
    least, greatest = (int(values.min()), int(values.max())) if values.size else (0, 0)
    for element in (Element.INT8, Element.UINT8):
        if element.least <= least and greatest <= element.greatest:
            return element
    return Element.INT32


def constant(name: str, values: Integers, element: Element | None = None) -> Value:
    """
    A constant of an element type (the narrowest one, if None).

    :raises DeployError: a value is not of that type, in one sentence with its place
    """
    element = element or narrowest(values)
    outside = (values < element.least) | (values > element.greatest)
    if outside.any():
        raise DeployError(
            f"constant '{name}' has {first_of(values, outside)}, which is not {element.value}"
            f" ({element.least} to {element.greatest})"
        )
    return Value(name, TensorType(element, values.shape), values)


class Building:
    """Collects nodes, types and constants; every name in it is taken once."""

    def __init__(self, reserved: Sequence[str]) -> None:
        """``reserved`` are the file's names, which belong to what the file gives them to."""
        self._nodes: list[Node] = []
        self._types: dict[str, TensorType] = {}
        self._constants: dict[str, Integers] = {}
        self._stored: dict[tuple[TensorType, bytes], str] = {}
        self._reserved = set(reserved)
        self._node_names: set[str] = set()

    def enter(self, name: str, kind: TensorType) -> Value:
        """An input of the network."""
        self._types[name] = kind
        return Value(name, kind)

    def emit(self, node: str, operator: Operator, operands: Sequence[Value], name: str) -> Value:
        """
        What an operator makes of the operands, under ``name``: a constant if all of them are, and
        otherwise a tensor that a new node computes.

        :raises DeployError: the operands do not fit, or the result is unbearably large
        """
        kind = operator.infer([each.type for each in operands])
        expect_bearable(kind.shape, "a result")
        known = [each.values for each in operands if each.values is not None]
        if len(known) == len(operands):
            return constant(name, operator.compute(known))
        names = tuple(self._stored_under(each) for each in operands)
        self._types[name] = kind
        self._nodes.append(Node(self._unused(node), operator, names, name))
        return Value(name, kind)

    def fresh(self, name: str) -> str:
        """The name, or one like it, that neither the file nor anything here has taken."""
        number, result = 1, name
        while result in self._reserved or result in self._types:
            number += 1
            result = f"{name} {number}"
        return result

    def _unused(self, node: str) -> str:
        """A node's name; files may give one name to two nodes."""
        name, number = node, 1
        while name in self._node_names:
            number += 1
            name = f"{node} {number}"
        self._node_names.add(name)
        return name

    def _stored_under(self, value: Value) -> str:
        """The name of an operand in the network. Equal constants are one."""
        if value.values is None:
            return value.name
        narrow = np.ascontiguousarray(value.values, dtype=value.type.element.value)
        key = value.type, sha256(narrow.tobytes()).digest()
        if key not in self._stored:
            # The file's name is free for its constant, whatever the shape it is stored in.
            name = self.fresh(value.name) if value.name in self._types else value.name
            self._stored[key] = name
            self._types[name] = value.type
            self._constants[name] = narrow.astype(np.int64)
        return self._stored[key]

    def network(self, name: str, inputs: Sequence[str], outputs: Sequence[str]) -> Network:
        """What has been made, without nodes and constants that no output needs."""
        nodes = needed(self._nodes, outputs)
        used = {*outputs, *(name for node in nodes for name in (*node.inputs, node.output))}
        types = {each: self._types[each] for each in self._types if each in used}
        types |= {each: self._types[each] for each in inputs}
        constants = {each: self._constants[each] for each in self._constants if each in used}
        return Network(name, tuple(inputs), tuple(outputs), nodes, types, constants)
