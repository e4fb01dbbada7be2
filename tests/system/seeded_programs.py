"""Programs with a bug on purpose, in the folder ``seeded``: built for a board, and checked."""

from __future__ import annotations

import functools
import subprocess
import tempfile
from pathlib import Path

from tests.system.firmware_tree import COMPILER, FIRMWARE
from vplat.machine.console import RecordingConsole
from vplat.plugins import Plugins
from vplat.session import Result, Session, Settings

SOURCES = Path(__file__).parent / "seeded"
FLAGS = ["--specs=picolibc.specs", "-std=gnu11", "-O1", "-g", "-ffunction-sections"]
FLAGS += ["-fdata-sections", "-Wall", "-Wextra", "-Werror", "-I", str(FIRMWARE)]
FLAGS += ["-I", str(FIRMWARE / "include"), "-I", str(SOURCES)]
PULP = ["-march=rv32imafc_zicsr_zifencei", "-mabi=ilp32f"]
SNITCH = ["-march=rv32ima_zicsr_zifencei", "-mabi=ilp32"]
LINKED_PULP = ["-march=rv32imafc", "-mabi=ilp32f"]
LINKED_SNITCH = ["-march=rv32im", "-mabi=ilp32"]
"""The C library is found by the plain names (see firmware/Makefile)."""
LIMIT = 2_000_000


def marked_lines(program: str) -> list[int]:
    """The lines marked BUG: one, or one for each kind of board."""
    lines = (SOURCES / f"{program}.c").read_text("utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if "/* BUG */" in line]


@functools.cache
def _shared(board: str) -> tuple[tempfile.TemporaryDirectory[str], list[str]]:
    """Drivers and runtime as objects; the folder lives as long as the process."""
    folder = tempfile.TemporaryDirectory(prefix="seeded-")
    sources = [path for part in ("drivers", "runtime") for path in (FIRMWARE / part).glob("*.[cS]")]
    for ending in (".c", ".S"):  # one of each may have the same name
        apart = Path(folder.name) / ending
        apart.mkdir()
        chosen = [str(path) for path in [*sources, SOURCES / "main.c"] if path.suffix == ending]
        _compile(board, ["-c", *chosen], apart)
    return folder, sorted(str(path) for path in Path(folder.name).glob("*/*.o"))


def build(program: str, board: str, folder: Path) -> Path:
    """The ELF of ``seeded/<program>.c`` for ``board``."""
    _, objects = _shared(board)
    _compile(board, ["-c", f"{program}.c", "-o", str(folder / "program.o")], SOURCES)
    elf = folder / f"{program}.elf"
    linked = ["-nostartfiles", "-Wl,--gc-sections,--build-id=none,--undefined=stdout"]
    linked += ["-T", str(FIRMWARE / "runtime" / f"{board}.ld"), "-o", str(elf)]
    command = [
        COMPILER,
        "--specs=picolibc.specs",
        *(LINKED_PULP if board.startswith("pulp") else LINKED_SNITCH),
        *linked,
    ]
    _call([*command, str(folder / "program.o"), *objects])
    return elf


def check(elf: Path, board: str, *, native: bool | None = None) -> Result:
    """What a run that is checked comes to."""
    settings = Settings(board=board, check=True, max_cycles=LIMIT, native=native)
    return Session(elf, Plugins(installed=False), RecordingConsole(b""), settings).run()


def _compile(board: str, what: list[str], folder: Path) -> None:
    header = f"-DVPLAT_BOARD_HEADER=<vplat/{board}.h>"
    _call(
        [COMPILER, *FLAGS, *(PULP if board.startswith("pulp") else SNITCH), header, *what], folder
    )


def _call(command: list[str], folder: Path | None = None) -> None:
    built = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
