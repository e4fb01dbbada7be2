"""Every prebuilt program, run as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.firmware_tree import (
    APPS,
    FIRMWARE,
    PREBUILT,
    PROGRAMS,
    app_of,
    board_of,
    copy_of_firmware,
    expected,
    make,
    run,
)


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
