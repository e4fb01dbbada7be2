"""Builds small ELF32 executables byte by byte, sound ones and ones that are wrong on purpose."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

READ, WRITE, EXECUTE = 4, 2, 1
CODE = READ | EXECUTE
DATA = READ | WRITE
NOTYPE, OBJECT, FUNCTION, SECTION, FILE = 0, 1, 2, 3, 4
LOCAL, GLOBAL, WEAK = 0, 1, 2
ABSOLUTE = 0xFFF1

_PROGBITS, _SYMTAB, _STRTAB, _NOBITS, _RISCV_ATTRIBUTES = 1, 2, 3, 8, 0x7000_0003
_ALLOC, _EXECINSTR = 2, 4
_HEADER_SIZE, _PROGRAM_SIZE, _SECTION_SIZE = 52, 32, 40


@dataclass(frozen=True)
class Piece:
    """A segment; what is None is taken from ``data`` and ``address``."""

    address: int
    data: bytes = b""
    flags: int = CODE
    physical: int | None = None
    memory_size: int | None = None
    file_size: int | None = None
    offset: int | None = None
    kind: int = 1


class Name(NamedTuple):
    """A symbol; ``section`` is the one around ``address``, else absolute, when None."""

    address: int
    size: int = 0
    kind: int = NOTYPE
    binding: int = GLOBAL
    section: int | None = None


class _Section(NamedTuple):
    name: str
    kind: int
    flags: int = 0
    address: int = 0
    data: bytes = b""
    size: int | None = None
    link: int = 0
    entry_size: int = 0


def build_elf(
    segments: Sequence[tuple[int, bytes, int] | Piece],
    entry: int | None = None,
    symbols: Mapping[str, int | tuple[int, int] | Name] | None = None,
    machine: int = 243,
    *,
    elf_class: int = 1,
    byte_order: int = 1,
    kind: int = 2,
    flags: int = 0,
    isa: str | None = None,
    sections: Mapping[str, bytes] | None = None,
    section_headers: bool = True,
) -> bytes:
    """An executable with ``segments``, (address, bytes, READ | WRITE | EXECUTE) or Pieces.

    ``entry`` is the first segment's address when None. In ``symbols`` an address alone makes an
    untyped global label, (address, size) a global function, a Name anything. ``sections`` are
    further ones without an address, such as ``.debug_line``; ``isa`` becomes ``.riscv.attributes``.
    Any number may be wrong: it is packed as it is.
    """
    order = ">" if byte_order == 2 else "<"
    pieces = [each if isinstance(each, Piece) else Piece(*each) for each in segments]
    programs, body = _programs(order, pieces)
    body_end = _HEADER_SIZE + len(programs) + len(body)
    table, further, section_offset, count = b"", b"", 0, 0
    if section_headers:
        rows = _sections(pieces, symbols or {}, isa, sections or {}, order)
        starts = [each[1] for each in struct.iter_unpack(f"{order}8I", programs)]
        table, further = _section_table(order, rows, starts, body_end)
        section_offset, count = body_end + len(further), len(rows)
    if entry is None:
        entry = pieces[0].address if pieces else 0
    identity = struct.pack("4sBBBB8x", b"\x7fELF", elf_class, byte_order, 1, 0)
    offsets = (_HEADER_SIZE if pieces else 0, section_offset, flags, _HEADER_SIZE)
    counts = (_PROGRAM_SIZE, len(pieces), _SECTION_SIZE, count, max(count - 1, 0))
    header = struct.pack(f"{order}HHIIIIIHHHHHH", kind, machine, 1, entry, *offsets, *counts)
    return identity + header + programs + body + further + table


def _programs(order: str, pieces: Sequence[Piece]) -> tuple[bytes, bytes]:
    """The program headers, and the segments' data that follow them."""
    offset = _HEADER_SIZE + _PROGRAM_SIZE * len(pieces)
    programs, body = b"", b""
    for piece in pieces:
        programs += _program(order, piece, offset + len(body))
        body += piece.data + bytes(-len(piece.data) % 4)
    return programs, body


def _program(order: str, piece: Piece, offset: int) -> bytes:
    file_size = len(piece.data) if piece.file_size is None else piece.file_size
    return struct.pack(
        f"{order}8I",
        piece.kind,
        offset if piece.offset is None else piece.offset,
        piece.address,
        piece.address if piece.physical is None else piece.physical,
        file_size,
        file_size if piece.memory_size is None else piece.memory_size,
        piece.flags,
        4,
    )


def _sections(
    pieces: Sequence[Piece],
    symbols: Mapping[str, int | tuple[int, int] | Name],
    isa: str | None,
    further: Mapping[str, bytes],
    order: str,
) -> list[_Section]:
    rows = [_Section("", 0)]
    for index, piece in enumerate(pieces):
        flags = _ALLOC | (_EXECINSTR if piece.flags & EXECUTE else 0)
        kind = _PROGBITS if piece.data else _NOBITS
        size = piece.memory_size if kind == _NOBITS else len(piece.data)
        rows.append(_Section(f".s{index}", kind, flags, piece.address, piece.data, size))
    if isa is not None:
        rows.append(_Section(".riscv.attributes", _RISCV_ATTRIBUTES, data=attributes(isa)))
    rows += [_Section(name, _PROGBITS, data=data) for name, data in further.items()]
    entries, strings = _symbols(order, symbols, pieces)
    link = len(rows) + 1
    rows.append(_Section(".symtab", _SYMTAB, data=entries, link=link, entry_size=16))
    rows.append(_Section(".strtab", _STRTAB, data=strings))
    rows.append(_Section(".shstrtab", _STRTAB))
    return rows


def _symbols(
    order: str,
    symbols: Mapping[str, int | tuple[int, int] | Name],
    pieces: Sequence[Piece],
) -> tuple[bytes, bytes]:
    entries, strings = bytes(16), b"\0"
    for text, given in symbols.items():
        if isinstance(given, int):
            name = Name(given)
        else:
            name = given if isinstance(given, Name) else Name(*given, FUNCTION)
        section = _around(name.address, pieces) if name.section is None else name.section
        entries += struct.pack(
            f"{order}IIIBBH",
            len(strings),
            name.address,
            name.size,
            name.binding << 4 | name.kind,
            0,
            section,
        )
        strings += text.encode("utf-8", "surrogateescape") + b"\0"
    return entries, strings


def _around(address: int, pieces: Sequence[Piece]) -> int:
    for index, piece in enumerate(pieces):
        size = piece.memory_size or len(piece.data)
        if piece.address <= address < piece.address + size:
            return index + 1
    return ABSOLUTE


def _section_table(
    order: str, rows: Sequence[_Section], starts: Sequence[int], offset: int
) -> tuple[bytes, bytes]:
    """The section headers and the contents, from ``offset`` of the file on, that no segment has."""
    names = b"\0" + b"".join(each.name.encode() + b"\0" for each in rows[1:])
    contents, headers, name_offset = b"", b"", 0
    for index, row in enumerate(rows):
        data = names if row.name == ".shstrtab" else row.data
        in_segment = 1 <= index <= len(starts)
        headers += struct.pack(
            f"{order}10I",
            name_offset,
            row.kind,
            row.flags,
            row.address,
            starts[index - 1] if in_segment else offset + len(contents) if index else 0,
            len(data) if row.size is None else row.size,
            row.link,
            0,
            4 if index else 0,
            row.entry_size,
        )
        contents += b"" if in_segment else data
        name_offset += len(row.name) + 1
    return headers, contents


def attributes(isa: str) -> bytes:
    """The contents of ``.riscv.attributes`` with a stack alignment of 16 and ``isa``."""
    tags = b"\x04\x10" + b"\x05" + isa.encode() + b"\0"
    file = b"\x01" + struct.pack("<I", len(tags) + 5) + tags
    vendor = b"riscv\0" + file
    return b"A" + struct.pack("<I", len(vendor) + 4) + vendor
