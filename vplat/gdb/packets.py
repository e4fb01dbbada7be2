"""gdb's remote serial protocol on the wire: packets out of bytes, and bytes out of packets.

Nothing here knows what a packet means. Section numbers are those of appendix E of gdb's manual
("Remote Protocol").
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final, NamedTuple

MAX_PACKET: Final = 0x4000
"""Bytes of a packet's data, as it is on the wire; a longer one is refused."""
ESCAPE: Final = 0x7D
ESCAPE_MASK: Final = 0x20
ESCAPED: Final = frozenset(b"$#}*")
"""What data of ours never holds as it is; ``*`` would begin a run."""
INTERRUPT: Final = 0x03
SHORTEST_RUN: Final = 4
LONGEST_RUN: Final = 98
RUN_OFFSET: Final = 29
FORBIDDEN_COUNTS: Final = frozenset(b"$#+-")


class Kind(Enum):
    """What came along the wire."""

    PACKET = auto()
    ACKNOWLEDGED = auto()
    REFUSED = auto()
    """The other side wants the last packet again."""
    INTERRUPT = auto()
    """Ctrl-C."""
    DAMAGED = auto()
    """A packet whose checksum is wrong, or that is too long."""


class Received(NamedTuple):
    """One thing that came along the wire; ``data`` is a packet's, without escapes."""

    kind: Kind
    data: bytes = b""


def checksum(data: bytes) -> int:
    """The sum of all bytes modulo 256 (E.1)."""
    return sum(data) & 0xFF


def frame(data: bytes) -> bytes:
    """A packet around data that is escaped already."""
    return b"$%b#%02x" % (data, checksum(data))


def escape(data: bytes) -> bytes:
    """Binary data as packets hold it (E.1, "Binary Data")."""
    return b"".join(
        bytes((ESCAPE, byte ^ ESCAPE_MASK)) if byte in ESCAPED else bytes((byte,)) for byte in data
    )


def unescape(data: bytes) -> bytes:
    """What ``escape`` made of; an escape at the very end stands for nothing."""
    return re.sub(
        rb"\}(.)", lambda found: bytes((found[1][0] ^ ESCAPE_MASK,)), data, flags=re.DOTALL
    )


def encode_runs(data: bytes) -> bytes:
    """Escaped data with its runs shortened (E.1, "Run-Length Encoding")."""
    return re.sub(rb"(?s)([^}])\1{%d,}" % (SHORTEST_RUN - 1), _shortened, data)


def decode_runs(data: bytes) -> bytes:
    """What ``encode_runs`` made shorter; a ``*`` that nothing comes before stands for itself."""

    def lengthened(run: re.Match[bytes]) -> bytes:
        return run[1] * (max(run[2][0] - RUN_OFFSET, 0) + 1)

    return re.sub(rb"(?s)(.)\*(.)", lengthened, data)


def _shortened(found: re.Match[bytes]) -> bytes:
    byte, left = found[1], len(found[0])
    parts = []
    while left:
        count = min(left, LONGEST_RUN)
        while count >= SHORTEST_RUN and count - 1 + RUN_OFFSET in FORBIDDEN_COUNTS:
            count -= 1
        if count < SHORTEST_RUN:
            parts.append(byte * left)
            break
        parts.append(byte + b"*" + bytes((count - 1 + RUN_OFFSET,)))
        left -= count
    return b"".join(parts)


class Receiver:
    """Makes packets of the bytes that come, however they are cut into pieces.

    It never holds more than one packet of ``MAX_PACKET`` bytes.
    """

    def __init__(self) -> None:
        self._data: bytearray | None = None
        self._sum: bytearray | None = None
        self._too_long = False

    def feed(self, piece: bytes) -> list[Received]:
        """What ``piece`` completes, in order."""
        found = []
        for byte in piece:
            received = self._take(byte)
            if received is not None:
                found.append(received)
        return found

    def _take(self, byte: int) -> Received | None:
        if byte == ord("$"):  # unescaped it begins a packet, whatever came before
            self._data, self._sum, self._too_long = bytearray(), None, False
            return None
        if self._data is None:
            return BETWEEN.get(byte)
        if self._sum is None:
            self._take_data(self._data, byte)
            return None
        self._sum.append(byte)
        return self._complete(bytes(self._data), self._sum) if len(self._sum) == 2 else None

    def _take_data(self, data: bytearray, byte: int) -> None:
        if byte == ord("#"):
            self._sum = bytearray()
        elif len(data) < MAX_PACKET:
            data.append(byte)
        else:
            self._too_long = True

    def _complete(self, data: bytes, told: bytearray) -> Received:
        self._data = self._sum = None
        if self._too_long or not re.fullmatch(rb"[0-9a-fA-F]{2}", told):
            return Received(Kind.DAMAGED)
        if int(told, 16) != checksum(data):
            return Received(Kind.DAMAGED)
        return Received(Kind.PACKET, unescape(data))


BETWEEN: Final = {
    ord("+"): Received(Kind.ACKNOWLEDGED),
    ord("-"): Received(Kind.REFUSED),
    INTERRUPT: Received(Kind.INTERRUPT),
}
"""Bytes that mean something outside packets; others are noise."""
