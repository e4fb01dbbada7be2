"""Builds small DWARF sections byte by byte: one compilation unit, its lines, call frames."""

from __future__ import annotations

import struct
from collections.abc import Sequence

NOT_A_STATEMENT = b"\x06"
COPY = b"\x01"
END_SEQUENCE = b"\x00\x01\x01"
_OPERANDS = bytes([0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1])


def uleb128(value: int) -> bytes:
    """``value``, not negative, in as few bytes as it takes."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def sleb128(value: int) -> bytes:
    """``value`` in as few bytes as it takes."""
    out = bytearray()
    while not -0x40 <= value < 0x40:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out) + bytes([value & 0x7F])


def set_address(address: int) -> bytes:
    """The line opcode that sets the address."""
    return b"\x00\x05\x02" + struct.pack("<I", address)


def row(lines: int, size: int, *, file: int | None = None, column: int | None = None) -> bytes:
    """A row ``lines`` further down in the source that covers ``size`` bytes of code."""
    out = b"" if file is None else b"\x04" + uleb128(file)
    out += b"" if column is None else b"\x05" + uleb128(column)
    return out + b"\x03" + sleb128(lines) + COPY + b"\x02" + uleb128(size)


def legacy_tables(directories: Sequence[str], files: Sequence[tuple[str, int]]) -> bytes:
    """Directories and (file, directory number) as DWARF 2 to 4 write them."""
    out = b"".join(each.encode() + b"\0" for each in directories) + b"\0"
    for name, directory in files:
        out += name.encode() + b"\0" + uleb128(directory) + b"\0\0"
    return out + b"\0"


def version_5_tables(directories: Sequence[str], files: Sequence[tuple[str, int]]) -> bytes:
    """The same as DWARF 5 writes them, with the names in place (DW_FORM_string)."""
    out = b"\x01\x01\x08" + uleb128(len(directories))
    out += b"".join(each.encode() + b"\0" for each in directories)
    out += b"\x02\x01\x08\x02\x0b" + uleb128(len(files))
    return out + b"".join(name.encode() + b"\0" + bytes([place]) for name, place in files)


def line_program(version: int, tables: bytes, program: bytes, *, line_range: int = 14) -> bytes:
    """One unit of ``.debug_line``; its special opcodes have a line base of -5."""
    operations = b"\x01" if version >= 4 else b""
    rest = b"\x01" + operations + b"\x01" + struct.pack("<bBB", -5, line_range, 13) + _OPERANDS
    rest += tables
    sizes = b"\x04\x00" if version >= 5 else b""
    body = struct.pack("<H", version) + sizes + struct.pack("<I", len(rest)) + rest + program
    return struct.pack("<I", len(body)) + body


def unit(
    version: int = 4, directory: str = "/build", line_offsets: Sequence[int] = (0,)
) -> dict[str, bytes]:
    """``.debug_info`` and ``.debug_abbrev`` of units that have lines at ``line_offsets``."""
    declaration = b"\x01\x11\x00" + b"\x1b\x08" + b"\x10\x17" + b"\x00\x00" + b"\x00"
    info = b""
    for offset in line_offsets:
        entry = b"\x01" + directory.encode() + b"\0" + struct.pack("<I", offset)
        head = b"\x01\x04" + bytes(4) if version >= 5 else bytes(4) + b"\x04"
        body = struct.pack("<H", version) + head + entry
        info += struct.pack("<I", len(body)) + body
    return {".debug_info": info, ".debug_abbrev": declaration}


def frame_entry(identity: int, body: bytes) -> bytes:
    """An entry of ``.debug_frame``; ``identity`` is 0xFFFFFFFF for a CIE, else its CIE's offset."""
    body += bytes(-len(body) % 4)
    return struct.pack("<II", len(body) + 4, identity) + body


def common_frame(instructions: bytes = b"\x0c\x02\x00") -> bytes:
    """A CIE at offset 0: code factor 1, data factor -4, return address in ra, CFA sp + 0."""
    return frame_entry(0xFFFF_FFFF, b"\x03\x00\x01\x7c\x01" + instructions)


def function_frame(start: int, size: int, instructions: bytes, common: int = 0) -> bytes:
    """The FDE of the function at ``start``, after the CIE at offset ``common``."""
    return frame_entry(common, struct.pack("<II", start, size) + instructions)


def advance(size: int) -> bytes:
    """DW_CFA_advance_loc by ``size`` bytes of code, 1 to 63."""
    return bytes([0x40 | size])


def cfa_offset(offset: int) -> bytes:
    """DW_CFA_def_cfa_offset: the CFA is sp + ``offset``."""
    return b"\x0e" + uleb128(offset)


def saved(register: int, below: int) -> bytes:
    """DW_CFA_offset: ``register`` is in memory ``below`` bytes, a multiple of 4, below the CFA."""
    return bytes([0x80 | register]) + uleb128(below // 4)
