"""The firmware that a project stands on: which files it needs, found by what they include."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from vplat.errors import DeployError

HERE: Final = Path(__file__).resolve().parent
PLACES: Final = (HERE.parent / "firmware", HERE.parents[2] / "firmware")
"""In a wheel beside this package, in a checkout where it is developed."""
INCLUDE: Final = re.compile(r'^\s*#\s*include\s+["<]([\w/.-]+)[">]', re.MULTILINE)
RUNTIME: Final = ("crt0.S", "start.c", "trap.S", "trap.c")
"""What every program needs and nobody includes."""
FAMILIES: Final = {
    "pulp": ("pulp.c", "print.c", "semihosting.c", "semihosting_call.S"),
    "snitch": ("snitch.c", "print_htif.c", "htif.c", "semihosting.c", "semihosting_call.S"),
}


def firmware_root() -> Path:
    """
    The folder that holds ``hal``, ``kernels`` and the others.

    :raises DeployError: this installation has none
    """
    for place in PLACES:
        if (place / "hal" / "hal.h").is_file():
            return place
    raise DeployError(
        f"the firmware that projects are built from is not in {PLACES[0]}; install vplat again"
    )


def family(board: str) -> str:
    """The kind of cluster that a board has, by the first word of its name."""
    return board.partition("-")[0]


def files_for(board: str, includes: Iterable[str], folders: Sequence[Path] = ()) -> dict[str, Path]:
    """
    The files, by their paths in the project's firmware, that headers and the runtime need: all that
    they include, and the sources of the same names. What is not in our firmware is looked for in
    ``folders``.

    :raises DeployError: there is no firmware for the board, or two places have a file of one path
    """
    root = firmware_root()
    header, script = f"include/vplat/{board}.h", f"runtime/{board}.ld"
    there = all((root / each).is_file() for each in (header, script))
    if family(board) not in FAMILIES or not there:
        raise DeployError(
            f"there is no firmware for board {board!r}; choose pulp-ita, pulp-ita-idma, snitch-ita "
            "or snitch-ita-2024"
        )
    runtime = [f"runtime/{each}" for each in (*RUNTIME, *FAMILIES[family(board)])]
    waiting = [(name, "") for name in (*includes, header, *runtime)]
    found: dict[str, Path] = {}
    while waiting:
        name, folder = waiting.pop()
        path = _path_of((root, *folders), name, folder)
        if path is None or path in found:
            continue
        found[path] = _place(path, (root, *folders))
        folder = path.rpartition("/")[0]
        text = found[path].read_text("utf-8", "replace")
        waiting += [(each, folder) for each in INCLUDE.findall(text)]
        if path.endswith(".h"):
            stem = path.removesuffix(".h")
            waiting += [(f"{stem}.c", ""), (f"{stem}.S", "")]
    return dict(sorted(found.items()))


def _path_of(roots: Sequence[Path], name: str, folder: str) -> str | None:
    """Where an included file is; None for those of the C library, and for what does not exist."""
    for candidate in (f"{folder}/{name}" if folder else name, name, f"include/{name}"):
        path = posixpath.normpath(candidate)
        is_inside = not path.startswith(("/", "../"))
        if is_inside and any((root / path).is_file() for root in roots):
            return path
    return None


def _place(path: str, roots: Sequence[Path]) -> Path:
    first, *others = (root / path for root in roots if (root / path).is_file())
    if others:
        raise DeployError(f"{first} and {others[0]} would both be firmware/{path}; rename the last")
    return first
