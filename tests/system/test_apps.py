"""Every prebuilt program, run as a user runs it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.system.firmware_tree import FIRMWARE, PREBUILT, copy_of_firmware, make, run

APPS = sorted(path.name for path in (FIRMWARE / "apps").iterdir() if path.is_dir())
PROGRAMS = sorted(path.stem for path in PREBUILT.glob("*.elf"))
VARIANT = "_idma"
"""The end of the name of a program that is an app built for pulp-ita-idma."""


def app_of(program: str) -> str:
    return program if program in APPS else program.removesuffix(VARIANT)


def board_of(program: str) -> str:
    return "pulp-ita" if program in APPS else f"pulp-ita{VARIANT.replace('_', '-')}"


def expected(program: str) -> re.Pattern[str]:
    """The app's expected output; ``#`` stands for a number, with blanks in front of it."""
    text = (FIRMWARE / "apps" / app_of(program) / "expected.txt").read_text("utf-8")
    return re.compile(" *[0-9]+".join(map(re.escape, re.split(" *#", text))))


def test_every_app_is_prebuilt_and_says_what_it_prints() -> None:
    assert APPS
    assert {app_of(program) for program in PROGRAMS} == set(APPS)
    assert [app for app in APPS if not (FIRMWARE / "apps" / app / "expected.txt").is_file()] == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_prints_what_its_app_says_and_succeeds_without_a_finding(program: str) -> None:
    result = run(PREBUILT / f"{program}.elf", "--board", board_of(program))
    assert expected(program).fullmatch(result.stdout), result.stdout
    assert result.stderr == ""
    assert result.returncode == 0


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_prebuilt_program_is_small_enough_to_commit(program: str) -> None:
    assert (PREBUILT / f"{program}.elf").stat().st_size < 300 * 1024


def test_the_attention_app_runs_on_idma_as_well(tmp_path: Path) -> None:
    firmware = copy_of_firmware(tmp_path)
    make(
        firmware,
        "attention_idma",
        "PROGRAMS=attention_idma",
        "APP_attention_idma=attention",
        "BOARD_attention_idma=pulp-ita-idma",
    )
    result = run(firmware / "prebuilt" / "attention_idma.elf", "--board", "pulp-ita-idma")
    assert expected("attention").fullmatch(result.stdout), result.stdout
    assert result.returncode == 0
