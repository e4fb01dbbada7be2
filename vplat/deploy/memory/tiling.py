"""Tiles, order of loops and addresses in L1 of one layer, chosen together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import prod
from typing import Final

import numpy as np

from vplat.errors import DeployError

from .estimate import Estimate, estimates
from .rates import Rates
from .selecting import Option, Selected, select, too_large
from .stripes import Cuts, Whole, values
from .work import Axis, TileBuffer, TiledAxis, TiledBuffer, TiledLayer, Tiling

SIZES: Final = 24
"""Sizes of a tile that are looked at along one axis."""
OPTIONS: Final = 64
"""Of the choices that may fit, so many are searched together, the fastest first."""


@dataclass(frozen=True)
class _Room:
    """One copy of a buffer."""

    name: str
    bytes: int
    alignment: int
    first: int
    last: int


def tile(layer: TiledLayer, rates: Rates, room: int) -> Tiling:
    """
    The tiles and the order of loops by which ``layer`` is expected to be done first.

    Its buffers get offsets in an arena of ``room`` bytes of L1. Equal arguments give equal results.

    :raises vplat.errors.DeployError: even the smallest tiles do not fit; the sentence says how many
        bytes are missing
    """
    cuts = Cuts.of(layer.axes, [_sizes(axis) for axis in layer.axes])
    found = [each for order in _orders(layer) for each in estimates(layer, order, cuts, rates.dma)]
    choices = _Choices(layer, cuts, found)
    ranked = choices.ranked(room)
    refusal: DeployError | None = None
    for begin in range(0, len(ranked), OPTIONS):
        chunk = ranked[begin : begin + OPTIONS]
        try:
            selected = select(layer.name, [choices.option(*each) for each in chunk], room)
        except DeployError as error:
            refusal = refusal or error
        else:
            return choices.tiling(*chunk[selected.number], selected)
    smallest = [choices.option(*each) for each in choices.smallest()]
    raise refusal or too_large(layer.name, smallest, room)


class _Choices:
    """All tiles by all orders of loops and copies: the number of an estimate, and a column."""

    def __init__(self, layer: TiledLayer, cuts: Cuts, estimates: Sequence[Estimate]) -> None:
        self.layer, self.cuts, self.estimates = layer, cuts, estimates
        sizes = dict(cuts.tiles)
        self.bytes = {each.name: values(each.bytes, sizes, cuts.columns) for each in layer.buffers}
        self.least = [self._least(each) for each in estimates]

    def _least(self, estimate: Estimate) -> Whole:
        """Bytes of L1 in use at once."""
        moments = {each.lifetime[0] for each in self.layer.buffers if each.lifetime} or {0}
        most = np.zeros(self.cuts.columns, np.int64)
        for moment in moments:
            used = np.zeros_like(most)
            for each in self.layer.buffers:
                if each.lifetime is None or each.lifetime[0] <= moment <= each.lifetime[1]:
                    used += self.bytes[each.name] * estimate.copies[each.name]
            most = np.maximum(most, used)
        return most

    def ranked(self, room: int) -> list[tuple[int, int]]:
        """Those that may fit, the fastest first, of equally fast ones the smallest."""
        ranked = sorted(
            (int(each.cycles[column]), int(least[column]), order, column)
            for order, (each, least) in enumerate(zip(self.estimates, self.least, strict=True))
            for column in np.flatnonzero(least <= room).tolist()
        )
        return [(order, column) for *_, order, column in ranked]

    def smallest(self) -> list[tuple[int, int]]:
        """Of each order of loops the one that needs least."""
        return [(order, int(np.argmin(least))) for order, least in enumerate(self.least)]

    def option(self, order: int, column: int) -> Option:
        """A choice as ``select`` sees it."""
        sizes = ", ".join(f"{name} {tiles[column]}" for name, tiles in self.cuts.tiles.items())
        return Option(
            cycles=int(self.estimates[order].cycles[column]),
            rooms=tuple(self._rooms(order, column)),
            told=sizes,
        )

    def _rooms(self, order: int, column: int) -> Iterator[_Room]:
        steps = [step for each in self.layer.buffers for step in each.lifetime or ()] or [0]
        for each in self.layer.buffers:
            first, last = each.lifetime or (min(steps), max(steps))
            for name in self._names(each, order, column):
                size = int(self.bytes[each.name][column])
                yield _Room(name, size, each.alignment, first, last)

    def _names(self, buffer: TileBuffer, order: int, column: int) -> list[str]:
        """Of each copy, the buffer's own where there is one."""
        copies = int(self.estimates[order].copies[buffer.name][column])
        return [f"{buffer.name} {copy}" for copy in range(copies)] if copies > 1 else [buffer.name]

    def tiling(self, order: int, column: int, selected: Selected) -> Tiling:
        """A choice for the caller."""
        estimate = self.estimates[order]
        counts = [int(each[column]) for each in self.cuts.counts.values()]
        return Tiling(
            layer=self.layer.name,
            axes=tuple(
                TiledAxis(
                    name,
                    int(self.cuts.tiles[name][column]),
                    int(self.cuts.counts[name][column]),
                    int(self.cuts.lasts[name][column]),
                )
                for name in estimate.order
            ),
            buffers=tuple(
                TiledBuffer(
                    each.name,
                    int(self.bytes[each.name][column]),
                    tuple(selected.offsets[name] for name in self._names(each, order, column)),
                )
                for each in self.layer.buffers
            ),
            phases=prod(counts) + len(self.layer.works) + 1,
            cycles=int(estimate.cycles[column]),
            busy=tuple((engine, int(busy[column])) for engine, busy in estimate.busy.items()),
            moved=int(estimate.moved[column]),
            arena=selected.arena,
            is_optimal=selected.is_optimal,
        )


def _orders(layer: TiledLayer) -> list[tuple[str, ...]]:
    """Orders of the loops, outermost first, that differ; what is not cut stands outside."""
    if layer.order_is_fixed:
        return [tuple(axis.name for axis in layer.axes)]
    whole = [axis.name for axis in layer.axes if len(_sizes(axis)) == 1]
    cut = [axis for axis in layer.axes if axis.name not in whole]
    free = [axis.name for axis in cut if not axis.reduction]
    inner = [axis.name for axis in cut if axis.reduction]
    return [(*whole, *order, *inner) for order in permutations(free)]


def _sizes(axis: Axis) -> list[int]:
    """Tiles that cut an axis evenly, the smallest first."""
    granules = -(-axis.extent // axis.granularity)
    most = granules if axis.largest is None else max(1, axis.largest // axis.granularity)
    even = sorted({-(-granules // count) for count in range(1, granules + 1)})
    even = [size for size in even if size <= most] or [1]
    if len(even) > SIZES:
        chosen = np.unique(np.geomspace(1, len(even), SIZES).round().astype(int))
        even = [even[-each] for each in reversed(chosen.tolist())]
    if even[0] != 1:
        even.insert(0, 1)
    return [size * axis.granularity for size in even]
