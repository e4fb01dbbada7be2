"""Coverage: how often each line ran, which way each branch went, how often functions were called.

Counts are of all harts together. They come from the machine code: a line has run as often as the
most frequent of its instructions, and a branch is a conditional branch instruction.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from vplat.machine.isa import InstructionClass
from vplat.machine.symbols import SymbolKind

if TYPE_CHECKING:
    from vplat.machine.machine import Machine


class Counts(Protocol):
    """What has run: ``Branches`` of one run, or whoever adds up several."""

    def runs(self) -> Mapping[int, int]:
        """How often the instruction at each address has retired, on all harts together."""
        ...

    def not_taken(self) -> Mapping[int, int]:
        """By the address of a branch, how often a hart went on behind it."""
        ...


class Branch(NamedTuple):
    """How often a branch was taken and how often not."""

    taken: int = 0
    not_taken: int = 0

    @property
    def runs(self) -> int:
        """How often it was come to."""
        return self.taken + self.not_taken

    def plus(self, other: Branch) -> Branch:
        """Both together."""
        return Branch(self.taken + other.taken, self.not_taken + other.not_taken)


@dataclasses.dataclass
class FileCoverage:
    """One source file.

    ``lines`` are counts by line, ``branches`` by line and by their order in it, ``functions`` the
    line where a function begins and how often it was entered, by name.
    """

    lines: dict[int, int] = dataclasses.field(default_factory=dict)
    branches: dict[tuple[int, int], Branch] = dataclasses.field(default_factory=dict)
    functions: dict[str, tuple[int, int]] = dataclasses.field(default_factory=dict)

    def add(self, other: FileCoverage) -> None:
        """Take in what another run has covered."""
        for line, count in other.lines.items():
            self.lines[line] = self.lines.get(line, 0) + count
        for place, branch in other.branches.items():
            self.branches[place] = self.branches.get(place, Branch()).plus(branch)
        for name, (line, count) in other.functions.items():
            self.functions[name] = line, self.functions.get(name, (line, 0))[1] + count

    @property
    def line_share(self) -> tuple[int, int]:
        """How many lines have run, of how many."""
        return sum(count > 0 for count in self.lines.values()), len(self.lines)

    @property
    def branch_share(self) -> tuple[int, int]:
        """How many ways of branches were gone, of how many."""
        gone = sum((each.taken > 0) + (each.not_taken > 0) for each in self.branches.values())
        return gone, 2 * len(self.branches)

    @property
    def function_share(self) -> tuple[int, int]:
        """How many functions were entered, of how many."""
        entered = sum(count > 0 for _, count in self.functions.values())
        return entered, len(self.functions)


class Coverage:
    """What one or several runs have covered, by source file."""

    def __init__(self, files: Mapping[str, FileCoverage] | None = None) -> None:
        self.files = dict(files or {})

    @classmethod
    def of(cls, machine: Machine, branches: Counts) -> Coverage:
        """What a run has covered; nothing where the firmware has no debug information."""
        return cls(_Collector(machine, branches).files)

    def add(self, other: Coverage) -> None:
        """Take in what other runs have covered, of this firmware or of another one."""
        for name, file in other.files.items():
            self.files.setdefault(name, FileCoverage()).add(file)

    def total(self) -> FileCoverage:
        """All files as if they were one; for its shares."""
        whole = FileCoverage()
        for number, file in enumerate(self.files.values()):
            offset = number << 32
            whole.lines |= {offset + line: count for line, count in file.lines.items()}
            whole.branches |= {
                (offset + line, order): branch for (line, order), branch in file.branches.items()
            }
            whole.functions |= {f"{number} {name}": value for name, value in file.functions.items()}
        return whole


class _Collector:
    def __init__(self, machine: Machine, branches: Counts) -> None:
        self._machine = machine
        self._runs = branches.runs()
        self._not_taken = branches.not_taken()
        self.files: dict[str, FileCoverage] = {}
        orders: Counter[tuple[str, int]] = Counter()
        for start, end, name, line in self._spans():
            file = self.files.setdefault(name, FileCoverage())
            file.lines.setdefault(line, 0)
            for address, is_branch in self._instructions(start, end):
                file.lines[line] = max(file.lines[line], self._runs.get(address, 0))
                if is_branch:
                    file.branches[line, orders[name, line]] = self._branch(address)
                    orders[name, line] += 1
        self._add_functions()

    def _branch(self, address: int) -> Branch:
        runs = self._runs.get(address, 0)
        not_taken = min(self._not_taken.get(address, 0), runs)
        return Branch(runs - not_taken, not_taken)

    def _spans(self) -> Iterator[tuple[int, int, str, int]]:
        """Stretches of code with their file and line."""
        firmware = self._machine.firmware
        if firmware is not None:
            for start, end, row in firmware.lines.spans:
                yield start, end, str(row.file.path), row.line

    def _instructions(self, start: int, end: int) -> Iterator[tuple[int, bool]]:
        """The instructions of a stretch, and whether each is a conditional branch."""
        firmware = self._machine.firmware
        segment = firmware.code.at(start) if firmware is not None else None
        if segment is None:
            return
        code = segment.data[start - segment.virtual_address : end - segment.virtual_address]
        decode = self._machine.blocks.decode
        at = 0
        while at + 2 <= len(code):
            instruction = decode(int.from_bytes(code[at : at + 4].ljust(4, b"\0"), "little"))
            yield start + at, instruction.kind is InstructionClass.BRANCH
            at += instruction.length

    def _add_functions(self) -> None:
        firmware = self._machine.firmware
        if firmware is None:
            return
        for symbol in firmware.symbols.functions:
            source = firmware.lines.lookup(symbol.address)
            if source is None or symbol.kind is not SymbolKind.FUNCTION:
                continue
            file = self.files.setdefault(str(source.file.path), FileCoverage())
            file.functions[symbol.name] = source.line, self._runs.get(symbol.address, 0)
