"""From a path to a network, with what its edges stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vplat.deploy.network import Element, Integers, Network, TensorType
from vplat.deploy.network.ranges import overflows, value_ranges
from vplat.deploy.network.shapes import printed
from vplat.errors import DeployError

from .boundary import Boundary
from .culprit import first_of
from .file_graph import Numbers, graph_of, names_of
from .float_edges import without_float_edges
from .integer import read_integer
from .integer.input_types import input_elements
from .onnx_file import Shapes, open_model
from .qdq import is_qdq, read_qdq
from .qdq.reading import Scaling


@dataclass(frozen=True)
class ReadNetwork:
    """
    A network, and the way between its integers and a user's arrays.

    ``boundaries`` has those inputs and outputs that are real numbers outside the network; ``notes``
    are sentences for the user, about what the file left open; ``constant_shapes`` are those of the
    file, which some files of inputs repeat.
    """

    network: Network
    boundaries: Mapping[str, Boundary]
    notes: tuple[str, ...]
    constant_shapes: frozenset[tuple[int, ...]]

    def bind_inputs(self, arrays: Mapping[str, Numbers]) -> dict[str, Integers]:
        """
        Arrays as the network's inputs, by position (section 3.1): names are often others. What
        follows the inputs must repeat constants. Where the network has real numbers outside, floats
        are those; integers are what it computes on.

        :raises DeployError: too few or too many, or one of a wrong shape or with a wrong value
        """
        names = self.network.inputs
        rest = list(arrays.items())[len(names) :]
        for name, array in rest:
            if array.shape not in self.constant_shapes:
                raise DeployError(
                    f"array '{name}' is one too many: the network has"
                    f" {_many(len(names), 'input')} ({names_of(names)})"
                )
        return self._bound(arrays, names, "input")

    def bind_outputs(self, arrays: Mapping[str, Numbers]) -> dict[str, Integers]:
        """
        Arrays as what the network's outputs should be, by position.

        :raises DeployError: not as many as outputs, or one of a wrong shape or with a wrong value
        """
        names = self.network.outputs
        if len(arrays) != len(names):
            raise DeployError(
                f"there are {_many(len(arrays), 'array')}, but the network has"
                f" {_many(len(names), 'output')} ({names_of(names)})"
            )
        return self._bound(arrays, names, "output")

    def _bound(
        self, arrays: Mapping[str, Numbers], names: Sequence[str], what: str
    ) -> dict[str, Integers]:
        if len(arrays) < len(names):
            raise DeployError(
                f"there are {_many(len(arrays), 'array')}, but the network has"
                f" {_many(len(names), what)} ({names_of(names)})"
            )
        bound = {}
        for name, (key, array) in zip(names, arrays.items(), strict=False):
            kind = self.network.types[name]
            place = f"array '{key}' for {what} '{name}'"
            if _without_ones(array.shape) != _without_ones(kind.shape):
                raise DeployError(
                    f"{place} has shape {printed(array.shape)} instead of {printed(kind.shape)}"
                )
            values = _integers(array, kind, self.boundaries.get(name), place, name)
            bound[name] = values.reshape(kind.shape)
        return bound


def read_network(
    path: Path,
    *,
    input_shapes: Shapes | None = None,
    input_types: Mapping[str, Element] | None = None,
    samples: Sequence[Numbers] | None = None,
) -> ReadNetwork:
    """
    Read a quantised network of either dialect.

    ``input_shapes`` are for inputs whose shape the file leaves open, ``input_types`` for those
    whose element type it does; ``samples`` are arrays for the inputs, by position, and are asked
    only where both leave an input's type open (``docs/deploy-dialects.md``).

    :raises DeployError: the file is damaged, or cannot be deployed; with everything that is wrong
    """
    model = open_model(path, input_shapes)
    try:
        graph = graph_of(model)
        shapes = frozenset(each.shape for each in graph.constants.values())
        if is_qdq(model):
            lowered = read_qdq(model)
            types = lowered.network.types
            boundaries = {name: _boundary(at, types[name]) for name, at in lowered.scalings.items()}
            warnings = overflows(lowered.network, value_ranges(lowered.network))
            return ReadNetwork(lowered.network, boundaries, tuple(warnings), shapes)
        graph, boundaries = without_float_edges(graph)
        elements, notes = input_elements(graph, input_types or {}, samples)
        network = read_integer(graph, elements)
        notes += overflows(network, value_ranges(network))
    except DeployError as error:
        raise DeployError(f"{path}: {error}") from None
    return ReadNetwork(network, boundaries, tuple(notes), shapes)


def _boundary(scaling: Scaling, kind: TensorType) -> Boundary:
    element = kind.element
    return Boundary(scaling.scale, scaling.zero, element.least, element.greatest)


def _without_ones(shape: Sequence[int]) -> tuple[int, ...]:
    """Files leave axes of length 1 out, or add them; nothing becomes ambiguous by that."""
    return tuple(length for length in shape if length != 1)


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _integers(
    array: Numbers, kind: TensorType, boundary: Boundary | None, place: str, name: str
) -> Integers:
    """True values of an array, each one of the element type."""
    if array.dtype.kind not in "biuf":
        raise DeployError(f"{place} has elements of type {array.dtype}, but numbers are needed")
    if array.dtype.kind == "f":
        broken = ~np.isfinite(array)
        if boundary is None:
            broken |= array != np.rint(array)
        if broken.any():
            raise DeployError(
                f"{place} has {first_of(array, broken)}, but"
                f" {'finite numbers' if boundary else 'integers'} are needed"
            )
        if boundary is not None:
            return boundary.integers(array)
    outside = (array < kind.element.least) | (array > kind.element.greatest)
    if outside.any():
        raise DeployError(
            f"{place} has {first_of(array, outside)}, which is not {kind.element.value}"
            f" ({kind.element.least} to {kind.element.greatest}); if it should be,"
            f" give the type with --input-type {name}=uint8 or int32"
        )
    return array.astype(np.int64)
