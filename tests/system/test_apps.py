"""Every prebuilt program, run as a user runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.firmware_tree import (
    APPS,
    FIRMWARE,
    PREBUILT,
    PROGRAMS,
    ROOT,
    app_of,
    board_of,
    copy_of_firmware,
    expected,
    make,
    run,
)

SOURCES = FIRMWARE / "apps"


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


@pytest.mark.parametrize("app", [app for app in APPS if (SOURCES / app / "generate.py").is_file()])
def test_what_an_app_is_compared_with_is_what_its_generator_makes(app: str, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-B", SOURCES / app / "generate.py", tmp_path],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
    )
    made = {path.name: path.read_bytes() for path in sorted(tmp_path.iterdir())}
    assert made
    stale = [name for name, text in made.items() if (SOURCES / app / name).read_bytes() != text]
    assert stale == [], "run `make -C firmware data` and `make firmware`"


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_prebuilt_program_is_small_enough_to_commit(program: str) -> None:
    assert (PREBUILT / f"{program}.elf").stat().st_size < 300 * 1024


@pytest.mark.parametrize("program", ["attention_idma", "bench_attention_ita_idma"])
def test_programs_for_the_accelerator_run_on_idma_as_well(tmp_path: Path, program: str) -> None:
    firmware = copy_of_firmware(tmp_path)
    make(firmware, program, f"PROGRAMS={program}")
    result = run(firmware / "prebuilt" / f"{program}.elf", "--board", board_of(program))
    assert expected(program).fullmatch(result.stdout), result.stdout
    assert result.stderr == ""
    assert result.returncode == 0


def test_a_program_of_the_paper_s_cluster_runs_with_the_older_accelerator_as_well() -> None:
    result = run(PREBUILT / "hello_snitch.elf", "--board", "snitch-ita-2024")
    assert expected("hello_snitch").fullmatch(result.stdout), result.stdout
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("program", [name for name in PROGRAMS if name.startswith("bench_")])
def test_a_benchmark_marks_one_region_for_each_line_that_it_prints(
    tmp_path: Path, program: str
) -> None:
    """And agrees with the platform on how long it took, but for some instructions at its ends."""
    path = tmp_path / "result.json"
    ended = run(PREBUILT / f"{program}.elf", "--board", board_of(program), "--json", str(path))
    lines = re.findall(r"^bench .* cycles=([0-9]+)", ended.stdout, re.MULTILINE)
    regions = [each["cycles"] for each in json.loads(path.read_text("utf-8"))["regions"]]
    assert len(lines) == len(regions) > 0
    for own, platform in zip(map(int, lines), regions, strict=True):
        assert own <= platform <= own * 1.1
