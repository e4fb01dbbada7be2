"""What one copy of the Snitch DMA does: pure, without bus or clock.

The facts are those of ``snitch-ita-cluster.md`` section 5, read again in the synthesizable source
(``idma_inst64_top.sv``, ``idma_nd_midend.sv``) where it leaves a question open.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Final

from vplat.model import NOBODY, Culprit
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

    def runs(self, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
        """``(source, destination, bytes)`` of each run from byte ``begin`` to byte ``end``."""
        while begin < end:
            row, offset = divmod(begin, self.length)
            run = min(self.length - offset, end - begin)
            source = self.source + row * self.source_stride + offset
            destination = self.destination + row * self.destination_stride + offset
            yield source & ADDRESS_MASK, destination & ADDRESS_MASK, run
            begin += run


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
    for source, destination, run in transfer.runs(begin, end):
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
