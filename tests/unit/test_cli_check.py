"""``vplat run --check``: breaches of a device's rules, for people, programs and code hosts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit import tiny_firmware
from tests.unit.command_line import CommandLine

EVENT_MASK_AND = 0x1020_4004
"""A register of the event unit that reads as zero (`pulp-cluster.md` section 1.2)."""


@pytest.fixture
def careless(tmp_path: Path) -> Path:
    """Firmware that loads a write-only register, and ends with status 0."""
    return tiny_firmware.loads_from(tmp_path / "careless.elf", EVENT_MASK_AND)


def test_a_plain_run_says_nothing_of_what_works_by_luck(vplat: CommandLine, careless: Path) -> None:
    ended = vplat("run", careless)
    assert ended.status == 0
    assert "finding" not in ended.err


def test_a_breach_is_told_with_register_place_and_specification(
    vplat: CommandLine, careless: Path
) -> None:
    ended = vplat("run", "--check", careless)
    assert ended.status == 0
    (line,) = [line for line in ended.err.splitlines() if line.startswith("finding")]
    assert "a load of event_unit.event_mask_and, which is write-only, gives zeros" in line
    assert "(pulp-cluster.md section 1)" in line
    assert "(hart 0 at 0x1c00" in line


def test_findings_can_be_made_an_error(vplat: CommandLine, careless: Path, tmp_path: Path) -> None:
    assert vplat("run", "-q", "--check=error", careless).status == 1
    fine = tiny_firmware.exits(tmp_path / "fine.elf", 0)
    assert vplat("run", "-q", "--check=error", fine).status == 0
    failing = tiny_firmware.exits(tmp_path / "failing.elf", 7)
    assert vplat("run", "-q", "--check=error", failing).status == 7


def test_findings_are_in_json_and_in_sarif(
    vplat: CommandLine, careless: Path, tmp_path: Path
) -> None:
    told, sarif = tmp_path / "told.json", tmp_path / "told.sarif"
    assert vplat("run", "-q", "--check", "--json", told, "--sarif", sarif, careless).status == 0
    (finding,) = json.loads(told.read_text("utf-8"))["findings"]
    (run,) = json.loads(sarif.read_text("utf-8"))["runs"]
    (result,) = run["results"]
    assert result["ruleId"] == finding["rule"] == "read-write-only"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "read-write-only"
    assert finding["sentence"] in result["message"]["text"]
    assert result["properties"]["pc"] == finding["pc"]


def test_what_check_does_not_know_is_refused(vplat: CommandLine, careless: Path) -> None:
    assert "'strict' is not one of 'findings', 'error'" in vplat.refusal(
        "run", "--check=strict", careless
    )
