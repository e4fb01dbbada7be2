"""The network of integers while it is being made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vplat.deploy.network import Element, Integers, Network, Node, Operator, TensorType, needed


class Building:
    """Collects nodes, types and constants under names of their own."""

    def __init__(self, reserved: Sequence[str] = ()) -> None:
        self._nodes: list[Node] = []
        self._types: dict[str, TensorType] = {}
        self._constants: dict[str, Integers] = {}
        self._known: dict[tuple[Element, tuple[int, ...], bytes], str] = {}
        self._names: set[str] = set(reserved)

    def _fresh(self, hint: str) -> str:
        name, number = hint, 1
        while name in self._names:
            number += 1
            name = f"{hint}_{number}"
        self._names.add(name)
        return name

    def enter(self, name: str, kind: TensorType) -> str:
        """Declare an input; its name is the file's."""
        self._types[name] = kind
        return name

    def constant(self, hint: str, values: Integers, element: Element = Element.INT32) -> str:
        """A constant's name. Equal ones are stored once."""
        array = np.ascontiguousarray(values, dtype=np.int64)
        key = (element, array.shape, array.tobytes())
        if key not in self._known:
            name = self._fresh(hint)
            self._known[key] = name
            self._types[name] = TensorType(element, array.shape)
            self._constants[name] = array
        return self._known[key]

    def emit(self, hint: str, operator: Operator, *inputs: str) -> str:
        """Append a node; the name of what it computes."""
        output = self._fresh(hint)
        self._types[output] = operator.infer([self._types[each] for each in inputs])
        self._nodes.append(Node(output, operator, inputs, output))
        return output

    def type_of(self, tensor: str) -> TensorType:
        """A tensor's type."""
        return self._types[tensor]

    def network(self, name: str, inputs: Sequence[str], outputs: Sequence[str]) -> Network:
        """What has been built, without what nobody needs."""
        nodes = needed(self._nodes, outputs)
        used = {*outputs, *(name for node in nodes for name in (*node.inputs, node.output))}
        kept = used.union(inputs)
        return Network(
            name=name,
            inputs=tuple(inputs),
            outputs=tuple(outputs),
            nodes=nodes,
            types={tensor: kind for tensor, kind in self._types.items() if tensor in kept},
            constants={tensor: a for tensor, a in self._constants.items() if tensor in kept},
        )
