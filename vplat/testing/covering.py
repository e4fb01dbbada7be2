"""Guest coverage of all tests together: counted by address, told by line when all are over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from vplat.trace.coverage.branches import Branches
from vplat.trace.coverage.coverage import Coverage

if TYPE_CHECKING:
    from vplat.machine.machine import Machine


class Covering:
    """What the tests of one booted machine have run, whichever state it was put to meanwhile."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._runs: Counter[int] = Counter()
        self._not_taken: Counter[int] = Counter()
        self._now: Branches | None = None

    def begin(self) -> None:
        """Count from here on; the machine was put to a state."""
        self._now = Branches(self._machine)
        self._machine.watching.watch(self._now)

    def end(self) -> None:
        """What comes next does not count; the machine is about to be put to a state."""
        if self._now is None:
            return
        self._machine.watching.unwatch(self._now)
        self._runs.update(self._now.runs())
        self._not_taken.update(self._now.not_taken())
        self._now = None

    def runs(self) -> Mapping[int, int]:
        """See ``Branches.runs``."""
        return self._runs

    def not_taken(self) -> Mapping[int, int]:
        """See ``Branches.not_taken``."""
        return self._not_taken

    def coverage(self) -> Coverage:
        """By source file and line."""
        return Coverage.of(self._machine, self)


def found_from(coverage: Coverage, root: Path) -> tuple[Coverage, int]:
    """The part of it whose sources are there, named from ``root`` on or from the working directory;
    and how many files are left out, as those of a C library."""
    there = {
        name: file
        for name, file in coverage.files.items()
        if (root / name).is_file() or Path(name).is_file()
    }
    return Coverage(there), len(coverage.files) - len(there)


def table(coverage: Coverage) -> list[str]:
    """Lines for a terminal: each file, and all of them together."""
    rows = [("file", "lines", "", "branches", "", "functions")]
    whole = [*sorted(coverage.files.items()), ("all", coverage.total())]
    for name, file in whole:
        lines, branches, functions = file.line_share, file.branch_share, file.function_share
        rows.append(
            (name, _of(lines), _percent(lines), _of(branches), _percent(branches), _of(functions))
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _of(share: tuple[int, int]) -> str:
    return f"{share[0]}/{share[1]}"


def _percent(share: tuple[int, int]) -> str:
    return f"{100 * share[0] // share[1]} %" if share[1] else "-"
