"""Nodes and the network that they make up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .operator import Operator
from .tensor import Integers, TensorType


@dataclass(frozen=True)
class Node:
    """One operator at its place: which tensors go in, which one comes out, by name."""

    name: str
    operator: Operator
    inputs: tuple[str, ...]
    output: str


@dataclass(frozen=True)
class Network:
    """
    A network: nodes in an order in which they can be computed.

    ``types`` has every tensor; ``constants`` those whose values are known, as true values.
    ``inputs`` and ``outputs`` are names, in the file's order.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    types: Mapping[str, TensorType]
    constants: Mapping[str, Integers]


def needed(nodes: Sequence[Node], outputs: Iterable[str]) -> tuple[Node, ...]:
    """The nodes without which there would be no outputs, in their order."""
    used, kept = set(outputs), []
    for node in reversed(nodes):
        if node.output in used:
            used.update(node.inputs)
            kept.append(node)
    return tuple(reversed(kept))
