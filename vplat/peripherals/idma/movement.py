"""Moving the bytes of an iDMA transfer: what its two ends reach, and the copy itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from vplat.model import Bus
from vplat.model.row_copy import RowBus, RowCopy, Side
from vplat.model.transfer import Refusals, copy, split

from .transfer import ADDRESS_MASK, End, Protocol, Transfer


@dataclasses.dataclass(frozen=True, slots=True)
class _Ends:
    """A bus whose reads are zeros, or whose writes vanish, where that side's protocol is INIT."""

    bus: Bus
    zeros: bool
    discards: bool

    def read(self, address: int, length: int) -> bytes:
        return bytes(length) if self.zeros else self.bus.read(address, length)

    def write(self, address: int, data: bytes) -> None:
        if not self.discards:
            self.bus.write(address, data)


@dataclasses.dataclass(frozen=True, slots=True)
class Reach:
    """The addresses behind the registers: OBI decodes no more than the TCDM's size and wraps."""

    tcdm_base: int
    tcdm_size: int

    def tcdm(self, address: int) -> int:
        """Where in the TCDM an OBI ``address`` is."""
        return self.tcdm_base + (address - self.tcdm_base) % self.tcdm_size

    def move(self, transfer: Transfer, begin: int, end: int, bus: Bus, refusals: Refusals) -> None:
        """Copy what can be copied of the bytes ``begin..end``; add the rest to ``refusals``."""
        source, destination = transfer.source, transfer.destination
        ends = _Ends(bus, source.protocol == Protocol.INIT, destination.protocol == Protocol.INIT)
        for part in transfer.parts(begin, end):
            rows = self._at_once(transfer, part) if isinstance(bus, RowBus) else None
            if rows is None or not (isinstance(bus, RowBus) and bus.copy_rows(rows)):
                self._move_one_by_one(transfer, part, ends, refusals)

    def _move_one_by_one(
        self, transfer: Transfer, rows: RowCopy, ends: _Ends, refusals: Refusals
    ) -> None:
        source, destination = transfer.source, transfer.destination
        for first, second, run in rows.runs():
            for offset, piece in self._unwrapped(source, first, run):
                read_from = self._place(source, first + offset)
                for more, part in self._unwrapped(destination, second + offset, piece):
                    written_to = self._place(destination, second + offset + more)
                    copy(ends, read_from + more, written_to, part, refusals)

    def _at_once(self, transfer: Transfer, rows: RowCopy) -> RowCopy | None:
        """The same rows at the addresses they have on the bus; None where those wrap, for an end
        that is no memory, and for a single row."""
        ends = (transfer.source, rows.reads), (transfer.destination, rows.writes)
        starts = []
        for end, side in ends:
            start = self._start(end, side)
            if start is None or rows.row_count < 2:
                return None
            starts.append(start)
        return rows._replace(source=starts[0], destination=starts[1])

    def _start(self, end: End, side: Side) -> int | None:
        low, high = side.span
        if end.protocol == Protocol.INIT:
            return None
        if end.protocol != Protocol.OBI:
            return side.start
        place = self.tcdm(low)
        fits = place + high - low <= self.tcdm_base + self.tcdm_size
        return place + side.start - low if fits else None

    def _place(self, end: End, address: int) -> int:
        return self.tcdm(address) if end.protocol == Protocol.OBI else address & ADDRESS_MASK

    def _unwrapped(self, end: End, address: int, length: int) -> Iterator[tuple[int, int]]:
        """Cut a run where one side's addresses wrap."""
        if end.protocol == Protocol.OBI:
            return split(length, self.tcdm_size, address - self.tcdm_base)
        return split(length, ADDRESS_MASK + 1, address)
