"""``vplat new``: what it writes works at once, and it never overwrites anything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit import tiny_firmware
from tests.unit.command_line import CommandLine, environment


def test_a_new_peripheral_passes_its_own_tests(vplat: CommandLine, tmp_path: Path) -> None:
    ended = vplat("new", "peripheral", "Pwm-Timer", "--directory", tmp_path)
    assert ended.status == 0
    package = tmp_path / "vplat-pwm-timer"
    assert f"cd {package} && python -m pytest" in ended.err
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        command, cwd=package, env=environment(), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
    assert "4 passed" in ran.stdout


def test_a_new_peripheral_runs_on_its_board_and_has_a_header(
    vplat: CommandLine, tmp_path: Path
) -> None:
    vplat("new", "peripheral", "blinker", "--directory", tmp_path)
    plugin = tmp_path / "vplat-blinker" / "vplat_blinker" / "__init__.py"
    asked = ("--plugin", plugin, "--board", "pulp-ita-blinker")
    delay = 0x5000_0000
    elf = tiny_firmware.loads_from(tmp_path / "app.elf", delay)
    assert vplat("run", "-q", *asked, elf).status == 100
    header = vplat("export", "c-header", "--device", "blinker", *asked).out
    assert "BLINKER_STATUS_DONE_MASK" in header
    assert str(tmp_path) not in header


def test_what_is_written_is_formatted_and_free_of_lint(vplat: CommandLine, tmp_path: Path) -> None:
    vplat("new", "peripheral", "blinker", "--directory", tmp_path)
    package = tmp_path / "vplat-blinker"
    ruff = Path(sys.executable).with_name("ruff")
    rules = ("check", "--select", "E,F,W,I,N,UP,B,SIM,RUF")
    for command in (rules, ("format", "--check")):
        ran = subprocess.run(
            [ruff, *command, "--isolated", "--no-cache", "--line-length", "100", "."],
            cwd=package,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout


def test_nothing_is_overwritten(vplat: CommandLine, tmp_path: Path) -> None:
    vplat("new", "peripheral", "blinker", "--directory", tmp_path)
    readme = tmp_path / "vplat-blinker" / "README.md"
    readme.write_text("mine")
    sentence = vplat.refusal("new", "peripheral", "blinker", "--directory", tmp_path)
    assert "vplat-blinker is there already" in sentence
    assert readme.read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("1st", "with a letter first"),
        ("a b", "cannot name a device"),
        ("../escape", "cannot name a device"),
        ("a__b", "single dashes"),
        ("x" * 41, "up to 40"),
        ("class", "a word of Python's own"),
        ("ita", "there is a device 'ita' already"),
        ("event-unit", "there is a device 'event_unit' already"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(
    vplat: CommandLine, tmp_path: Path, name: str, told: str
) -> None:
    assert told in vplat.refusal("new", "peripheral", name, "--directory", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_made_is_one_sentence(vplat: CommandLine) -> None:
    arguments = ("new", "peripheral", "blinker", "--directory", "/dev/null/x")
    assert "cannot be made" in vplat.refusal(*arguments)
