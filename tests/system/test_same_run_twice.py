"""The same ELF gives the same results: in two processes, and on both probes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.system.firmware_tree import PREBUILT, PROGRAMS, board_of, run


def results(program: str, probe: str, path: Path) -> dict[str, Any]:
    """What ``--json`` says, without host time."""
    ended = run(
        PREBUILT / f"{program}.elf",
        "--board",
        board_of(program),
        "--probe",
        probe,
        "--json",
        str(path),
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    assert found.pop("seconds") > 0
    return found


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_gives_the_same_json_in_two_processes_and_on_both_probes(
    tmp_path: Path, program: str
) -> None:
    first = results(program, "native", tmp_path / "first.json")
    assert results(program, "native", tmp_path / "second.json") == first
    assert results(program, "python", tmp_path / "third.json") == first
    texts = [(tmp_path / f"{name}.json").read_text("utf-8") for name in ("first", "second")]
    without_time = [
        [line for line in text.splitlines() if '"seconds"' not in line] for text in texts
    ]
    assert without_time[0] == without_time[1]
