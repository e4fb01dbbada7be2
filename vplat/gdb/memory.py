"""Memory and device registers as gdb sees them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vplat.machine.bus import DevicePlace, MemoryPlace
from vplat.machine.machine import Machine
from vplat.model import AccessFault, Port, Stall
from vplat.model.window import HART_PORT

if TYPE_CHECKING:
    from vplat.model.register import Declared

DOCUMENT_TYPE = (
    '<!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN"'
    ' "http://sourceware.org/gdb/gdb-memory-map.dtd">'
)
WORD_BYTES = 4
WIDTHS = (4, 2, 1)
"""Bytes of an access to a device, widest first."""


class CannotAccess(Exception):  # noqa: N818 - says what gdb is told
    """Nothing answers, or the device refuses."""


class Memory:
    """What debuggers read and write.

    Reads change nothing: where a device is, they see what its registers hold, whatever a load of
    firmware would do. With ``reads_have_effects`` they are loads of the hart. Writes reach memory
    whether it is read-only or not, and devices as stores of the hart.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.reads_have_effects = False

    def read(self, address: int, length: int, hart: int) -> bytes:
        """``length`` bytes, or as many from the first on as answer."""
        if not self.reads_have_effects:
            return self.peek(address, length, hart)
        pieces = self._pieces(address, length)
        return b"".join(self._load(start, count, hart) for _, start, count in pieces)

    def peek(self, address: int, length: int, hart: int) -> bytes:
        """The same without effects."""
        return b"".join(
            self._machine.bus.peek(start, count)
            if isinstance(place, MemoryPlace)
            else _peek(place, start, count, hart)
            for place, start, count in self._pieces(address, length)
        )

    def write(self, address: int, data: bytes, hart: int) -> None:
        """Store; ``CannotAccess`` where something does not answer, with what is before it done."""
        done = 0
        for place, start, count in self._pieces(address, len(data)):
            piece = data[done : done + count]
            if isinstance(place, MemoryPlace):
                self._put(start, piece)
            else:
                self._store(start, piece, hart)
            done += count
        if done < len(data):
            raise CannotAccess

    def map(self) -> str:
        """The memory map in XML (E.24). Read-only memory is RAM in it, or gdb would not load it."""
        lines = [
            '<?xml version="1.0"?>',
            DOCUMENT_TYPE,
            "<memory-map>",
        ]
        for begin, end in self._spans():
            lines.append(f'<memory type="ram" start="{begin:#x}" length="{end - begin:#x}"/>')
        return "\n".join([*lines, "</memory-map>\n"])

    def _spans(self) -> list[tuple[int, int]]:
        spans: list[tuple[int, int]] = []
        for place in self._machine.bus.places:
            if spans and place.base <= spans[-1][1]:
                spans[-1] = spans[-1][0], max(spans[-1][1], place.end)
            else:
                spans.append((place.base, place.end))
        return spans

    def _pieces(
        self, address: int, length: int
    ) -> Iterator[tuple[MemoryPlace | DevicePlace, int, int]]:
        end = min(address + length, 1 << 32)
        while address < end:
            place = self._machine.bus.place_at(address)
            if place is None or place is self._machine.bus.elsewhere:
                return
            if isinstance(place, MemoryPlace):
                count = place.count(address, end)
            else:
                count = next(
                    size for size in WIDTHS if not address % size and address + size <= end
                )
            yield place, address, count
            address += count

    def _put(self, address: int, piece: bytes) -> None:
        """As a loader does; code that has run is forgotten."""
        bus = self._machine.bus
        bus.load_image(address, piece)
        if bus.on_write is not None:
            bus.on_write(address, len(piece))

    def _load(self, address: int, count: int, hart: int) -> bytes:
        if isinstance(self._machine.bus.place_at(address), MemoryPlace):
            return self._machine.bus.peek(address, count)
        try:
            with self._machine.accesses.on_behalf_of(hart):
                value = self._machine.bus.load(address, count, hart)
        except (AccessFault, Stall) as refusal:
            raise CannotAccess from refusal
        return value.to_bytes(count, "little")

    def _store(self, address: int, piece: bytes, hart: int) -> None:
        value = int.from_bytes(piece, "little")
        try:
            with self._machine.accesses.on_behalf_of(hart):
                self._machine.bus.store(address, len(piece), value, hart)
        except (AccessFault, Stall) as refusal:
            raise CannotAccess from refusal


def peek_register(port: Port, register: Declared, index: int, hart: int) -> int:
    """What one register holds, as ``hart`` would see it through ``port``; nothing happens."""
    words = port.device.words[register.name]
    if not register.ports:
        return words[index]
    own = hart if port.window.port == HART_PORT else port.window.port
    return words[own] if 0 <= own < len(words) else 0


def _peek(place: DevicePlace, address: int, count: int, hart: int) -> bytes:
    offset = address - place.base
    found = place.port.register_at(offset)
    word = 0 if found is None else peek_register(place.port, *found, hart)
    return word.to_bytes(WORD_BYTES, "little")[offset & 3 : (offset & 3) + count]
