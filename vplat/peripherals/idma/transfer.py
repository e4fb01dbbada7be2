"""What one launch of an iDMA stream does: pure, without registers, bus or clock.

The facts are those of ``pulp-cluster.md`` section 2.2 b, read again in the synthesizable source
(``idma_nd_midend.sv``, ``idma_legalizer``, ``idma_transfer_id_gen.sv``) where it leaves a question
open.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from enum import IntEnum
from typing import Final

from vplat.model import NOBODY, Culprit
from vplat.model.row_copy import RowCopy

ADDRESS_MASK: Final = 0xFFFF_FFFF
FIRST_ID: Final = 2
LAST_ID: Final = 0xFFFF_FFFE
SLICE_BYTES: Final = 0x10_0000
SLICE_ROWS: Final = 0x2000
"""A transfer with more bytes or rows than these is worked off in slices, so that one of 2^32 rows
does not keep the host busy until its end."""


class Protocol(IntEnum):
    """The bus of one side of a transfer."""

    AXI = 0
    OBI = 1
    AXI_LITE = 2
    TILELINK = 3
    INIT = 4
    AXI_STREAM = 5


def id_after(number: int) -> int:
    """The identifier after ``number``: 32 bits, never 0 nor all ones, and 1 after the last one."""
    return 1 if number >= LAST_ID else number + 1


@dataclasses.dataclass(frozen=True, slots=True)
class End:
    """One side: where its first row starts, on which bus, and how far its rows are apart.

    ``stride_2`` leads from a row to the next one. ``stride_3`` leads from the *last row* of a plane
    to the first row of the next plane, not from plane to plane: the hardware adds to its running
    address (``idma_nd_midend.sv``). ``burst`` is the most bytes of one AXI burst.
    """

    start: int
    protocol: int
    stride_2: int = 0
    stride_3: int = 0
    burst: int = 2048

    def row(self, plane: int, steps: int) -> int:
        """The address of a row: ``plane`` plane changes and ``steps`` other row changes later."""
        return self.start + steps * self.stride_2 + plane * self.stride_3 & ADDRESS_MASK


@dataclasses.dataclass(frozen=True, slots=True)
class Transfer:
    """One launch: ``planes`` times ``rows`` rows of ``length`` bytes from one end to the other.

    ``accepted`` is the cycle of the launch; ``coupled`` says that reads and writes are cut into
    bursts at the same places.
    """

    port: int
    stream: int
    number: int
    accepted: int
    length: int
    rows: int
    planes: int
    source: End
    destination: End
    coupled: bool
    culprit: Culprit = NOBODY
    """Who launched it."""

    @property
    def bytes(self) -> int:
        """Bytes in all."""
        return self.length * self.rows * self.planes

    def slice_end(self, begin: int) -> int:
        """Where the slice that starts ``begin`` bytes into the transfer ends."""
        rows = begin // self.length + SLICE_ROWS
        return min(self.bytes, begin + SLICE_BYTES, rows * self.length)

    def runs(self, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
        """``(source, destination, bytes)`` of each run from byte ``begin`` to byte ``end``."""
        while begin < end:
            index, offset = divmod(begin, self.length)
            plane = index // self.rows
            steps = index - plane
            run = min(self.length - offset, end - begin)
            source = self.source.row(plane, steps) + offset
            destination = self.destination.row(plane, steps) + offset
            yield source & ADDRESS_MASK, destination & ADDRESS_MASK, run
            begin += run

    def parts(self, begin: int, end: int) -> Iterator[RowCopy]:
        """The same as ``runs``: whole rows of a plane together where no address wraps."""
        while begin < end:
            index, offset = divmod(begin, self.length)
            left = self.rows - index % self.rows
            part = self._rows(index, 0 if offset else min(left, (end - begin) // self.length))
            if part is None:
                part = RowCopy(*next(self.runs(begin, end)))
            yield part
            begin += part.bytes

    def _rows(self, index: int, count: int) -> RowCopy | None:
        """Whole rows of one plane; None for less than two, or where addresses wrap."""
        if count < 2:
            return None
        plane = index // self.rows
        rows = RowCopy(
            self.source.row(plane, index - plane),
            self.destination.row(plane, index - plane),
            self.length,
            count,
            signed(self.source.stride_2),
            signed(self.destination.stride_2),
        )
        return rows if rows.within(ADDRESS_MASK + 1) else None


def signed(stride: int) -> int:
    """The distance that a stride of 32 bits is, as addresses wrap around."""
    stride &= ADDRESS_MASK
    return stride - (stride >> 31 << 32)


def repetitions(dimensions: int, reps_2: int, reps_3: int) -> tuple[int, int]:
    """``(rows, planes)`` for an ``enable_nd`` of 0, 1 or 2 (3 acts as 2).

    A count of 0 switches its dimension off, as if it were 1; two counts of 0 in a 3D transfer leave
    nothing to do (derived from ``idma_nd_midend.sv``; the documents are silent).
    """
    if dimensions == 0:
        return 1, 1
    if dimensions == 1:
        return reps_2 or 1, 1
    if not reps_2 and not reps_3:
        return 0, 0
    return reps_2 or 1, reps_3 or 1


def burst_bytes(width: int, *, reduced: bool, max_llen: int) -> int:
    """The most bytes of an AXI burst: 256 beats within a 4 KiB page, or 2^max_llen if reduced."""
    return width << max_llen if reduced else min(4096, 256 * width)
