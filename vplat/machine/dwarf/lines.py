"""The rows of every line number program in ``.debug_line``."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

from vplat.machine.dwarf.line_header import check_unit
from vplat.machine.dwarf.sections import (
    DamagedDebugInfoError,
    DebugSections,
    ReadBudget,
    open_dwarf,
    wall,
)
from vplat.machine.elf_sections import printable

if TYPE_CHECKING:
    from elftools.dwarf.compileunit import CompileUnit
    from elftools.dwarf.lineprogram import LineProgram

ROWS_LIMIT = 4_000_000
_LINE_LIMIT = 1 << 31
_SECTIONS = (".debug_info", ".debug_abbrev", ".debug_line", ".debug_line_str", ".debug_str")


@dataclass(frozen=True)
class SourceFile:
    """A source file: ``name`` as compiled, relative to the compilation's ``directory`` if below."""

    name: str
    directory: str = ""

    @property
    def path(self) -> PurePosixPath:
        """The whole path, with ``..`` resolved by its spelling."""
        return PurePosixPath(posixpath.normpath(posixpath.join(self.directory, self.name)))


_NO_FILE = SourceFile("")


class LineRow(NamedTuple):
    """Code from ``start`` up to ``end``, excluded, that comes from one place in the source.

    ``line`` is 0 where no source line is to blame, ``column`` where the compiler did not say.
    """

    start: int
    end: int
    file: SourceFile
    line: int
    column: int


def read_line_rows(sections: DebugSections) -> tuple[Sequence[LineRow], str | None]:
    """Every row, and a sentence when some could not be read. Never raises for what a file holds."""
    if sections.get(".debug_info") is None or sections.get(".debug_line") is None:
        return (), None
    reader = _Reader(sections)
    try:
        with wall():
            reader.read()
    except DamagedDebugInfoError as error:
        reader.blame(error)
    return reader.rows, reader.warning


class _Reader:
    """Collects rows unit by unit; a damaged unit costs its own rows only."""

    def __init__(self, sections: DebugSections) -> None:
        self._sections = sections
        self._budget = ReadBudget(
            len(found[0]) for each in _SECTIONS if (found := sections.get(each))
        )
        self.rows: list[LineRow] = []
        self.warning: str | None = None

    def blame(self, error: DamagedDebugInfoError) -> None:
        """Remember the first thing that went wrong."""
        if self.warning is None:
            self.warning = f"its line table is damaged ({error}), so some source lines are missing"

    def read(self) -> None:
        done: set[int] = set()
        for unit in open_dwarf(self._sections, self._budget).iter_CUs():
            if unit.structs.dwarf_format != 32:
                raise DamagedDebugInfoError("it has units in the 64-bit format of DWARF")
            try:
                with wall():
                    self._read_unit(unit, done)
            except DamagedDebugInfoError as error:  # the next unit may be sound
                self.blame(error)
                if self._budget.spent:
                    return

    def _read_unit(self, unit: CompileUnit, done: set[int]) -> None:
        attributes = unit.get_top_DIE().attributes
        if "DW_AT_stmt_list" not in attributes:
            return
        offset = attributes["DW_AT_stmt_list"].value
        if not isinstance(offset, int) or offset in done:
            return
        done.add(offset)
        found = self._sections.get(".debug_line")
        check_unit(found[0] if found else b"", offset)
        # A DWARFInfo keeps every decoded program for good; a fresh one lets this one go.
        program = open_dwarf(self._sections, self._budget).line_program_for_CU(unit)
        if program is None:
            return
        directory = attributes["DW_AT_comp_dir"].value if "DW_AT_comp_dir" in attributes else b""
        self._collect(program, directory)

    def _collect(self, program: LineProgram, directory: bytes) -> None:
        names = _FileNames(program, directory)
        for start, end, state in _spans(program):
            if len(self.rows) >= ROWS_LIMIT:
                raise DamagedDebugInfoError(f"it has more than {ROWS_LIMIT} rows")
            file = names[state.file]
            line = state.line if file is not None and 0 < state.line < _LINE_LIMIT else 0
            column = state.column if 0 < state.column < _LINE_LIMIT else 0
            self.rows.append(LineRow(start, end, file or _NO_FILE, line, column))


def _spans(program: LineProgram) -> Iterator[tuple[int, int, Any]]:
    """(start, end, state) of every row that covers code; ``end`` is the next row's address."""
    previous: Any = None
    for entry in program.get_entries():
        state = entry.state
        if state is None:
            continue
        if previous is not None and previous.address < state.address <= 1 << 32:
            yield previous.address, state.address, previous
        previous = None if state.end_sequence else state


class _FileNames:
    """The files of one program by number, each made once."""

    def __init__(self, program: LineProgram, directory: bytes) -> None:
        header = program.header
        # Version 5 counts directories and files from 0, and directory 0 is the compilation's.
        self._first = 0 if header["version"] >= 5 else 1
        self._files = header["file_entry"]
        self._directories = [_text(each) for each in header["include_directory"] or ()]
        if self._first:
            self._directories.insert(0, _text(directory))
        self._base = _text(directory) or (self._directories[0] if self._directories else "")
        self._known: dict[int, SourceFile | None] = {}

    def __getitem__(self, number: int) -> SourceFile | None:
        if number not in self._known:
            self._known[number] = self._make(number - self._first)
        return self._known[number]

    def _make(self, index: int) -> SourceFile | None:
        if not 0 <= index < len(self._files):
            return None
        entry = self._files[index]
        place = entry["dir_index"] or 0
        parent = self._directories[place] if place < len(self._directories) else ""
        path = posixpath.join(self._base, parent, _text(entry["name"]))
        below = self._base and path.startswith(self._base.rstrip("/") + "/")
        return SourceFile(posixpath.relpath(path, self._base) if below else path, self._base)


def _text(name: bytes | str | None) -> str:
    return name if isinstance(name, str) else printable(name or b"")
