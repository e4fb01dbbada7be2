"""Running a built project on its board, and comparing every layer with the host reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vplat.deploy.emit import Project
from vplat.deploy.emit.names import arena
from vplat.deploy.network import Integers
from vplat.deploy.reference import first_wrong
from vplat.energy import Energy
from vplat.errors import DeployError
from vplat.machine.regions import Mark, Region
from vplat.plugins import Plugins
from vplat.session import HostConsole, Result, Session, Settings
from vplat.session.session import Watch


@dataclass(frozen=True)
class Difference:
    """Where a tensor first differs from the reference: the index, and both values there."""

    tensor: str
    index: tuple[int, ...]
    found: int
    expected: int
    count: int
    """How many elements differ."""

    def __str__(self) -> str:
        place = ", ".join(map(str, self.index))
        return (
            f"{self.tensor}[{place}] is {self.found} instead of {self.expected} "
            f"({self.count} elements differ)"
        )


@dataclass(frozen=True)
class LayerRun:
    """What one layer took, and whether its results are right; ``cycles`` 0 where not measured."""

    function: str
    kind: str
    engine: str
    nodes: tuple[str, ...]
    operations: int
    begin: int
    cycles: int
    joules: float
    differences: tuple[Difference, ...]
    compared: int
    """Tensors that were compared: the reference has not all."""

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "function": self.function,
            "kind": self.kind,
            "engine": self.engine,
            "nodes": list(self.nodes),
            "operations": self.operations,
            "begin": self.begin,
            "cycles": self.cycles,
            "joules": self.joules,
            "compared": self.compared,
            "matches": not self.differences,
            "differences": [str(each) for each in self.differences],
        }


@dataclass(frozen=True)
class NetworkRun:
    """A run: the session's result, layer by layer, and the network's outputs as they were left."""

    result: Result
    layers: tuple[LayerRun, ...]
    outputs: Mapping[str, Integers]
    output_differences: tuple[Difference, ...]

    @property
    def first_difference(self) -> tuple[str, Difference] | None:
        """The first layer that is wrong, by its function's name, and how."""
        for layer in self.layers:
            for difference in layer.differences:
                return layer.function, difference
        for difference in self.output_differences:
            return "the network's end", difference
        return None

    @property
    def matches(self) -> bool:
        """Whether everything that was compared is as the reference has it."""
        return self.first_difference is None

    @property
    def cycles(self) -> int:
        """From the begin of the first layer to the end of the last one."""
        measured = [layer for layer in self.layers if layer.cycles]
        if not measured:
            return 0
        return max(each.begin + each.cycles for each in measured) - measured[0].begin

    @property
    def joules(self) -> float:
        """Of all layers."""
        return sum(layer.joules for layer in self.layers)

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        first = self.first_difference
        return {
            "cycles": self.cycles,
            "joules": self.joules,
            "matches": first is None,
            "first_difference": None if first is None else f"{first[0]}: {first[1]}",
            "layers": [layer.as_json() for layer in self.layers],
        }


def difference(tensor: str, found: Integers, expected: Integers) -> Difference | None:
    """The first element, in memory's order, that differs."""
    wrong = first_wrong(found, expected)
    if wrong is None:
        return None
    index, count = wrong
    return Difference(tensor, index, int(found[index]), int(expected[index]), count)


class _Comparison:
    """Looks at what layers have written, each when it has just ended for the first time."""

    def __init__(self, session: Session, project: Project, reference: Mapping[str, Integers]):
        self._session, self._project, self._reference = session, project, reference
        self._bases: dict[str, int] = {}
        self.differences: dict[int, tuple[Difference, ...]] = {}
        self.compared: dict[int, int] = {}

    def look(self, mark: Mark) -> None:
        """The end of a layer's region is the moment: all harts are behind its last barrier."""
        number = -mark.number - 1
        layers = self._project.planned.layers
        if not 0 <= number < len(layers) or number in self.differences:
            return
        names = [name for name in layers[number].layer.outputs if name in self._reference]
        found = [difference(name, self.read(name), self._reference[name]) for name in names]
        self.differences[number] = tuple(each for each in found if each is not None)
        self.compared[number] = len(names)

    def read(self, name: str) -> Integers:
        """A tensor at its home, whatever lies there now."""
        planned = self._project.planned
        type_ = planned.lowered.types[name]
        content = self._session.machine.bus.peek(self._address(name), max(1, type_.bytes))
        values = np.frombuffer(content[: type_.bytes], dtype=f"<{_code(type_.element.value)}")
        return values.astype(np.int64).reshape(type_.shape)

    def _address(self, name: str) -> int:
        planned = self._project.planned
        home = planned.lowered.homes.get(name, name)
        if home in planned.homes:
            place = planned.homes[home]
            return self._symbol(arena(place.memory)) + place.offset
        return self._symbol(planned.pool.of_tensors[home])

    def _symbol(self, name: str) -> int:
        if name not in self._bases:
            symbol = self._session.firmware.symbols.find(name)
            if symbol is None:
                raise DeployError(f"{self._project.elf} has no symbol {name}; build it anew")
            self._bases[name] = symbol.address
        return self._bases[name]


def _code(element: str) -> str:
    return {"int8": "i1", "uint8": "u1", "int32": "i4"}[element]


def run(
    project: Project,
    reference: Mapping[str, Integers],
    plugins: Plugins,
    settings: Settings | None = None,
    watch: Watch | None = None,
) -> NetworkRun:
    """
    Run the project's ELF to its end, comparing what each layer has written with ``reference``, by
    tensor, while it runs. Looking takes no cycle.

    :raises DeployError: the program did not come to its end
    """
    settings = settings or Settings(board=project.planned.board.name)
    session = Session(project.elf, plugins, HostConsole(None, None, None), settings)
    comparison = _Comparison(session, project, reference)
    session.machine.regions.listeners.append(comparison.look)
    result = session.run(watch)
    if result.exit_status != 0:
        raise DeployError(
            f"{project.elf} ended with status {result.exit_status}: "
            f"{result.outcome.message or result.outcome.ending}; "
            f"`vplat run {project.elf}` says more"
        )
    outputs = {name: comparison.read(name) for name in project.planned.lowered.network.outputs}
    wrong = (
        difference(name, values, reference[name])
        for name, values in outputs.items()
        if name in reference
    )
    layers = tuple(_layer_runs(project, result, comparison))
    return NetworkRun(result, layers, outputs, tuple(each for each in wrong if each is not None))


def _layer_runs(project: Project, result: Result, compared: _Comparison) -> Iterator[LayerRun]:
    first: dict[int, tuple[Region, Energy]] = {}
    for region, energy in result.regions:
        first.setdefault(region.number, (region, energy))
    planned = project.planned
    for number, (function, each) in enumerate(zip(project.functions, planned.layers, strict=True)):
        measured = first.get(number + 1)
        yield LayerRun(
            function=function,
            kind=each.layer.kind,
            engine=each.layer.engine.value,
            nodes=each.layer.nodes,
            operations=each.layer.operations,
            begin=measured[0].begin if measured else 0,
            cycles=measured[0].cycles if measured else 0,
            joules=measured[1].total_joules if measured else 0.0,
            differences=compared.differences.get(number, ()),
            compared=compared.compared.get(number, 0),
        )
