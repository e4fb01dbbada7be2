"""What a layer is, told from the network's nodes: operators and multiply-accumulates."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import prod

from vplat.deploy.network import Network, Node, TensorType
from vplat.deploy.network.operators import Convolution, Gemm, MatMul


def macs_of(node: Node, types: Mapping[str, TensorType]) -> int:
    """Multiply-accumulates of a matrix product or a convolution; 0 of anything else."""
    results = types[node.output].size
    first, second = (types[name].shape for name in (*node.inputs, *node.inputs)[:2])
    match node.operator:
        case MatMul():
            return results * first[-1]
        case Gemm(transpose_left=turned):
            return results * first[-2 if turned else -1]
        case Convolution():
            return results * prod(second[1:])
    return 0


class Nodes:
    """The nodes of a network by name."""

    def __init__(self, network: Network) -> None:
        self._types = network.types
        self._nodes = {node.name: node for node in network.nodes}

    def operators(self, names: Collection[str]) -> tuple[str, ...]:
        """The operators of these nodes, each once."""
        found = [type(self._nodes[name].operator).__name__ for name in self._known(names)]
        return tuple(dict.fromkeys(found))

    def macs(self, names: Collection[str]) -> int:
        """Their multiply-accumulates together."""
        return sum(macs_of(self._nodes[name], self._types) for name in self._known(names))

    def _known(self, names: Collection[str]) -> list[str]:
        return [name for name in names if name in self._nodes]
