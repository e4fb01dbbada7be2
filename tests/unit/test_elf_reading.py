"""What a sound ELF file says about itself."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import pytest

from tests.unit.elf_builder import CODE, DATA, EXECUTE, Piece, build_elf
from vplat.machine.elf import Firmware, Segment

PATH = Path("app.elf")
NOPS = struct.pack("<2I", 0x13, 0x13)


def read(image: bytes) -> Firmware:
    return Firmware.parse(image, PATH)


def test_a_file_is_read_with_its_path_and_digest(tmp_path: Path) -> None:
    image = build_elf([(0x1C00_8000, NOPS, CODE)])
    path = tmp_path / "app.elf"
    path.write_bytes(image)
    firmware = Firmware.read(path)
    assert firmware.path == path
    assert firmware.entry == 0x1C00_8000
    assert firmware.sha256 == hashlib.sha256(image).hexdigest()
    assert firmware.warnings == ()


def test_segments_have_addresses_data_sizes_and_rights() -> None:
    firmware = read(
        build_elf(
            [
                (0x1C00_8000, NOPS, CODE),
                Piece(0x1000_0000, b"abc", DATA, memory_size=0x100),
            ]
        )
    )
    code, data = firmware.segments
    assert code == Segment(0x1C00_8000, 0x1C00_8000, NOPS, 8, True, False, True)
    assert data == Segment(0x1000_0000, 0x1000_0000, b"abc", 0x100, True, True, False)


def test_data_is_loaded_at_its_physical_address_and_runs_at_its_virtual_one() -> None:
    firmware = read(
        build_elf(
            [
                Piece(0x8000_0000, NOPS),
                Piece(0x1000_0000, b"initial", DATA, physical=0x8000_0100, memory_size=0x40),
            ]
        )
    )
    data = firmware.segments[1]
    assert (data.address, data.virtual_address) == (0x8000_0100, 0x1000_0000)
    assert data.extents == ((0x8000_0100, 7), (0x1000_0000, 0x40))
    assert firmware.segments[0].extents == ((0x8000_0000, 8),)


def test_zeroed_data_with_a_physical_address_of_its_own_takes_no_room_there() -> None:
    zeroed = Piece(0x1000_0000, flags=DATA, physical=0x8000_0000, memory_size=0x1000)
    firmware = read(build_elf([Piece(0x8000_0000, NOPS), zeroed]))
    assert firmware.segments[1].extents == ((0x1000_0000, 0x1000),)


def test_physical_addresses_that_are_all_zero_are_not_meant() -> None:
    firmware = read(
        build_elf(
            [
                Piece(0x8000_0000, NOPS, physical=0),
                Piece(0x8000_1000, b"data", DATA, physical=0),
            ]
        )
    )
    assert [each.address for each in firmware.segments] == [0x8000_0000, 0x8000_1000]


def test_one_physical_address_that_is_not_zero_makes_all_of_them_meant() -> None:
    firmware = read(
        build_elf(
            [
                Piece(0x8000_0000, NOPS, physical=0),
                Piece(0x8000_1000, b"data", DATA, physical=0x2000_0000),
            ]
        )
    )
    assert [each.address for each in firmware.segments] == [0, 0x2000_0000]


def test_entries_that_occupy_no_memory_or_are_not_to_be_loaded_are_left_out() -> None:
    firmware = read(
        build_elf([(0x8000_0000, NOPS, CODE), Piece(0x9000_0000), Piece(0, b"note", kind=4)])
    )
    assert [each.address for each in firmware.segments] == [0x8000_0000]


def test_the_file_headers_in_front_of_the_code_are_not_loaded() -> None:
    size = 52 + 32 + len(NOPS)
    image = build_elf([(0x8000_0054, NOPS, CODE)])
    program = struct.pack("<8I", 1, 0, 0x8000_0000, 0x8000_0000, size, size, CODE, 4)
    segment = read(image[:52] + program + image[84:]).segments[0]
    assert (segment.address, segment.virtual_address) == (0x8000_0054, 0x8000_0054)
    assert (segment.data, segment.memory_size) == (NOPS, 8)


@pytest.mark.parametrize(
    ("flags", "compressed", "float_abi", "embedded", "total_store_order"),
    [
        (0x00, False, "soft", False, False),
        (0x03, True, "single", False, False),
        (0x05, True, "double", False, False),
        (0x06, False, "quad", False, False),
        (0x18, False, "soft", True, True),
    ],
)
def test_flags_name_the_code_and_its_calling_convention(
    flags: int, compressed: bool, float_abi: str, embedded: bool, total_store_order: bool
) -> None:
    found = read(build_elf([(0x8000_0000, NOPS, CODE)], flags=flags)).flags
    assert (found.compressed, found.float_abi) == (compressed, float_abi)
    assert (found.embedded, found.total_store_order) == (embedded, total_store_order)


def test_the_isa_attribute_is_the_string_of_the_assembler() -> None:
    isa = "rv32i2p1_m2p0_a2p1_f2p2_c2p0"
    assert read(build_elf([(0x8000_0000, NOPS, CODE)], isa=isa)).isa_attribute == isa
    assert read(build_elf([(0x8000_0000, NOPS, CODE)])).isa_attribute is None


def test_symbols_and_the_htif_words_are_found_by_name() -> None:
    firmware = read(
        build_elf(
            [(0x8000_0000, NOPS, CODE), Piece(0x8000_1000, bytes(0x48), DATA)],
            symbols={"main": (0x8000_0004, 4), "tohost": 0x8000_1000, "fromhost": 0x8000_1040},
        )
    )
    assert firmware.symbol("main") == 0x8000_0004
    assert firmware.symbol("missing") is None
    assert (firmware.tohost, firmware.fromhost) == (0x8000_1000, 0x8000_1040)


def test_firmware_without_htif_has_no_htif_words() -> None:
    firmware = read(build_elf([(0x8000_0000, NOPS, CODE)]))
    assert (firmware.tohost, firmware.fromhost) == (None, None)


def test_the_entry_may_lie_anywhere_in_executable_bytes() -> None:
    pieces = [(0x1000_0000, b"data", DATA), (0x8000_0000, NOPS, EXECUTE)]
    assert read(build_elf(pieces, entry=0x8000_0006)).entry == 0x8000_0006


def test_the_entry_may_be_the_physical_address_of_the_code() -> None:
    image = build_elf([Piece(0xC000_0000, NOPS, physical=0x8000_0000)], entry=0x8000_0000)
    assert read(image).entry == 0x8000_0000


def test_a_file_without_section_headers_runs_without_names_and_without_a_warning() -> None:
    firmware = read(build_elf([(0x8000_0000, NOPS, CODE)], section_headers=False))
    assert len(firmware.symbols) == 0
    assert firmware.warnings == ()
    assert firmware.lines.describe(0x8000_0000) is None


def test_names_that_a_terminal_could_not_show_are_escaped() -> None:
    symbols = {"bad\udcff": 0x8000_0000, "\x1b[31mred": 0x8000_0004, "größe": 0x8000_0002}
    firmware = read(build_elf([(0x8000_0000, NOPS, CODE)], symbols=symbols))
    assert {each.name for each in firmware.symbols} == {r"bad\xff", r"\x1b[31mred", "größe"}


def test_firmware_from_the_same_file_compares_equal() -> None:
    image = build_elf([(0x8000_0000, NOPS, CODE)], symbols={"main": 0x8000_0000})
    assert read(image) == read(image)
    assert read(image) != read(build_elf([(0x8000_0000, NOPS, CODE)]))
