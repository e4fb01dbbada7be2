"""The system calls that firmware makes through HTIF: those of the RISC-V front-end server."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from vplat.model import Stall

from .failure import CallFailed, Errno
from .guest import HOST_INPUT, STDERR, STDOUT, Guest
from .guest_memory import LARGEST_TRANSFER, WORD_MASK, GuestMemory

CLOSE: Final = 57
LSEEK: Final = 62
READ: Final = 63
WRITE: Final = 64
FSTAT: Final = 80
EXIT: Final = 93

_NO_SUCH_CALL: Final = -38
"""ENOSYS as Linux numbers it, like the calls themselves; newlib has another number for it."""

_INPUT: Final = 0
_OUTPUTS: Final = {1: STDOUT, 2: STDERR}
_CHARACTER_DEVICE: Final = 0o020620
_BLOCK_SIZE: Final = 1024
_STAT_BYTES: Final = 128


def low_word(value: int) -> int:
    """A 32-bit pointer from a 64-bit field; GCC extends a pointer's sign when it widens it."""
    sign_extended = value >> 31 == (1 << 33) - 1
    return value & WORD_MASK if sign_extended else value


class ProxiedCalls:
    """Read from 0, write to 1 and 2, exit, and what a C library asks about those three files."""

    def __init__(self, guest: Guest, memory: GuestMemory) -> None:
        self._guest = guest
        self._memory = memory
        self._calls = {
            CLOSE: self._close,
            LSEEK: self._seek,
            READ: self._read,
            WRITE: self._write,
            FSTAT: self._status,
            EXIT: self._exit,
        }

    def run(self, number: int, arguments: Sequence[int]) -> int:
        """The call's result, or a negative error number.

        ``arguments`` are seven unsigned 64-bit numbers. ``Stall`` means that the host's input is
        empty but not at its end and that nothing has happened yet.
        """
        run = self._calls.get(number)
        if run is None:
            known = ", ".join(map(str, self._calls))
            self._guest.report(
                "htif-call", f"HTIF has no system call {number} here; it has {known}"
            )
            return _NO_SUCH_CALL
        file, address, length = arguments[0], low_word(arguments[1]), arguments[2]
        try:
            return run(file, address, length)
        except CallFailed as failure:
            if failure.sentence:
                self._guest.report(failure.rule, f"HTIF, system call {number}: {failure.sentence}")
            return -failure.errno

    def _write(self, file: int, address: int, length: int) -> int:
        if file not in _OUTPUTS:
            raise CallFailed(Errno.EBADF)
        text = self._memory.read(address, length)
        if text:
            self._guest.print(text, _OUTPUTS[file])
        return length

    def _read(self, file: int, address: int, length: int) -> int:
        if file != _INPUT:
            raise CallFailed(Errno.EBADF)
        if length == 0:
            return 0
        data = self._guest.receive(min(length, LARGEST_TRANSFER))
        if not data and not self._guest.input_ended():
            raise Stall(f"HTIF: {HOST_INPUT}")
        self._memory.write(address, data)
        return len(data)

    def _exit(self, status: int, address: int, length: int) -> int:
        self._guest.finish(status & WORD_MASK)
        return 0

    def _close(self, file: int, address: int, length: int) -> int:
        self._check_file(file)
        return 0

    def _seek(self, file: int, address: int, length: int) -> int:
        self._check_file(file)
        raise CallFailed(Errno.ESPIPE)

    def _status(self, file: int, address: int, length: int) -> int:
        """A character device, in the layout of ``struct stat`` in RISC-V Linux."""
        self._check_file(file)
        head = struct.pack("<QQIIIIQQQI", 0, 0, _CHARACTER_DEVICE, 1, 0, 0, 0, 0, 0, _BLOCK_SIZE)
        self._memory.write(address, head.ljust(_STAT_BYTES, b"\0"))
        return 0

    @staticmethod
    def _check_file(file: int) -> None:
        if file != _INPUT and file not in _OUTPUTS:
            raise CallFailed(Errno.EBADF)
