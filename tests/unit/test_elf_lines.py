"""Source lines from ``.debug_line``, in every version of DWARF, sound and hostile."""

from __future__ import annotations

import struct
import sys
from pathlib import Path

import pytest

from tests.unit.dwarf_builder import (
    COPY,
    END_SEQUENCE,
    NOT_A_STATEMENT,
    legacy_tables,
    line_program,
    row,
    set_address,
    uleb128,
    unit,
    version_5_tables,
)
from tests.unit.elf_builder import CODE, DATA, Piece, build_elf
from vplat.machine.elf import Firmware
from vplat.machine.lines import LineTable

START = 0x8000_0000
ELSEWHERE = Path("/elsewhere")
PROGRAM = (
    set_address(START)
    + row(9, 4, column=5)
    + row(1, 4)
    + row(-8, 2, file=2)
    + NOT_A_STATEMENT
    + row(20, 6, column=1)
    + END_SEQUENCE
)


def lines_of(sections: dict[str, bytes]) -> LineTable:
    pieces = [Piece(START, bytes(0x100), CODE), Piece(0x9000_0000, bytes(64), DATA)]
    return Firmware.parse(build_elf(pieces, sections=sections), Path("app.elf")).lines


def tables_for(version: int) -> bytes:
    if version < 5:
        return legacy_tables(["lib", "/usr/include"], [("main.c", 0), ("util.h", 1)])
    directories = ["/build", "lib", "/usr/include"]
    return version_5_tables(directories, [("main.c", 0), ("main.c", 0), ("util.h", 1)])


def compiled(version: int, program: bytes = PROGRAM) -> LineTable:
    lines = line_program(version, tables_for(version), program)
    return lines_of({**unit(version), ".debug_line": lines})


@pytest.mark.parametrize("version", [2, 3, 4, 5])
def test_every_version_of_dwarf_gives_the_same_lines(version: int) -> None:
    lines = compiled(version)
    expected = {
        0: "main.c:10",
        3: "main.c:10",
        4: "main.c:11",
        8: "lib/util.h:3",
        15: "lib/util.h:23",
    }
    found = {offset: lines.describe(START + offset, ELSEWHERE) for offset in expected}
    assert found == expected
    assert lines.describe(START + 16) is None
    assert lines.describe(START - 1) is None
    assert lines.warning is None


@pytest.mark.parametrize("version", [3, 5])
def test_a_place_has_a_file_a_line_and_a_column(version: int) -> None:
    place = compiled(version).lookup(START + 8)
    assert place is not None
    assert (place.file.name, place.file.directory) == ("lib/util.h", "/build")
    assert str(place.file.path) == "/build/lib/util.h"
    assert (place.line, place.column) == (3, 5)


def test_files_below_the_working_directory_are_shown_relative_to_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sections = unit(4, directory=str(tmp_path / "firmware" / "app"))
    tables = legacy_tables(["../drivers", "/opt/include"], [("a.c", 0), ("d.c", 1), ("i.h", 2)])
    program = set_address(START) + row(0, 2) + row(0, 2, file=2) + row(0, 2, file=3) + END_SEQUENCE
    lines = lines_of({**sections, ".debug_line": line_program(4, tables, program)})
    monkeypatch.chdir(tmp_path)
    assert [lines.describe(START + offset) for offset in (0, 2, 4)] == [
        "firmware/app/a.c:1",
        "firmware/drivers/d.c:1",
        "/opt/include/i.h:1",
    ]
    assert lines.describe(START + 2, ELSEWHERE) == "../drivers/d.c:1"


def test_addresses_of_a_line_are_found_by_the_last_parts_of_its_file() -> None:
    program = set_address(START) + row(4, 2) + row(0, 2, column=9) + row(1, 2) + row(-1, 2)
    lines = compiled(4, program + END_SEQUENCE)
    assert lines.addresses("main.c", 5) == (START, START + 6)
    assert lines.addresses("/build/main.c", 5) == (START, START + 6)
    assert lines.addresses("build/main.c", 6) == (START + 4,)
    assert lines.addresses("other/main.c", 5) == ()
    assert lines.addresses("main.c", 7) == ()


def test_rows_outside_the_code_are_those_of_functions_the_linker_dropped() -> None:
    program = b"".join(
        set_address(address) + row(4, 8) + END_SEQUENCE for address in (0, START, 0x9000_0000)
    )
    assert [start for start, _, _ in compiled(5, program).spans] == [START]


def test_of_rows_at_one_address_the_last_one_counts() -> None:
    program = set_address(START) + row(4, 0) + row(3, 0) + row(1, 4) + END_SEQUENCE
    assert compiled(5, program).describe(START, ELSEWHERE) == "main.c:9"


def test_line_0_is_no_line() -> None:
    program = set_address(START) + row(-1, 4) + row(5, 4) + END_SEQUENCE
    lines = compiled(5, program)
    assert lines.describe(START) is None
    assert lines.describe(START + 4, ELSEWHERE) == "main.c:5"


def test_units_are_read_one_by_one_and_a_shared_program_once() -> None:
    first = line_program(4, tables_for(4), PROGRAM)
    second = line_program(4, tables_for(4), set_address(START + 0x40) + row(0, 4) + END_SEQUENCE)
    info = unit(4, line_offsets=[0, len(first), 0])
    lines = lines_of({**info, ".debug_line": first + second})
    assert lines.describe(START + 0x40, ELSEWHERE) == "main.c:1"
    assert len(lines.spans) == 5


def test_a_damaged_unit_costs_its_own_lines_only() -> None:
    damaged = line_program(4, tables_for(4), PROGRAM, line_range=0).replace(COPY, b"\xff")
    sound = line_program(4, tables_for(4), PROGRAM)
    info = unit(4, line_offsets=[0, len(damaged), 0xFFFF_FFF0])
    lines = lines_of({**info, ".debug_line": damaged + sound})
    assert lines.describe(START, ELSEWHERE) == "main.c:10"
    assert lines.warning is not None
    assert "so some source lines are missing" in lines.warning


def hostile_tables() -> dict[str, bytes]:
    many = uleb128(1 << 40)
    return {
        "directories of nothing": b"\x00" + many,
        "directories without room": b"\x01\x01\x08" + many,
        "files of nothing": b"\x00\x00" + b"\x00" + many,
        "flags that take no byte": b"\x01\x01\x19" + many,
        "constants that take no byte": b"\x01\x01\x21" + many,
        "blocks past the end": b"\x01\x01\x09" + many + b"\xff\xff\xff\xff\x0f",
        "numbers past the end": b"\x01\x01\x0f" + many,
        "an unknown form": b"\x01\x01\x7f\x01",
        "nothing at all": b"",
    }


@pytest.mark.parametrize("tables", hostile_tables().values(), ids=hostile_tables())
def test_tables_that_would_never_end_are_refused(tables: bytes) -> None:
    lines = lines_of({**unit(5), ".debug_line": line_program(5, tables, b"")})
    assert lines.describe(START) is None
    assert lines.warning is not None
    assert "damaged" in lines.warning


def test_a_table_may_describe_its_files_in_many_forms() -> None:
    directories = b"\x01\x01\x1f" + b"\x01" + struct.pack("<I", 1)
    formats = b"\x05" + b"\x01\x0e" + b"\x02\x0f" + b"\x03\x09" + b"\x04\x06" + b"\x05\x1e"
    file = struct.pack("<I", 2) + b"\x00" + b"\x02ab" + bytes(4) + bytes(16)
    tables = directories + formats + b"\x02" + file * 2
    sections = {
        **unit(5),
        ".debug_line": line_program(5, tables, set_address(START) + row(6, 8) + END_SEQUENCE),
        ".debug_line_str": b"\0/build\0",
        ".debug_str": b"x\0main.c\0",
    }
    assert lines_of(sections).describe(START, ELSEWHERE) == "main.c:7"


def test_a_number_that_does_not_end_is_refused() -> None:
    lines = compiled(4, b"\x02" + b"\x80" * 300_000)
    assert lines.describe(START) is None
    assert lines.warning is not None
    assert "a number that does not end" in lines.warning


def test_a_unit_larger_than_any_real_one_is_refused() -> None:
    lines = compiled(4, COPY * (3 << 20))
    assert lines.spans == []
    assert lines.warning is not None
    assert "absurdly large" in lines.warning


def test_units_that_share_bytes_are_read_a_bounded_number_of_times() -> None:
    header = line_program(2, legacy_tables([], []), b"")
    size, count = len(header) + 5, 400
    data = bytearray(size * count) + NOT_A_STATEMENT * 20_000
    offsets = range(0, size * count, size)
    for offset in offsets:
        # An unknown opcode, so long that it skips the units behind this one, up to what they share.
        skipped = size * count - offset - size + 1
        skip = b"\x00" + bytes([skipped & 0x7F | 0x80, skipped >> 7 & 0x7F | 0x80, skipped >> 14])
        length = struct.pack("<I", len(data) - offset - 4)
        data[offset : offset + size] = length + header[4:] + skip + b"\x80"
    lines = lines_of({**unit(2, line_offsets=offsets), ".debug_line": bytes(data)})
    assert lines.spans == []
    assert lines.warning is not None
    assert "the same bytes over and over" in lines.warning


@pytest.mark.parametrize(
    "changes",
    [
        {".debug_info": b"\xff" * 64},
        {".debug_info": struct.pack("<IQ", 0xFFFF_FFFF, 1 << 60) + bytes(64)},
        {".debug_abbrev": b"\x01\x11\x00" + b"\x1b\x16" * 3 + b"\x00\x00\x00"},
        {".debug_abbrev": b"\x80" * 5000},
        {".debug_info": b""},
        {".debug_line": b""},
        {".debug_line": struct.pack("<IH", 2, 9)},
        {".debug_line": struct.pack("<IH", 2, 5)},
    ],
)
def test_damaged_sections_leave_no_lines_and_raise_nothing(changes: dict[str, bytes]) -> None:
    sound = {**unit(4), ".debug_line": line_program(4, tables_for(4), PROGRAM)}
    lines = lines_of({**sound, **changes})
    assert lines.describe(START) is None
    assert lines.spans == []


def test_firmware_whose_lines_nobody_asks_for_never_loads_a_dwarf_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [each for each in sys.modules if each.split(".")[0] == "elftools"]:
        monkeypatch.delitem(sys.modules, name)
    lines = compiled(4)
    assert "elftools" not in sys.modules
    assert lines.describe(START, ELSEWHERE) == "main.c:10"
    assert "elftools" in sys.modules
