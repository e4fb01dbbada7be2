"""The address map in the engine's pages."""

from __future__ import annotations

from .board import PAGE
from .bus import Bus, DevicePlace, MemoryPlace
from .engine import Engine


def map_pages(engine: Engine, bus: Bus) -> None:
    """Map memories and device pages of ``bus`` into ``engine``.

    A page that any device answers on goes to the machine as a whole; memory that shares it is served
    there, too.
    """
    device_pages = _device_pages(bus)
    for begin, end in _runs(device_pages):
        engine.map_devices(begin * PAGE, (end - begin) * PAGE)
    for place in bus.places:
        if isinstance(place, MemoryPlace):
            _map_memory(engine, place, device_pages)


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


def _map_memory(engine: Engine, place: MemoryPlace, device_pages: set[int]) -> None:
    size = len(place.data)
    for start in range(place.base, place.end, size):
        pages = range(start // PAGE, (min(start + size, place.end) - 1) // PAGE + 1)
        for begin, end in _runs(set(pages) - device_pages):
            offset = begin * PAGE - start
            data = place.data[offset : offset + (end - begin) * PAGE]
            engine.map_memory(begin * PAGE, data, writable=place.memory.writable)
