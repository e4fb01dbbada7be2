"""Moving the bytes of an MCHAN command: the addresses its two sides reach, and the copy itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from vplat.model import Bus
from vplat.model.row_copy import RowBus, RowCopy
from vplat.model.transfer import Refusals, copy, split

from .command import Command, Direction
from .timing import BURST_BYTES


@dataclasses.dataclass(frozen=True, slots=True)
class Reach:
    """The addresses behind the command words.

    The TCDM side decodes no more than the TCDM's own size, so it wraps there and never leaves it;
    the external side has ``external_bits`` bits (`pulp-cluster.md` sections 2.1 and 4.1). ``width``
    is the bytes of a beat.
    """

    tcdm_base: int
    tcdm_size: int
    external_bits: int
    width: int

    def tcdm(self, address: int) -> int:
        """Where in the TCDM the TCDM side's ``address`` is."""
        return self.tcdm_base + (address - self.tcdm_base) % self.tcdm_size

    def external(self, address: int) -> int:
        """``address`` cut to the width of the external bus."""
        return address & (1 << self.external_bits) - 1

    def move(self, command: Command, bus: Bus) -> Refusals:
        """Copy all that can be copied; what was refused."""
        refusals = Refusals()
        rows = self._at_once(command)
        if rows is not None and isinstance(bus, RowBus) and bus.copy_rows(rows):
            return refusals
        pieces = self._incrementing if command.increments else self._fixed
        for external, tcdm, length in pieces(command):
            ends = (external, tcdm) if command.direction is Direction.RX else (tcdm, external)
            copy(bus, *ends, length, refusals)
        return refusals

    def _at_once(self, command: Command) -> RowCopy | None:
        """The whole command as rows of addresses, where none of them wraps."""
        rows = command.rows()
        if not command.increments or rows is None or rows.bytes < command.length:
            return None
        (begin, end), (first, last) = rows.reads.span, rows.writes.span
        external, tcdm = self.external(begin), self.tcdm(first)
        if external + end - begin > 1 << self.external_bits:
            return None
        if tcdm + last - first > self.tcdm_base + self.tcdm_size:
            return None
        outer = external + rows.source - begin, rows.source_stride
        inner = tcdm + rows.destination - first, rows.destination_stride
        ends = (outer, inner) if command.direction is Direction.RX else (inner, outer)
        (source, source_stride), (destination, destination_stride) = ends
        return RowCopy(
            *(source, destination, rows.length, rows.row_count),
            *(source_stride, destination_stride),
        )

    def _incrementing(self, command: Command) -> Iterator[tuple[int, int, int]]:
        for external, tcdm, run in command.runs():
            for skip, part in split(run, 1 << self.external_bits, external):
                yield from self._in_tcdm(self.external(external + skip), tcdm + skip, part)

    def _in_tcdm(self, external: int, tcdm: int, length: int) -> Iterator[tuple[int, int, int]]:
        """Cut a run where the TCDM side wraps."""
        for skip, part in split(length, self.tcdm_size, tcdm - self.tcdm_base):
            yield external + skip, self.tcdm(tcdm + skip), part

    def _fixed(self, command: Command) -> Iterator[tuple[int, int, int]]:
        """One piece a beat: a FIFO behind the external address sees as many accesses as on the bus.

        The first beat of a burst takes the bytes from the address to the end of its bus word, all
        further ones that whole word: the hardware keeps the lanes of an incrementing burst.
        """
        for external, tcdm, run in command.runs():
            for offset, burst in split(run, BURST_BYTES, external):
                for skip, beat in split(burst, self.width, external):
                    word = external - external % self.width if skip else external
                    target = tcdm + offset + skip
                    for more, part in split(beat, self.tcdm_size, target - self.tcdm_base):
                        yield self.external(word + more), self.tcdm(target + more), part
