"""The guest's memory, read and written at addresses that firmware chose."""

from __future__ import annotations

import struct
from typing import Final

from vplat.model import AccessFault

from .failure import CallFailed, Errno
from .guest import Guest

ADDRESS_SPACE: Final = 1 << 32
WORD_MASK: Final = ADDRESS_SPACE - 1
LARGEST_TRANSFER: Final = 16 << 20
"""Bytes that one call passes at most; a length beyond it is a bug of the firmware."""

LONGEST_STRING: Final = 1 << 20
_PIECE: Final = 256


class GuestMemory:
    """Checked accesses: a bad pointer or length raises ``CallFailed`` with its sentence.

    ``rule`` is the prefix of the findings ("semihosting", "htif").
    """

    def __init__(self, guest: Guest, rule: str) -> None:
        self._guest = guest
        self._rule = rule

    def read(self, address: int, length: int) -> bytes:
        """``length`` bytes from ``address``, at most ``LARGEST_TRANSFER``."""
        self._check_length(length)
        if length == 0:
            return b""
        if address + length > ADDRESS_SPACE:
            raise self._bad_pointer("reads", address, length)
        try:
            return self._guest.read(address, length)
        except AccessFault:
            raise self._bad_pointer("reads", address, length) from None

    def write(self, address: int, data: bytes) -> None:
        """Store ``data`` at ``address``."""
        if not data:
            return
        if address + len(data) > ADDRESS_SPACE:
            raise self._bad_pointer("writes", address, len(data))
        try:
            self._guest.write(address, data)
        except AccessFault:
            raise self._bad_pointer("writes", address, len(data)) from None

    def words(self, address: int, count: int) -> tuple[int, ...]:
        """``count`` unsigned 32-bit words from ``address``, aligned or not."""
        return struct.unpack(f"<{count}I", self.read(address, 4 * count))

    def doublewords(self, address: int, count: int) -> tuple[int, ...]:
        """``count`` unsigned 64-bit words from ``address``, aligned or not."""
        return struct.unpack(f"<{count}Q", self.read(address, 8 * count))

    def text(self, address: int) -> bytes:
        """The string that begins at ``address``, without the zero byte that ends it."""
        found = bytearray()
        while len(found) < LONGEST_STRING:
            piece = self._piece(address + len(found))
            end = piece.find(0)
            if end >= 0:
                return bytes(found + piece[:end])
            found += piece
        raise CallFailed(
            Errno.EINVAL,
            f"{self._rule}-length",
            f"the string at {address:#010x} has no zero byte in {LONGEST_STRING} bytes; "
            "end it with one, or write it with its length",
        )

    def _piece(self, address: int) -> bytes:
        """Some bytes from ``address``; a single one where the memory ends before the next piece."""
        length = _PIECE - address % _PIECE
        try:
            return self.read(address, length)
        except CallFailed:
            return self.read(address, 1)

    def _check_length(self, length: int) -> None:
        if length > LARGEST_TRANSFER:
            raise CallFailed(
                Errno.EINVAL,
                f"{self._rule}-length",
                f"a length of {length} bytes is refused; one call passes at most "
                f"{LARGEST_TRANSFER} bytes: check the length, or split the transfer",
            )

    def _bad_pointer(self, verb: str, address: int, length: int) -> CallFailed:
        return CallFailed(
            Errno.EFAULT,
            f"{self._rule}-pointer",
            f"the call {verb} {length} byte{'s' * (length > 1)} at {address:#010x}, "
            "where no memory answers; pass the address of memory",
        )
