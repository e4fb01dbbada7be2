"""The firmware folder as tests use it: a copy to build in, the toolchain it asks for, a run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
PREBUILT = FIRMWARE / "prebuilt"
COMPILER = "riscv64-unknown-elf-gcc"
PACKAGES = "gcc-riscv64-unknown-elf and picolibc-riscv64-unknown-elf"
APPS = sorted(path.name for path in (FIRMWARE / "apps").iterdir() if path.is_dir())
PROGRAMS = sorted(path.stem for path in PREBUILT.glob("*.elf"))
BOARDS = {
    "_idma": "pulp-ita-idma",
    "_snitch": "snitch-ita",
    "_snitch_2024": "snitch-ita-2024",
}
"""The end of the name of a program that is an app built for a board other than pulp-ita."""


def ending_of(program: str) -> str:
    return next((ending for ending in BOARDS if program.endswith(ending)), "")


def app_of(program: str) -> str:
    return program.removesuffix(ending_of(program))


def board_of(program: str) -> str:
    return BOARDS.get(ending_of(program), "pulp-ita")


def expected(program: str) -> re.Pattern[str]:
    """The app's expected output; ``#`` stands for a number, with blanks in front of it.

    Where a board's differs, its file has the ending in its name.
    """
    folder = FIRMWARE / "apps" / app_of(program)
    own = folder / f"expected{ending_of(program)}.txt"
    text = (own if own.is_file() else folder / "expected.txt").read_text("utf-8")
    return re.compile(" *[0-9]+".join(map(re.escape, re.split(" *#", text))))


def copy_of_firmware(folder: Path) -> Path:
    """The sources alone, at another place; a test fails where there is nothing to build with."""
    if shutil.which(COMPILER) is None:
        pytest.fail(f"{COMPILER} is missing: install {PACKAGES}; toolchain.md has other systems")
    ignored = shutil.ignore_patterns("build", "prebuilt", "__pycache__")
    return Path(shutil.copytree(FIRMWARE, folder / "firmware", ignore=ignored))


def make(firmware: Path, *goals: str) -> str:
    """What make prints; a test fails with all that the compiler said if it does not succeed."""
    result = subprocess.run(
        ["make", "--silent", "--no-print-directory", "-j2", "-C", firmware, *goals],
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def run(elf: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """``vplat run --quiet`` of ``elf``."""
    return subprocess.run(
        [sys.executable, "-m", "vplat", "run", "--quiet", *options, elf],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
