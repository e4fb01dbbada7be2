"""The headers and linker scripts that the firmware is built with are those of the platform."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
BOARDS = sorted(path.stem for path in (FIRMWARE / "runtime").glob("*.ld"))


def python(*arguments: str | Path) -> None:
    """Run Python on this checkout, which has to go well."""
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(folder.iterdir())}


def test_the_headers_are_those_that_the_platform_exports(tmp_path: Path) -> None:
    python("-m", "vplat", "export", "headers", "--output", tmp_path)
    committed = contents(FIRMWARE / "include" / "vplat")
    exported = contents(tmp_path)
    assert committed.keys() == exported.keys()
    stale = [name for name in exported if committed[name] != exported[name]]
    assert stale == [], "run `make -C firmware headers` and `make firmware`"


@pytest.mark.parametrize("board", BOARDS)
def test_a_linker_script_is_the_one_that_the_board_exports(board: str, tmp_path: Path) -> None:
    script = tmp_path / f"{board}.ld"
    python("-m", "vplat", "export", "linker-script", "--board", board, "--output", script)
    committed = (FIRMWARE / "runtime" / script.name).read_text("utf-8")
    assert committed == script.read_text("utf-8"), "run `make -C firmware headers`"
