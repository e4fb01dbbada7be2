"""What a schedule is made of: tiles, jobs that multiply them, and where they have their homes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from .packing import TILE_BYTES, TILE_EDGE, tiles_for


class Place(NamedTuple):
    """A tile at home: ``home`` bytes from the first one of a matrix; ``columns`` and ``rows`` are
    the values that exist, 1 to 64 each."""

    matrix: int
    home: int
    columns: int
    rows: int


@dataclass(slots=True)
class Tile:
    """
    A tile that jobs read or write. ``source`` is where it comes from, if no job makes it, ``sink``
    where it goes.

    With ``until`` its place in L1 is not used again before that job, because harts look at it.
    Tiles that are cut and need zeros in the rest are ``padded``: they have places of their own,
    where nothing else ever comes.
    """

    source: Place | None = None
    sink: Place | None = None
    until: int = -1
    padded: bool = False


class Job(NamedTuple):
    """One job: numbers of tiles. ``output`` is -1 for an inner tile, ``bias`` an offset or -1."""

    input: int
    weight: int
    output: int = -1
    bias: int = -1
    bias_by_rows: bool = False
    setup: int = 0


class Meeting(NamedTuple):
    """
    Before the job ``at`` the harts are met, when all jobs before ``finished`` have finished; from
    then on they look at ``tiles``. Those that come from home they change, with ``changes``.
    """

    at: int
    finished: int
    tiles: tuple[int, ...] = ()
    changes: bool = False


@dataclass
class Work:
    """Jobs in their order, the tiles they name, and when the harts are met."""

    tiles: list[Tile] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    meetings: list[Meeting] = field(default_factory=list)

    def add(self, tile: Tile) -> int:
        """The number of a new tile."""
        self.tiles.append(tile)
        return len(self.tiles) - 1


@dataclass(frozen=True)
class Grid:
    """A matrix as the schedule sees it: its number, and the bytes between its parts."""

    matrix: int
    rows: int
    columns: int
    down: int
    """Bytes from a tile to the one below; the same to the right, and the edges' lengths."""
    across: int
    last_rows: int = TILE_EDGE
    last_columns: int = TILE_EDGE
    offset: int = 0

    @classmethod
    def of_rows(cls, matrix: int, rows: int, columns: int, stride: int, offset: int = 0) -> Grid:
        """Of values in rows ``stride`` bytes apart."""
        down, across = tiles_for(rows), tiles_for(columns)
        return cls(
            matrix,
            down,
            across,
            TILE_EDGE * stride,
            TILE_EDGE,
            rows - (down - 1) * TILE_EDGE,
            columns - (across - 1) * TILE_EDGE,
            offset,
        )

    @classmethod
    def of_tiles(cls, matrix: int, rows: int, columns: int) -> Grid:
        """Of whole tiles, one after the other, row by row."""
        return cls(matrix, rows, columns, columns * TILE_BYTES, TILE_BYTES)

    def place(self, row: int, column: int) -> Place:
        """A tile."""
        return Place(
            self.matrix,
            self.offset + row * self.down + column * self.across,
            self.last_columns if column == self.columns - 1 else TILE_EDGE,
            self.last_rows if row == self.rows - 1 else TILE_EDGE,
        )

    def places(self) -> Iterator[tuple[int, int, Place]]:
        """All tiles, row by row."""
        for row in range(self.rows):
            for column in range(self.columns):
                yield row, column, self.place(row, column)

    def sources(self, work: Work, *, padded: bool = False) -> dict[tuple[int, int], int]:
        """New tiles that come from here, by row and column; with ``padded``, zeros fill rows up."""
        return {
            (row, col): work.add(Tile(at, padded=padded and at.columns < TILE_EDGE))
            for row, col, at in self.places()
        }

    def sinks(self, work: Work) -> dict[tuple[int, int], int]:
        """New tiles that go here."""
        return {(row, col): work.add(Tile(sink=at)) for row, col, at in self.places()}
