"""What one copy of the Snitch DMA does: pure, without bus or clock.

The facts are those of ``snitch-ita-cluster.md`` section 5, read again in the synthesizable source
(``idma_inst64_top.sv``, ``idma_nd_midend.sv``) where it leaves a question open.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Final

from vplat.model import NOBODY, Culprit
from vplat.model.row_copy import RowCopy, can_cut, cut
from vplat.model.transfer import beats, split

WORD: Final = 0xFFFF_FFFF
PAGE_BYTES: Final = 4096
"""A burst does not cross a page (AXI)."""
LONGEST_BURST_BEATS: Final = 256
ADDRESS_BITS: Final = 48
ADDRESS_MASK: Final = (1 << ADDRESS_BITS) - 1
FIRST_ID: Final = 2
SLICE_BYTES: Final = 0x10_0000
SLICE_ROWS: Final = 0x2000
"""A copy with more bytes or rows than these is worked off in slices, so that one of 2^32 rows does
not keep the host busy until its end."""


@dataclasses.dataclass(frozen=True, slots=True)
class Transfer:
    """One copy: ``rows`` rows of ``length`` bytes.

    From a row to the next, source and destination move by their strides, which may be negative.
    ``accepted`` is the cycle in which the DMA took the copy, ``number`` its identifier.
    """

    number: int
    accepted: int
    source: int
    destination: int
    length: int
    rows: int = 1
    source_stride: int = 0
    destination_stride: int = 0
    culprit: Culprit = NOBODY
    """Who started it."""

    @property
    def bytes(self) -> int:
        """Bytes in all."""
        return self.length * self.rows

    def slice_end(self, begin: int) -> int:
        """Where the slice that starts ``begin`` bytes into the copy ends."""
        rows = begin // self.length + SLICE_ROWS
        return min(self.bytes, begin + SLICE_BYTES, rows * self.length)

    def parts(self, begin: int, end: int) -> Iterator[RowCopy]:
        """The bytes ``begin..end`` in their order: whole rows together where no address wraps."""
        while begin < end:
            row, offset = divmod(begin, self.length)
            whole = 0 if offset else (end - begin) // self.length
            part = self._rows(row, whole)
            if whole > 1 and part.within(ADDRESS_MASK + 1):
                yield part
                begin += part.bytes
            else:
                run = min(self.length - offset, end - begin)
                source, destination, *_ = self._rows(row, 1)
                source, destination = source + offset, destination + offset
                yield RowCopy(source & ADDRESS_MASK, destination & ADDRESS_MASK, run)
                begin += run

    def _rows(self, row: int, count: int) -> RowCopy:
        """Whole rows from ``row`` on, at addresses that may have more than their bits."""
        return RowCopy(
            self.source + row * self.source_stride,
            self.destination + row * self.destination_stride,
            self.length,
            count,
            self.source_stride,
            self.destination_stride,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Traffic:
    """What a part of a copy puts on the wide bus: bursts of either side, and the beats in them."""

    bursts: int
    read_beats: int
    write_beats: int


def traffic(transfer: Transfer, begin: int, end: int, width: int) -> Traffic:
    """The bursts and beats of bytes ``begin..end``, with beats of ``width`` bytes.

    Reads and writes are cut at the same places: where either side reaches a page's end, or has 256
    beats (``idma_legalizer``).
    """
    bursts = read_beats = write_beats = 0
    longest = min(PAGE_BYTES, LONGEST_BURST_BEATS * width)
    for part in transfer.parts(begin, end):
        if can_cut(part, longest):
            pieces = cut(part, longest, longest)
            bursts += len(pieces.lengths)
            read_beats += int(pieces.read_beats(width).sum())
            write_beats += int(pieces.write_beats(width).sum())
            continue
        for source, destination, run in part.runs():
            for offset, piece in split(run, longest, source, destination):
                bursts += 1
                read_beats += beats(source + offset, piece, width)
                write_beats += beats(destination + offset, piece, width)
    return Traffic(bursts, read_beats, write_beats)


def signed(word: int) -> int:
    """A register of 32 bits as the two's complement that the strides are."""
    return word - (word >> 31 << 32)


def id_after(number: int) -> int:
    """The identifier after ``number``: 32 bits, never 0, and 1 after the last one."""
    return 1 if number >= WORD - 1 else number + 1
