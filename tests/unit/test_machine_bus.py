"""The bus: who answers where, for harts and for devices that master it."""

from __future__ import annotations

import re

import pytest

from tests.unit.machine_samples import Chime
from vplat.machine.board import MemorySpec, Span
from vplat.machine.bus import Bus, DevicePlace, memory_places
from vplat.model import RO, RW, W1C, AccessFault, Peripheral, Register, Word, bit
from vplat.testing import Bench

TCDM, ROM, FIRST, SECOND = 0x1000_0000, 0x3000_0000, 0x2000_0000, 0x2000_0100
MIRROR, SHORT = 0x1100_0000, 0x1200_0000


class Lanes(Peripheral, kind="lanes", size=0x20):
    """Registers on which narrow accesses show."""

    plain = Word(0x00, RW, "A word.")
    other = Word(0x04, RW, "The next word.")
    flags = Register(0x08, "Flags.", low=bit(0, W1C, "One."), high=bit(16, W1C, "Another."))
    reads = Word(0x0C, RO, "How often it was read.")

    @reads.on_read
    def count(self) -> int:
        self.reads = self.reads + 1
        return self.reads


class Rig:
    """A bus with two memories, one of them seen at aliases, and two devices on one page."""

    def __init__(self) -> None:
        bench = Bench()
        self.lanes = bench.build(Lanes)
        self.chime = bench.build(Chime)
        memories = memory_places(
            [
                MemorySpec(
                    "tcdm",
                    TCDM,
                    0x2000,
                    wait_states=3,
                    aliases=(Span(MIRROR, 0x5000), Span(SHORT, 0x1000)),
                ),
                MemorySpec("rom", ROM, 0x1000, writable=False),
            ]
        )
        devices = [
            DevicePlace(FIRST, FIRST + 0x20, self.lanes.ports[""], 2),
            DevicePlace(SECOND, SECOND + 0x40, self.chime.ports[""], 0),
        ]
        self.bus = Bus(memories, devices)
        self.written: list[tuple[int, int]] = []
        self.bus.on_write = lambda address, length: self.written.append((address, length))


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (TCDM, "tcdm"),
        (TCDM + 0x1FFF, "tcdm"),
        (TCDM + 0x2000, ""),
        (TCDM - 1, ""),
        (MIRROR + 0x4FFF, "tcdm"),
        (MIRROR + 0x5000, ""),
        (SHORT + 0x1000, ""),
        (ROM, "rom"),
        (FIRST, "lanes.plain"),
        (FIRST + 6, "lanes.other"),
        (FIRST + 0x14, "lanes.reads+0x8"),
        (FIRST + 0x20, ""),
        (SECOND + 0x1C, "chime.cells[7]"),
        (0, ""),
        (0xFFFF_FFFF, ""),
    ],
)
def test_every_address_belongs_to_what_the_map_has_there(rig: Rig, address: int, name: str) -> None:
    assert rig.bus.name_of(address) == name
    assert rig.bus.name_of(address) == name, "and so it is when asked again"
    assert (rig.bus.place_at(address) is None) == (not name)


def test_what_answered_last_on_a_page_does_not_answer_beyond_its_end(rig: Rig) -> None:
    names = [rig.bus.name_of(FIRST + offset) for offset in (0x0C, 0x20, 0x100, 0xFC, 0x140, 0x13C)]
    assert names == ["lanes.reads", "", "chime.cells[0]", "", "", "chime.cells[7]+0x20"]


def test_devices_that_share_a_page_are_told_apart(rig: Rig) -> None:
    rig.bus.store(FIRST, 4, 1, 0)
    rig.bus.store(SECOND, 4, 2, 0)
    rig.bus.store(FIRST + 4, 4, 3, 0)
    assert (rig.lanes.plain, rig.lanes.other, rig.chime.cells[0]) == (1, 3, 2)


def test_an_alias_is_the_same_memory(rig: Rig) -> None:
    rig.bus.store(MIRROR + 0x10, 4, 0xCAFE_F00D, 0)
    rig.bus.write(SHORT + 0x14, b"abcd")
    assert rig.bus.load(TCDM + 0x10, 4, 0) == 0xCAFE_F00D
    assert rig.bus.read(TCDM + 0x14, 4) == b"abcd"


def test_an_alias_larger_than_the_memory_repeats_it(rig: Rig) -> None:
    rig.bus.store(TCDM + 4, 4, 7, 0)
    assert [rig.bus.load(MIRROR + offset, 4, 0) for offset in (4, 0x2004, 0x4004)] == [7, 7, 7]
    rig.bus.store(MIRROR + 0x2008, 4, 9, 0)
    assert rig.bus.load(TCDM + 8, 4, 0) == 9


def test_a_master_reads_across_the_seam_of_a_repeated_memory(rig: Rig) -> None:
    rig.bus.write(TCDM, b"head")
    rig.bus.write(TCDM + 0x1FFC, b"tail")
    assert rig.bus.read(MIRROR + 0x1FFC, 8) == b"tailhead"
    assert rig.bus.peek(MIRROR + 0x1FFC, 8) == b"tailhead"


def test_a_master_writes_across_the_seam_of_a_repeated_memory(rig: Rig) -> None:
    rig.bus.write(MIRROR + 0x1FFE, b"abcd")
    assert rig.bus.read(TCDM + 0x1FFE, 2) == b"ab"
    assert rig.bus.read(TCDM, 2) == b"cd"


def test_narrow_loads_of_a_device_take_their_lanes(rig: Rig) -> None:
    rig.lanes.plain = 0x4433_2211
    loads = [rig.bus.load(FIRST + offset, size, 0) for offset, size in ((0, 1), (1, 1), (2, 2))]
    assert loads == [0x11, 0x22, 0x4433]


def test_narrow_stores_to_a_device_change_their_lanes_alone(rig: Rig) -> None:
    rig.lanes.plain = 0x4433_2211
    rig.bus.store(FIRST + 1, 1, 0xAA, 0)
    rig.bus.store(FIRST + 2, 2, 0xCCBB, 0)
    assert rig.lanes.plain == 0xCCBB_AA11


def test_a_narrow_store_clears_only_the_flags_of_its_lanes(rig: Rig) -> None:
    rig.lanes.flags.update(low=1, high=1)
    rig.bus.store(FIRST + 8, 1, 0xFF, 0)
    assert (rig.lanes.flags.low, rig.lanes.flags.high) == (0, 1)


def test_a_load_that_crosses_a_word_is_one_access_to_each(rig: Rig) -> None:
    rig.lanes.plain, rig.lanes.other = 0x4433_2211, 0x8877_6655
    crossing = [rig.bus.load(FIRST + offset, 4, 0) for offset in (1, 2, 3)]
    assert crossing == [0x5544_3322, 0x6655_4433, 0x7766_5544]
    assert rig.bus.load(FIRST + 3, 2, 0) == 0x5544
    rig.bus.load(FIRST + 0x0A, 4, 0)
    assert rig.lanes.reads == 1


def test_a_store_that_crosses_a_word_changes_both(rig: Rig) -> None:
    rig.bus.store(FIRST + 3, 4, 0xDDCC_BBAA, 0)
    assert (rig.lanes.plain, rig.lanes.other) == (0xAA00_0000, 0x00DD_CCBB)


def test_a_store_that_crosses_from_a_device_into_nothing_faults_there(rig: Rig) -> None:
    with pytest.raises(AccessFault) as refused:
        rig.bus.store(TCDM + 0x1FFE, 4, 1, 0)
    assert refused.value.address == TCDM + 0x2000


@pytest.mark.parametrize("address", [0, TCDM - 4, TCDM + 0x2000, FIRST + 0x20, 0xFFFF_FFFC])
def test_nothing_answers_in_a_gap(rig: Rig, address: int) -> None:
    for access in (
        lambda: rig.bus.load(address, 4, 0),
        lambda: rig.bus.store(address, 4, 0, 0),
        lambda: rig.bus.read(address, 4),
        lambda: rig.bus.write(address, b"1234"),
    ):
        with pytest.raises(AccessFault, match="nothing answers") as refused:
            access()
        assert refused.value.address == address


def test_a_gap_is_described_by_its_neighbours(rig: Rig) -> None:
    assert rig.bus.describe_gap(0x2000_0050) == (
        "lanes ends at 0x20000020, chime begins at 0x20000100"
    )
    assert rig.bus.describe_gap(0) == "tcdm begins at 0x10000000"
    assert rig.bus.describe_gap(0xFFFF_0000) == "rom ends at 0x30001000"


def test_what_a_device_refuses_carries_its_address(rig: Rig) -> None:
    for access in (
        lambda: rig.bus.load(FIRST + 0x18, 4, 0),
        lambda: rig.bus.store(FIRST + 0x18, 4, 0, 0),
        lambda: rig.bus.read(FIRST + 0x18, 4),
        lambda: rig.bus.write(FIRST + 0x18, b"1234"),
    ):
        with pytest.raises(AccessFault, match=re.escape("no register at +0x18")) as refused:
            access()
        assert refused.value.address == FIRST + 0x18


def test_read_only_memory_refuses_stores_and_keeps_its_contents(rig: Rig) -> None:
    rig.bus.load_image(ROM, b"code")
    with pytest.raises(AccessFault, match="rom is read-only") as refused:
        rig.bus.store(ROM, 4, 0, 0)
    assert refused.value.address == ROM
    with pytest.raises(AccessFault, match="rom is read-only"):
        rig.bus.write(ROM + 1, b"x")
    assert rig.bus.read(ROM, 4) == b"code"


def test_an_image_may_cover_aliases_but_not_gaps(rig: Rig) -> None:
    rig.bus.load_image(MIRROR + 0x1FFE, b"abcd")
    assert rig.bus.read(TCDM, 2) == b"cd"
    with pytest.raises(AccessFault):
        rig.bus.load_image(TCDM + 0x1FFE, b"abcd")


def test_a_master_that_is_no_hart_reads_registers_word_by_word(rig: Rig) -> None:
    rig.lanes.plain, rig.lanes.other = 0x4433_2211, 0x8877_6655
    assert rig.bus.read(FIRST + 1, 6) == bytes.fromhex("223344556677")
    rig.bus.write(FIRST + 2, b"\xaa\xbb\xcc")
    assert (rig.lanes.plain, rig.lanes.other) == (0xBBAA_2211, 0x8877_66CC)


def test_peeking_has_no_side_effects(rig: Rig) -> None:
    rig.bus.store(TCDM, 4, 0x1234_5678, 0)
    assert rig.bus.peek(TCDM - 2, 4) == b"\0\0\x78\x56"
    assert rig.bus.peek(FIRST + 0x0C, 4) == bytes(4)
    assert rig.lanes.reads == 0


def test_peeking_ends_where_an_alias_ends(rig: Rig) -> None:
    rig.bus.write(TCDM + 0x0FFC, b"lastnext")
    assert rig.bus.peek(SHORT + 0x0FFC, 8) == b"last\0\0\0\0"


def test_writes_of_masters_into_memory_are_told_piece_by_piece(rig: Rig) -> None:
    rig.bus.write(TCDM + 5, b"123456")
    rig.bus.write(MIRROR + 0x1FFF, b"ab")
    rig.bus.write(TCDM, b"")
    rig.bus.write(FIRST, b"1234")
    rig.bus.store(TCDM, 4, 1, 0)
    assert rig.written == [(TCDM + 5, 6), (MIRROR + 0x1FFF, 1), (MIRROR + 0x2000, 1)]


def test_bytes_of_a_memory_can_be_seen_at_its_aliases(rig: Rig) -> None:
    bases = (TCDM, MIRROR, MIRROR + 0x2000, MIRROR + 0x4000, SHORT)
    for base in bases:
        assert list(rig.bus.sightings(base + 5, 6)) == [(there + 5, 6) for there in bases]
    assert list(rig.bus.sightings(SHORT + 0xFFE, 4))[-1] == (SHORT + 0xFFE, 2)
    assert list(rig.bus.sightings(ROM, 4)) == [(ROM, 4)]
    assert list(rig.bus.sightings(FIRST, 4)) == []


def test_what_was_written_before_a_fault_is_told_too(rig: Rig) -> None:
    with pytest.raises(AccessFault):
        rig.bus.write(TCDM + 0x1FFC, b"12345678")
    assert rig.bus.read(TCDM + 0x1FFC, 4) == b"1234"
    assert rig.written == [(TCDM + 0x1FFC, 4)]


def test_reading_and_writing_nothing_is_allowed_anywhere(rig: Rig) -> None:
    assert rig.bus.read(0, 0) == b""
    rig.bus.write(0, b"")


def test_wait_states_are_those_of_the_memory(rig: Rig) -> None:
    waits = [rig.bus.wait_states(address) for address in (TCDM, MIRROR, ROM, FIRST, 0)]
    assert waits == [3, 3, 0, 0, 0]
