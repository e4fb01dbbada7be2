"""The stripes that a layer's tiles make, told apart by where they are along each axis.

All arrays have a column for each choice of tile sizes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import product
from math import lcm, prod
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from .amount import Amount
from .rates import DmaRates
from .work import Axis, Direction, TileBuffer, TiledLayer, Transfer

Whole: TypeAlias = npt.NDArray[np.int64]
Real: TypeAlias = npt.NDArray[np.float64]
Truth: TypeAlias = npt.NDArray[np.bool_]

FIRST, BETWEEN, LAST = range(3)
"""Where a stripe is along an axis; the only one is ``LAST``."""
PLACES: Final = (FIRST, BETWEEN, LAST)


@dataclass(frozen=True)
class Cuts:
    """Choices of tile sizes, one a column: by axis the tile, how many there are, the last one."""

    tiles: Mapping[str, Whole]
    counts: Mapping[str, Whole]
    lasts: Mapping[str, Whole]

    @classmethod
    def of(cls, axes: Sequence[Axis], sizes: Sequence[Sequence[int]]) -> Cuts:
        """All combinations of ``sizes``, which are those of each axis."""
        grids = np.meshgrid(*(np.array(each, np.int64) for each in sizes), indexing="ij")
        tiles, counts, lasts = {}, {}, {}
        for axis, grid in zip(axes, grids, strict=True):
            padded = -(-axis.extent // axis.granularity) * axis.granularity
            tiles[axis.name] = grid.ravel()
            counts[axis.name] = -(-padded // tiles[axis.name])
            lasts[axis.name] = padded - (counts[axis.name] - 1) * tiles[axis.name]
        return cls(tiles, counts, lasts)

    @property
    def columns(self) -> int:
        """How many choices there are."""
        return len(next(iter(self.tiles.values())))


def values(amount: Amount, sizes: Mapping[str, Whole], columns: int) -> Whole:
    """``Amount.value`` for many tiles at once."""
    whole = lcm(*(term.factor.denominator for term in amount.terms))
    total = np.zeros(columns, np.int64)
    for term in amount.terms:
        factor = term.factor.numerator * (whole // term.factor.denominator)
        total += factor * prod((sizes[axis] for axis in term.axes), start=np.int64(1))
    return -(-total // whole)


@dataclass(frozen=True)
class Kind:
    """Stripes at one place: how many there are, and what each of them takes.

    ``transfers`` are cycles of the DMA's port by buffer, 0 where a stripe need not move it.
    """

    number: Whole
    is_first: Truth
    transfers: Mapping[str, Real]
    works: tuple[Whole, ...]
    setup: Whole


class Stripes:
    """The kinds of stripes for one order of loops; the last kind is the last stripe alone."""

    def __init__(
        self, layer: TiledLayer, order: tuple[str, ...], cuts: Cuts, dma: DmaRates
    ) -> None:
        self.layer, self.order, self.cuts, self.dma = layer, order, cuts, dma
        self.moved = np.zeros(cuts.columns, np.int64)
        """Bytes that the DMA moves in the layer."""
        self.kinds = [
            self._kind(dict(zip(order, places, strict=True)))
            for places in product(PLACES, repeat=len(order))
        ]

    def copies(self, waiting: AbstractSet[str]) -> dict[str, Whole]:
        """Copies of each buffer; one that is moved or made only once needs no second one."""
        return {
            each.name: np.where(
                self._is_made_once(each), 1, 1 if each.name in waiting else each.copies
            ).astype(np.int64)
            for each in self.layer.buffers
        }

    def dma_cycles(
        self, kind: Kind, copies: Mapping[str, Whole]
    ) -> tuple[dict[Direction, Real], dict[Direction, Real]]:
        """Transfers that go on while engines work, and those for which they stand still."""
        overlapped = {each: np.zeros(self.cuts.columns) for each in Direction}
        alone = {each: np.zeros(self.cuts.columns) for each in Direction}
        for buffer in self.layer.buffers:
            if buffer.transfer is not None:
                cycles, way = kind.transfers[buffer.name], buffer.transfer.direction
                waits = (copies[buffer.name] == 1) & ~self._is_made_once(buffer)
                alone[way] += np.where(waits, cycles, 0.0)
                overlapped[way] += np.where(waits, 0.0, cycles)
        return overlapped, alone

    def both_ways(self, loads: Real, stores: Real) -> Real:
        """Loads and stores, at once where the DMA can."""
        load, store = self.with_latency(loads), self.with_latency(stores)
        return np.maximum(load, store) if self.dma.duplex else load + store

    def with_latency(self, cycles: Real) -> Real:
        """Cycles until the last byte is there, the commands being given at once."""
        return np.where(cycles > 0, cycles + self.dma.latency, 0.0)

    def _kind(self, at: Mapping[str, int]) -> Kind:
        columns = self.cuts.columns
        sizes = {
            name: self.cuts.lasts[name] if place == LAST else self.cuts.tiles[name]
            for name, place in at.items()
        }
        number, is_first = np.ones(columns, np.int64), np.ones(columns, np.bool_)
        for name, place in at.items():
            number = number * self._number(name, place)
            is_first &= self._is_first(name, place)
        transfers = {}
        for each in self.layer.buffers:
            if each.transfer is not None:
                due = self._is_due(each, each.transfer, at)
                size = values(each.transfer.bytes or each.bytes, sizes, columns)
                self.moved += np.where(due, number * size, 0)
                transfers[each.name] = np.where(due, self._cycles(each.transfer, size, sizes), 0.0)
        return Kind(
            number=number,
            is_first=is_first,
            transfers=transfers,
            works=tuple(values(each.cycles, sizes, columns) for each in self.layer.works),
            setup=values(self.layer.setup, sizes, columns),
        )

    def _cycles(self, transfer: Transfer, size: Whole, sizes: Mapping[str, Whole]) -> Real:
        rows = values(transfer.rows, sizes, self.cuts.columns)
        commands = values(transfer.commands, sizes, self.cuts.columns)
        moving = self.dma.data_cycles(size, rows)
        return np.maximum(moving, commands * self.layer.command_cycles).astype(np.float64)

    def _number(self, name: str, place: int) -> Whole:
        """How many tiles of an axis are at ``place``."""
        counts = self.cuts.counts[name]
        if place == LAST:
            return np.ones_like(counts)
        return np.maximum(counts - 2, 0) if place == BETWEEN else (counts > 1).astype(np.int64)

    def _is_first(self, name: str, place: int) -> Truth:
        only = self.cuts.counts[name] == 1
        return np.ones_like(only) if place == FIRST else only & np.bool_(place == LAST)

    def _is_due(self, buffer: TileBuffer, transfer: Transfer, at: Mapping[str, int]) -> Truth:
        """What follows only outer axes is loaded with the first of the inner tiles, and stored
        with the last."""
        due = np.ones(self.cuts.columns, np.bool_)
        for name in self._inner(buffer):
            if transfer.direction is Direction.LOAD:
                due &= self._is_first(name, at[name])
            else:
                due &= at[name] == LAST
        return due

    def _inner(self, buffer: TileBuffer) -> tuple[str, ...]:
        """The axes inside the innermost one that the buffer's transfers follow."""
        follows: AbstractSet[str] = buffer.bytes.axes
        if buffer.transfer is not None and buffer.transfer.follows is not None:
            follows = set(buffer.transfer.follows)
        places = [place for place, name in enumerate(self.order) if name in follows]
        return self.order[max(places, default=-1) + 1 :]

    def _is_made_once(self, buffer: TileBuffer) -> Truth:
        inner = self._inner(buffer)
        once = np.ones(self.cuts.columns, np.bool_)
        for name in self.order[: len(self.order) - len(inner)]:
            once &= self.cuts.counts[name] == 1
        return once
