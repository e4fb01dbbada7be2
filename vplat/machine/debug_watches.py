"""Watchpoints: memory whose loads and stores stop the machine, whoever makes them.

The pages they lie on are handed to the machine by the engine; their other bytes are served right
away. Nobody else pays.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vplat.errors import UsageError
from vplat.model import Bus

from .board import PAGE
from .bus import Bus as MemoryBus
from .bus import MemoryPlace
from .pages import pages_of_devices
from .rows import COLUMNS, NO_STEP, STEP, STOPS

if TYPE_CHECKING:
    from .machine import Machine

PAGE_MASK = PAGE - 1
OWNER = "debugger"


@dataclasses.dataclass(frozen=True)
class Watch:
    """``length`` bytes from ``address`` on, and which accesses to them are meant."""

    address: int
    length: int
    loads: bool
    stores: bool
    only_changes: bool = False
    """Stores that leave the bytes as they are do not count."""


@dataclasses.dataclass(frozen=True)
class Hit:
    """An access to watched bytes.

    ``hart`` made it, or with ``hart`` -1 the device ``device``, of its own accord. ``device`` is
    also there where a hart's access made a device do it. ``old`` and ``new`` are the accessed
    bytes before and after, of a device's access those that are watched. ``instructions`` are those
    that ``hart`` had retired before.
    """

    watch: Watch
    hart: int
    device: str
    stores: bool
    address: int
    old: bytes
    new: bytes
    cycle: int
    instructions: int = 0


class Watches:
    """The watchpoints of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._shared = {page * PAGE for page in pages_of_devices(machine.bus)}
        self._known: list[Watch] = []
        self._spans: list[tuple[Watch, str, int, int]] = []
        self._pages: dict[int, tuple[bool, bool]] = {}
        self._waiting: dict[int, list[Hit]] = {}
        self.stopped: set[int] = set()
        """Harts that have left their turns in front of an access to watched bytes."""
        self.passing: set[int] = set()
        """Harts that now make such an access."""
        self.hits: list[Hit] = []
        """What has happened since somebody looked."""
        self.is_asleep = False
        """Accesses are served as ever, and nobody is told of any."""

    def __len__(self) -> int:
        return len(self._known)

    def add(self, watch: Watch) -> None:
        """Watch; ``UsageError`` if so much cannot be watched."""
        self._change([*self._known, watch])

    def remove(self, watch: Watch) -> bool:
        """Watch no more; False if ``watch`` is not known."""
        if watch not in self._known:
            return False
        kept = list(self._known)
        kept.remove(watch)
        self._change(kept)
        return True

    def clear_all(self) -> None:
        """Remove every one."""
        self._change([])

    def bus_of(self, device: str) -> Bus:
        """The bus of a device, or of the host's interfaces, with an eye on what it touches."""
        return WatchedBus(self, self._machine.bus, device)

    # In callbacks of the engine.

    def stops(self, hart: int, address: int, size: int, *, stores: bool) -> bool:
        """Whether ``hart`` must leave its turn before this access, so that it can be told of."""
        if hart in self.passing or self._meant(address, size, stores=stores) is None:
            return False
        self.stopped.add(hart)
        return True

    def serves(self, address: int, *, stores: bool) -> bool:
        """Whether an access comes here only because its page is watched."""
        loads_watched, stores_watched = self._pages.get(address & ~PAGE_MASK, (False, False))
        return stores_watched if stores else loads_watched

    def load(self, hart: int, address: int, size: int) -> int:
        """Such a load."""
        self.note_access(hart, address, size, stores=False)
        return self._machine.bus.load(address, size, hart)

    def store(self, hart: int, address: int, size: int, value: int) -> None:
        """Such a store."""
        self.note_access(hart, address, size, stores=True)
        bus = self._machine.bus
        bus.store(address, size, value, hart)
        if bus.on_write is not None:  # the engine has not seen this store, which may be to code
            bus.on_write(address, size)

    def note_access(self, hart: int, address: int, size: int, *, stores: bool) -> None:
        """A hart is about to access; called for whatever goes through the machine."""
        watch = self._meant(address, size, stores=stores)
        if watch is None:
            return
        old = self._machine.bus.peek(address, size)
        subject = self._machine.harts[hart]
        hit = Hit(watch, hart, "", stores, address, old, old, subject.cycles, subject.instructions)
        waiting = self._waiting.setdefault(hart, [])
        waiting[:] = [each for each in waiting if (each.address, each.stores) != (address, stores)]
        waiting.append(hit)
        self._hold_soon(hart)

    # Of devices.

    def meant(self, address: int, length: int, *, stores: bool) -> bool:
        """Whether any of these bytes is watched for that."""
        return self._meant(address, length, stores=stores) is not None

    def touched(self, device: str, address: int, old: bytes, new: bytes, *, stores: bool) -> None:
        """A device has accessed these bytes."""
        watch = self._meant(address, len(old), stores=stores)
        if watch is None:
            return
        first, last = self._watched_part(watch, address, len(old))
        part = slice(first - address, last - address)
        if watch.only_changes and old[part] == new[part]:
            return
        hart, cycle = self._machine.accesses.current, self._machine.now
        retired = self._machine.harts[hart].instructions if hart >= 0 else 0
        hit = Hit(watch, hart, device, stores, first, old[part], new[part], cycle, retired)
        self.hits.append(hit)
        if hart >= 0:
            self._hold_soon(hart)

    # Between turns.

    def complete(self, hart: int, reach: range | None, instructions: int | None) -> None:
        """``hart`` has made its accesses; ``reach`` are the bytes its instruction really means.

        A misaligned load is carried out as two aligned ones around it, which meet more bytes.
        ``instructions`` are those it had retired before, where that is known better by now.
        """
        self.passing.discard(hart)
        for hit in self._waiting.pop(hart, ()):
            watched = range(hit.watch.address, hit.watch.address + hit.watch.length)
            if reach is not None and not _overlap(reach, watched) and _near(reach, watched):
                continue
            new = self._machine.bus.peek(hit.address, len(hit.old)) if hit.stores else hit.old
            if hit.watch.only_changes and new == hit.old:
                continue
            retired = hit.instructions if instructions is None else instructions
            self.hits.append(dataclasses.replace(hit, new=new, instructions=retired))

    @property
    def waiting(self) -> list[int]:
        """Harts that have made accesses outside a step, which can be told of once they are held."""
        return [hart for hart in self._waiting if hart not in self.passing]

    def forget(self) -> None:
        """The machine has been moved: nothing has happened."""
        self._waiting.clear()
        self.stopped.clear()
        self.passing.clear()
        self.hits.clear()

    def _hold_soon(self, hart: int) -> None:
        """Outside a step, the end of the block is the next occasion to hold a hart."""
        at = hart * COLUMNS + STEP
        if self._machine.engine.rows[at] == NO_STEP:
            self._machine.engine.rows[at] = STOPS

    def _watched_part(self, watch: Watch, address: int, length: int) -> tuple[int, int]:
        """The addresses of the watched bytes among these, as the access has them."""
        (_, begin), (_, watched) = self._identity(address), self._identity(watch.address)
        first = address + max(watched - begin, 0)
        return first, min(address + length, address + watched - begin + watch.length)

    def _meant(self, address: int, size: int, *, stores: bool) -> Watch | None:
        if self.is_asleep:
            return None
        owner, begin = self._identity(address)
        for watch, name, first, last in self._spans:
            wanted = watch.stores if stores else watch.loads
            if wanted and name == owner and begin < last and first < begin + size:
                return watch
        return None

    def _identity(self, address: int) -> tuple[str, int]:
        """The same for every alias of a byte."""
        place = self._machine.bus.place_at(address)
        if isinstance(place, MemoryPlace):
            return place.memory.name, place.offset(address)
        return "", address

    def _change(self, watches: list[Watch]) -> None:
        pages = self._pages_of(watches)
        room = self._machine.watched_pages.room(OWNER)
        if len(pages) > room:
            raise UsageError(
                f"{len(pages)} pages would have to be watched, aliases included, and "
                f"{room} can be; watch less"
            )
        self._machine.watched_pages.want(OWNER, pages)
        self._pages = {
            page: (loads, stores and page not in self._machine.accesses.watched)
            for page, (loads, stores) in pages.items()
        }
        self._known = watches
        self._spans = [
            (watch, owner, begin, begin + watch.length)
            for watch in watches
            for owner, begin in (self._identity(watch.address),)
        ]
        self._machine.accesses.debug(self if watches else None)

    def _pages_of(self, watches: list[Watch]) -> dict[int, tuple[bool, bool]]:
        pages: dict[int, tuple[bool, bool]] = {}
        for watch in watches:
            for page, writable in self._sightings(watch):
                loads, stores = pages.get(page, (False, False))
                pages[page] = loads or watch.loads, stores or (watch.stores and writable)
        return pages

    def _sightings(self, watch: Watch) -> Iterator[tuple[int, bool]]:
        """The pages at which the watched bytes of memories are seen, and whether they are RAM.

        What shares a page with a device comes to the machine anyway.
        """
        for seen, length in self._machine.bus.sightings(watch.address, watch.length):
            for page in range(seen & ~PAGE_MASK, seen + length, PAGE):
                place = self._machine.bus.place_at(max(page, seen))
                if isinstance(place, MemoryPlace) and page not in self._shared:
                    yield page, place.memory.writable


class WatchedBus:
    """``vplat.model.Bus`` for one device, while something is watched."""

    def __init__(self, watches: Watches, bus: MemoryBus, device: str) -> None:
        self._watches, self._bus, self._device = watches, bus, device

    def read(self, address: int, length: int) -> bytes:
        """See ``Bus.read``."""
        data = self._bus.read(address, length)
        self._watches.touched(self._device, address, data, data, stores=False)
        return data

    def write(self, address: int, data: bytes) -> None:
        """See ``Bus.write``."""
        if not self._watches.meant(address, len(data), stores=True):
            self._bus.write(address, data)
            return
        old = self._bus.peek(address, len(data))
        self._bus.write(address, data)
        self._watches.touched(self._device, address, old, data, stores=True)


def _overlap(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


def _near(one: range, other: range) -> bool:
    """Close enough that an aligned access around one could meet the other."""
    return one.start - 8 < other.stop and other.start - 8 < one.stop
