"""The address map in the engine's pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from vplat.errors import BoardError

from .board import PAGE
from .bus import Bus, Bytes, DevicePlace, MemoryPlace
from .engine import Engine

ADDRESS_PAGES: Final = (1 << 32) // PAGE
WATCHED_PAGES: Final = 256
"""How many pages can be watched; a memory's page counts once for each alias."""


class Stretch(NamedTuple):
    """Pages ``begin`` up to ``end`` that hold ``data`` of a memory."""

    place: MemoryPlace
    begin: int
    end: int
    data: Bytes
    written: Bytes


def map_pages(engine: Engine, bus: Bus) -> None:
    """Map memories, and everything else as devices, into ``engine``.

    A page that any device answers on goes to the machine as a whole; memory that shares it is
    served there, too. So is every access to a page that nothing answers on, which becomes a fault.
    """
    device_pages = pages_of_devices(bus)
    stretches = [
        stretch
        for place in bus.places
        if isinstance(place, MemoryPlace)
        for stretch in _stretches(place, device_pages)
    ]
    read_only = sum(s.end - s.begin for s in stretches if not s.place.memory.writable)
    reserved = WATCHED_PAGES + read_only
    memories = [(stretch.begin, stretch.end) for stretch in stretches]
    free, top = max(
        _gaps([*memories, *_runs(device_pages)]), key=lambda gap: gap[1] - gap[0], default=(0, 0)
    )
    if top - free <= reserved:
        raise BoardError(
            f"memories and devices leave no {reserved + 1} pages of {PAGE} bytes together free, "
            "which the engine needs; make a memory or an alias smaller"
        )
    # In the middle, away from where a pointer that is a little off would lead.
    end = top - (top - free - reserved) // 2
    engine.reserve((end - reserved) * PAGE, reserved * PAGE)
    for stretch in stretches:
        writable = stretch.place.memory.writable
        engine.map_memory(
            stretch.begin * PAGE, stretch.data, writable=writable, written=stretch.written
        )
    for first, last in _gaps([*memories, (end - reserved, end)]):
        engine.map_devices(first * PAGE, (last - first) * PAGE)


def _gaps(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    gaps, start = [], 0
    for begin, end in [*sorted(runs), (ADDRESS_PAGES, ADDRESS_PAGES)]:
        if begin > start:
            gaps.append((start, begin))
        start = max(start, end)
    return gaps


def pages_of_devices(bus: Bus) -> set[int]:
    """The pages, by number, that any device answers on."""
    pages: set[int] = set()
    for place in bus.places:
        if isinstance(place, DevicePlace):
            pages.update(range(place.base // PAGE, (place.end - 1) // PAGE + 1))
    return pages


def _runs(pages: set[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for page in sorted(pages):
        if runs and runs[-1][1] == page:
            runs[-1] = runs[-1][0], page + 1
        else:
            runs.append((page, page + 1))
    return runs


def _stretches(place: MemoryPlace, device_pages: set[int]) -> Iterator[Stretch]:
    """The runs of pages of one span of a memory that no device shares."""
    size = len(place.data)
    for start in range(place.base, place.end, size):
        pages = range(start // PAGE, (min(start + size, place.end) - 1) // PAGE + 1)
        # Of two GiB of memory, few pages are shared: look at those alone.
        shared = [(page, page + 1) for page in device_pages if page in pages]
        before, behind = (0, pages.start), (pages.stop, ADDRESS_PAGES)
        for begin, end in _gaps([before, *shared, behind]):
            first = begin - start // PAGE
            last = first + end - begin
            data, written = place.data[first * PAGE : last * PAGE], place.written[first:last]
            yield Stretch(place, begin, end, data, written)
