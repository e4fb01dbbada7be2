"""Where the addresses of the Snitch DMA lead, and the copy itself.

The DMA sits on the cluster's wide crossbar, which knows the TCDM, the zero memory and the way out
to the SoC, and nothing else: an address of the cluster's registers goes out, too
(`snitch-ita-cluster.md` section 2, ``snitch_cluster.sv``).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from enum import Enum, auto
from typing import Final

from vplat.model import Bus
from vplat.model.row_copy import RowBus, RowCopy, Side, copy_rows
from vplat.model.transfer import Refusals, split

from .transfer import Transfer

PAGE_BYTES: Final = 4096
BUS_END: Final = 1 << 32
"""Harts have addresses of 32 bits, and so has the platform's bus; the DMA has 48."""


class Region(Enum):
    """What an address leads to."""

    TCDM = auto()
    ZERO = auto()
    """The zero memory: reads give zeros, writes vanish."""
    OUTSIDE = auto()
    """Over the SoC port to what is on the platform's bus."""
    HIDDEN = auto()
    """Over the SoC port to where no hart can look: behind the cluster's own registers, or above
    4 GiB. The testbench has memory there."""


@dataclasses.dataclass(frozen=True, slots=True)
class Reach:
    """The wide crossbar's map: a cluster of ``cluster_size`` bytes, once more at ``alias_base``.

    The TCDM is at its beginning, the zero memory at ``zero_offset``.
    """

    cluster_base: int
    alias_base: int
    cluster_size: int
    tcdm_size: int
    zero_offset: int
    zero_size: int

    def region(self, address: int) -> tuple[Region, int]:
        """What ``address`` leads to, and how many bytes from there on lead to the same."""
        for base in (self.cluster_base, self.alias_base):
            offset = address - base
            if 0 <= offset < self.cluster_size:
                return self._inside(offset)
        starts = (self.cluster_base, self.alias_base, BUS_END)
        room = min((start - address for start in starts if start > address), default=BUS_END)
        return (Region.OUTSIDE if address < BUS_END else Region.HIDDEN), room

    def region_of(self, side: Side) -> Region | None:
        """What rows lead to; None unless they and what is between them lead to the same."""
        begin, end = side.span
        region, room = self.region(begin)
        return region if end - begin <= room else None

    def _inside(self, offset: int) -> tuple[Region, int]:
        if offset < self.tcdm_size:
            return Region.TCDM, self.tcdm_size - offset
        if offset < self.zero_offset:
            return Region.HIDDEN, self.zero_offset - offset
        if offset < self.zero_offset + self.zero_size:
            return Region.ZERO, self.zero_offset + self.zero_size - offset
        return Region.HIDDEN, self.cluster_size - offset

    def pieces(self, address: int, length: int) -> Iterator[tuple[Region, int, int]]:
        """``(region, offset, bytes)`` of each part of a run that leads to one region."""
        offset = 0
        while offset < length:
            region, room = self.region(address + offset)
            piece = min(room, length - offset)
            yield region, offset, piece
            offset += piece


class WideBus:
    """The memory system as the DMA sees it; ``hidden`` holds the pages that no hart can see."""

    def __init__(self, bus: Bus, reach: Reach, hidden: dict[int, bytearray]) -> None:
        self._bus, self._reach, self._hidden = bus, reach, hidden

    def read(self, address: int, length: int) -> bytes:
        """``length`` bytes from ``address``; ``AccessFault`` where nothing answers."""
        parts = []
        for region, offset, piece in self._reach.pieces(address, length):
            if region is Region.ZERO:
                parts.append(bytes(piece))
            elif region is Region.HIDDEN:
                parts.append(self._read_hidden(address + offset, piece))
            else:
                parts.append(self._bus.read(address + offset, piece))
        return b"".join(parts)

    def write(self, address: int, data: bytes) -> None:
        """Store ``data``; ``AccessFault`` where nothing answers."""
        for region, offset, piece in self._reach.pieces(address, len(data)):
            part = data[offset : offset + piece]
            if region is Region.HIDDEN:
                self._write_hidden(address + offset, part)
            elif region is not Region.ZERO:
                self._bus.write(address + offset, part)

    def copy_rows(self, rows: RowCopy) -> bool:
        """``vplat.model.row_copy.RowBus``, where both sides are on the platform's bus."""
        on_bus = (Region.TCDM, Region.OUTSIDE)
        return (
            isinstance(self._bus, RowBus)
            and self._reach.region_of(rows.reads) in on_bus
            and self._reach.region_of(rows.writes) in on_bus
            and self._bus.copy_rows(rows)
        )

    def _read_hidden(self, address: int, length: int) -> bytes:
        found = bytearray()
        for offset, piece in split(length, PAGE_BYTES, address):
            number, low = divmod(address + offset, PAGE_BYTES)
            page = self._hidden.get(number)
            found += bytes(piece) if page is None else page[low : low + piece]
        return bytes(found)

    def _write_hidden(self, address: int, data: bytes) -> None:
        for offset, piece in split(len(data), PAGE_BYTES, address):
            number, low = divmod(address + offset, PAGE_BYTES)
            page = self._hidden.setdefault(number, bytearray(PAGE_BYTES))
            page[low : low + piece] = data[offset : offset + piece]


def move(transfer: Transfer, begin: int, end: int, bus: WideBus, refusals: Refusals) -> None:
    """Copy what can be copied of the bytes ``begin..end``; add the rest to ``refusals``."""
    for part in transfer.parts(begin, end):
        copy_rows(bus, part, refusals)


@dataclasses.dataclass(slots=True)
class Bytes:
    """Bytes of a copy by what moving them costs: ``into`` and ``out`` of the TCDM, ``within`` it,
    ``outside`` of it, and those ``zeroed``, whose source is the zero memory."""

    into: int = 0
    out: int = 0
    within: int = 0
    outside: int = 0
    zeroed: int = 0

    def add(self, source: Region, destination: Region, count: int) -> None:
        """``count`` bytes more from one region to another."""
        if source is Region.ZERO:
            self.zeroed += count
        elif source is not Region.TCDM:
            if destination is Region.TCDM:
                self.into += count
            else:
                self.outside += count
        elif destination is Region.TCDM:
            self.within += count
        else:
            self.out += count


def bytes_of(transfer: Transfer, begin: int, end: int, reach: Reach) -> Bytes:
    """Where the bytes ``begin..end`` of a copy come from and go to."""
    found = Bytes()
    for part in transfer.parts(begin, end):
        reading, writing = reach.region_of(part.reads), reach.region_of(part.writes)
        if reading is not None and writing is not None:
            found.add(reading, writing, part.bytes)
            continue
        for source, destination, run in part.runs():
            for region, offset, piece in reach.pieces(source, run):
                for other, _, count in reach.pieces(destination + offset, piece):
                    found.add(region, other, count)
    return found
