"""What the words of an MCHAN command mean: pure, without registers, bus or clock.

The facts are those of ``pulp-cluster.md`` section 2.1, read again in the synthesizable source
(``ctrl_fsm.sv``, ``twd_trans_splitter.sv``, ``trans_unpack.sv``) where it leaves a question open.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Final

from vplat.model import NOBODY, WO, Culprit, Field, bit, bits
from vplat.model.row_copy import RowCopy

LEN_BITS: Final = 17
NUMBER_BITS: Final = 31
"""Width of the hardware's counts and strides: there are no negative strides."""


class Direction(IntEnum):
    """The command bit TYPE, seen from the cluster."""

    TX = 0
    RX = 1


FIRST_WORD: Final[dict[str, Field]] = {
    "len": bits(
        16,
        0,
        WO,
        "First word: bytes to copy in all; 0 stands for 131072 (the hardware keeps len - 1).",
    ),
    "type": bit(
        17,
        WO,
        "First word: direction, 1 = RX, external memory to TCDM; 0 = TX, TCDM to external memory.",
        values=Direction,
    ),
    "inc": bit(
        18,
        WO,
        "First word: 1 = external addresses increment; 0 = AXI FIXED bursts, every beat goes to "
        "the same address, as for a FIFO.",
    ),
    "twd_ext": bit(
        19,
        WO,
        "First word: 2D on the external side; two more words follow the external address, bytes "
        "of a row (count) and bytes from one row's start to the next one's (stride).",
    ),
    "ele": bit(20, WO, "First word: pulse event line 8 when the TID has nothing left to do."),
    "ile": bit(21, WO, "First word: pulse interrupt line 9 when the TID has nothing left to do."),
    "ble": bit(
        22, WO, "First word: 1 = event and interrupt go to all harts; 0 = to the issuing one."
    ),
    "twd_tcdm": bit(
        23, WO, "First word: 2D on the TCDM side; count and stride follow as the last two words."
    ),
}
"""The fields of a command's first word, in the version with a LEN of 17 bits."""


@dataclasses.dataclass(frozen=True, slots=True)
class Side:
    """The bytes of a transfer in one memory: rows of ``row`` bytes, ``stride`` bytes apart.

    A linear side is one row as long as the transfer.
    """

    start: int
    row: int
    stride: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """One transfer: ``length`` bytes between the external side and the TCDM side.

    ``port`` issued it under ``tid``; ``accepted`` is the cycle of its last word. Rows repeat until
    ``length`` is consumed, so the last one may be short. Addresses are as written, not yet wrapped.
    """

    port: int
    tid: int
    accepted: int
    length: int
    direction: Direction
    increments: bool
    event: bool
    interrupt: bool
    broadcast: bool
    external: Side
    tcdm: Side
    number: int = 0
    """Its own, among those that are not finished."""
    culprit: Culprit = NOBODY
    """Who wrote its last word."""

    def runs(self) -> Iterator[tuple[int, int, int]]:
        """``(external address, TCDM address, bytes)`` of each run contiguous on both sides.

        Each side walks its own rows; a run ends where a row of either side does.
        """
        external, tcdm = _Walk(self.external), _Walk(self.tcdm)
        left = self.length
        while left:
            run = min(left, external.left, tcdm.left)
            yield external.address, tcdm.address, run
            external.advance(run)
            tcdm.advance(run)
            left -= run

    def rows(self) -> RowCopy | None:
        """The runs that are whole rows, the external side as the source, where rows end on both
        sides at once; None where they do not."""
        row = min(self.external.row, self.tcdm.row)
        if any(side.row not in (row, self.length) for side in (self.external, self.tcdm)):
            return None
        strides = (
            side.stride if side.row < self.length else row for side in (self.external, self.tcdm)
        )
        return RowCopy(self.external.start, self.tcdm.start, row, self.length // row, *strides)

    def rest(self, rows: RowCopy) -> Iterator[tuple[int, int, int]]:
        """The run after all that are whole rows, if there is one."""
        if left := self.length - rows.bytes:
            count = rows.row_count
            external = rows.source + count * rows.source_stride
            yield external, rows.destination + count * rows.destination_stride, left


class _Walk:
    """A position within a side: the next address and the bytes left in its row."""

    def __init__(self, side: Side) -> None:
        self._side, self._row_start = side, side.start
        self.address, self.left = side.start, side.row

    def advance(self, count: int) -> None:
        self.address += count
        self.left -= count
        if not self.left:
            self._row_start += self._side.stride
            self.address, self.left = self._row_start, self._side.row


def words_needed(first: int, external_words: int) -> int:
    """How many words a command that begins with ``first`` has in all."""
    strided = FIRST_WORD["twd_ext"].get(first) + FIRST_WORD["twd_tcdm"].get(first)
    return 2 + external_words + 2 * strided


def decode(
    words: Sequence[int],
    external_words: int,
    *,
    port: int,
    tid: int,
    accepted: int,
    number: int = 0,
    culprit: Culprit = NOBODY,
) -> Command:
    """The command that the complete sequence ``words`` describes."""
    flags = {name: field.get(words[0]) for name, field in FIRST_WORD.items()}
    length = flags["len"] or 1 << LEN_BITS
    rest = list(words[2 + external_words :])
    external_start = sum(
        word << 32 * place for place, word in enumerate(words[2 : 2 + external_words])
    )
    external = _side(external_start, length, rest, strided=bool(flags["twd_ext"]))
    tcdm = _side(words[1], length, rest, strided=bool(flags["twd_tcdm"]))
    return Command(
        port=port,
        tid=tid,
        accepted=accepted,
        length=length,
        direction=Direction(flags["type"]),
        increments=bool(flags["inc"]),
        event=bool(flags["ele"]),
        interrupt=bool(flags["ile"]),
        broadcast=bool(flags["ble"]),
        external=external,
        tcdm=tcdm,
        number=number,
        culprit=culprit,
    )


def _side(start: int, length: int, rest: list[int], *, strided: bool) -> Side:
    """A side that takes its count and stride from the front of ``rest`` where it is strided.

    The hardware keeps count - 1 in 31 bits, so a count of 0 never ends a row.
    """
    if not strided:
        return Side(start, length)
    numbers = (1 << NUMBER_BITS) - 1
    count, stride = rest.pop(0), rest.pop(0)
    return Side(start, min(length, (count - 1 & numbers) + 1), stride & numbers)
