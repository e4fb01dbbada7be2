"""Coverage as lcov writes and reads it: the tracefile format of ``man geninfo``."""

from __future__ import annotations

from collections.abc import Iterator

from vplat.errors import UsageError

from .coverage import Branch, Coverage, FileCoverage

NEVER = "-"
"""The count of a branch that was never come to."""
END = "end_of_record"


def to_lcov(coverage: Coverage) -> str:
    """The text of a tracefile, files in alphabetical order.

    The two ways of a branch are branches 0 (taken) and 1 (not taken) of a block of their own.
    """
    lines = ["TN:"]
    for name, file in sorted(coverage.files.items()):
        lines += [f"SF:{name}", *_functions(file), *_branches(file), *_lines(file), END]
    return "".join(f"{line}\n" for line in lines)


def from_lcov(text: str, name: str) -> Coverage:
    """The coverage in a tracefile; ``UsageError`` if it is none. Checksums are dropped.

    Of branches, those are kept whose block has ways 0 and 1, as ``to_lcov`` writes them.
    """
    coverage = Coverage()
    file = nothing = FileCoverage()
    for number, line in enumerate(text.splitlines(), 1):
        key, _, value = line.partition(":")
        if key == "SF":
            file = coverage.files.setdefault(value, FileCoverage())
        elif line == END:
            file = nothing
        elif not (_take(file, key, value.split(",")) if file is not nothing else key in IGNORED):
            raise UsageError(
                f"{name}:{number}: {line[:60]!r} is nothing that a tracefile of lcov has there; "
                "give an ELF, or what `vplat coverage --lcov` wrote"
            )
    return coverage


def _take(file: FileCoverage, key: str, values: list[str]) -> bool:
    """Take in a line of a record; False if it is none."""
    if key not in READERS:
        return key in IGNORED
    try:
        READERS[key](file, values)
    except (ValueError, IndexError):
        return False
    return True


def _functions(file: FileCoverage) -> Iterator[str]:
    ordered = sorted(file.functions.items(), key=lambda each: (each[1][0], each[0]))
    for name, (line, _) in ordered:
        yield f"FN:{line},{name}"
    for name, (_, count) in ordered:
        yield f"FNDA:{count},{name}"
    entered, functions = file.function_share
    yield f"FNF:{functions}"
    yield f"FNH:{entered}"


def _branches(file: FileCoverage) -> Iterator[str]:
    for (line, order), branch in sorted(file.branches.items()):
        for way, count in enumerate(branch):
            yield f"BRDA:{line},{order},{way},{count if branch.runs else NEVER}"
    gone, ways = file.branch_share
    yield f"BRF:{ways}"
    yield f"BRH:{gone}"


def _lines(file: FileCoverage) -> Iterator[str]:
    for line, count in sorted(file.lines.items()):
        yield f"DA:{line},{count}"
    run, lines = file.line_share
    yield f"LF:{lines}"
    yield f"LH:{run}"


def _read_line(file: FileCoverage, values: list[str]) -> None:
    line, count = _number(values[0]), _number(values[1])
    file.lines[line] = file.lines.get(line, 0) + count


def _read_function(file: FileCoverage, values: list[str]) -> None:
    """``line,name``, in newer files ``line,last line,name``."""
    name = values[-1]
    file.functions[name] = _number(values[0]), file.functions.get(name, (0, 0))[1]


def _read_function_count(file: FileCoverage, values: list[str]) -> None:
    name = values[1]
    line, count = file.functions.get(name, (0, 0))
    file.functions[name] = line, count + _number(values[0])


def _read_branch(file: FileCoverage, values: list[str]) -> None:
    line, order, way = _number(values[0]), _number(values[1]), _number(values[2])
    count = 0 if values[3] == NEVER else _number(values[3])
    if way in (0, 1):
        branch = Branch(count, 0) if way == 0 else Branch(0, count)
        place = line, order
        file.branches[place] = file.branches.get(place, Branch()).plus(branch)


def _number(text: str) -> int:
    """A decimal number without a sign; ``ValueError`` for anything else."""
    if not (text.isascii() and text.isdecimal()):
        raise ValueError
    return int(text)


READERS = {
    "DA": _read_line,
    "FN": _read_function,
    "FNDA": _read_function_count,
    "BRDA": _read_branch,
}
IGNORED = ("", "TN", "FNF", "FNH", "BRF", "BRH", "LF", "LH", "VER")
