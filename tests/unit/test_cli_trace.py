"""``vplat trace``, ``profile``, ``coverage``, and what ``vplat run`` records."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.unit import tiny_firmware
from tests.unit.command_line import CommandLine

VERBS = ["trace", "profile", "coverage"]


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Firmware that prints a line and ends with 3."""
    return tiny_firmware.exits(tmp_path / "app.elf", 3, says=b"hello\n")


@pytest.fixture
def sleeper(tmp_path: Path) -> Path:
    """Firmware in which every hart sleeps: a trace of eight lines, and the status 126."""
    return tiny_firmware.sleeps(tmp_path / "sleeper.elf")


def test_what_was_asked_for_is_standard_output_and_the_console_standard_error(
    vplat: CommandLine, app: Path
) -> None:
    traced = vplat("trace", app)
    assert (traced.status, traced.out, traced.err) == (3, "", "hello\n")
    profiled = vplat("profile", app)
    assert (profiled.status, profiled.err) == (3, "hello\n")
    assert "main" in profiled.out


def test_a_trace_shows_who_sleeps_where(vplat: CommandLine, sleeper: Path) -> None:
    (line,) = vplat("trace", sleeper, "--select", "harts[1]").out.splitlines()
    assert line.split()[1:] == ["h1", "sleep", "harts[1].sleep", "sleeps", "in", "wfi", "main"]


def test_json_lines_begin_with_the_run(vplat: CommandLine, sleeper: Path) -> None:
    first, *others = map(json.loads, vplat("trace", sleeper, "--json").out.splitlines())
    assert (first["kind"], first["board"], first["elf"]) == ("ledger", "pulp-ita", str(sleeper))
    assert [(each["kind"], each["hart"]) for each in others] == [("sleep", n) for n in range(8)]


def test_a_run_that_does_not_end_well_is_told_after_the_trace(
    vplat: CommandLine, sleeper: Path
) -> None:
    ended = vplat("trace", sleeper)
    assert ended.status == 126
    assert "every hart sleeps" in ended.err
    assert len(ended.out.splitlines()) == 8


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--board", "pulp-itta"], "there is no board 'pulp-itta'; did you mean 'pulp-ita'?"),
        (["--max-cycles", "x"], "'x' is no number of cycles"),
        (["--nothing"], "no such option"),
    ],
)
def test_a_verb_refuses_wrong_options_with_a_sentence(
    vplat: CommandLine, app: Path, verb: str, options: list[str], sentence: str
) -> None:
    assert sentence in vplat.refusal(verb, app, *options)


@pytest.mark.parametrize("verb", VERBS)
def test_a_file_that_is_no_firmware_is_refused_as_run_refuses_it(
    vplat: CommandLine, tmp_path: Path, verb: str
) -> None:
    path = tmp_path / "missing.elf"
    assert "missing.elf does not exist" in vplat.refusal(verb, path)


def test_a_pattern_that_matches_nothing_is_refused_before_the_run(
    vplat: CommandLine, app: Path
) -> None:
    assert "did you mean 'mchan'?" in vplat.refusal("trace", app, "--select", "mchann.*")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["trace", "--output", "a.png"], "does not say which view it is to hold; use .txt (text)"),
        (["run", "--trace", "a.png"], "does not say which view it is to hold"),
        (["run", "--profile", "a.png"], "does not say what it is to hold; use NAME.speedscope"),
        (["profile", "--output", "a.png"], "does not say what it is to hold"),
        (["trace", "--output", "no/a.vcd"], "there is no directory"),
        (["run", "--trace", "no/a.vcd"], "there is no directory"),
        (["run", "--coverage", "no/a.info"], "there is no directory"),
        (["profile", "--output", "no/a.json"], "there is no directory"),
        (["coverage", "--lcov", "no/a.info"], "there is no directory"),
        (["profile", "--hart", "8"], "there is no hart 8 on pulp-ita; it has 0 to 7"),
        (["trace", "--from", "9", "--until", "9"], "let it end after it begins"),
        (["run", "--trace", "a.txt", "--trace-from", "9", "--trace-until", "2"], "end after"),
    ],
)
def test_what_cannot_be_recorded_is_said_before_the_run(
    vplat: CommandLine, app: Path, arguments: list[str], sentence: str
) -> None:
    assert sentence in vplat.refusal(*arguments, app)
    assert sorted(each.name for each in app.parent.iterdir()) == ["app.elf"]


@pytest.mark.parametrize(("package", "file"), [("perfetto", "a.pftrace"), ("vcd", "a.vcd")])
def test_a_view_whose_package_is_missing_says_how_to_get_it(
    vplat: CommandLine, app: Path, monkeypatch: pytest.MonkeyPatch, package: str, file: str
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    sentence = vplat.refusal("trace", app, "--output", app.with_name(file))
    assert sentence.endswith("get it with: pip install 'vplat[trace]'")


def test_a_run_writes_every_file_that_it_is_asked_for(
    vplat: CommandLine, sleeper: Path, tmp_path: Path
) -> None:
    traces = ["t.txt", "t.jsonl", "t.pftrace", "t.vcd", "t.ledger"]
    profiles = ["p.json", "p.speedscope.json", "p.collapsed", "callgrind.out.p"]
    arguments = [part for name in traces for part in ("--trace", tmp_path / name)]
    arguments += [part for name in profiles for part in ("--profile", tmp_path / name)]
    ended = vplat("run", "-q", sleeper, *arguments, "--coverage", tmp_path / "c.info")
    assert ended.status == 126
    names = {*traces, *profiles, "c.info", "sleeper.elf"}
    assert {each.name for each in tmp_path.iterdir()} == names
    assert all((tmp_path / name).stat().st_size for name in names)


def test_a_ledger_is_read_again_and_narrowed(
    vplat: CommandLine, sleeper: Path, tmp_path: Path
) -> None:
    ledger = tmp_path / "t.ledger"
    whole = vplat("trace", sleeper).out
    assert vplat("trace", sleeper, "--output", ledger).out == ""
    assert vplat("trace", ledger).out == whole
    assert len(vplat("trace", ledger, "--select", "harts[2]").out.splitlines()) == 1
    assert vplat("trace", ledger, "--from", "400").out == ""
    assert "there are" in vplat.refusal("trace", ledger, "--select", "zzzz")
    again = tmp_path / "again.pftrace"
    direct = tmp_path / "direct.pftrace"
    vplat("trace", ledger, "--output", again)
    vplat("trace", sleeper, "--output", direct)
    assert again.read_bytes() == direct.read_bytes()


def test_a_damaged_ledger_is_refused(vplat: CommandLine, app: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "t.ledger"
    vplat("trace", app, "--output", ledger)
    ledger.write_bytes(ledger.read_bytes()[:-9])
    assert "is damaged; record it again" in vplat("trace", ledger).err


def test_profiles_name_what_has_no_debug_information_and_count_it_all(
    vplat: CommandLine, app: Path
) -> None:
    report = json.loads(vplat("profile", app, "--json").out)
    (main,) = report["functions"]
    assert (main["function"], main["file"], main["line"]) == ("main", "?", 0)
    assert main["cycles"] == sum(hart["active_cycles"] for hart in report["harts"])
    assert main["sleep_cycles"] == sum(hart["sleep_cycles"] for hart in report["harts"])
    assert 0 < main["joules"] < report["total_joules"]


def test_a_profile_can_show_one_hart_and_lines_and_few_rows(vplat: CommandLine, app: Path) -> None:
    whole, one = (vplat("profile", app, *options).out for options in ([], ["--hart", "1"]))
    assert whole != one
    assert "function" in vplat("profile", app, "--lines", "--top", "1").out


def test_coverage_of_firmware_without_debug_information_is_refused(
    vplat: CommandLine, app: Path
) -> None:
    ended = vplat("coverage", app)
    assert ended.status == 125
    assert "has no debug information" in ended.err


def test_coverage_merges_tracefiles(vplat: CommandLine, tmp_path: Path) -> None:
    source = tmp_path / "main.c"
    source.write_text("int main;\n")
    for name, count in (("a.info", 1), ("b.info", 0)):
        (tmp_path / name).write_text(f"TN:\nSF:{source}\nDA:1,{count}\nDA:2,0\nend_of_record\n")
    merged = tmp_path / "c.info"
    files = tmp_path / "a.info", tmp_path / "b.info"
    ended = vplat("coverage", *files, "--lcov", merged, "--json")
    assert json.loads(ended.out)["total"]["lines"] == {"hit": 1, "of": 2}
    assert "DA:1,1\nDA:2,0\n" in merged.read_text()


def test_coverage_leaves_out_sources_that_are_not_here_unless_it_is_told_not_to(
    vplat: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "a.info").write_text("TN:\nSF:gone.c\nDA:1,1\nend_of_record\n")
    hidden = vplat("coverage", tmp_path / "a.info", "--json")
    assert json.loads(hidden.out)["files"] == {}
    assert "1 source file not found from here" in hidden.err
    shown = vplat("coverage", tmp_path / "a.info", "--json", "--all")
    assert list(json.loads(shown.out)["files"]) == ["gone.c"]


def test_a_broken_tracefile_is_refused_with_its_line(vplat: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "a.info").write_text("TN:\nhello\n")
    assert "a.info:2: 'hello' is nothing" in vplat.refusal("coverage", tmp_path / "a.info")
