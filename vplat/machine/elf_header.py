"""The ELF header and the program headers of an RV32 executable, checked field by field.

Offsets and values are those of the System V ABI, and of the RISC-V ELF psABI for ``e_flags``. Every
refusal is a :class:`FirmwareError` whose sentence names the file, the culprit and the next step.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NoReturn

from vplat.errors import FirmwareError
from vplat.machine.elf_guess import guess

EM_RISCV = 243
PROGRAM_HEADERS_LIMIT = 4096
BUILD_FLAGS = "-march=rv32imafc -mabi=ilp32f"

_MAGIC = b"\x7fELF"
_HEADER = struct.Struct("<HHIIIIIHHHHHH")
_PROGRAM = struct.Struct("<8I")
_IDENT_SIZE = 16
_HEADER_SIZE = _IDENT_SIZE + _HEADER.size
_PT_LOAD = 1
_CLASS_32, _CLASS_64 = 1, 2
_LITTLE, _BIG = 1, 2
_EXECUTABLE = 2

_MACHINES = {
    0: "no machine",
    2: "SPARC",
    3: "x86",
    4: "Motorola 68000",
    8: "MIPS",
    20: "PowerPC",
    21: "PowerPC64",
    22: "S/390",
    40: "ARM",
    42: "SuperH",
    50: "Itanium",
    62: "x86-64",
    83: "AVR",
    92: "OpenRISC",
    94: "Xtensa",
    105: "MSP430",
    106: "Blackfin",
    164: "Hexagon",
    183: "AArch64",
    189: "MicroBlaze",
    195: "ARC",
    247: "BPF",
    252: "C-SKY",
    258: "LoongArch",
}
_NOT_EXECUTABLE = {
    0: "has no type, so it is not a linked executable",
    1: "is a relocatable object (.o), not an executable; link it first",
    3: "is a shared object or a position-independent executable; link it with -static -no-pie",
    4: "is a core dump, not an executable; give the ELF that was run",
}


@dataclass(frozen=True)
class ProgramHeader:
    """One PT_LOAD entry: offset and sizes in bytes, ``flags`` (4 R, 2 W, 1 X)."""

    index: int
    offset: int
    virtual_address: int
    physical_address: int
    file_size: int
    memory_size: int
    flags: int


@dataclass(frozen=True)
class ElfHeader:
    """What the ELF header says; ``programs`` holds the PT_LOAD entries that occupy memory."""

    entry: int
    flags: int
    section_offset: int
    section_entry_size: int
    section_count: int
    section_names_index: int
    headers_end: int
    programs: tuple[ProgramHeader, ...]


def parse_header(image: bytes, name: str) -> ElfHeader:
    """Check the headers of ``image``, which the messages call ``name``.

    Raises FirmwareError unless it is a 32-bit little-endian RISC-V executable whose program
    headers and segment data lie inside the file.
    """
    _check_identity(image, name)
    (
        kind,
        machine,
        _version,
        entry,
        program_offset,
        section_offset,
        flags,
        _header_size,
        program_entry_size,
        program_count,
        section_entry_size,
        section_count,
        section_names_index,
    ) = _HEADER.unpack_from(image, _IDENT_SIZE)
    _check_kind(kind, machine, name)
    programs = _programs(image, name, program_offset, program_entry_size, program_count)
    return ElfHeader(
        entry=entry,
        flags=flags,
        section_offset=section_offset,
        section_entry_size=section_entry_size,
        section_count=section_count,
        section_names_index=section_names_index,
        headers_end=max(_HEADER_SIZE, program_offset + program_count * _PROGRAM.size),
        programs=programs,
    )


def _check_identity(image: bytes, name: str) -> None:
    if not image:
        _refuse(f"{name} is empty; build it again")
    if not image.startswith(_MAGIC):
        if _MAGIC.startswith(image[:4]):
            _refuse(f"{name} is truncated: it ends inside the ELF magic; build or copy it again")
        _refuse(f"{name} is not an ELF: it looks like {guess(image[:4096])}")
    if len(image) < _IDENT_SIZE + 4:
        _refuse_truncated(name, "the ELF header", _HEADER_SIZE, len(image))
    word_class, order, version = image[4], image[5], image[6]
    byte_order = ">" if order == _BIG else "<"
    machine = struct.unpack_from(f"{byte_order}H", image, 18)[0]
    if word_class == _CLASS_64:
        _refuse(
            f"{name} is a 64-bit ELF for {_machine_name(machine, 64)}; "
            f"vplat runs RV32, so build it with {BUILD_FLAGS}"
        )
    if word_class != _CLASS_32:
        _refuse(
            f"{name} has a damaged ELF header: class {word_class} does not exist; build it again"
        )
    if order == _BIG:
        _refuse(
            f"{name} is a big-endian ELF for {_machine_name(machine, 32)}; "
            "vplat runs little-endian RV32, so build it with -mlittle-endian"
        )
    if order != _LITTLE:
        _refuse(
            f"{name} has a damaged ELF header: byte order {order} does not exist; build it again"
        )
    if version != 1:
        _refuse(f"{name} has ELF version {version}, only version 1 exists; build it again")
    if len(image) < _HEADER_SIZE:
        _refuse_truncated(name, "the ELF header", _HEADER_SIZE, len(image))


def _check_kind(kind: int, machine: int, name: str) -> None:
    if machine != EM_RISCV:
        _refuse(
            f"{name} is an ELF for {_machine_name(machine, 32)}, not for RISC-V; "
            f"build it with riscv64-unknown-elf-gcc {BUILD_FLAGS}"
        )
    if kind != _EXECUTABLE:
        _refuse(f"{name} {_NOT_EXECUTABLE.get(kind, f'has ELF type {kind:#x}, not an executable')}")


def _programs(
    image: bytes, name: str, offset: int, entry_size: int, count: int
) -> tuple[ProgramHeader, ...]:
    if count == 0:
        _refuse(f"{name} has no program headers, so nothing to load; link it as an executable")
    if count > PROGRAM_HEADERS_LIMIT:
        _refuse(
            f"{name} claims {count} program headers, more than {PROGRAM_HEADERS_LIMIT}; "
            "the file is damaged, build it again"
        )
    if entry_size != _PROGRAM.size:
        _refuse(
            f"{name} has program headers of {entry_size} bytes instead of {_PROGRAM.size}; "
            "the file is damaged, build it again"
        )
    end = offset + count * _PROGRAM.size
    if end > len(image):
        _refuse_truncated(name, "the program headers", end, len(image))
    programs = []
    for index in range(count):
        kind, *fields = _PROGRAM.unpack_from(image, offset + index * _PROGRAM.size)
        if kind != _PT_LOAD:
            continue
        start, virtual, physical, file_size, memory_size, flags, _align = fields
        program = ProgramHeader(index, start, virtual, physical, file_size, memory_size, flags)
        _check_program(program, len(image), name)
        if memory_size:
            programs.append(program)
    if not programs:
        _refuse(f"{name} has no loadable segment; link it as an executable")
    return tuple(programs)


def _check_program(program: ProgramHeader, image_size: int, name: str) -> None:
    what = f"segment {program.index} at {program.virtual_address:#010x}"
    if program.file_size > program.memory_size:
        _refuse(
            f"{name} has more bytes in the file ({program.file_size:#x}) than in memory "
            f"({program.memory_size:#x}) for {what}; the file is damaged, build it again"
        )
    end = program.offset + program.file_size
    if program.file_size and end > image_size:
        _refuse_truncated(name, f"the data of {what}", end, image_size)
    for address, size in (
        (program.virtual_address, program.memory_size),
        (program.physical_address, program.file_size),
    ):
        if address + size > 1 << 32:
            _refuse(
                f"{name} has a segment of {size:#x} bytes at {address:#010x} "
                f"(segment {program.index}) that reaches past 4 GiB; check the linker script"
            )


def _machine_name(machine: int, bits: int) -> str:
    if machine == EM_RISCV:
        return f"riscv{bits}"
    return _MACHINES.get(machine, f"machine number {machine}")


def _refuse_truncated(name: str, what: str, needed: int, size: int) -> NoReturn:
    _refuse(
        f"{name} is truncated: {what} should reach byte {needed} but the file has {size}; "
        "build or copy it again"
    )


def _refuse(sentence: str) -> NoReturn:
    raise FirmwareError(sentence)
