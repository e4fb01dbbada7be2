"""Files that cannot be run: each gets one sentence with culprit, place and next step."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from tests.unit.elf_builder import CODE, DATA, Piece, build_elf
from vplat.errors import FirmwareError
from vplat.machine.elf import Firmware

PATH = Path("app.elf")
NOPS = struct.pack("<2I", 0x13, 0x13)
SOUND = build_elf([(0x8000_0000, NOPS, CODE)])
PROGRAM_COUNT, PROGRAM_ENTRY_SIZE, PROGRAM_OFFSET = 44, 42, 28


def refusal(image: bytes) -> str:
    with pytest.raises(FirmwareError) as caught:
        Firmware.parse(image, PATH)
    return one_sentence(caught.value)


def refusal_of_file(path: Path) -> str:
    with pytest.raises(FirmwareError) as caught:
        Firmware.read(path)
    return one_sentence(caught.value)


def one_sentence(error: FirmwareError) -> str:
    text = str(error)
    assert error.exit_code == 125
    assert text.isprintable()
    return text


def patched(offset: int, kind: str, value: int) -> bytes:
    image = bytearray(SOUND)
    struct.pack_into(kind, image, offset, value)
    return bytes(image)


def test_a_file_that_does_not_exist(tmp_path: Path) -> None:
    text = refusal_of_file(tmp_path / "missing.elf")
    assert "missing.elf does not exist" in text
    assert "check the path" in text


def test_a_path_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "app.elf").write_bytes(SOUND)
    assert "a part of its path is a file" in refusal_of_file(tmp_path / "app.elf" / "x")


def test_a_directory(tmp_path: Path) -> None:
    assert "is a directory; give the ELF inside it" in refusal_of_file(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "is a device or a pipe" in refusal_of_file(tmp_path / "pipe")


def test_a_device_without_an_end() -> None:
    assert "/dev/zero is a device or a pipe" in refusal_of_file(Path("/dev/zero"))


def test_a_file_larger_than_any_firmware_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.elf"
    path.touch()
    os.truncate(path, 8 << 30)
    assert "huge.elf is 8192 MiB, more than the 512 MiB" in refusal_of_file(path)


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.elf"
    path.write_bytes(SOUND)

    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    text = refusal_of_file(path)
    assert "secret.elf cannot be read: permission denied" in text
    assert "ls -l" in text


@pytest.mark.parametrize("name", ["nul\0byte.elf", "x" * 5000])
def test_a_name_that_no_file_can_have(name: str) -> None:
    assert "cannot be read" in refusal_of_file(Path(name))


def test_a_name_that_no_terminal_can_show(tmp_path: Path) -> None:
    assert r"bad\udcff\n.elf' does not exist" in refusal_of_file(tmp_path / "bad\udcff\n.elf")


def test_an_empty_file() -> None:
    assert refusal(b"") == "app.elf is empty; build it again"


@pytest.mark.parametrize(
    ("head", "guess"),
    [
        (b"\x1f\x8b\x08\x00", "a gzip archive; unpack it"),
        (b"\xfd7zXZ\x00", "an xz archive"),
        (b"PK\x03\x04zip", "a zip archive"),
        (b"!<arch>\nlibc.a", "a static library; link it"),
        (b"MZ\x90", "a Windows executable"),
        (b"#!/bin/sh\n", "a script"),
        (b":10010000214601360121470136007EFE09D2190140\n", "an Intel HEX file; give the ELF"),
        (b"S00F000068656C6C6F202020202000003C\r\n", "a Motorola S-record file"),
        (b"@80000000\n13 00 00 00\n", "a Verilog memory image"),
        (b"int main(void) { return 0; }\n", "text; give the compiled and linked ELF"),
        ("/* Größe".encode(), "text"),
        (b"/* cut off \xc3", "text"),
        (b"\x13\x00\x00\x00\x97\x02\x00\x00", "a raw binary; give the ELF, not the .bin"),
        (bytes(64), "a raw binary"),
        (b"\x7fELG\x01\x01\x01", "a raw binary"),
    ],
)
def test_a_file_that_is_no_elf_is_told_by_its_looks(head: bytes, guess: str) -> None:
    assert f"app.elf is not an ELF: it looks like {guess}" in refusal(head)


def test_every_truncation_of_a_file_without_sections_is_refused() -> None:
    image = build_elf([(0x8000_0000, NOPS, CODE)], section_headers=False)
    for size in range(1, len(image)):
        assert "app.elf is truncated" in refusal(image[:size])


def test_segment_data_past_the_end_names_the_segment_and_the_sizes() -> None:
    image = build_elf([Piece(0x8000_0000, NOPS, file_size=0x5000)])
    text = refusal(image)
    assert "the data of segment 0 at 0x80000000 should reach byte" in text
    assert f"but the file has {len(image)}" in text


@pytest.mark.parametrize(
    ("machine", "name"), [(243, "riscv64"), (62, "x86-64"), (183, "AArch64"), (999, "number 999")]
)
def test_a_64_bit_file(machine: int, name: str) -> None:
    text = refusal(build_elf([(0x8000_0000, NOPS, CODE)], machine=machine, elf_class=2))
    assert "64-bit ELF" in text
    assert name in text
    assert "-march=rv32" in text


def test_a_big_endian_file() -> None:
    text = refusal(build_elf([(0x8000_0000, NOPS, CODE)], byte_order=2))
    assert "big-endian ELF for riscv32" in text
    assert "-mlittle-endian" in text


@pytest.mark.parametrize(
    ("machine", "name"), [(40, "ARM"), (3, "x86"), (94, "Xtensa"), (8, "MIPS")]
)
def test_another_machine_s_file(machine: int, name: str) -> None:
    text = refusal(build_elf([(0x8000_0000, NOPS, CODE)], machine=machine))
    assert f"is an ELF for {name}, not for RISC-V" in text
    assert "riscv64-unknown-elf-gcc -march=rv32" in text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (0, "not a linked executable"),
        (1, "relocatable object (.o), not an executable; link it"),
        (3, "shared object or a position-independent executable; link it with -static -no-pie"),
        (4, "core dump"),
        (0xFE00, "ELF type 0xfe00, not an executable"),
    ],
)
def test_an_elf_that_is_no_executable(kind: int, words: str) -> None:
    assert words in refusal(build_elf([(0x8000_0000, NOPS, CODE)], kind=kind))


@pytest.mark.parametrize(
    ("offset", "words"), [(4, "class 7"), (5, "byte order 7"), (6, "version 7")]
)
def test_a_header_with_values_that_do_not_exist(offset: int, words: str) -> None:
    assert words in refusal(patched(offset, "B", 7))


def test_a_file_without_program_headers() -> None:
    assert "has no program headers, so nothing to load" in refusal(build_elf([]))


def test_a_file_whose_segments_hold_nothing() -> None:
    pieces = [Piece(0x8000_0000), Piece(0x8000_0000, b"note", kind=4)]
    assert "has no loadable segment" in refusal(build_elf(pieces))


def test_an_absurd_number_of_program_headers() -> None:
    text = refusal(patched(PROGRAM_COUNT, "<H", 0xFFFF))
    assert "claims 65535 program headers, more than 4096" in text


def test_program_headers_of_an_impossible_size() -> None:
    text = refusal(patched(PROGRAM_ENTRY_SIZE, "<H", 31))
    assert "program headers of 31 bytes instead of 32" in text


def test_program_headers_past_the_end() -> None:
    text = refusal(patched(PROGRAM_OFFSET, "<I", 0xFFFF_FFF0))
    assert "truncated: the program headers should reach byte 4294967312" in text


def test_more_bytes_in_the_file_than_in_memory() -> None:
    text = refusal(build_elf([Piece(0x8000_0000, NOPS, memory_size=4)]))
    assert "more bytes in the file (0x8) than in memory (0x4) for segment 0 at 0x80000000" in text


@pytest.mark.parametrize("memory_size", [0x8000_0001, 0xFFFF_FFFF])
def test_a_segment_that_wraps_around_4_gib(memory_size: int) -> None:
    text = refusal(build_elf([Piece(0x8000_0000, NOPS, memory_size=memory_size)]))
    assert f"a segment of {memory_size:#x} bytes at 0x80000000" in text
    assert "past 4 GiB" in text


def test_a_segment_whose_loaded_bytes_wrap_around_4_gib() -> None:
    text = refusal(build_elf([Piece(0x8000_0000, NOPS, physical=0xFFFF_FFFC)]))
    assert "a segment of 0x8 bytes at 0xfffffffc (segment 0) that reaches past 4 GiB" in text


def test_a_segment_up_to_the_very_end_of_memory_takes_no_memory_of_ours() -> None:
    pieces = [Piece(0x8000_0000, NOPS, memory_size=0x8000_0000)]
    segment = Firmware.parse(build_elf(pieces), PATH).segments[0]
    assert segment.memory_size == 0x8000_0000
    assert segment.data == NOPS


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Piece(0x8000_0000, NOPS), Piece(0x8000_0004, b"data", DATA)),
        (Piece(0x8000_0004, NOPS), Piece(0x8000_0000, bytes(5), DATA)),
        (Piece(0x8000_0000, NOPS, memory_size=0x1000), Piece(0x8000_0FFF, b"d", DATA)),
        (Piece(0x8000_0000, NOPS), Piece(0x1000_0000, NOPS, DATA, physical=0x8000_0004)),
    ],
)
def test_overlapping_segments(first: Piece, second: Piece) -> None:
    text = refusal(build_elf([first, second]))
    assert "has overlapping segments" in text
    assert "check the linker script" in text


def test_overlays_that_run_at_one_address_but_are_loaded_apart_do_not_overlap() -> None:
    pieces = [
        Piece(0x8000_0000, NOPS),
        Piece(0x1000_0000, NOPS, physical=0x8000_1000),
        Piece(0x1000_0000, NOPS, physical=0x8000_2000),
    ]
    assert len(Firmware.parse(build_elf(pieces), PATH).segments) == 3


@pytest.mark.parametrize("entry", [0, 0x7FFF_FFFE, 0x8000_0008, 0x8000_0010, 0x9000_0000])
def test_an_entry_outside_the_executable_bytes(entry: int) -> None:
    pieces = [Piece(0x8000_0000, NOPS, memory_size=0x20), Piece(0x9000_0000, b"data", DATA)]
    text = refusal(build_elf(pieces, entry=entry))
    assert f"start at {entry:#010x}, which lies outside every executable segment" in text
    assert "ENTRY()" in text


def test_an_entry_at_an_odd_address() -> None:
    text = refusal(build_elf([(0x8000_0000, NOPS, CODE)], entry=0x8000_0001))
    assert "the odd address 0x80000001" in text
