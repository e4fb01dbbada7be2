"""The address map in pages: what an engine is told to map."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.machine_samples import Chime
from vplat.engines.scripted import ScriptedEngine
from vplat.errors import BoardError
from vplat.machine.board import PAGE, MemorySpec, Span
from vplat.machine.bus import Bus, DevicePlace, memory_places
from vplat.machine.pages import ADDRESS_PAGES, WATCHED_PAGES, map_pages
from vplat.testing import Bench, ScriptedMachine, scripted_board

EVERYTHING = ADDRESS_PAGES * PAGE


@dataclasses.dataclass
class Mapped:
    """Memory that the engine was given."""

    base: int
    end: int
    data: npt.NDArray[np.uint8]
    writable: bool


class RecordingEngine(ScriptedEngine):
    """Keeps what it is told; as an engine it would do nothing."""

    def __init__(self) -> None:
        super().__init__(1, ScriptedMachine(scripted_board(), [], {}).accesses, [])
        self.order: list[str] = []
        self.reserved: list[tuple[int, int]] = []
        self.memories: list[Mapped] = []
        self.devices: list[tuple[int, int]] = []

    def reserve(self, base: int, size: int) -> None:
        """Keep it."""
        self.order.append("reserve")
        self.reserved.append((base, base + size))

    def map_memory(
        self,
        base: int,
        memory: npt.NDArray[np.uint8],
        *,
        writable: bool,
        written: npt.NDArray[np.uint8],
    ) -> None:
        """Keep it."""
        self.order.append("memory")
        self.memories.append(Mapped(base, base + len(memory), memory, writable))

    def map_devices(self, base: int, size: int) -> None:
        """Keep it."""
        self.order.append("devices")
        self.devices.append((base, base + size))

    def stretches(self) -> list[tuple[int, int]]:
        """Everything mapped or reserved, in the order of addresses."""
        memories = [(each.base, each.end) for each in self.memories]
        return sorted([*self.reserved, *memories, *self.devices])

    def kind_at(self, address: int) -> str:
        """What an access to ``address`` comes to."""
        if any(base <= address < end for base, end in self.reserved):
            return "reserved"
        if any(each.base <= address < each.end for each in self.memories):
            return "memory"
        assert any(base <= address < end for base, end in self.devices)
        return "devices"


def mapped(
    memories: Sequence[MemorySpec], devices: Sequence[int] = ()
) -> tuple[RecordingEngine, Bus]:
    """What is mapped for these memories, and devices of 64 bytes at these addresses."""
    port = Bench().build(Chime).ports[""]
    places = [DevicePlace(base, base + port.size, port, 0) for base in devices]
    engine, bus = RecordingEngine(), Bus(memory_places(memories), places)
    map_pages(engine, bus)
    return engine, bus


TCDM = MemorySpec("tcdm", 0x1000_0000, 0x2000, aliases=(Span(0x1002_0000, 0x5000),))
ROM = MemorySpec("rom", 0x3000_0000, 0x3000, writable=False)


def test_memories_are_mapped_where_they_are_and_all_else_goes_to_the_machine() -> None:
    engine, _ = mapped([TCDM, ROM], [0x2000_0000])
    kinds = [
        engine.kind_at(address)
        for address in (0, 0x0FFF_FFFF, 0x1000_0000, 0x1000_1FFF, 0x1000_2000, 0x2000_0000)
    ]
    assert kinds == ["devices", "devices", "memory", "memory", "devices", "devices"]


def test_the_reserved_pages_are_said_first() -> None:
    engine, _ = mapped([TCDM])
    assert engine.order[0] == "reserve"
    assert engine.order.count("reserve") == 1


def test_reserved_are_the_pages_whose_stores_may_be_sent_elsewhere() -> None:
    engine, _ = mapped([TCDM, ROM])
    ((base, end),) = engine.reserved
    assert end - base == (WATCHED_PAGES + 3) * PAGE


def test_every_alias_shows_the_same_bytes() -> None:
    engine, bus = mapped([TCDM])
    bus.store(0x1000_0004, 4, 0x1234_5678, 0)
    bus.store(0x1000_1004, 4, 0x9ABC_DEF0, 0)
    assert [(each.base, each.end) for each in engine.memories] == [
        (0x1000_0000, 0x1000_2000),
        (0x1002_0000, 0x1002_2000),
        (0x1002_2000, 0x1002_4000),
        (0x1002_4000, 0x1002_5000),
    ]
    for each in engine.memories:
        assert each.data[4:8].tobytes() == b"\x78\x56\x34\x12"
        assert np.shares_memory(each.data, engine.memories[0].data)


def test_memory_beside_a_device_on_one_page_goes_to_the_machine() -> None:
    big = MemorySpec("big", 0x4000_0000, 0x1_0000 - 0x100)
    engine, bus = mapped([big], [0x4000_FF00])
    assert engine.kind_at(0x4000_E000) == "memory"
    assert engine.kind_at(0x4000_F000) == "devices"
    bus.store(0x4000_F000, 4, 7, 0)
    assert bus.load(0x4000_F000, 4, 0) == 7


def test_read_only_memory_is_mapped_as_such() -> None:
    engine, _ = mapped([TCDM, ROM])
    assert {each.base: each.writable for each in engine.memories}[0x3000_0000] is False
    assert engine.memories[0].writable


@pytest.mark.parametrize("address", [0xFFFF_F000, 0xFFFF_0000, 0xFFFF_FFC0, 0x8000_0000, 0])
def test_no_device_is_on_a_reserved_page(address: int) -> None:
    engine, _ = mapped([TCDM], [address])
    assert engine.kind_at(address) == "devices"


def test_the_page_before_the_reserved_ones_is_nobodys() -> None:
    engine, bus = mapped([TCDM, ROM], [0x2000_0000, 0xFFFF_F000])
    ((base, _),) = engine.reserved
    assert engine.kind_at(base - 1) == "devices"
    assert all(bus.place_at(base - offset) is None for offset in (1, PAGE))


def test_a_map_without_room_for_the_engine_is_refused() -> None:
    size = 1 << 24
    rest = Span(size, EVERYTHING - size - WATCHED_PAGES * PAGE)
    with pytest.raises(BoardError, match=f"no {WATCHED_PAGES + 1} pages of 4096 bytes"):
        mapped([MemorySpec("everywhere", 0, size, aliases=(rest,))])


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(1, 4), st.booleans()), max_size=6, unique_by=id
    ),
    st.lists(st.integers(0, 60), max_size=4, unique=True),
)
def test_every_address_is_mapped_exactly_once(
    spans: list[tuple[int, int, bool]], devices: list[int]
) -> None:
    memories, taken = [], set(devices)
    for number, (start, count, writable) in enumerate(spans):
        pages = set(range(start, start + count))
        if pages & taken:
            continue
        taken |= pages
        memories.append(MemorySpec(f"m{number}", start * PAGE, count * PAGE, writable=writable))
    engine, bus = mapped(memories, [page * PAGE + 0x40 for page in devices])
    stretches = engine.stretches()
    assert stretches[0][0] == 0
    assert stretches[-1][1] == EVERYTHING
    assert all(one[1] == other[0] for one, other in itertools.pairwise(stretches))
    for page in range(64):
        place = bus.place_at(page * PAGE)
        assert (engine.kind_at(page * PAGE) == "memory") == (place is not None)
