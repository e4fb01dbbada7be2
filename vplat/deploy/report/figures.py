"""What a report says of a run of a network, as plain data."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

PEAK_MACS_A_CYCLE: Final = 1024
"""Of ITA: 16 dot products of 64 values (`ita.md` section 1)."""


@dataclass(frozen=True)
class LayerFacts:
    """
    What the flow knows of a layer: its name and kind, the operators it covers, who computes.

    ``macs`` are the multiply-accumulates of the network's own shapes, padding left out. ``tiles``
    says how it is cut, for people.
    """

    name: str
    kind: str
    operators: tuple[str, ...]
    engine: str
    macs: int = 0
    tiles: str = ""


@dataclass(frozen=True)
class LayerFigures:
    """
    A layer with what was measured of it, from the cycle ``begin`` of the run to ``end``.

    ``harts`` are active cycles of each hart, ``dma`` and ``ita`` busy cycles, ``ita_macs`` what ITA
    multiplied, padding included, ``moved`` the bytes that the DMA copied, ``joules`` by component.
    """

    facts: LayerFacts
    begin: int
    end: int
    harts: tuple[int, ...]
    dma: int = 0
    ita: int = 0
    ita_macs: int = 0
    moved: int = 0
    joules: Mapping[str, float] = field(default_factory=dict)

    @property
    def cycles(self) -> int:
        """From its beginning to its end."""
        return self.end - self.begin

    @property
    def energy(self) -> float:
        """Joules in all."""
        return sum(self.joules.values())

    def share(self, busy: float) -> float:
        """``busy`` cycles of the layer's, from 0 to 1."""
        return min(1.0, busy / self.cycles) if self.cycles else 0.0


@dataclass(frozen=True)
class Point:
    """The operating point of the run."""

    name: str
    volts: float
    hertz: int


@dataclass(frozen=True)
class MappedBuffer:
    """Bytes of a memory from the layer ``first`` to the layer ``last``; for good where None."""

    name: str
    address: int
    bytes: int
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True)
class MemoryMap:
    """A memory and what lies in it; ``reserved`` bytes at its beginning are not the network's."""

    name: str
    base: int
    size: int
    buffers: tuple[MappedBuffer, ...]
    reserved: int = 0

    @property
    def peak(self) -> int:
        """Bytes from its beginning to the highest one in use."""
        ends = [each.address + each.bytes - self.base for each in self.buffers]
        return max([self.reserved, *ends])


@dataclass(frozen=True)
class PaperFigures:
    """
    A network in arXiv 2408.02473, on eight cores with ITA at 0.65 V.

    ``certainty`` says how the figures are known; docs/paper.md has the words.
    """

    network: str
    inferences_a_second: float
    joules: float
    giga_operations: float
    giga_operations_a_second: float
    giga_operations_a_joule: float
    watts: float
    certainty: str


@dataclass(frozen=True)
class Report:
    """
    One inference of a network on a board, layer by layer.

    ``harts`` are the numbers of all harts, ``computing`` of those that compute. ``figure`` is the
    class of the energy figures. An operation is half a multiply-accumulate; what is between two
    layers counts for the time, not for the energy.
    """

    network: str
    board: str
    point: Point
    harts: tuple[int, ...]
    computing: tuple[int, ...]
    layers: tuple[LayerFigures, ...]
    memories: tuple[MemoryMap, ...] = ()
    paper: PaperFigures | None = None
    figure: str = "estimated"

    @property
    def begin(self) -> int:
        """The cycle in which the first layer begins."""
        return self.layers[0].begin if self.layers else 0

    @property
    def cycles(self) -> int:
        """From the beginning of the first layer to the end of the last one."""
        return self.layers[-1].end - self.begin if self.layers else 0

    @property
    def seconds(self) -> float:
        """The same in time."""
        return self.cycles / self.point.hertz

    @cached_property
    def joules(self) -> float:
        """Of all layers."""
        return sum(layer.energy for layer in self.layers)

    @cached_property
    def operations(self) -> int:
        """Two for each multiply-accumulate."""
        return 2 * sum(layer.facts.macs for layer in self.layers)

    @property
    def inferences_a_second(self) -> float:
        """One after the other."""
        return 1 / self.seconds if self.cycles else 0.0

    @property
    def giga_operations_a_second(self) -> float:
        """Billions of operations a second."""
        return self.operations / self.seconds / 1e9 if self.cycles else 0.0

    @property
    def giga_operations_a_joule(self) -> float:
        """Billions of operations a joule."""
        return self.operations / self.joules / 1e9 if self.joules else 0.0

    @property
    def watts(self) -> float:
        """Mean power."""
        return self.joules / self.seconds if self.cycles else 0.0

    @cached_property
    def ita(self) -> int:
        """Cycles in which ITA was busy."""
        return sum(layer.ita for layer in self.layers)

    @cached_property
    def dma(self) -> int:
        """Cycles in which the DMA was busy."""
        return sum(layer.dma for layer in self.layers)

    @property
    def ita_utilisation(self) -> float:
        """What ITA multiplied of what it could have while it was busy, padding included."""
        macs = sum(layer.ita_macs for layer in self.layers)
        return macs / (PEAK_MACS_A_CYCLE * self.ita) if self.ita else 0.0

    def cores(self, layer: LayerFigures) -> float:
        """Mean active cycles of the harts that compute."""
        places = [place for place, hart in enumerate(self.harts) if hart in self.computing]
        active = [layer.harts[place] for place in places if place < len(layer.harts)]
        return sum(active) / len(active) if active else 0.0

    def share(self, busy: float) -> float:
        """``busy`` cycles of the whole, from 0 to 1."""
        return min(1.0, busy / self.cycles) if self.cycles else 0.0

    @cached_property
    def cores_share(self) -> float:
        """How much of the time the harts that compute were active, in the mean."""
        return self.share(sum(self.cores(layer) for layer in self.layers))

    def as_json(self) -> dict[str, Any]:
        """Plain data; fields are only ever added."""
        return {
            **dataclasses.asdict(self),
            "cycles": self.cycles,
            "seconds": self.seconds,
            "joules": self.joules,
            "watts": self.watts,
            "operations": self.operations,
            "inferences_a_second": self.inferences_a_second,
            "giga_operations_a_second": self.giga_operations_a_second,
            "giga_operations_a_joule": self.giga_operations_a_joule,
            "busy": {
                "cores": self.cores_share,
                "dma": self.share(self.dma),
                "ita": self.share(self.ita),
            },
            "ita_utilisation": self.ita_utilisation,
        }
