"""Where harts touch memory that is lent to devices: pages are watched while that may happen."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Final, NamedTuple

from vplat.machine.board import PAGE
from vplat.machine.bus import MemoryPlace
from vplat.machine.pages import pages_of_devices
from vplat.machine.rows import ADDRESS, COLUMNS, PC
from vplat.machine.watched_pages import MOST_PAGES
from vplat.model import Bus, Rows

if TYPE_CHECKING:
    from vplat.machine.accesses import Watcher
    from vplat.machine.machine import Machine

OWNER: Final = "checker"
PAGE_MASK: Final = PAGE - 1
NOTHING: Final = (False, False)


class Stretch(NamedTuple):
    """Bytes of one memory that are minded: ``rows`` of offsets in it, under somebody's ``key``.

    ``seen_at`` is what leads from an offset to the addresses at which harts may see the byte.
    """

    key: int
    memory: str
    rows: Rows
    seen_at: AbstractSet[int]
    loads: bool
    """Loads matter as well; stores always do."""

    def pages(self) -> Iterator[int]:
        """The numbers of the first pages, as many as can be watched, that have bytes of it."""
        return itertools.islice(_pages(self.rows), MOST_PAGES)


Touched = Callable[[int, int, list[int], bool], None]
"""Told of a hart, the address it accesses, the keys of what it touches, and whether it stores."""


class Lookout:
    """``vplat.machine.accesses.Lookout``: minds stretches of memory, and tells who touches them.

    A page is watched from the moment when a byte of it is minded until a hart touches it when none
    is. So a buffer that devices alone use costs nothing, and harts run at full speed on one that
    they have got back. A byte is seen at its memory's own addresses and where the device was told
    that it is, not at every alias.
    """

    def __init__(self, machine: Machine, touched: Touched) -> None:
        self._machine, self._touched = machine, touched
        self.debugger: Watcher | None = None
        self._shared = {page * PAGE for page in pages_of_devices(machine.bus)}
        self._by_page: dict[tuple[str, int], list[Stretch]] = {}
        self._watched: dict[int, tuple[bool, bool]] = {}
        self._doubtful: set[int] = set()
        """Pages of which less may have to be watched now."""
        self._latest: dict[int, tuple[int, bool]] = {}
        """The part of an access of each hart that was looked at last: parts go up, and the store of
        an AMO follows its load."""

    # What is minded.

    def place(self, rows: Rows, key: int, *, loads: bool) -> Stretch | None:
        """Where ``rows`` of addresses are; None if in no memory."""
        place = self._machine.bus.place_at(rows.start)
        if not rows or not isinstance(place, MemoryPlace):
            return None
        distance = rows.start - place.offset(rows.start)
        own = place.memory.spans[0].base
        return Stretch(key, place.memory.name, rows.moved(-distance), {own, distance}, loads)

    def mind(self, stretches: Iterable[Stretch]) -> None:
        """Mind these as well."""
        wanted: set[int] = set()
        for stretch in stretches:
            for number in stretch.pages():
                self._by_page.setdefault((stretch.memory, number), []).append(stretch)
                wanted.update(number * PAGE + distance for distance in stretch.seen_at)
        wanted = {page for page in wanted if not page & PAGE_MASK and page not in self._shared}
        interests = {page: self._interest(page) for page in sorted(wanted)}
        if any(self._watched.get(page, NOTHING) != each for page, each in interests.items()):
            self._watch(interests)

    def forget(self, stretches: Iterable[Stretch]) -> None:
        """Mind these no more."""
        for stretch in stretches:
            for number in stretch.pages():
                there = self._by_page[stretch.memory, number]
                there.remove(stretch)
                self._doubtful.update(number * PAGE + distance for distance in stretch.seen_at)
                if not there:
                    del self._by_page[stretch.memory, number]

    def close(self) -> None:
        """Watch nothing any more."""
        self._by_page.clear()
        self._doubtful.clear()
        self._watched = {}
        self._machine.watched_pages.want(OWNER, {})

    def _interest(self, page: int) -> tuple[bool, bool]:
        """What of a page must be watched: its loads, its stores."""
        place = self._machine.bus.place_at(page)
        if not isinstance(place, MemoryPlace):
            return NOTHING
        there = self._by_page.get((place.memory.name, place.offset(page) // PAGE), ())
        return any(each.loads for each in there), bool(there) and place.memory.writable

    def _watch(self, wanted: dict[int, tuple[bool, bool]]) -> None:
        """Watch these pages as well; if there is no room, drop some that need not be watched."""
        pages = {**self._watched, **wanted}
        if len(pages) > (room := self._machine.watched_pages.room(OWNER)):
            pages = {page: self._interest(page) for page in pages}
            pages = {page: each for page, each in pages.items() if each != NOTHING}
            pages = dict(list(pages.items())[:room])
        self._watched = {page: each for page, each in pages.items() if each != NOTHING}
        self._machine.watched_pages.want(OWNER, self._watched)

    def _let_go(self, address: int) -> None:
        """A hart has come to a page: watch no more of it than is needed now."""
        page = address & ~PAGE_MASK
        if page in self._doubtful:
            self._doubtful.discard(page)
            if self._watched.get(page, NOTHING) != (needed := self._interest(page)):
                self._watch({page: needed})

    # In callbacks of the engine.

    def stops(self, hart: int, address: int, size: int, *, stores: bool) -> bool:
        """Whether a debugger stops ``hart`` in front of this access."""
        debugger = self.debugger
        return debugger is not None and debugger.stops(hart, address, size, stores=stores)

    def serves(self, address: int, *, stores: bool) -> bool:
        """Whether an access comes here only because its page is watched."""
        page = address & ~PAGE_MASK
        watched = self._watched.get(page, NOTHING)[stores]
        if watched and not (stores and page in self._machine.accesses.watched):
            return True
        return self.debugger is not None and self.debugger.serves(address, stores=stores)

    def load(self, hart: int, address: int, size: int) -> int:
        """Such a load."""
        if not self._looks(hart, address, size, stores=False):
            return 0
        if self.debugger is not None and self.debugger.serves(address, stores=False):
            return self.debugger.load(hart, address, size)
        return self._machine.bus.load(address, size, hart)

    def store(self, hart: int, address: int, size: int, value: int) -> None:
        """Such a store."""
        if not self._looks(hart, address, size, stores=True):
            return
        if self.debugger is not None and self.debugger.serves(address, stores=True):
            self.debugger.store(hart, address, size, value)
            return
        bus = self._machine.bus
        bus.store(address, size, value, hart)
        if bus.on_write is not None:  # the engine has not seen this store, which may be to code
            bus.on_write(address, size)

    def note_access(self, hart: int, address: int, size: int, *, stores: bool) -> None:
        """An access that the machine serves on other grounds, and that it knows the place of."""
        if self.debugger is not None:
            self.debugger.note_access(hart, address, size, stores=stores)
        if keys := self._keys(address, size, stores=stores):
            self._touched(hart, address, keys, stores)

    def bus_of(self, device: str) -> Bus:
        """The bus of a device, with a debugger's eye on it if there is one."""
        return self._machine.bus if self.debugger is None else self.debugger.bus_of(device)

    def _looks(self, hart: int, address: int, size: int, *, stores: bool) -> bool:
        """Tell who touches what; False if the instruction must be located first."""
        if not self._keys(address, size, stores=stores):
            self._let_go(address)
            return True
        accesses = self._machine.accesses
        before, was_store = self._latest.get(hart, (address, True))
        if not accesses.begins(hart, address, may_go_on=address > before or stores > was_store):
            return False
        self._latest[hart] = address, stores
        try:
            start, length = self._reach(hart, address, size)
            if keys := self._keys(start, length, stores=stores):
                self._touched(hart, start, keys, stores)
        finally:
            accesses.ends(hart)
        return True

    def _reach(self, hart: int, address: int, size: int) -> tuple[int, int]:
        """The bytes that the instruction means: a misaligned load meets two words around them."""
        machine, row = self._machine, hart * COLUMNS
        instruction = machine.blocks.decode(machine.peek_word(machine.engine.rows[row + PC]))
        start, width = machine.engine.rows[row + ADDRESS], instruction.access_bytes
        if start % max(width, 1) and start - width < address + size and address < start + width:
            return start, width
        return address, size

    def _keys(self, address: int, size: int, *, stores: bool) -> list[int]:
        place = self._machine.bus.place_at(address)
        if not self._by_page or not isinstance(place, MemoryPlace):
            return []
        offset, memory = place.offset(address), place.memory.name
        found: dict[int, None] = {}
        for page in range(offset // PAGE, (offset + size - 1) // PAGE + 1):
            for stretch in self._by_page.get((memory, page), ()):
                if (stores or stretch.loads) and stretch.rows.touches(offset, size):
                    found[stretch.key] = None
        return list(found)


def _pages(rows: Rows) -> Iterator[int]:
    """The numbers of the pages on which there are bytes of ``rows``."""
    if rows.stride <= PAGE:
        yield from range(rows.start // PAGE, (rows.end - 1) // PAGE + 1)
        return
    last = -1
    for start in rows.each():
        end = (start + rows.length - 1) // PAGE
        yield from range(max(last + 1, start // PAGE), end + 1)
        last = max(last, end)
