"""The firmware that a project stands on: which files it needs, found by what they include."""

from __future__ import annotations

import re
from collections.abc import Iterable
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


def files_for(board: str, includes: Iterable[str]) -> list[str]:
    """
    The files, by their paths in the firmware, that headers and the runtime need: all that they
    include, and the sources of the same names.

    :raises DeployError: there is no firmware for the board
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
    found: set[str] = set()
    while waiting:
        name, folder = waiting.pop()
        path = _path_of(root, name, folder)
        if path is None or path in found:
            continue
        found.add(path)
        folder = path.rpartition("/")[0]
        text = (root / path).read_text("utf-8")
        waiting += [(each, folder) for each in INCLUDE.findall(text)]
        if path.endswith(".h"):
            stem = path.removesuffix(".h")
            waiting += [(f"{stem}.c", ""), (f"{stem}.S", "")]
    return sorted(found)


def _path_of(root: Path, name: str, folder: str) -> str | None:
    """Where an included file is; None for those of the C library, and for what does not exist."""
    for candidate in (f"{folder}/{name}" if folder else name, name, f"include/{name}"):
        if (root / candidate).is_file():
            return candidate
    return None
