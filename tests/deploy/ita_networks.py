"""Small networks with blocks that ITA may take, composed node by node."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vplat.deploy.network import Element, Integers, Network, Node, Operator, TensorType
from vplat.deploy.network.operators import (
    Add,
    MatMul,
    Requantise,
    Reshape,
    Softmax2,
    Transpose,
)

ITA_SOFTMAX = Softmax2(65280, 0, 16)


class Blocks:
    """A network in the making; every method answers the name of what it adds."""

    def __init__(self, seed: int = 3) -> None:
        self.random = np.random.default_rng(seed)
        self.types: dict[str, TensorType] = {}
        self.constants: dict[str, Integers] = {}
        self.nodes: list[Node] = []
        self.inputs: list[str] = []

    def input(self, *shape: int, element: Element = Element.INT8) -> str:
        name = f"input{len(self.inputs)}"
        self.types[name] = TensorType(element, shape)
        self.inputs.append(name)
        return name

    def constant(self, values: Integers, element: Element = Element.INT32) -> str:
        name = f"constant{len(self.constants)}"
        self.constants[name], self.types[name] = values, TensorType(element, values.shape)
        return name

    def weights(self, *shape: int) -> str:
        return self.constant(self.random.integers(-128, 128, shape), Element.INT8)

    def node(self, operator: Operator, *inputs: str) -> str:
        kind = type(operator).__name__.lower()
        name = f"{kind}{sum(node.name.startswith(kind) for node in self.nodes)}"
        self.types[name] = operator.infer([self.types[each] for each in inputs])
        self.nodes.append(Node(name, operator, inputs, name))
        return name

    def shape(self, name: str) -> tuple[int, ...]:
        return self.types[name].shape

    def requantised(
        self, x: str, mult: int = 77, shift: int = 16, element: Element = Element.INT8
    ) -> str:
        scales = (self.constant(np.array(value)) for value in (mult, 0))
        return self.node(Requantise(shift, element), x, *scales)

    def linear(self, x: str, columns: int, mult: int = 77) -> str:
        sums = self.node(MatMul(), x, self.weights(self.shape(x)[-1], columns))
        bias = self.constant(self.random.integers(-9999, 9999, columns))
        return self.requantised(self.node(Add(), sums, bias), mult)

    def attention(self, x: str, heads: int, softmax: Softmax2 = ITA_SOFTMAX) -> str:
        """Projections, heads and their results side by side."""
        _, rows, width = self.shape(x)

        def split(*axes: int) -> str:
            parted = self.node(Reshape((1, rows, heads, width // heads)), self.linear(x, width))
            return self.node(Transpose(axes), parted)

        queries, keys, values = split(0, 2, 1, 3), split(0, 2, 3, 1), split(0, 2, 1, 3)
        scores = self.requantised(self.node(MatMul(), queries, keys), 31, 14)
        mixed = self.node(MatMul(), self.node(softmax, scores), values)
        joined = self.node(Transpose((0, 2, 1, 3)), self.requantised(mixed, 9, 10))
        return self.node(Reshape((1, rows, width)), joined)

    def network(self, *outputs: str) -> Network:
        return Network(
            "blocks", tuple(self.inputs), outputs, tuple(self.nodes), self.types, self.constants
        )

    def sample(self) -> dict[str, Integers]:
        """Inputs for it."""
        return {name: self._values(name) for name in self.inputs}

    def _values(self, name: str) -> Integers:
        type_ = self.types[name]
        return self.random.integers(type_.element.least, type_.element.greatest + 1, type_.shape)


def kinds(layers: Sequence[object]) -> list[tuple[str, str]]:
    """Engine and kind of each layer."""
    return [(each.engine.value, each.kind) for each in layers]  # type: ignore[attr-defined]
