"""The address map in motion: who answers where, for harts and for devices that master the bus."""

from __future__ import annotations

import bisect
import dataclasses
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import numpy.typing as npt

from vplat.model import AccessFault, Port
from vplat.model.row_copy import RowCopy, Side

from .board import PAGE, MemorySpec

NO_HART = -1
PAGE_SHIFT = 12
Bytes = npt.NDArray[np.uint8]


@dataclasses.dataclass(frozen=True, slots=True)
class MemoryPlace:
    """One span of addresses at which a memory answers."""

    base: int
    end: int
    memory: MemorySpec
    data: Bytes
    written: Bytes
    """A byte for each page of ``data``, not 0 if it may have been written since somebody looked."""

    def offset(self, address: int) -> int:
        """Where in the memory's data ``address`` is; an alias larger than the memory repeats it."""
        return (address - self.base) % self.memory.size

    def put(self, offset: int, piece: bytes) -> None:
        """Store ``piece`` at ``offset``, read-only or not."""
        end = offset + len(piece)
        self.data[offset:end] = np.frombuffer(piece, dtype=np.uint8)
        self.written[offset >> PAGE_SHIFT : (end - 1 >> PAGE_SHIFT) + 1] = 1

    def rows(self, side: Side) -> Bytes | None:
        """The bytes of rows, not copied; None unless all are here, side by side in ``data``."""
        begin, end = side.span
        if begin < self.base or begin + self.count(begin, end) != end:
            return None
        offset = self.offset(begin) + side.start - begin
        return np.ndarray(
            (side.row_count, side.length), np.uint8, self.data, offset, (side.stride, 1)
        )

    def note_rows(self, side: Side) -> None:
        """``rows`` have been stored to."""
        begin, end = side.span
        if abs(side.stride) <= PAGE:  # no page between two rows is left out
            first = self.offset(begin)
            last = first + end - begin - 1
            self.written[first >> PAGE_SHIFT : (last >> PAGE_SHIFT) + 1] = 1
            return
        for start in range(side.start, side.start + side.row_count * side.stride, side.stride):
            first = self.offset(start)
            last = first + side.length - 1
            self.written[first >> PAGE_SHIFT : (last >> PAGE_SHIFT) + 1] = 1

    def count(self, address: int, end: int) -> int:
        """How many bytes from ``address`` on, at most to ``end``, are side by side in ``data``."""
        return min(end, self.end, address + self.memory.size - self.offset(address)) - address


@dataclasses.dataclass(frozen=True, slots=True)
class DevicePlace:
    """One window of a device on the bus."""

    base: int
    end: int
    port: Port
    wait_states: int


Place = MemoryPlace | DevicePlace


class Bus:
    """Decodes addresses; devices master it through ``read`` and ``write``."""

    def __init__(
        self,
        memories: Iterable[MemoryPlace],
        devices: Iterable[DevicePlace],
        elsewhere: DevicePlace | None = None,
    ) -> None:
        """``elsewhere`` answers wherever none of the others does."""
        self.elsewhere = elsewhere
        self.places: list[Place] = sorted([*memories, *devices], key=lambda place: place.base)
        self._bases = [place.base for place in self.places]
        self._recent: dict[int, Place] = {}
        """What answered last on each page: usually what answers next."""
        self.on_write: Callable[[int, int], None] | None = None
        """Told of every write by a device into memory, as (address, length)."""
        self.concerns: Callable[[int, int], bool] | None = None
        """Whether any write to these bytes is something to ``on_write``; all are if it is None."""

    def place_at(self, address: int) -> Place | None:
        """Whatever answers at ``address``."""
        recent = self._recent.get(address >> PAGE_SHIFT)
        if recent is not None and recent.base <= address < recent.end:
            return recent
        index = bisect.bisect_right(self._bases, address) - 1
        if index >= 0 and address < self.places[index].end:
            self._recent[address >> PAGE_SHIFT] = self.places[index]
            return self.places[index]
        return self.elsewhere

    def wait_states(self, address: int) -> int:
        """The cycles beyond a TCDM hit that a hart waits for the memory at ``address``.

        Zero where a device answers: its wait states are counted with each access.
        """
        place = self.place_at(address)
        return place.memory.wait_states if isinstance(place, MemoryPlace) else 0

    def sightings(self, address: int, length: int) -> Iterator[tuple[int, int]]:
        """Everywhere the bytes at ``address`` can be seen, as (address, length): there, and at
        aliases of the memory. They are side by side in the memory."""
        place = self.place_at(address)
        if not isinstance(place, MemoryPlace):
            return
        memory, offset = place.memory, place.offset(address)
        for span in memory.spans:
            for seen in range(span.base + offset, span.end, memory.size):
                yield seen, min(length, span.end - seen)

    def name_of(self, address: int) -> str:
        """The memory or the device register at ``address``.

        '' where nothing answers, or only what is elsewhere.
        """
        place = self.place_at(address)
        if place is self.elsewhere:
            return ""
        if isinstance(place, DevicePlace):
            return place.port.name_at(address - place.base)
        return place.memory.name if place is not None else ""

    def describe_gap(self, address: int) -> str:
        """What lies next to an address that nothing answers, for a message."""
        index = bisect.bisect_right(self._bases, address) - 1
        parts = []
        if index >= 0:
            below = self.places[index]
            parts.append(f"{self._label(below)} ends at {below.end:#010x}")
        if index + 1 < len(self.places):
            above = self.places[index + 1]
            parts.append(f"{self._label(above)} begins at {above.base:#010x}")
        return ", ".join(parts)

    # Accesses by harts, one at a time.

    def load(self, address: int, size: int, hart: int) -> int:
        """Up to four bytes as an unsigned number; one that crosses a word is split there."""
        first = 4 - (address & 3)
        if size > first:
            low = self.load(address, first, hart)
            return low | self.load(address + first, size - first, hart) << 8 * first
        place = self.place_at(address)
        if place is None:
            raise AccessFault("nothing answers", address=address)
        if isinstance(place, DevicePlace):
            return self._load_register(place, address, size, hart)
        offset = place.offset(address)
        return int.from_bytes(place.data[offset : offset + size].tobytes(), "little")

    def store(self, address: int, size: int, value: int, hart: int) -> None:
        """Store the low ``size`` bytes of ``value``."""
        first = 4 - (address & 3)
        if size > first:
            self.store(address, first, value & (1 << 8 * first) - 1, hart)
            self.store(address + first, size - first, value >> 8 * first, hart)
            return
        place = self.place_at(address)
        if place is None:
            raise AccessFault("nothing answers", address=address)
        if isinstance(place, DevicePlace):
            self._store_register(place, address, size, value, hart)
            return
        if not place.memory.writable:
            raise AccessFault(f"{place.memory.name} is read-only", address=address)
        place.put(place.offset(address), value.to_bytes(size, "little"))

    # Accesses by devices, of any length.

    def read(self, address: int, length: int) -> bytes:
        """``length`` bytes from ``address``; ``AccessFault`` where nothing answers."""
        pieces = []
        for place, start, count in self._pieces(address, length):
            if isinstance(place, MemoryPlace):
                offset = place.offset(start)
                pieces.append(place.data[offset : offset + count].tobytes())
            else:
                word = self._load_register(place, start, count, NO_HART)
                pieces.append(word.to_bytes(count, "little"))
        return b"".join(pieces)

    def write(self, address: int, data: bytes) -> None:
        """Store ``data`` at ``address``; ``AccessFault`` where nothing answers."""
        done = 0
        for place, start, count in self._pieces(address, len(data)):
            piece = data[done : done + count]
            if isinstance(place, DevicePlace):
                value = int.from_bytes(piece, "little")
                self._store_register(place, start, count, value, NO_HART)
            elif not place.memory.writable:
                raise AccessFault(f"{place.memory.name} is read-only", address=start)
            else:
                place.put(place.offset(start), piece)
                if self.on_write is not None:
                    self.on_write(start, count)
            done += count

    def copy_rows(self, rows: RowCopy) -> bool:
        """``vplat.model.row_copy.RowBus``."""
        reads, writes = rows.reads, rows.writes
        source, target = self.place_at(reads.span[0]), self.place_at(writes.span[0])
        if not isinstance(source, MemoryPlace) or not isinstance(target, MemoryPlace):
            return False
        if not target.memory.writable or writes.rows_overlap:
            return False
        found, stored = source.rows(reads), target.rows(writes)
        if found is None or stored is None or _are_entangled(source, reads, target, writes):
            return False
        stored[:] = found
        target.note_rows(writes)
        self._tell_of_rows(writes)
        return True

    def _tell_of_rows(self, side: Side) -> None:
        begin, end = side.span
        told = self.on_write
        if told is not None and (self.concerns is None or self.concerns(begin, end - begin)):
            for row in range(side.row_count):
                told(side.start + row * side.stride, side.length)

    def peek(self, address: int, length: int) -> bytes:
        """What memories hold, without any side effect; zeros for devices and where nothing is."""
        found = bytearray()
        end = address + length
        while address < end:
            place = self.place_at(address)
            if isinstance(place, MemoryPlace):
                count, offset = place.count(address, end), place.offset(address)
                found += place.data[offset : offset + count].tobytes()
            else:
                count = 1
                found += b"\0"
            address += count
        return bytes(found)

    def load_image(self, address: int, data: bytes) -> None:
        """Put ``data`` into memories, read-only ones too: what a loader does, not a bus master."""
        done = 0
        for place, start, count in self._pieces(address, len(data)):
            if isinstance(place, MemoryPlace):
                place.put(place.offset(start), data[done : done + count])
            done += count

    def _pieces(self, address: int, length: int) -> Iterator[tuple[Place, int, int]]:
        end = address + length
        while address < end:
            place = self.place_at(address)
            if place is None:
                raise AccessFault("nothing answers", address=address)
            if isinstance(place, MemoryPlace):
                count = place.count(address, end)
            else:
                count = min(end, place.end, (address & ~3) + 4) - address
            yield place, address, count
            address += count

    @staticmethod
    def _load_register(place: DevicePlace, address: int, size: int, hart: int) -> int:
        try:
            return place.port.load(address - place.base, size, hart)
        except AccessFault as fault:
            fault.address = fault.address or address
            raise

    @staticmethod
    def _store_register(place: DevicePlace, address: int, size: int, value: int, hart: int) -> None:
        try:
            place.port.store(address - place.base, size, value, hart)
        except AccessFault as fault:
            fault.address = fault.address or address
            raise

    @staticmethod
    def _label(place: Place) -> str:
        if isinstance(place, MemoryPlace):
            return place.memory.name
        return place.port.device.name


def _are_entangled(source: MemoryPlace, reads: Side, target: MemoryPlace, writes: Side) -> bool:
    """Whether a row that is written may be, or lie between, rows that are read."""
    if source.data is not target.data:
        return False
    (read_begin, read_end), (write_begin, write_end) = reads.span, writes.span
    read_offset, write_offset = source.offset(read_begin), target.offset(write_begin)
    return (
        read_offset < write_offset + write_end - write_begin
        and write_offset < read_offset + read_end - read_begin
    )


def memory_places(memories: Iterable[MemorySpec]) -> list[MemoryPlace]:
    """Fresh, zeroed memories at all their places; sizes are rounded up to whole pages."""
    places = []
    for memory in memories:
        data = np.zeros(-(-memory.size // PAGE) * PAGE, dtype=np.uint8)
        written = np.zeros(len(data) // PAGE, dtype=np.uint8)
        spans = [MemoryPlace(span.base, span.end, memory, data, written) for span in memory.spans]
        for offset, words in memory.contents.items():
            spans[0].put(offset, np.array(words, dtype="<u4").tobytes())
        places += spans
    return places
