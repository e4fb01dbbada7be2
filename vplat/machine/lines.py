"""Source lines for addresses, and addresses for source lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from vplat.machine.dwarf.lines import LineRow, SourceFile, read_line_rows
from vplat.machine.dwarf.sections import DebugSections
from vplat.machine.symbols import Intervals


@dataclass(frozen=True)
class SourceLine:
    """A place in the source; ``line`` counts from 1, ``column`` too, and is 0 when unknown."""

    file: SourceFile
    line: int
    column: int = 0

    def shown(self, directory: Path) -> str:
        """``main.c:42``: the file relative to ``directory`` when below it, else as compiled."""
        path = self.file.path
        base = PurePosixPath(directory.as_posix())
        below = path.is_absolute() and path.is_relative_to(base)
        return f"{path.relative_to(base) if below else self.file.name}:{self.line}"


class LineTable:
    """The line table of a file's DWARF ``.debug_line`` (versions 2 to 5), read on first use."""

    def __init__(self, debug: DebugSections, code: Intervals[Any]) -> None:
        """Rows outside ``code`` belong to functions that the linker dropped and are left out."""
        self._debug = debug
        self._code = code

    @property
    def warning(self) -> str | None:
        """One sentence when the debug information is damaged, else None."""
        return self._rows[1]

    def lookup(self, address: int) -> SourceLine | None:
        """The source line of the instruction at ``address``, or None."""
        row = self._intervals.at(address & 0xFFFF_FFFF)
        return None if row is None else SourceLine(row.file, row.line, row.column)

    def describe(self, address: int, directory: Path | None = None) -> str | None:
        """``main.c:42`` for ``address``, or None.

        The file is given relative to ``directory`` (the working directory when None) if it lies
        below it, else as it was named when it was compiled.
        """
        source = self.lookup(address)
        if source is None:
            return None
        return source.shown(_working_directory() if directory is None else directory)

    def addresses(self, file: str, line: int) -> tuple[int, ...]:
        """Where code of ``line`` begins, ascending; ``file`` is a path or its last parts."""
        wanted = PurePosixPath(file).parts
        found: list[int] = []
        reached = -1
        for start, end, row in self.spans:
            if row.line == line and row.file.path.parts[-len(wanted) :] == wanted:
                if start != reached:
                    found.append(start)
                reached = end
        return tuple(found)

    @property
    def spans(self) -> Sequence[tuple[int, int, LineRow]]:
        """Every (start, end, row), ascending and disjoint, ``end`` excluded."""
        return self._intervals.spans()

    @cached_property
    def _rows(self) -> tuple[Sequence[LineRow], str | None]:
        return read_line_rows(self._debug)

    @cached_property
    def _intervals(self) -> Intervals[LineRow]:
        rows, _warning = self._rows
        return Intervals(
            (row.start, row.end, row)
            for row in rows
            if row.line and self._code.at(row.start) is not None
        )


def _working_directory() -> Path:
    """The working directory; the root when it has been deleted."""
    try:
        return Path.cwd()
    except OSError:
        return Path("/")
