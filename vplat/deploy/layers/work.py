"""A network while it is taken apart into layers: who uses what, and where things really lie."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from vplat.deploy.network import Integers, Network, Node, TensorType
from vplat.deploy.network.operators import Gather, Reshape, Slice, Transpose


@dataclass(frozen=True)
class View:
    """
    A tensor as a window into another one's home: the element at index i is ``offset + i * strides``
    elements from the beginning of ``base``.
    """

    base: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int

    @property
    def is_whole(self) -> bool:
        """Whether its elements lie side by side, in order, from the base's beginning on."""
        return self.offset == 0 and self.is_dense

    @property
    def is_dense(self) -> bool:
        """Whether its elements lie side by side, in order."""
        expected = 1
        for length, stride in zip(reversed(self.shape), reversed(self.strides), strict=True):
            if length != 1 and stride != expected:
                return False
            expected *= length
        return True


class Work:
    """Read by whatever turns nodes into layers. Everything is by name."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.types = dict(network.types)
        self.constants = dict(network.constants)
        self._producers = {node.output: node for node in network.nodes}
        self._uses = Counter(name for node in network.nodes for name in node.inputs)
        self._uses.update(network.outputs)
        self._views: dict[str, View] = {}

    def producer(self, name: str) -> Node | None:
        """The node that makes a tensor; None for inputs and constants."""
        return self._producers.get(name)

    def uses(self, name: str) -> int:
        """How often nodes take it, and the network gives it out."""
        return self._uses[name]

    def only_use(self, name: str) -> Node | None:
        """Its producer, if what it makes is used once and no output: it may be absorbed."""
        node = self._producers.get(name)
        if node is None or self._uses[name] != 1 or name in self.network.outputs:
            return None
        return node

    def is_constant(self, name: str) -> bool:
        """Whether its values are known."""
        return name in self.constants

    def constant(self, name: str) -> Integers:
        """The values of a constant."""
        return self.constants[name]

    def type(self, name: str) -> TensorType:
        """Its element type and shape."""
        return self.types[name]

    def shape(self, name: str) -> tuple[int, ...]:
        """Its shape."""
        return self.types[name].shape

    def view(self, name: str) -> View:
        """Where its values lie, through whatever only looks at them in another way."""
        found = self._views.get(name)
        if found is None:
            found = self._views[name] = self._find_view(name)
        return found

    def home(self, name: str) -> str:
        """The tensor at whose home its values lie as they are; itself where there is none such."""
        view = self.view(name)
        return view.base if view.is_whole else name

    def _find_view(self, name: str) -> View:
        node = self._producers.get(name)
        own = _whole(name, self.shape(name))
        if node is None or self.is_constant(name):
            return own
        operator = node.operator
        if not isinstance(operator, Reshape | Transpose | Slice | Gather):
            return own
        return _looked_at(self.view(node.inputs[0]), operator) or own


def _whole(name: str, shape: tuple[int, ...]) -> View:
    strides: list[int] = []
    step = 1
    for length in reversed(shape):
        strides.insert(0, step)
        step *= length
    return View(name, shape, tuple(strides), 0)


def _looked_at(view: View, operator: Reshape | Transpose | Slice | Gather) -> View | None:
    """The view after a node that moves nothing; None if that node has to."""
    shape, strides, offset = list(view.shape), list(view.strides), view.offset
    if 0 in shape:
        return None
    match operator:
        case Transpose(perm):
            shape, strides = [shape[i] for i in perm], [strides[i] for i in perm]
        case Gather(index, axis):
            offset += index * strides[axis]
            del shape[axis], strides[axis]
        case Slice():
            for axis, places in operator.places():
                if not places:
                    return None
                offset += places[0] * strides[axis]
                shape[axis] = len(places)
                strides[axis] *= places.step
        case Reshape(to):
            return _reshaped(view, to)
    return View(view.base, tuple(shape), tuple(strides), offset)


def _reshaped(view: View, to: tuple[int, ...]) -> View | None:
    # numpy knows when a reshape needs no copy; the array behind it is one byte, and never read.
    seen = np.lib.stride_tricks.as_strided(
        np.zeros(1, dtype=np.int8), view.shape, view.strides, writeable=False
    )
    try:
        shaped = seen.view()
        shaped.shape = to
    except AttributeError:
        return None
    return View(view.base, to, tuple(shaped.strides), view.offset)
