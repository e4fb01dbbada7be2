"""The address map in the engine's pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from vplat.errors import BoardError

from .board import PAGE
from .bus import Bus, Bytes, DevicePlace, MemoryPlace
from .engine import Engine

ADDRESS_PAGES: Final = (1 << 32) // PAGE
WATCHED_PAGES: Final = 16
"""How many pages can have their stores watched."""


class Stretch(NamedTuple):
    """Pages ``begin`` up to ``end`` that hold ``data`` of a memory."""

    place: MemoryPlace
    begin: int
    end: int
    data: Bytes


def map_pages(engine: Engine, bus: Bus) -> None:
    """Map memories, and everything else as devices, into ``engine``.

    A page that any device answers on goes to the machine as a whole; memory that shares it is
    served there, too. So is every access to a page that nothing answers on, which becomes a fault.
    """
    device_pages = _device_pages(bus)
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
    engine.reserve((top - reserved) * PAGE, reserved * PAGE)
    for stretch in stretches:
        engine.map_memory(
            stretch.begin * PAGE, stretch.data, writable=stretch.place.memory.writable
        )
    for begin, end in _gaps([*memories, (top - reserved, top)]):
        engine.map_devices(begin * PAGE, (end - begin) * PAGE)


def _gaps(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    gaps, start = [], 0
    for begin, end in [*sorted(runs), (ADDRESS_PAGES, ADDRESS_PAGES)]:
        if begin > start:
            gaps.append((start, begin))
        start = max(start, end)
    return gaps


def _device_pages(bus: Bus) -> set[int]:
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
        for begin, end in _runs(set(pages) - device_pages):
            offset = begin * PAGE - start
            yield Stretch(place, begin, end, place.data[offset : offset + (end - begin) * PAGE])
