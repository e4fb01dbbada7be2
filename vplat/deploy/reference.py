"""What a network computes, on the host, exactly; and where something else computes otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vplat.deploy.network import Element, Integers, Network, Node
from vplat.deploy.network.shapes import printed
from vplat.errors import DeployError


class Tensors(Mapping[str, Integers]):
    """
    Tensors by name. Each is kept as narrow as its element type is, and read as true values: a copy
    at every access.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._stored: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.integer]]] = {}

    def keep(self, name: str, values: Integers) -> None:
        """
        Add a tensor of the network.

        :raises DeployError: its shape or a value is not one of the tensor's type
        """
        kind = self._network.types[name]
        if values.shape != kind.shape:
            raise DeployError(
                f"tensor '{name}' has shape {printed(values.shape)}"
                f" instead of {printed(kind.shape)}"
            )
        outside = _outside(values, kind.element)
        if outside is not None:
            raise DeployError(
                f"tensor '{name}' has {values[outside]} at {list(outside)}, which is not"
                f" {kind.element.value} ({kind.element.least} to {kind.element.greatest})"
            )
        self._stored[name] = values.astype(kind.element.value)

    def drop(self, name: str) -> None:
        """Forget a tensor."""
        del self._stored[name]

    def __getitem__(self, name: str) -> Integers:
        return self._stored[name].astype(np.int64)

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)


def _outside(values: Integers, element: Element) -> tuple[int, ...] | None:
    """The first place whose value the element type does not hold."""
    if not values.size or (element.least <= values.min() and values.max() <= element.greatest):
        return None
    place = np.argwhere((values < element.least) | (values > element.greatest))[0]
    return tuple(int(each) for each in place)


def evaluate(
    network: Network,
    inputs: Mapping[str, Integers] | Sequence[Integers],
    *,
    wanted: Callable[[str], bool] = lambda name: True,
) -> Tensors:
    """
    Every tensor that the network's nodes make of these inputs (by name, or in order), the inputs
    among them. ``wanted`` says which ones are kept; by default all.

    :raises DeployError: an input is missing or not of its type, or a result does not fit int32,
        with the node that makes it
    """
    given = _by_name(network, inputs)
    tensors = Tensors(network)
    for name in network.inputs:
        if name not in given:
            raise DeployError(f"there are no values for the input '{name}'")
        tensors.keep(name, given[name])
    uses = Counter(name for node in network.nodes for name in node.inputs)
    for node in network.nodes:
        operands = [_operand(network, tensors, name) for name in node.inputs]
        try:
            tensors.keep(node.output, node.operator.compute(operands))
        except DeployError as error:
            raise DeployError(f"node '{node.name}': {error}") from None
        _drop_unwanted(tensors, node, uses, wanted)
    return tensors


def _by_name(
    network: Network, inputs: Mapping[str, Integers] | Sequence[Integers]
) -> Mapping[str, Integers]:
    if isinstance(inputs, Mapping):
        return inputs
    if len(inputs) != len(network.inputs):
        many = len(network.inputs)
        raise DeployError(
            f"there are {len(inputs)} arrays, but the network has {many} input"
            f"{'' if many == 1 else 's'}"
        )
    return dict(zip(network.inputs, inputs, strict=True))


def _operand(network: Network, tensors: Tensors, name: str) -> Integers:
    return network.constants[name] if name in network.constants else tensors[name]


def _drop_unwanted(
    tensors: Tensors, node: Node, uses: Counter[str], wanted: Callable[[str], bool]
) -> None:
    uses.subtract(node.inputs)
    for name in {*node.inputs, node.output}:
        if name in tensors and uses[name] <= 0 and not wanted(name):
            tensors.drop(name)


def first_wrong(found: Integers, expected: Integers) -> tuple[tuple[int, ...], int] | None:
    """The index of the first element, row by row, that is not as expected, and how many are not."""
    wrong = np.argwhere(found != expected)
    if not len(wrong):
        return None
    return tuple(int(each) for each in wrong[0]), len(wrong)


@dataclass(frozen=True)
class Difference:
    """A tensor that is not what it should be, and its first wrong element in row-major order."""

    layer: str
    tensor: str
    index: tuple[int, ...]
    expected: int
    got: int
    count: int
    size: int

    def __str__(self) -> str:
        return (
            f"layer '{self.layer}' differs first: '{self.tensor}' at {list(self.index)} is"
            f" {self.got} instead of {self.expected}; {self.count} of its {self.size} elements"
            " differ"
        )


def first_difference(
    network: Network, expected: Mapping[str, Integers], got: Mapping[str, Integers]
) -> Difference | None:
    """
    The first tensor, in the order of the nodes that make them, that is in both mappings and not the
    same in both; None if there is none.

    :raises DeployError: one of them has another shape
    """
    for node in network.nodes:
        if node.output not in expected or node.output not in got:
            continue
        right, found = expected[node.output], got[node.output]
        if right.shape != found.shape:
            raise DeployError(
                f"layer '{node.name}': '{node.output}' has shape {printed(found.shape)} instead of"
                f" {printed(right.shape)}"
            )
        wrong = first_wrong(found, right)
        if wrong is not None:
            index, count = wrong
            return Difference(
                layer=node.name,
                tensor=node.output,
                index=index,
                expected=int(right[index]),
                got=int(found[index]),
                count=count,
                size=right.size,
            )
    return None
