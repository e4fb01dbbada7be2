"""What memory a command of the MCHAN has while it is queued or under way."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

from vplat.model import Loan, Rows

from . import findings
from .command import Command, Direction, Side
from .movement import Reach

MOST_PIECES: Final = 4096
"""Of a side that wraps around in the middle of its rows, which no driver means, so many count."""


def loan_of(command: Command, reach: Reach) -> Loan:
    """The bytes at both ends. A direction takes its commands in turn, the two are independent."""
    external = tuple(_external(command, reach))
    tcdm = tuple(_tcdm(command, reach))
    reads, writes = (tcdm, external) if command.direction is Direction.TX else (external, tcdm)
    return Loan(findings.describe(command), reads, writes, order=command.direction.name)


def _external(command: Command, reach: Reach) -> Iterator[Rows]:
    if command.increments:
        yield from itertools.islice(
            (
                piece
                for rows in _rows(command.external, command.length)
                for piece in rows.within(0, 1 << reach.external_bits)
            ),
            MOST_PIECES,
        )
        return
    start = command.external.start
    yield Rows(reach.external(start), min(command.length, reach.width - start % reach.width))


def _tcdm(command: Command, reach: Reach) -> Iterator[Rows]:
    pieces = (
        piece
        for rows in _rows(command.tcdm, command.length)
        for piece in rows.within(reach.tcdm_base, reach.tcdm_size)
    )
    return itertools.islice(pieces, MOST_PIECES)


def _rows(side: Side, length: int) -> Iterator[Rows]:
    """The whole rows of a side, and the short one at its end."""
    count, rest = divmod(length, side.row)
    yield Rows.of(side.start, side.row, side.stride, count)
    if rest:
        yield Rows(side.start + count * side.stride, rest)
