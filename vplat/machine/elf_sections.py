"""The section table of an ELF: symbols, debug sections and the ISA attribute.

A machine needs none of it to run, so damage here never refuses a file. What cannot be read is left
out and said in ``warnings``, sentences that name the section.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from vplat.machine.elf_header import ElfHeader
from vplat.machine.leb128 import read_uleb128
from vplat.machine.symbols import Symbol, SymbolKind

SYMBOLS_LIMIT = 2_000_000
NAME_LIMIT = 4096
DECOMPRESSED_LIMIT = 256 << 20

_SECTION = struct.Struct("<10I")
_SYMBOL = struct.Struct("<IIIBBH")
_COMPRESSION = struct.Struct("<III")
_SHT_SYMTAB, _SHT_NOBITS, _SHT_RISCV_ATTRIBUTES = 2, 8, 0x7000_0003
_SHF_ALLOC, _SHF_EXECINSTR, _SHF_COMPRESSED = 0x2, 0x4, 0x800
_ELFCOMPRESS_ZLIB = 1
_STT_NOTYPE, _STT_OBJECT, _STT_FUNC, _STT_COMMON, _STT_GNU_IFUNC = 0, 1, 2, 5, 10
_STB_LOCAL, _STB_WEAK = 0, 2
_SHN_UNDEF = 0
_TAG_FILE, _TAG_RISCV_ARCH = 1, 5
_ADDRESS_SPACE = 1 << 32


@dataclass(frozen=True)
class Section:
    """One section header; ``offset`` and ``size`` are not checked against the file."""

    name: str
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int

    @property
    def allocated(self) -> bool:
        """True when the section occupies memory while the firmware runs."""
        return bool(self.flags & _SHF_ALLOC)

    @property
    def executable(self) -> bool:
        """True when the section holds instructions."""
        return bool(self.flags & _SHF_ALLOC and self.flags & _SHF_EXECINSTR)

    def covers(self, address: int) -> bool:
        """True when ``address`` lies in the section; a linker script's symbol need not."""
        return self.address <= address < self.address + self.size

    @property
    def has_bytes(self) -> bool:
        """True when the file holds the section's contents (``.bss`` has none)."""
        return self.kind != _SHT_NOBITS


class SectionTable:
    """The sections of ``image``; empty, with a warning, when their headers are damaged."""

    def __init__(self, image: bytes, header: ElfHeader) -> None:
        self._image = image
        self.warnings: list[str] = []
        self.sections: tuple[Section, ...] = self._read(header)

    def named(self, name: str) -> Section | None:
        """The first section called ``name``, or None."""
        return next((each for each in self.sections if each.name == name), None)

    def contents(self, section: Section) -> bytes | None:
        """The section's bytes, decompressed; None when they cannot be had."""
        if not section.has_bytes or section.offset + section.size > len(self._image):
            return None
        data = self._image[section.offset : section.offset + section.size]
        return _decompress(data) if section.flags & _SHF_COMPRESSED else data

    def symbols(self) -> list[Symbol]:
        """Every defined symbol that names an address, in the file's order."""
        table = next((each for each in self.sections if each.kind == _SHT_SYMTAB), None)
        if table is None:
            return []
        entries = self.contents(table)
        strings = self._strings(table.link)
        if entries is None or strings is None:
            self._warn("its symbol table lies outside the file, so there are no function names")
            return []
        count = len(entries) // _SYMBOL.size
        if count > SYMBOLS_LIMIT:
            self._warn(f"it has {count} symbols, of which the first {SYMBOLS_LIMIT} are used")
        usable = entries[: min(count, SYMBOLS_LIMIT) * _SYMBOL.size]
        return list(self._decode(usable, strings))

    def isa_attribute(self) -> str | None:
        """The Tag_RISCV_arch string of ``.riscv.attributes``, for example ``rv32i2p1_m2p0``."""
        section = next((each for each in self.sections if each.kind == _SHT_RISCV_ATTRIBUTES), None)
        if section is None:
            return None
        data = self.contents(section)
        isa = None if data is None else _isa_of_attributes(data)
        if isa is None:
            self._warn("its .riscv.attributes section is damaged, so its ISA is unknown")
        return isa

    def first_allocated_offset(self, start: int, end: int) -> int | None:
        """The file offset of the first section with bytes in memory among offsets [start, end)."""
        offsets = [
            each.offset
            for each in self.sections
            if each.allocated and each.has_bytes and each.size and start <= each.offset < end
        ]
        return min(offsets, default=None)

    def _warn(self, sentence: str) -> None:
        self.warnings.append(sentence)

    def _read(self, header: ElfHeader) -> tuple[Section, ...]:
        if header.section_offset == 0:
            return ()
        end = header.section_offset + header.section_count * _SECTION.size
        if (
            header.section_count == 0
            or header.section_entry_size != _SECTION.size
            or end > len(self._image)
        ):
            self._warn("its section headers are damaged, so there are no symbols and no lines")
            return ()
        table = self._image[header.section_offset : end]
        rows = list(_SECTION.iter_unpack(table))
        names = _string_table(self._image, rows, header.section_names_index)
        if names is None:
            self._warn("its section names are damaged, so there are no source lines")
            names = b""
        return tuple(
            Section(_string(names, name), kind, flags, address, offset, size, link)
            for name, kind, flags, address, offset, size, link, *_ in rows
        )

    def _strings(self, index: int) -> bytes | None:
        return self.contents(self.sections[index]) if index < len(self.sections) else None

    def _decode(self, entries: bytes, strings: bytes) -> Iterator[Symbol]:
        # Names may overlap in a string table. A hostile one makes every name the whole table, so
        # what all names hold together is bounded by what linkers, which share tails, can produce.
        budget = 4 * len(strings) + 64 * (len(entries) // _SYMBOL.size)
        for name_offset, value, size, info, _other, index in _SYMBOL.iter_unpack(entries):
            kind = info & 0xF
            if index == _SHN_UNDEF or name_offset == 0 or kind not in _KINDS:
                continue
            section = self.sections[index] if index < len(self.sections) else None
            name = _string(strings, name_offset)
            budget -= len(name)
            if budget < 0:
                self._warn("its symbol names overlap absurdly, so the later ones are left out")
                return
            if not name or (kind == _STT_NOTYPE and _is_marker(name)):
                continue
            yield _symbol(name, value, size, info, section)


_KINDS = frozenset({_STT_NOTYPE, _STT_OBJECT, _STT_FUNC, _STT_COMMON, _STT_GNU_IFUNC})


def _is_marker(name: str) -> bool:
    """True for mapping symbols (``$x``, ``$d``, ``$xrv32i...``) and the assembler's own labels."""
    return name.startswith((".L", "$x", "$d"))


def _symbol(name: str, value: int, size: int, info: int, section: Section | None) -> Symbol:
    kind, binding = info & 0xF, info >> 4
    in_code = section is not None and section.executable and section.covers(value)
    if kind in (_STT_FUNC, _STT_GNU_IFUNC):
        role = SymbolKind.FUNCTION
    elif kind in (_STT_OBJECT, _STT_COMMON):
        role = SymbolKind.OBJECT
    else:
        role = SymbolKind.LABEL if in_code else SymbolKind.OTHER
    limit = _ADDRESS_SPACE
    if section is not None and section.allocated:
        limit = min(section.address + section.size, _ADDRESS_SPACE)
    rank = 2 if binding == _STB_LOCAL else 1 if binding == _STB_WEAK else 0
    return Symbol(name, value, size, role, rank, limit)


def _string_table(image: bytes, rows: list[tuple[int, ...]], index: int) -> bytes | None:
    if index >= len(rows):
        return None
    _name, kind, _flags, _address, offset, size, *_ = rows[index]
    if kind == _SHT_NOBITS or offset + size > len(image):
        return None
    return image[offset : offset + size]


def _string(table: bytes, offset: int) -> str:
    end = table.find(b"\0", offset, offset + NAME_LIMIT)
    name = table[offset : end if end >= 0 else offset + NAME_LIMIT]
    return printable(name)


def printable(name: bytes) -> str:
    """``name`` as text that a terminal may show: what is not printable UTF-8 is escaped."""
    text = name.decode("utf-8", "backslashreplace")
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def _decompress(data: bytes) -> bytes | None:
    """The contents of an SHF_COMPRESSED section (zlib), or None when damaged or absurdly large."""
    if len(data) < _COMPRESSION.size:
        return None
    kind, size, _align = _COMPRESSION.unpack_from(data)
    if kind != _ELFCOMPRESS_ZLIB or size > DECOMPRESSED_LIMIT:
        return None
    try:
        contents = zlib.decompressobj().decompress(data[_COMPRESSION.size :], size + 1)
    except zlib.error:
        return None
    return contents if len(contents) == size else None


def _isa_of_attributes(data: bytes) -> str | None:
    """Tag_RISCV_arch of the "riscv" file attributes (RISC-V ELF psABI, "Attributes").

    Layout: 'A', then subsections of length, vendor; in each, sub-subsections of tag, length, and
    attributes, whose odd tags carry a string and whose even tags a ULEB128.
    """
    length = int.from_bytes(data[1:5], "little")
    vendor, found, rest = data[5 : 1 + length].partition(b"\0")
    if data[:1] != b"A" or not found or vendor != b"riscv" or rest[:1] != bytes([_TAG_FILE]):
        return None
    attributes = rest[5 : int.from_bytes(rest[1:5], "little")]
    position = 0
    while position < len(attributes):
        tag, position = read_uleb128(attributes, position)
        if tag % 2 == 0:
            _value, position = read_uleb128(attributes, position)
            continue
        end = attributes.find(b"\0", position)
        if end < 0:
            return None
        if tag == _TAG_RISCV_ARCH:
            return printable(attributes[position:end])
        position = end + 1
    return None
