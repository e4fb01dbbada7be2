"""The bus against a flat array of bytes, on maps that nobody thought of."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from vplat.machine.board import PAGE, MemorySpec, Span
from vplat.machine.bus import Bus, memory_places
from vplat.model import AccessFault

PAGES = 12


@dataclasses.dataclass
class Flat:
    """Each address is a byte of a memory, or nothing."""

    cells: dict[int, tuple[int, int]]
    data: dict[tuple[int, int], int]
    writable: dict[int, bool]

    def load(self, address: int, length: int) -> bytes | None:
        """The bytes, or None where one of them is not there."""
        places = [self.cells.get(address + index) for index in range(length)]
        return None if None in places else bytes(self.data.get(p, 0) for p in places if p)

    def store(self, address: int, data: bytes) -> None:
        """Store what comes before the first address that refuses."""
        for index, byte in enumerate(data):
            place = self.cells.get(address + index)
            if place is None or not self.writable[place[0]]:
                return
            self.data[place] = byte


@st.composite
def maps(draw: st.DrawFn) -> list[MemorySpec]:
    """Memories of whole pages, some with an alias, that do not overlap."""
    free = list(range(PAGES))
    specs = []
    for number in range(draw(st.integers(1, 3))):
        spans = []
        for _ in range(draw(st.integers(1, 2))):
            start = draw(st.sampled_from(free)) if free else None
            if start is None:
                break
            longest = next((n for n in range(1, 4) if start + n not in free), 4)
            count = draw(st.integers(1, min(longest, 3)))
            free = [page for page in free if not start <= page < start + count]
            spans.append(Span(start * PAGE, count * PAGE))
        if spans:
            own, *aliases = spans
            specs.append(
                MemorySpec(
                    f"m{number}",
                    own.base,
                    own.size,
                    writable=draw(st.booleans()),
                    aliases=tuple(aliases),
                )
            )
    return specs


def flat_of(specs: list[MemorySpec]) -> Flat:
    """The same map, byte by byte."""
    cells = {
        span.base + offset: (number, offset % spec.size)
        for number, spec in enumerate(specs)
        for span in spec.spans
        for offset in range(span.size)
    }
    return Flat(cells, {}, {number: spec.writable for number, spec in enumerate(specs)})


near_a_page = st.builds(
    lambda page, offset: max(0, page * PAGE + offset), st.integers(0, PAGES), st.integers(-6, 6)
)
accesses = st.one_of(
    st.tuples(st.just("load"), near_a_page, st.sampled_from([1, 2, 4])),
    st.tuples(st.just("store"), near_a_page, st.sampled_from([1, 2, 4])),
    st.tuples(st.just("read"), near_a_page, st.integers(0, 3 * PAGE)),
    st.tuples(st.just("write"), near_a_page, st.integers(0, 40)),
    st.tuples(st.just("peek"), near_a_page, st.integers(0, 40)),
)


@given(maps(), st.lists(accesses, max_size=25))
def test_the_bus_is_a_flat_array_with_holes(
    specs: list[MemorySpec], steps: list[tuple[str, int, int]]
) -> None:
    bus, flat = Bus(memory_places(specs), ()), flat_of(specs)
    for number, (kind, address, length) in enumerate(steps):
        data = bytes((number * 37 + index) % 255 + 1 for index in range(length))
        if kind in ("load", "read"):
            expected = flat.load(address, length)
            assert attempt(bus, kind, address, data) == expected
        elif kind == "peek":
            cells = [flat.load(address + index, 1) or b"\0" for index in range(length)]
            assert bus.peek(address, length) == b"".join(cells)
        else:
            attempt(bus, kind, address, data)
            flat.store(address, data)
    for base in range(0, PAGES * PAGE, PAGE):
        assert attempt(bus, "read", base, bytes(PAGE)) == flat.load(base, PAGE)


def attempt(bus: Bus, kind: str, address: int, data: bytes) -> bytes | None:
    """What the bus answers; None for a fault."""
    length = len(data)
    try:
        if kind == "load":
            return bus.load(address, length, 0).to_bytes(length, "little")
        if kind == "store":
            bus.store(address, length, int.from_bytes(data, "little"), 0)
        elif kind == "write":
            bus.write(address, data)
        else:
            return bus.read(address, length)
    except AccessFault:
        return None
    return b""
