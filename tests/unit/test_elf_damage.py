"""Damage that costs names and lines but never the run, and files damaged at random."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.dwarf_builder import (
    END_SEQUENCE,
    advance,
    cfa_offset,
    common_frame,
    function_frame,
    line_program,
    row,
    saved,
    set_address,
    unit,
    version_5_tables,
)
from tests.unit.elf_builder import CODE, DATA, Piece, attributes, build_elf
from vplat.errors import FirmwareError
from vplat.machine.elf import Firmware

PATH = Path("app.elf")
START = 0x8000_0000
SECTION_OFFSET, SECTION_ENTRY_SIZE, SECTION_COUNT, NAMES_INDEX = 32, 46, 48, 50


def whole_elf() -> bytes:
    """An executable with everything: two segments, symbols, ISA, lines and call frames."""
    lines = set_address(START) + row(9, 8, column=3) + row(1, 8) + END_SEQUENCE
    frames = function_frame(START, 16, advance(4) + cfa_offset(16) + saved(1, 4))
    return build_elf(
        [(START, b"\x13\0\0\0" * 4, CODE), Piece(0x8000_1000, b"data", DATA, memory_size=64)],
        symbols={"main": (START, 16), "table": 0x8000_1000, "tohost": 0x8000_1004},
        isa="rv32i2p1_c2p0",
        sections={
            **unit(5),
            ".debug_line": line_program(5, version_5_tables(["/build"], [("a.c", 0)] * 2), lines),
            ".debug_frame": common_frame() + frames,
        },
    )


WHOLE = whole_elf()


def patched(offset: int, kind: str, value: int) -> bytes:
    image = bytearray(WHOLE)
    struct.pack_into(kind, image, offset, value)
    return bytes(image)


def section_header(index: int) -> int:
    """The file offset of the header of section ``index``, counted from the end when negative."""
    (start,) = struct.unpack_from("<I", WHOLE, SECTION_OFFSET)
    (count,) = struct.unpack_from("<H", WHOLE, SECTION_COUNT)
    return int(start + (index % count) * 40)


SYMBOLS, STRINGS, NAMES = section_header(-3), section_header(-2), section_header(-1)


def use_everything(firmware: Firmware) -> None:
    """Ask every question there is, with a memory that answers whatever is asked."""
    assert all(each.isprintable() for each in firmware.warnings)
    for address in (START, START + 9, 0x8000_1002, 0):
        firmware.symbols.name(address)
        firmware.lines.describe(address)
    firmware.lines.addresses("a.c", 10)
    registers = [0, START + 8, 0x8000_1000, *range(29)]
    for pc in (START, START + 8, 0):
        frames = list(firmware.unwinder.frames(pc, registers, lambda address: START + address % 16))
        assert 1 <= len(frames) <= 64
    addresses = [each.address for each in firmware.symbols.functions]
    assert addresses == sorted(addresses)


def test_the_whole_file_is_sound() -> None:
    firmware = Firmware.parse(WHOLE, PATH)
    assert firmware.warnings == ()
    assert firmware.symbols.name(START + 4) == "main+0x4"
    assert firmware.lines.describe(START + 8) == "a.c:11"
    assert firmware.isa_attribute == "rv32i2p1_c2p0"


@pytest.mark.parametrize(
    ("offset", "kind", "value"),
    [
        (SECTION_OFFSET, "<I", 0xFFFF_FF00),
        (SECTION_OFFSET, "<I", len(WHOLE) - 8),
        (SECTION_ENTRY_SIZE, "<H", 64),
        (SECTION_COUNT, "<H", 0xFFFF),
        (SECTION_COUNT, "<H", 0),
    ],
)
def test_damaged_section_headers_cost_the_names(offset: int, kind: str, value: int) -> None:
    firmware = Firmware.parse(patched(offset, kind, value), PATH)
    assert firmware.warnings == (
        "app.elf: its section headers are damaged, so there are no symbols and no lines",
    )
    assert firmware.symbols.name(START) == "0x80000000"
    assert firmware.lines.describe(START) is None
    assert firmware.segments == Firmware.parse(WHOLE, PATH).segments


@pytest.mark.parametrize(
    "image",
    [
        patched(NAMES_INDEX, "<H", 0xFFFF),
        patched(NAMES + 16, "<I", 0xFFFF_FF00),
    ],
)
def test_damaged_section_names_cost_the_lines_but_not_the_symbols(image: bytes) -> None:
    firmware = Firmware.parse(image, PATH)
    assert firmware.warnings == (
        "app.elf: its section names are damaged, so there are no source lines",
    )
    assert firmware.symbols.name(START) == "main"
    assert firmware.lines.describe(START) is None


@pytest.mark.parametrize(
    "image",
    [
        patched(SYMBOLS + 20, "<I", 0xFFFF_FFF0),
        patched(STRINGS + 16, "<I", 0xFFFF_FFF0),
        patched(SYMBOLS + 24, "<I", 999),
    ],
)
def test_a_symbol_table_outside_the_file_costs_the_symbols(image: bytes) -> None:
    firmware = Firmware.parse(image, PATH)
    assert "its symbol table lies outside the file" in firmware.warnings[0]
    assert len(firmware.symbols) == 0
    assert firmware.lines.describe(START) == "a.c:10"


def test_names_outside_the_string_table_are_left_out() -> None:
    (entries,) = struct.unpack_from("<I", WHOLE, SYMBOLS + 16)
    firmware = Firmware.parse(patched(entries + 16, "<I", 0xFFFF_FFFF), PATH)
    assert firmware.symbol("main") is None
    assert firmware.symbol("table") == 0x8000_1000


def test_names_that_share_one_endless_string_are_bounded() -> None:
    symbols = {f"s{index}": index for index in range(2000)} | {"x" * 5000: 1}
    image = bytearray(build_elf([(START, bytes(4), CODE)], symbols=symbols))
    (table,) = struct.unpack_from("<I", image, SECTION_OFFSET)
    (count,) = struct.unpack_from("<H", image, SECTION_COUNT)
    header = table + (count - 3) * 40
    (entries,) = struct.unpack_from("<I", image, header + 16)
    (size,) = struct.unpack_from("<I", image, table + (count - 2) * 40 + 20)
    for index in range(1, 2001):
        struct.pack_into("<I", image, entries + index * 16, size - 5001)
    firmware = Firmware.parse(bytes(image), PATH)
    assert "its symbol names overlap absurdly" in firmware.warnings[0]
    assert 0 < len(firmware.symbols) < 2000


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"B" + attributes("rv32i")[1:],
        attributes("rv32i").replace(b"riscv\0", b"other\0"),
        attributes("rv32i")[:-1] + b"x",
        attributes("rv32i").replace(b"\x05rv32i", b"\x07rv32i"),
        b"A\xff\xff\xff\xffriscv\0\x01\xff\xff\xff\xff" + b"\x04" + b"\xff" * 50,
    ],
)
def test_a_damaged_isa_attribute_is_unknown_and_said_so(damage: bytes) -> None:
    image = build_elf([(START, bytes(4), CODE)], isa="rv32i")
    sound = attributes("rv32i")
    at = image.index(sound)
    changed = image[:at] + damage[: len(sound)].ljust(len(sound), b"\0") + image[at + len(sound) :]
    firmware = Firmware.parse(changed, PATH)
    assert firmware.isa_attribute is None
    assert firmware.warnings == (
        "app.elf: its .riscv.attributes section is damaged, so its ISA is unknown",
    )


def compressed_lines(claimed: int, contents: bytes, kind: int = 1) -> bytes:
    """An executable whose ``.debug_line`` is SHF_COMPRESSED and claims a size."""
    lines = struct.pack("<III", kind, claimed, 1) + contents
    sections = {**unit(5), ".debug_line": lines}
    image = bytearray(build_elf([(START, bytes(16), CODE)], sections=sections))
    (table,) = struct.unpack_from("<I", image, SECTION_OFFSET)
    struct.pack_into("<I", image, table + 4 * 40 + 8, 0x800)
    return bytes(image)


def test_compressed_debug_sections_are_read() -> None:
    lines = set_address(START) + row(9, 16) + END_SEQUENCE
    data = line_program(5, version_5_tables(["/build"], [("a.c", 0)] * 2), lines)
    image = compressed_lines(len(data), zlib.compress(data))
    assert Firmware.parse(image, PATH).lines.describe(START) == "a.c:10"


@pytest.mark.parametrize(
    ("claimed", "contents", "kind"),
    [
        (0xFFFF_FFFF, zlib.compress(bytes(1 << 20)), 1),
        (4, zlib.compress(bytes(1 << 20)), 1),
        (1 << 21, zlib.compress(bytes(1 << 20)), 1),
        (4, b"not zlib", 1),
        (4, zlib.compress(bytes(4)), 2),
    ],
)
def test_damaged_or_exploding_compression_costs_the_lines(
    claimed: int, contents: bytes, kind: int
) -> None:
    firmware = Firmware.parse(compressed_lines(claimed, contents, kind), PATH)
    assert firmware.lines.describe(START) is None


def survive(image: bytes) -> None:
    """Only a Firmware that answers every question, or a FirmwareError, may come out."""
    try:
        firmware = Firmware.parse(image, PATH)
    except FirmwareError as error:
        refusal = str(error)
    else:
        refusal = ""
        use_everything(firmware)
    assert refusal.isprintable()


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=12
    )
)
def test_any_bytes_may_be_wrong(changes: list[tuple[int, int]]) -> None:
    image = bytearray(WHOLE)
    for offset, value in changes:
        image[offset] = value
    survive(bytes(image))


@settings(max_examples=300)
@given(
    st.integers(0, len(WHOLE) // 4 - 1),
    st.sampled_from([0, 1, 2, 0x7F, 0x80, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF]),
)
def test_any_word_may_be_extreme(index: int, value: int) -> None:
    survive(patched(index * 4, "<I", value))


@settings(max_examples=100)
@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)), st.binary(max_size=40))
def test_any_stretch_may_be_missing_or_replaced(start: int, size: int, filling: bytes) -> None:
    survive(WHOLE[:start] + filling + WHOLE[start + size :])


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_anything_may_follow_the_magic(rest: bytes) -> None:
    survive(b"\x7fELF\x01\x01\x01" + rest)
