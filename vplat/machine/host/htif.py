"""HTIF: firmware asks the host by a store to ``tohost`` and is answered in ``fromhost``.

Both are 64-bit little-endian cells in memory (`snitch-ita-cluster.md` section 8). Bits 63:56 of a
command name a device and bits 55:48 what it is to do. Device 0 ends the run (bit 0 set) or makes
the system call whose eight 64-bit fields lie at the address in bits 47:0; device 1 is the console.
"""

from __future__ import annotations

import struct
from collections import deque
from typing import Final, NamedTuple

from .failure import CallFailed
from .guest import STDOUT, Guest
from .guest_memory import WORD_MASK, GuestMemory
from .htif_calls import ProxiedCalls, low_word

CELL_BYTES: Final = 8
SYSTEM: Final = 0
CONSOLE: Final = 1
GET_CHARACTER: Final = 0
PUT_CHARACTER: Final = 1

_DEVICE_SHIFT: Final = 56
_COMMAND_SHIFT: Final = 48
_BYTE: Final = 0xFF
_PAYLOAD: Final = (1 << _COMMAND_SHIFT) - 1
_LONG_MASK: Final = (1 << 64) - 1
_CALL_FIELDS: Final = 8
_MOST_WAITING: Final = 64


class HtifState(NamedTuple):
    """What is under way between firmware and host."""

    answers: tuple[int, ...]
    characters_wanted: int


class Htif:
    """The cells at ``tohost`` and ``fromhost``; without the latter nothing is answered.

    A hart of 32 bits writes ``tohost`` in two stores. One that covers the low word decides at once,
    with the high word as it is then: a command to the console is written high word first.

    Answers that find ``fromhost`` occupied wait until firmware has cleared it, as they do in the
    front-end server, so that harts which print at the same time all get theirs.
    """

    def __init__(self, guest: Guest, tohost: int, fromhost: int | None) -> None:
        self._guest = guest
        self._memory = GuestMemory(guest, "htif")
        self._calls = ProxiedCalls(guest, self._memory)
        self._tohost = tohost
        self._fromhost = fromhost
        self._answers: deque[int] = deque()
        self._characters_wanted = 0

    @property
    def awaits_input(self) -> bool:
        """A character was asked for and has not come: call ``poll`` from time to time."""
        return self._characters_wanted > 0

    def snapshot(self) -> HtifState:
        """The answers that wait, and the characters that are waited for."""
        return HtifState(tuple(self._answers), self._characters_wanted)

    def restore(self, state: HtifState) -> None:
        """Go back to what ``snapshot`` gave."""
        self._answers = deque(state.answers)
        self._characters_wanted = state.characters_wanted

    def stored(self, address: int, size: int) -> None:
        """A hart has just stored ``size`` bytes at ``address``, in ``tohost`` or ``fromhost``.

        Whatever was stored, the only exception is ``Stall``: a system call reads the host's input,
        which is empty but not at its end. Nothing has happened yet; the store is to be made again.
        """
        try:
            if _overlap(address, size, self._tohost, CELL_BYTES):
                self._commanded(_overlap(address, size, self._tohost, 4))
            elif self._fromhost is not None and _overlap(address, size, self._fromhost, CELL_BYTES):
                self._deliver()
        except CallFailed as failure:
            self._guest.report(failure.rule, f"HTIF: {failure.sentence}")

    def minds(self, address: int, size: int) -> bool:
        """Whether a store there does more than change memory."""
        cells = [self._tohost] if self._fromhost is None else [self._tohost, self._fromhost]
        return any(_overlap(address, size, cell, CELL_BYTES) for cell in cells)

    def poll(self) -> None:
        """Answer the characters that were asked for, as far as the host's input has them."""
        try:
            while self._characters_wanted:
                character = self._guest.receive(1)
                if not character:
                    break
                self._characters_wanted -= 1
                self._answer(CONSOLE << _DEVICE_SHIFT | 0x100 | character[0])
        except CallFailed as failure:
            self._guest.report(failure.rule, f"HTIF: {failure.sentence}")
        if self._characters_wanted and self._guest.input_ended():
            self._characters_wanted = 0
            self._guest.report(
                "htif-input",
                "HTIF: a character was asked for after the end of the host's input, and nothing in "
                "HTIF can say so; give the run more input, or read with system call 63",
            )

    def _commanded(self, low_word_stored: bool) -> None:
        (value,) = self._memory.doublewords(self._tohost, 1)
        high = value >> 32
        if not low_word_stored and high == WORD_MASK:
            # The sign of a 32-bit value that was widened: it must not outlive the command.
            self._memory.write(self._tohost + 4, bytes(4))
            return
        value = low_word(value)
        device, command = value >> _DEVICE_SHIFT, value >> _COMMAND_SHIFT & _BYTE
        asks_for_character = (device, command) == (CONSOLE, GET_CHARACTER)
        if value == 0 or not (low_word_stored or asks_for_character):
            return
        self._run(device, command, value & _PAYLOAD)

    def _run(self, device: int, command: int, payload: int) -> None:
        answer = None
        if (device, command) == (CONSOLE, PUT_CHARACTER):
            self._guest.print(bytes([payload & _BYTE]), STDOUT)
        elif (device, command) == (CONSOLE, GET_CHARACTER):
            self._characters_wanted = min(self._characters_wanted + 1, _MOST_WAITING)
        elif (device, command) != (SYSTEM, 0):
            self._guest.report(
                "htif-command",
                f"HTIF: device {device} has no command {command}; "
                "write (status << 1) | 1 to exit, or the address of a system call",
            )
        elif payload & 1:
            self._guest.finish(payload >> 1 & WORD_MASK)
        else:
            self._system_call(payload)
            answer = 1
        self._memory.write(self._tohost, bytes(CELL_BYTES))
        if answer is not None:
            self._answer(answer)
        self.poll()

    def _system_call(self, address: int) -> None:
        """Run the call whose fields lie at ``address``; its result replaces the first of them."""
        try:
            number, *arguments = self._memory.doublewords(address, _CALL_FIELDS)
            result = self._calls.run(number, arguments)
            self._memory.write(address, struct.pack("<Q", result & _LONG_MASK))
        except CallFailed as failure:
            # It is answered all the same: firmware that waits for ever would hide this report.
            self._guest.report(failure.rule, f"HTIF, a system call's fields: {failure.sentence}")

    def _answer(self, value: int) -> None:
        if len(self._answers) < _MOST_WAITING:
            self._answers.append(value)
        self._deliver()

    def _deliver(self) -> None:
        if self._fromhost is None:
            self._answers.clear()
        elif self._answers and self._memory.doublewords(self._fromhost, 1) == (0,):
            self._memory.write(self._fromhost, struct.pack("<Q", self._answers.popleft()))


def _overlap(address: int, size: int, start: int, length: int) -> bool:
    return address < start + length and start < address + size
