"""What a layer is expected to take for many choices of tiles at once.

Estimated is the pipeline of ``work``: all stripes but the first are overlapped, and take what their
slowest engine takes; the first load, that stripe's way through the engines and the last store are
not. A stripe is told from others by where it is along each axis, first, last or between.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import product

import numpy as np

from .rates import DmaRates
from .stripes import Cuts, Kind, Real, Stripes, Whole
from .work import Direction, Engine, TiledLayer


@dataclass(frozen=True)
class Estimate:
    """For each choice and one order of loops: cycles, those of each engine, bytes moved, copies."""

    order: tuple[str, ...]
    cycles: Whole
    busy: Mapping[Engine, Whole]
    moved: Whole
    copies: Mapping[str, Whole]


def estimates(
    layer: TiledLayer, order: Sequence[str], cuts: Cuts, dma: DmaRates
) -> Iterator[Estimate]:
    """What ``layer`` takes with its loops in ``order``, outermost first.

    One for each choice of the buffers that make do with one copy, of those that may.
    """
    stripes = Stripes(layer, tuple(order), cuts, dma)
    free = [each.name for each in layer.buffers if each.may_wait and each.copies > 1]
    for chosen in product((False, True), repeat=len(free)):
        yield _estimate(stripes, {name for name, waits in zip(free, chosen, strict=True) if waits})


def _estimate(stripes: Stripes, waiting: AbstractSet[str]) -> Estimate:
    copies = stripes.copies(waiting)
    parts = [_Part.of(stripes, kind, copies) for kind in stripes.kinds]
    first, last = _first(stripes, parts), parts[-1]
    total = np.zeros(stripes.cuts.columns)
    for kind, part in zip(stripes.kinds[:-1], parts[:-1], strict=True):
        total += np.where(kind.is_first, 0.0, kind.number * part.phase(stripes))
    # While the last stripe is worked on, the first one's result may be stored, not its own.
    late = dataclasses.replace(last, stored=first.stored, stored_alone=first.stored_alone)
    is_only = stripes.kinds[-1].is_first
    total += np.where(is_only, 0.0, late.phase(stripes))
    total += stripes.with_latency(first.loaded + first.loaded_alone) + sum(first.works)
    total += stripes.with_latency(last.stored + last.stored_alone)
    total += (len(first.works) + 2) * last.setup
    return Estimate(
        order=stripes.order,
        cycles=np.ceil(total).astype(np.int64),
        busy=_busy(stripes, parts),
        moved=stripes.moved,
        copies=copies,
    )


@dataclass(frozen=True)
class _Part:
    """What a stripe of one kind takes: of the DMA beside engines, of it alone, and of engines."""

    loaded: Real
    stored: Real
    loaded_alone: Real
    stored_alone: Real
    works: tuple[Whole, ...]
    setup: Whole

    @classmethod
    def of(cls, stripes: Stripes, kind: Kind, copies: Mapping[str, Whole]) -> _Part:
        """The part of a stripe of this kind."""
        beside, alone = stripes.dma_cycles(kind, copies)
        return cls(
            beside[Direction.LOAD],
            beside[Direction.STORE],
            alone[Direction.LOAD],
            alone[Direction.STORE],
            kind.works,
            kind.setup,
        )

    def phase(self, stripes: Stripes) -> Real:
        """A phase in which every engine has a stripe like this."""
        beside = stripes.both_ways(self.loaded, self.stored)
        alone = stripes.both_ways(self.loaded_alone, self.stored_alone)
        slowest: Real = np.maximum.reduce([beside, *self.works])
        return slowest + alone + self.setup


def _first(stripes: Stripes, parts: Sequence[_Part]) -> _Part:
    """That of the first stripe, whose kind depends on what is cut."""
    first = parts[-1]
    for kind, part in zip(stripes.kinds, parts, strict=True):
        here = kind.is_first
        first = _Part(
            np.where(here, part.loaded, first.loaded),
            np.where(here, part.stored, first.stored),
            np.where(here, part.loaded_alone, first.loaded_alone),
            np.where(here, part.stored_alone, first.stored_alone),
            tuple(np.where(here, *both) for both in zip(part.works, first.works, strict=True)),
            part.setup,
        )
    return first


def _busy(stripes: Stripes, parts: Sequence[_Part]) -> dict[Engine, Whole]:
    columns = stripes.cuts.columns
    moving = np.zeros(columns)
    busy = {each.engine: np.zeros(columns, np.int64) for each in stripes.layer.works}
    for kind, part in zip(stripes.kinds, parts, strict=True):
        loads, stores = part.loaded + part.loaded_alone, part.stored + part.stored_alone
        moving += kind.number * stripes.both_ways(loads, stores)
        for work, cycles in zip(stripes.layer.works, part.works, strict=True):
            busy[work.engine] += kind.number * cycles
    return {Engine.DMA: np.ceil(moving).astype(np.int64), **busy}
