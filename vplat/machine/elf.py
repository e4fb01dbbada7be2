"""Firmware: an RV32 executable read from an ELF file, checked before anything trusts it."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from vplat.errors import FirmwareError
from vplat.machine.dwarf.sections import DebugSections
from vplat.machine.elf_header import ElfHeader, ProgramHeader, parse_header
from vplat.machine.elf_sections import SectionTable
from vplat.machine.lines import LineTable
from vplat.machine.symbols import Intervals, SymbolTable
from vplat.machine.unwind import Unwinder

FILE_SIZE_LIMIT = 512 << 20
_READABLE, _WRITABLE, _EXECUTABLE = 4, 2, 1
_FLOAT_ABIS = ("soft", "single", "double", "quad")


@dataclass(frozen=True)
class Segment:
    """Bytes to load, and the memory they stand for while the firmware runs.

    ``address`` is where ``data`` goes: the physical address (``p_paddr``), as for objcopy, gdb's
    ``load`` and debug probes, so that initialised data whose load address is in a ROM lands there
    and start-up code copies it. A file whose physical addresses are all 0 although its virtual ones
    are not is loaded at the virtual ones. ``virtual_address`` is where the firmware expects its
    ``memory_size`` bytes at run time; those behind ``data`` are zero. ``data`` holds the file's
    bytes only, whatever ``memory_size`` claims.
    """

    address: int
    virtual_address: int
    data: bytes = field(repr=False)
    memory_size: int
    readable: bool
    writable: bool
    executable: bool

    @property
    def load_size(self) -> int:
        """Bytes occupied from ``address`` on: all of ``memory_size`` unless it runs elsewhere."""
        return self.memory_size if self.address == self.virtual_address else len(self.data)

    @property
    def extents(self) -> tuple[tuple[int, int], ...]:
        """The (address, size) ranges that must be memory: where it is loaded and where it runs."""
        running = (self.virtual_address, self.memory_size)
        loaded = (self.address, self.load_size)
        return (running,) if loaded == running or not self.load_size else (loaded, running)


@dataclass(frozen=True)
class ElfFlags:
    """``e_flags`` of the RISC-V ELF psABI.

    ``float_abi`` is ``"soft"``, ``"single"``, ``"double"`` or ``"quad"``; ``embedded`` means RV32E,
    ``total_store_order`` RVTSO.
    """

    raw: int

    @property
    def compressed(self) -> bool:
        """True when the code may hold 16-bit instructions (EF_RISCV_RVC)."""
        return bool(self.raw & 0x1)

    @property
    def float_abi(self) -> str:
        """Which registers pass floating-point arguments."""
        return _FLOAT_ABIS[self.raw >> 1 & 0x3]

    @property
    def embedded(self) -> bool:
        """True for code that uses sixteen registers only (EF_RISCV_RVE)."""
        return bool(self.raw & 0x8)

    @property
    def total_store_order(self) -> bool:
        """True for code that relies on RVTSO (EF_RISCV_TSO)."""
        return bool(self.raw & 0x10)


@dataclass(frozen=True)
class Firmware:
    """An RV32 executable. ``warnings`` says, one sentence each, what of it could not be read."""

    path: Path
    entry: int
    segments: tuple[Segment, ...]
    symbols: SymbolTable = field(compare=False, repr=False)
    isa_attribute: str | None
    flags: ElfFlags
    sha256: str
    warnings: tuple[str, ...] = ()
    debug: DebugSections = field(default_factory=DebugSections, compare=False, repr=False)

    @classmethod
    def read(cls, path: Path) -> Firmware:
        """The firmware in the ELF file at ``path``.

        Raises FirmwareError when there is no such file, when it is not a 32-bit little-endian
        RISC-V executable, or when its headers or segments contradict the file or each other.
        """
        return cls.parse(_read_file(path), path)

    @classmethod
    def parse(cls, image: bytes, path: Path) -> Firmware:
        """The firmware in ``image``, the contents of an ELF file that messages call ``path``."""
        name = display_path(path)
        header = parse_header(image, name)
        table = SectionTable(image, header)
        segments = _segments(image, header, table)
        _check_overlap(segments, name)
        _check_entry(header.entry, segments, name)
        symbols = SymbolTable(table.symbols())
        isa_attribute = table.isa_attribute()
        return cls(
            path=path,
            entry=header.entry,
            segments=segments,
            symbols=symbols,
            isa_attribute=isa_attribute,
            flags=ElfFlags(header.flags),
            sha256=hashlib.sha256(image).hexdigest(),
            warnings=tuple(f"{name}: {sentence}" for sentence in table.warnings),
            debug=DebugSections(table),
        )

    def symbol(self, name: str) -> int | None:
        """The address called ``name``, or None."""
        found = self.symbols.find(name)
        return None if found is None else found.address

    @property
    def tohost(self) -> int | None:
        """The address of HTIF's ``tohost`` word, or None when the firmware has none."""
        return self.symbol("tohost")

    @property
    def fromhost(self) -> int | None:
        """The address of HTIF's ``fromhost`` word, or None when the firmware has none."""
        return self.symbol("fromhost")

    @cached_property
    def code(self) -> Intervals[Segment]:
        """The executable segments, by the addresses they run at."""
        return Intervals(
            (each.virtual_address, each.virtual_address + each.memory_size, each)
            for each in self.segments
            if each.executable
        )

    @cached_property
    def lines(self) -> LineTable:
        """Source lines by address; the debug information is read when one is first asked for."""
        return LineTable(self.debug, self.code)

    @cached_property
    def unwinder(self) -> Unwinder:
        """Backtraces; the call frame information is read when one is first asked for."""
        return Unwinder(self.debug, self.symbols, self.code)


def display_path(path: Path) -> str:
    """``path`` as a message shows it: what a terminal could not print is escaped."""
    text = str(path)
    return text if text.isprintable() else ascii(text)


def _read_file(path: Path) -> bytes:
    name = display_path(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            _refuse(f"{name} is a directory; give the ELF inside it")
        if not stat.S_ISREG(status.st_mode):
            _refuse(f"{name} is a device or a pipe; give an ELF file")
        if status.st_size > FILE_SIZE_LIMIT:
            _refuse(
                f"{name} is {status.st_size >> 20} MiB, more than the {FILE_SIZE_LIMIT >> 20} MiB "
                "that firmware may have; check that it is the right file or strip it"
            )
        return path.read_bytes()
    except FileNotFoundError:
        _refuse(f"{name} does not exist; check the path or build it first")
    except NotADirectoryError:
        _refuse(f"{name} does not exist: a part of its path is a file; check the path")
    except PermissionError:
        _refuse(f"{name} cannot be read: permission denied; check its mode with ls -l")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        _refuse(f"{name} cannot be read: {reason}; check the path")


def _segments(image: bytes, header: ElfHeader, table: SectionTable) -> tuple[Segment, ...]:
    programs = header.programs
    physical = any(each.physical_address for each in programs)
    segments = []
    for program in programs:
        skip = _header_bytes(program, header, table)
        start = program.offset + skip
        address = program.physical_address if physical else program.virtual_address
        segments.append(
            Segment(
                address=address + skip,
                virtual_address=program.virtual_address + skip,
                data=image[start : program.offset + program.file_size],
                memory_size=program.memory_size - skip,
                readable=bool(program.flags & _READABLE),
                writable=bool(program.flags & _WRITABLE),
                executable=bool(program.flags & _EXECUTABLE),
            )
        )
    return tuple(segments)


def _header_bytes(program: ProgramHeader, header: ElfHeader, table: SectionTable) -> int:
    """How many leading bytes of a segment are only the file's own headers.

    The linker's default script maps the page that holds the ELF header in front of the code, often
    just below the memory. gdb's ``load``, which goes by sections, never writes it; nor do we.
    """
    if program.offset >= header.headers_end:
        return 0
    end = program.offset + program.file_size
    first = table.first_allocated_offset(program.offset, end)
    return 0 if first is None or first < header.headers_end else first - program.offset


def _check_overlap(segments: Iterable[Segment], name: str) -> None:
    loaded = sorted((each for each in segments if each.load_size), key=lambda each: each.address)
    for lower, upper in pairwise(loaded):
        if lower.address + lower.load_size > upper.address:
            _refuse(
                f"{name} has overlapping segments: {lower.load_size:#x} bytes at "
                f"{lower.address:#010x} reach into the one at {upper.address:#010x}; "
                "check the linker script"
            )


def _check_entry(entry: int, segments: Iterable[Segment], name: str) -> None:
    if entry % 2:
        _refuse(
            f"{name} is to start at the odd address {entry:#010x}, but instructions are aligned "
            "to 2 bytes; check ENTRY() in the linker script"
        )
    for segment in segments:
        starts = (segment.virtual_address, segment.address)
        if segment.executable and any(0 <= entry - start < len(segment.data) for start in starts):
            return
    _refuse(
        f"{name} is to start at {entry:#010x}, which lies outside every executable segment; "
        "define _start, or name the entry with ENTRY() in the linker script"
    )


def _refuse(sentence: str) -> NoReturn:
    raise FirmwareError(sentence)
