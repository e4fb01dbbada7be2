"""
Quantisation at a network's edges, written with float operators (section 3.9).

``Div, Add, Round, Clip`` behind an input and ``Sub, Mul`` before an output are what the host does
to numbers before and after the network; what is between them computes on integers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .boundary import Boundary
from .file_graph import FileGraph, FileInput, FileNode, Numbers

QUANTISATION = ("Div", "Add", "Round", "Clip")
LIMITS = {"int8": (-128, 127), "uint8": (0, 255), "int32": (-(2**31), 2**31 - 1)}


def without_float_edges(graph: FileGraph) -> tuple[FileGraph, dict[str, Boundary]]:
    """
    The graph between the quantisation of its inputs and the dequantisation of its outputs, and what
    these were. A graph without them is returned as it is.
    """
    return _Stripping(graph).result()


@dataclass
class _Stripping:
    graph: FileGraph
    boundaries: dict[str, Boundary] = field(default_factory=dict)
    removed: set[int] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.constants: dict[str, Numbers] = dict(self.graph.constants)
        self.makers = {
            name: index for index, node in enumerate(self.graph.nodes) for name in node.outputs
        }
        self.users: dict[str, list[int]] = {}
        for index, node in enumerate(self.graph.nodes):
            for name in node.inputs:
                self.users.setdefault(name, []).append(index)

    def result(self) -> tuple[FileGraph, dict[str, Boundary]]:
        self._quantise_constants()
        inputs = tuple(self._input(each) for each in self.graph.inputs)
        outputs = tuple(self._output(each) for each in self.graph.outputs)
        if not self.removed:
            return self.graph, {}
        nodes = tuple(
            replace(node, inputs=tuple(self.renamed.get(name, name) for name in node.inputs))
            for index, node in enumerate(self.graph.nodes)
            if index not in self.removed
        )
        outputs = tuple(self.renamed.get(name, name) for name in outputs)
        graph = FileGraph(self.graph.name, inputs, outputs, nodes, self.constants)
        return graph, {self.renamed.get(name, name): at for name, at in self.boundaries.items()}

    def _quantise_constants(self) -> None:
        """Weights that the file quantises on the way are constants."""
        for name in list(self.constants):
            for chain in self._quantisations(name):
                boundary = self._quantiser(chain)
                if boundary is not None:
                    self.constants[self._leave(chain)] = boundary.integers(self.constants[name])

    def _input(self, given: FileInput) -> FileInput:
        chains = self._quantisations(given.name)
        if len(chains) != 1 or len(self.users[given.name]) != 1:
            return given
        boundary = self._quantiser(chains[0])
        if boundary is None:
            return given
        self.renamed[self._leave(chains[0])] = given.name
        self.boundaries[given.name] = boundary
        return replace(given, declared=_element(boundary.least, boundary.greatest))

    def _leave(self, chain: Sequence[int]) -> str:
        self.removed.update(chain)
        return self.graph.nodes[chain[-1]].outputs[0]

    def _quantisations(self, name: str) -> list[tuple[int, ...]]:
        """The nodes of every quantisation of a tensor, each in order."""
        return [
            chain
            for user in self.users.get(name, ())
            if (chain := self._chain(name, user)) is not None
        ]

    def _chain(self, name: str, index: int) -> tuple[int, ...] | None:
        chain = []
        for kind in QUANTISATION:
            node = self.graph.nodes[index]
            taken = node.inputs if kind == "Add" else node.inputs[:1]
            if node.kind != kind or name not in taken:
                return None
            chain.append(index)
            name = node.outputs[0]
            users = self.users.get(name, [])
            if kind != QUANTISATION[-1] and (len(users) != 1 or name in self.graph.outputs):
                return None
            index = users[0] if users else index
        return tuple(chain)

    def _quantiser(self, chain: Sequence[int]) -> Boundary | None:
        division, addition, _, clip = (self.graph.nodes[index] for index in chain)
        if len(division.inputs) != 2 or len(addition.inputs) != 2:
            return None
        scale = self.constants.get(division.inputs[1])
        zero = self._number(addition.inputs[0], addition.inputs[1])
        least, greatest = (
            _clip_limit(clip, self.constants, name, place)
            for place, name in enumerate(("min", "max"), 1)
        )
        if scale is None or zero is None or least is None or greatest is None:
            return None
        if scale.size != 1 or not np.isfinite(scale).all() or not (scale > 0).all():
            return None
        scale = scale.astype(np.float32).reshape(())
        return Boundary(scale, zero, least, greatest, zero_first=True)

    def _number(self, *names: str) -> int | None:
        """The one of these that is a constant integer."""
        found = [self.constants[name] for name in names if name in self.constants]
        return _integer(found[0]) if found else None

    def _output(self, name: str) -> str:
        """The integers that an output is made of, if it is made by a dequantisation."""
        scaling = self._maker(name, "Mul")
        if scaling is None:
            return name
        for inner, other in (scaling[1].inputs, scaling[1].inputs[::-1]):
            shifting = self._maker(inner, "Sub")
            scale = self.constants.get(other)
            if shifting is None or scale is None or scale.size != 1 or not np.isfinite(scale).all():
                continue
            zero = self._number(shifting[1].inputs[1])
            if zero is None or self.users[name if inner == name else inner] != [scaling[0]]:
                continue
            self.removed.update((scaling[0], shifting[0]))
            integers = shifting[1].inputs[0]
            least, greatest = LIMITS["int32"]
            scale = scale.astype(np.float32).reshape(())
            self.boundaries[integers] = Boundary(scale, zero, least, greatest)
            return integers
        return name

    def _maker(self, name: str, kind: str) -> tuple[int, FileNode] | None:
        """The node of a kind with two operands that makes a tensor which nothing else removes."""
        index = self.makers.get(name)
        if index is None or index in self.removed:
            return None
        node = self.graph.nodes[index]
        return (index, node) if node.kind == kind and len(node.inputs) == 2 else None


def _clip_limit(
    clip: FileNode, constants: Mapping[str, Numbers], name: str, place: int
) -> int | None:
    value = clip.attributes.get(name)
    if value is None and place < len(clip.inputs):
        value = constants.get(clip.inputs[place])
    return None if value is None or isinstance(value, str) else _integer(np.asarray(value))


def _integer(numbers: Numbers) -> int | None:
    """The integer that an array of one element holds, if it is one that fits int32."""
    if numbers.size != 1:
        return None
    number = float(numbers.reshape(()))
    return int(number) if number.is_integer() and abs(number) < 2**31 else None


def _element(least: int, greatest: int) -> str:
    """The narrowest element type for a range."""
    return next(name for name, (low, high) in LIMITS.items() if low <= least and greatest <= high)
