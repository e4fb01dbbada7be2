"""Semihosting's operations on the run: its time, its memory, its command line, its end."""

from __future__ import annotations

import struct
from typing import Final

from .failure import CallFailed, Errno
from .guest import Guest
from .guest_memory import WORD_MASK, GuestMemory
from .operation import APPLICATION_EXIT, STOP_REASONS, Operation, Operations

_SIGN: Final = 0x8000_0000
_CENTISECONDS: Final = 100


class SystemOperations:
    """All time is simulated time, so that the same firmware gets the same answers again.

    ``epoch_seconds`` is what ``SYS_TIME`` counts from: seconds from 1970 to the run's first cycle.
    """

    def __init__(self, guest: Guest, memory: GuestMemory, epoch_seconds: int) -> None:
        self._guest = guest
        self._memory = memory
        self._epoch_seconds = epoch_seconds

    @property
    def operations(self) -> Operations:
        """What runs each operation."""
        return {
            Operation.SYS_ISERROR: self._is_error,
            Operation.SYS_CLOCK: self._centiseconds,
            Operation.SYS_TIME: self._seconds,
            Operation.SYS_SYSTEM: self._system,
            Operation.SYS_GET_CMDLINE: self._command_line,
            Operation.SYS_HEAPINFO: self._heap_info,
            Operation.SYS_EXIT: self._exit,
            Operation.SYS_EXIT_EXTENDED: self._exit_extended,
            Operation.SYS_ELAPSED: self._elapsed,
            Operation.SYS_TICKFREQ: self._tick_frequency,
        }

    def _is_error(self, parameter: int) -> int:
        (status,) = self._memory.words(parameter, 1)
        return int(status >= _SIGN)

    def _centiseconds(self, parameter: int) -> int:
        return self._guest.now * _CENTISECONDS // self._guest.clock_hz

    def _seconds(self, parameter: int) -> int:
        return self._epoch_seconds + self._guest.now // self._guest.clock_hz

    def _elapsed(self, parameter: int) -> int:
        self._memory.write(parameter, struct.pack("<Q", self._guest.now))
        return 0

    def _tick_frequency(self, parameter: int) -> int:
        return self._guest.clock_hz

    def _system(self, parameter: int) -> int:
        raise CallFailed(
            Errno.EACCES,
            "semihosting-refused",
            "commands of the host are never run for the firmware; do without the call",
        )

    def _command_line(self, parameter: int) -> int:
        address, size = self._memory.words(parameter, 2)
        text = self._guest.command_line.encode("utf-8", "surrogateescape")
        if len(text) >= size:
            raise CallFailed(Errno.ERANGE)
        self._memory.write(address, text + b"\0")
        self._memory.write(parameter + 4, struct.pack("<I", len(text)))
        return 0

    def _heap_info(self, parameter: int) -> int:
        """The parameter points to a pointer to four words.

        picolibc 1.8 passes the address of the four words themselves, all zero, so that a null
        pointer tells its firmware.
        """
        (block,) = self._memory.words(parameter, 1)
        words = (word & WORD_MASK for word in (*self._guest.heap, *self._guest.stack))
        self._memory.write(block or parameter, struct.pack("<4I", *words))
        return 0

    def _exit(self, parameter: int) -> int:
        """On RV32 the parameter is the reason itself."""
        if parameter == APPLICATION_EXIT:
            self._guest.finish(0)
        else:
            self._guest.crash(f"the firmware stopped itself: {_reason(parameter)} (semihosting)")
        return 0

    def _exit_extended(self, parameter: int) -> int:
        reason, subcode = self._memory.words(parameter, 2)
        if reason == APPLICATION_EXIT:
            self._guest.finish(subcode)
        else:
            named = f"{_reason(reason)}, subcode {subcode:#x}"
            self._guest.crash(f"the firmware stopped itself: {named} (semihosting)")
        return 0


def _reason(number: int) -> str:
    return STOP_REASONS.get(number, f"unknown reason {number:#x}")
