"""Copies of rows that lie at even distances, all rows at once.

What comes out is what ``vplat.model.transfer`` says of the rows one after the other: its ``copy``
moves what cannot be moved at once, its ``split`` and ``beats`` say how a row is cut and counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from .platform import Bus
from .transfer import Refusals, copy

Addresses = npt.NDArray[np.int64]


class Side(NamedTuple):
    """Where the ``row_count`` rows of ``length`` bytes of one side are, ``stride`` bytes apart."""

    start: int
    stride: int
    length: int
    row_count: int

    @property
    def span(self) -> tuple[int, int]:
        """The lowest address of any row, and the one after the highest."""
        last = self.start + (self.row_count - 1) * self.stride
        return min(self.start, last), max(self.start, last) + self.length

    @property
    def rows_overlap(self) -> bool:
        """Whether two of the rows have a byte in common."""
        return self.row_count > 1 and abs(self.stride) < self.length

    def addresses(self) -> Addresses:
        """Where each row starts."""
        return self.start + np.arange(self.row_count, dtype=np.int64) * self.stride


class RowCopy(NamedTuple):
    """``row_count`` rows of ``length`` bytes; a stride leads from a row to the next, either way."""

    source: int
    destination: int
    length: int
    row_count: int = 1
    source_stride: int = 0
    destination_stride: int = 0

    @property
    def bytes(self) -> int:
        """Bytes in all."""
        return self.length * self.row_count

    @property
    def reads(self) -> Side:
        """The rows at the source."""
        return Side(self.source, self.source_stride, self.length, self.row_count)

    @property
    def writes(self) -> Side:
        """The rows at the destination."""
        return Side(self.destination, self.destination_stride, self.length, self.row_count)

    def within(self, end: int) -> bool:
        """Whether all addresses are at least 0 and below ``end``."""
        return all(side.span[0] >= 0 and side.span[1] <= end for side in (self.reads, self.writes))

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """``(source, destination, bytes)`` of each row."""
        source, destination = self.source, self.destination
        for _ in range(self.row_count):
            yield source, destination, self.length
            source += self.source_stride
            destination += self.destination_stride


@runtime_checkable
class RowBus(Protocol):
    """A ``Bus`` that may be able to copy rows at once."""

    def copy_rows(self, rows: RowCopy) -> bool:
        """Do what reading and writing the rows one after the other does; False: nothing is done,
        because they are not all in memory, overlap, or an access is refused."""
        ...


def copy_rows(bus: Bus, rows: RowCopy, refusals: Refusals) -> None:
    """Copy rows in their order, each as ``copy`` does."""
    if rows.row_count > 1 and isinstance(bus, RowBus) and bus.copy_rows(rows):
        return
    for source, destination, length in rows.runs():
        copy(bus, source, destination, length, refusals)


class Pieces(NamedTuple):
    """The pieces of rows in their order: where each begins on either side, its bytes, and whether
    it is the first of its row."""

    sources: Addresses
    destinations: Addresses
    lengths: Addresses
    begins_row: npt.NDArray[np.bool_]

    def read_beats(self, width: int) -> Addresses:
        """``beats`` of each piece at the source."""
        return (self.sources % width + self.lengths + (width - 1)) // width

    def write_beats(self, width: int) -> Addresses:
        """``beats`` of each piece at the destination."""
        return (self.destinations % width + self.lengths + (width - 1)) // width


def can_cut(rows: RowCopy, *boundaries: int) -> bool:
    """Whether ``cut`` takes these rows, and is worth while; a boundary of 0 does not count."""
    return rows.row_count > 1 and all(rows.length <= each for each in boundaries if each)


def cut(rows: RowCopy, source_boundary: int, destination_boundary: int = 0) -> Pieces:
    """The fewest pieces of each row that cross no multiple of a boundary on its side.

    0: that side does not count. Rows are at most as long as a boundary (``can_cut``).
    """
    sources, destinations = rows.reads.addresses(), rows.writes.addresses()
    cuts = np.full((rows.row_count, 4), rows.length, dtype=np.int64)
    cuts[:, 0] = 0
    if source_boundary:
        cuts[:, 1] = np.minimum(source_boundary - sources % source_boundary, rows.length)
    if destination_boundary:
        room = destination_boundary - destinations % destination_boundary
        cuts[:, 2] = np.minimum(room, rows.length)
    cuts[:, 1:3].sort(axis=1)
    lengths = np.diff(cuts, axis=1)
    row, column = np.nonzero(lengths)
    offsets = cuts[row, column]
    return Pieces(
        sources[row] + offsets, destinations[row] + offsets, lengths[row, column], offsets == 0
    )
