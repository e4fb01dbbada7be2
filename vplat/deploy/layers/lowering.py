"""A network taken apart into layers, from its end to its beginning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vplat.deploy.network import Network, Node, TensorType
from vplat.errors import DeployError

from .layer import Layer
from .matching import MATCHERS, Matcher
from .simplify import simplified
from .work import Work


@dataclass(frozen=True)
class Lowered:
    """
    Layers in an order in which they can be executed, over the tensors that have homes.

    ``homes`` maps each input and output of the network to the tensor at whose home it is: itself,
    or another one of which it is a reshape. ``types`` has all tensors that layers read and write.
    """

    network: Network
    layers: tuple[Layer, ...]
    homes: Mapping[str, str]
    types: Mapping[str, TensorType]


def lower(network: Network, matchers: Sequence[Matcher] = ()) -> Lowered:
    """
    The layers of a network; ``matchers`` are asked before those of the harts.

    :raises DeployError: some nodes cannot be deployed; the sentence lists all of them
    """
    simple = simplified(network)
    work = Work(simple)
    homes = {name: work.home(name) for name in (*network.inputs, *network.outputs)}
    needed = {homes[name] for name in network.outputs}
    covered: set[str] = set()
    found: list[Layer] = []
    problems: list[str] = []
    for node in reversed(simple.nodes):
        if node.name in covered or node.output not in needed:
            continue
        try:
            layer = _match(work, node, [*matchers, *MATCHERS])
        except DeployError as error:
            problems.append(str(error))
            layer = None
        if layer is None:
            needed.update(work.home(name) for name in node.inputs)
            continue
        found.append(layer)
        covered.update(layer.nodes)
        needed.update(layer.inputs)
    if problems:
        raise DeployError(
            DeployError.ITEM.join(("this network cannot be deployed:", *reversed(problems)))
        )
    return Lowered(simple, tuple(reversed(found)), homes, work.types)


def _match(work: Work, node: Node, matchers: Sequence[Matcher]) -> Layer:
    for matcher in matchers:
        layer = matcher(work, node)
        if layer is not None:
            return layer
    operands = ", ".join(str(work.type(each)) for each in node.inputs)
    raise DeployError(f"{node.name}: no layer takes {type(node.operator).__name__} of {operands}")
