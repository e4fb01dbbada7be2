"""What firmware's loads and stores of every size do to fields of every kind."""

from __future__ import annotations

import pytest

from vplat.model import RC, RO, RW, W1C, W1P, W1S, WO, Peripheral, Register, Word, bits
from vplat.testing import Bench

HELD = 0xF0F0_0F0F
STORED = 0x00FF_33CC


class Kinds(Peripheral, kind="kinds", size=0x20):
    """A word of every kind."""

    rw = Word(0x00, RW, "RW.", reset=HELD)
    ro = Word(0x04, RO, "RO.", reset=HELD)
    wo = Word(0x08, WO, "WO.", reset=HELD)
    w1c = Word(0x0C, W1C, "W1C.", reset=HELD)
    w1s = Word(0x10, W1S, "W1S.", reset=HELD)
    w1p = Word(0x14, W1P, "W1P.", reset=HELD)
    rc = Word(0x18, RC, "RC.", reset=HELD)


class Mixed(Peripheral, kind="mixed", size=0x4):
    """A field of every kind in one word, a byte or a nibble each."""

    all = Register(
        0x00,
        "All.",
        rw=bits(7, 0, RW, "RW.", reset=0x5A),
        ro=bits(11, 8, RO, "RO.", reset=0x9),
        wo=bits(15, 12, WO, "WO.", reset=0x6),
        w1c=bits(19, 16, W1C, "W1C.", reset=0xF),
        w1s=bits(23, 20, W1S, "W1S.", reset=0x1),
        w1p=bits(27, 24, W1P, "W1P."),
        rc=bits(31, 28, RC, "RC.", reset=0x7),
    )


@pytest.mark.parametrize("name", ["rw", "ro", "w1c", "w1s", "rc"])
def test_a_readable_word_reads_its_reset_value(name: str) -> None:
    bench = Bench()
    assert bench.load(bench.build(Kinds), name) == HELD


@pytest.mark.parametrize("name", ["wo", "w1p"])
def test_what_is_only_written_reads_zero(name: str) -> None:
    bench = Bench()
    assert bench.load(bench.build(Kinds), name) == 0


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("rw", STORED),
        ("ro", HELD),
        ("wo", STORED),
        ("w1c", 0xF000_0C03),
        ("w1s", 0xF0FF_3FCF),
        ("w1p", HELD),
        ("rc", HELD),
    ],
)
def test_a_word_store_does_what_the_kind_says(name: str, held: int) -> None:
    bench = Bench()
    device = bench.build(Kinds)
    bench.store(device, name, STORED)
    assert getattr(device, name) == held


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("rw", 0x33CC_0F0F),
        ("ro", HELD),
        ("wo", 0x33CC_0F0F),
        ("w1c", 0xC030_0F0F),
        ("w1s", 0xF3FC_0F0F),
        ("w1p", HELD),
        ("rc", HELD),
    ],
)
def test_a_half_store_changes_only_its_own_half(name: str, held: int) -> None:
    bench = Bench()
    device = bench.build(Kinds)
    bench.store(device, _offset(name) + 2, 0x33CC, size=2)
    assert getattr(device, name) == held


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("rw", 0xF0F0_CC0F),
        ("ro", HELD),
        ("wo", 0xF0F0_CC0F),
        ("w1c", 0xF0F0_030F),
        ("w1s", 0xF0F0_CF0F),
        ("w1p", HELD),
        ("rc", HELD),
    ],
)
def test_a_byte_store_changes_only_its_own_byte(name: str, held: int) -> None:
    bench = Bench()
    device = bench.build(Kinds)
    bench.store(device, _offset(name) + 1, 0xCC, size=1)
    assert getattr(device, name) == held


def test_bits_beyond_the_size_of_a_narrow_store_are_not_stored() -> None:
    bench = Bench()
    device = bench.build(Kinds)
    bench.store(device, "rw", 0xFFFF_FF11, size=1)
    assert device.rw == 0xF0F0_0F11


def test_narrow_loads_return_their_lanes_of_the_word() -> None:
    bench = Bench()
    device = bench.build(Kinds)
    bench.store(device, "rw", 0x1234_5678)
    assert [bench.load(device, at, size=1) for at in range(4)] == [0x78, 0x56, 0x34, 0x12]
    assert [bench.load(device, at, size=2) for at in (0, 2)] == [0x5678, 0x1234]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_a_load_of_any_size_clears_the_whole_of_what_clears_on_read(size: int) -> None:
    bench = Bench()
    device = bench.build(Kinds)
    assert bench.load(device, "rc", size=size) == HELD & (1 << 8 * size) - 1
    assert device.rc == 0
    assert bench.load(device, "rc") == 0


def test_one_store_treats_every_field_of_a_word_by_its_own_kind() -> None:
    bench = Bench()
    device = bench.build(Mixed)
    bench.store(device, "all", 0xFFA5_FFFF)
    fields = device.all
    assert (fields.rw, fields.ro, fields.wo) == (0xFF, 0x9, 0xF)
    assert (fields.w1c, fields.w1s, fields.w1p, fields.rc) == (0xA, 0xB, 0x0, 0x7)


def test_one_load_shows_the_readable_fields_and_clears_those_that_clear() -> None:
    bench = Bench()
    device = bench.build(Mixed)
    assert bench.load(device, "all") == 0x701F_095A
    assert bench.load(device, "all") == 0x001F_095A


def test_bits_without_a_field_read_zero_and_keep_nothing() -> None:
    class Sparse(Peripheral, kind="sparse", size=0x4):
        """One field in the middle."""

        lonely = Register(0x00, "Lonely.", middle=bits(11, 8, RW, "Middle."))

    bench = Bench()
    device = bench.build(Sparse)
    bench.store(device, "lonely", 0xFFFF_FFFF)
    assert bench.load(device, "lonely") == 0xF00
    assert device.lonely.word == 0xF00


def test_the_model_may_write_what_firmware_may_not() -> None:
    bench = Bench()
    device = bench.build(Kinds)
    device.ro, device.wo, device.w1c = 1, 2, 3
    assert bench.load(device, "ro") == 1
    assert bench.load(device, "wo") == 0
    assert bench.load(device, "w1c") == 3


def test_the_model_writes_fields_cut_to_their_width() -> None:
    bench = Bench()
    device = bench.build(Mixed)
    device.all.update(rw=0x1FF, ro=0x12)
    assert (device.all.rw, device.all.ro, device.all.wo) == (0xFF, 0x2, 0x6)
    device.all.word = 0x1_0000_0003
    assert device.all.word == 3


def _offset(name: str) -> int:
    return Kinds.registers[name].offset
