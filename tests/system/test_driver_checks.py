"""The driver checker: our own firmware breaks no rule, and a bug is found at its line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.system.firmware_tree import PREBUILT, ROOT, board_of, run
from tests.system.seeded_programs import SOURCES, build, check, marked_lines
from vplat.machine.console import RecordingConsole
from vplat.plugins import Plugins
from vplat.session import Result, Session, Settings
from vplat.session.sarif import sarif

PROGRAMS = sorted(PREBUILT.glob("*.elf"))
PULP, IDMA, SNITCH = "pulp-ita", "pulp-ita-idma", "snitch-ita"
ALL = PULP, IDMA, SNITCH

KINDS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "read_only": (ALL, {"write-read-only"}),
    "read_only_word": (ALL, {"write-read-only"}),
    "reserved_bits": (ALL, {"write-reserved"}),
    "flags_written_back": ((PULP,), {"w1c-read-modify-write", "dma-tid-freed"}),
    "written_while_busy": (ALL, {"ita-context-overwritten"}),
    "format_while_sending": ((PULP, IDMA), {"write-while-busy"}),
    "job_unset": (ALL, {"start-without-set-up", "ita-pointer"}),
    "started_unset": ((IDMA,), {"start-without-set-up", "dma-length"}),
    "timer_unset": ((PULP, IDMA), {"start-without-set-up"}),
    "mask_forgotten": ((PULP, IDMA), {"event-mask"}),
    "never_freed": ((PULP,), {"never-handed-back"}),
    "pointer_outside": (ALL, {"ita-pointer"}),
    "too_many_tiles": (ALL, {"ita-tile-count"}),
    "prefetch_broken": (ALL, {"ita-weights-missing"}),
    "read_early": (ALL, {"buffer-read-early"}),
    "read_misaligned_early": (ALL, {"buffer-read-early"}),
    "read_rows_early": (ALL, {"buffer-read-early"}),
    "read_by_another_early": (ALL, {"buffer-read-early"}),
    "output_read_early": (ALL, {"buffer-read-early"}),
    "job_before_data": (ALL, {"buffer-read-early"}),
    "not_awaited": (ALL, {"buffer-not-awaited"}),
    "overwritten": (ALL, {"buffer-overwritten"}),
    "weights_overwritten": (ALL, {"buffer-overwritten"}),
}
"""By program, the boards that it is for, and the rules that its one line breaks."""
SPECIFIED = r"\(((ita|pulp-cluster|snitch-ita-cluster)\.md section|PC16550D data sheet)"
CASES = [(program, board) for program, (boards, _) in KINDS.items() for board in boards]


def test_every_program_with_a_bug_is_tried() -> None:
    assert {path.stem for path in SOURCES.glob("*.c")} == {*KINDS, "main"}


def session_of(program: Path, *, checks: bool) -> Session:
    settings = Settings(board=board_of(program.stem), check=checks)
    return Session(program, Plugins(installed=False), RecordingConsole(b"hello\n"), settings)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.stem)
def test_our_own_programs_break_no_rule(program: Path) -> None:
    result = session_of(program, checks=True).run()
    assert result.exit_status == 0
    assert [finding.sentence for finding, _ in result.findings] == []


@pytest.mark.parametrize("name", ["attention", "bench_gemm_ita_snitch", "dma_copy_idma"])
def test_a_run_is_the_same_to_the_cycle_whether_it_is_checked_or_not(name: str) -> None:
    program = PREBUILT / f"{name}.elf"
    checked, plain = (session_of(program, checks=checks).run() for checks in (True, False))
    assert checked.statistics == plain.statistics
    assert checked.console == plain.console


@pytest.mark.parametrize(("program", "board"), CASES)
def test_a_bug_is_found_at_its_line_and_nothing_else_is(
    program: str, board: str, tmp_path: Path
) -> None:
    result = check(build(program, board, tmp_path), board)
    assert result.exit_status == 0, result.outcome
    assert {finding.rule for finding, _ in result.findings} == KINDS[program][1]
    places = {place.line for _, place in result.findings if place is not None}
    assert {Path(place.rpartition(":")[0]).name for place in places} == {f"{program}.c"}
    (line,) = {int(place.rpartition(":")[2]) for place in places}
    assert line in marked_lines(program)
    for finding, place in result.findings:
        assert finding.hart >= 0
        assert place is not None
        assert place.function.partition("+")[0] in ("lead", "follow")
        assert re.search(SPECIFIED, finding.sentence)
    follow_the_schema(sarif(result), result)


def test_the_python_probe_finds_the_same(tmp_path: Path) -> None:
    for program in ("read_rows_early", "read_misaligned_early", "overwritten"):
        elf = build(program, PULP, tmp_path)
        findings = [check(elf, PULP, native=native).findings for native in (True, False)]
        assert findings[0] == findings[1] != ()


def test_the_command_line_tells_the_bug_and_ends_with_1_if_asked_to(tmp_path: Path) -> None:
    elf = build("read_early", SNITCH, tmp_path)
    told, shown = tmp_path / "told.json", tmp_path / "told.sarif"
    options = ["--board", SNITCH, "--json", str(told), "--sarif", str(shown)]
    assert run(elf, *options).returncode == 0
    assert json.loads(told.read_text("utf-8"))["findings"] == []
    ended = run(elf, *options, "--check=error")
    assert ended.returncode == 1
    assert run(elf, *options, "--check").returncode == 0
    (line,) = marked_lines("read_early")
    assert f"seeded/read_early.c:{line}" in ended.stderr
    assert "buffer-read-early" in ended.stderr
    (finding,) = json.loads(told.read_text("utf-8"))["findings"]
    assert " in lead+" in finding["place"]
    assert f"read_early.c:{line}" in finding["place"]
    (result,) = json.loads(shown.read_text("utf-8"))["runs"][0]["results"]
    location = result["locations"][0]["physicalLocation"]
    assert location["region"]["startLine"] == line
    assert (ROOT / location["artifactLocation"]["uri"]).samefile(SOURCES / "read_early.c")


def follow_the_schema(log: dict[str, Any], result: Result) -> None:
    """What SARIF 2.1.0 asks for, where findings have it."""
    assert set(log) == {"$schema", "version", "runs"}
    assert log["version"] == "2.1.0"
    (only,) = log["runs"]
    driver = only["tool"]["driver"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert driver["name"] == "vplat"
    assert len(set(ids)) == len(ids)
    assert len(only["results"]) == len(result.findings)
    for each, (finding, place) in zip(only["results"], result.findings, strict=True):
        assert each["ruleId"] == ids[each["ruleIndex"]] == finding.rule
        assert each["level"] in ("none", "note", "warning", "error")
        assert finding.sentence in each["message"]["text"]
        (location,) = each["locations"]
        physical = location["physicalLocation"]
        assert place is not None
        assert physical["artifactLocation"]["uri"] == place.line.rpartition(":")[0]
        assert "\\" not in physical["artifactLocation"]["uri"]
        assert physical["region"]["startLine"] == int(place.line.rpartition(":")[2])
        assert location["logicalLocations"] == [{"name": place.function, "kind": "function"}]
    json.dumps(log)
