"""Closed and full streams, Ctrl-C, and input: what only a process of its own can show."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests.unit import tiny_firmware
from tests.unit.command_line import command, environment, run_shell
from vplat.cli.failures import guarded


@pytest.fixture
def talker(tmp_path: Path) -> Path:
    """Firmware that prints a line, in the directory where the shell is."""
    return tiny_firmware.exits(tmp_path / "app.elf", 5, says=b"hello\n")


def told(err: str) -> str:
    """The one sentence on standard error."""
    lines = err.splitlines()
    assert len(lines) == 1, err
    return lines[0]


@pytest.mark.parametrize("verb", ["run app.elf", "boards", "--help"])
def test_a_closed_standard_output_is_said_at_once(talker: Path, verb: str) -> None:
    ended = run_shell(f"$VPLAT {verb} >&-", talker.parent)
    assert ended.status == 125
    assert "standard output is closed" in told(ended.err)


@pytest.mark.parametrize("verb", ["run -q app.elf", "boards", "--help"])
def test_a_full_disk_behind_standard_output_is_one_sentence(talker: Path, verb: str) -> None:
    ended = run_shell(f"$VPLAT {verb} >/dev/full", talker.parent)
    assert ended.status == 125
    assert told(ended.err) == "vplat: standard output: no space left on device"


def test_a_reader_that_goes_away_ends_the_run(tmp_path: Path) -> None:
    elf = tiny_firmware.spins(tmp_path / "app.elf", says=b"hello\n")
    with subprocess.Popen(
        command("run", "-q", elf), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read().decode()
    assert process.returncode == 125
    assert "whoever read standard output has closed it" in told(err)


@pytest.mark.parametrize("stream", ["2>&-", "<&-"])
def test_closed_error_output_and_input_keep_nobody_from_running(talker: Path, stream: str) -> None:
    ended = run_shell(f"$VPLAT run -q --json results.json app.elf {stream}", talker.parent)
    assert (ended.status, ended.out) == (5, "hello\n")
    assert json.loads((talker.parent / "results.json").read_text("utf-8"))["exit_code"] == 5


def test_ctrl_c_stops_with_the_summary_and_130(tmp_path: Path) -> None:
    elf, results = tiny_firmware.spins(tmp_path / "app.elf", says=b"up\n"), tmp_path / "r.json"
    with subprocess.Popen(
        command("run", "--json", results, elf),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGINT)
        err = process.stderr.read()
    assert process.returncode == 130
    assert "vplat: interrupted" in err
    assert "mean power" in err
    found = json.loads(results.read_text("utf-8"))
    assert (found["outcome"], found["exit_code"]) == ("interrupted", 130)


def test_ctrl_c_before_a_run_is_130_without_a_traceback(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def interrupted() -> int:
        raise KeyboardInterrupt

    assert guarded(interrupted, debug=False) == 130
    assert capfd.readouterr().err == ""


def test_output_that_ends_within_a_line_is_not_run_into_by_the_summary(tmp_path: Path) -> None:
    tiny_firmware.exits(tmp_path / "app.elf", says=b"no newline")
    assert "no newline\nvplat: exited" in run_shell("$VPLAT run app.elf 2>&1", tmp_path).out
    assert run_shell("$VPLAT run app.elf", tmp_path).out == "no newline"


def test_a_name_that_is_not_utf8_is_told_in_any_locale(tmp_path: Path) -> None:
    script = "LC_ALL=C PYTHONUTF8=0 PYTHONIOENCODING=ascii $VPLAT run \"$(printf 'a\\377b')\""
    ended = run_shell(script, tmp_path)
    assert ended.status == 125
    assert "does not exist" in told(ended.err)


def test_tables_come_out_where_only_ascii_does(tmp_path: Path) -> None:
    ended = run_shell("LC_ALL=C PYTHONUTF8=0 PYTHONIOENCODING=ascii $VPLAT boards", tmp_path)
    assert (ended.status, ended.err) == (0, "")
    assert "pulp-ita" in ended.out
