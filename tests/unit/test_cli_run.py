"""``vplat run``: statuses, streams and what is said at the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit import tiny_firmware
from tests.unit.command_line import CommandLine
from vplat.engines import unicorn_engine

ESCAPE = "\x1b"


@pytest.mark.parametrize(("status", "shown"), [(0, 0), (7, 7), (123, 123), (200, 123), (-1, 123)])
def test_a_run_ends_with_the_firmwares_own_status_up_to_123(
    vplat: CommandLine, tmp_path: Path, status: int, shown: int
) -> None:
    assert vplat("run", "-q", tiny_firmware.exits(tmp_path / "app.elf", status)).status == shown


def test_firmware_prints_to_standard_output_and_vplat_to_standard_error(
    vplat: CommandLine, tmp_path: Path
) -> None:
    ended = vplat("run", tiny_firmware.exits(tmp_path / "app.elf", says=b"hello\n"))
    assert ended.out == "hello\n"
    assert ended.err.startswith("vplat: exited with status 0\n")


def test_the_summary_tells_of_harts_energy_and_time_without_control_codes(
    vplat: CommandLine, tmp_path: Path
) -> None:
    ended = vplat("run", tiny_firmware.exits(tmp_path / "app.elf"))
    for text in ("instructions", "IPC", "mean power", "estimated", "MIPS", "at 425 MHz"):
        assert text in ended.err
    assert sum(line.strip().startswith(tuple("01234567")) for line in ended.err.splitlines()) >= 8
    assert ESCAPE not in ended.err


def test_quiet_leaves_out_the_summary_of_a_run_that_ended_by_itself(
    vplat: CommandLine, tmp_path: Path
) -> None:
    ended = vplat("run", "--quiet", tiny_firmware.exits(tmp_path / "app.elf", 3, says=b"hello"))
    assert (ended.status, ended.out, ended.err) == (3, "hello", "")


def test_too_few_cycles_end_with_124_and_tell_where_each_hart_was(
    vplat: CommandLine, tmp_path: Path
) -> None:
    ended = vplat("run", "-q", "--max-cycles", "20k", tiny_firmware.spins(tmp_path / "app.elf"))
    assert ended.status == 124
    assert "hart 0: running at 0x1c008008 in main" in ended.err
    assert "harts 1-7: waiting for wfi" in ended.err
    assert "the firmware had not ended after 20000 cycles" in ended.err


def test_too_little_host_time_ends_with_124(vplat: CommandLine, tmp_path: Path) -> None:
    ended = vplat("run", "-q", "--timeout", "0.1", tiny_firmware.spins(tmp_path / "app.elf"))
    assert ended.status == 124
    assert "the firmware had not ended after 0.1 s of host time" in ended.err


def test_a_crash_ends_with_126_and_a_report_even_if_quiet(
    vplat: CommandLine, tmp_path: Path
) -> None:
    ended = vplat("run", "-q", tiny_firmware.loads_from(tmp_path / "app.elf", 0x2000_0010))
    assert ended.status == 126
    for text in ("hart 0: load access fault", "0x20000010", "in main", "mtval", "crashed"):
        assert text in ended.err
    assert "a1 20000010" in ended.err


def test_a_deadlock_ends_with_126_and_tells_what_harts_wait_for(
    vplat: CommandLine, tmp_path: Path
) -> None:
    ended = vplat("run", "-q", tiny_firmware.sleeps(tmp_path / "app.elf"))
    assert ended.status == 126
    assert "harts 0-7: waiting for wfi" in ended.err
    assert "deadlocked" in ended.err


def test_json_holds_what_the_design_promises(vplat: CommandLine, tmp_path: Path) -> None:
    elf, results = tiny_firmware.exits(tmp_path / "app.elf", 9, says=b"hi\n"), tmp_path / "r.json"
    assert vplat("run", "-q", "--json", results, elf).status == 9
    found = json.loads(results.read_text("utf-8"))
    assert found["outcome"] == "exited"
    assert (found["exit_code"], found["console"], found["crash"]) == (9, "hi\n", None)
    assert (found["board"], found["elf"]) == ("pulp-ita", str(elf))
    assert found["cycles"] >= found["instructions"] > 0
    assert [hart["id"] for hart in found["harts"]] == list(range(8))
    for hart in found["harts"]:
        assert hart["cycles"] == hart["active_cycles"] + hart["sleep_cycles"]
    energy = found["energy"]
    assert energy["total_joules"] == pytest.approx(sum(energy["by_component"].values()))
    assert energy["operating_point"] == "0.65V"
    assert {"seconds", "devices", "dumps"} <= set(found)


def test_json_on_standard_output_is_alone_there(vplat: CommandLine, tmp_path: Path) -> None:
    elf = tiny_firmware.exits(tmp_path / "app.elf", says=b"hello\n")
    ended = vplat("run", "-q", "--json", "-", elf)
    assert json.loads(ended.out)["console"] == "hello\n"
    assert ended.err == "hello\n"


def test_a_crash_is_in_the_json_as_in_the_report(vplat: CommandLine, tmp_path: Path) -> None:
    elf, results = tiny_firmware.loads_from(tmp_path / "app.elf", 0x2000_0010), tmp_path / "r.json"
    vplat("run", "-q", "--json", results, elf)
    found = json.loads(results.read_text("utf-8"))
    assert (found["outcome"], found["exit_code"]) == ("crashed", 126)
    assert (found["crash"]["hart"], found["crash"]["value"]) == (0, 0x2000_0010)
    assert found["crash"]["place"]["function"].startswith("main")


@pytest.mark.parametrize("end", [tiny_firmware.exits, tiny_firmware.sleeps])
def test_two_runs_give_the_same_json_but_for_host_time_on_both_probes(
    vplat: CommandLine, tmp_path: Path, end: Callable[[Path], Path]
) -> None:
    elf = end(tmp_path / "app.elf")
    texts = []
    for number, probe in enumerate(("native", "native", "python")):
        results = tmp_path / f"{number}.json"
        vplat("run", "-q", "--probe", probe, "--json", results, elf)
        found = json.loads(results.read_text("utf-8"))
        assert found.pop("seconds") > 0
        texts.append(json.dumps(found))
    assert texts[0] == texts[1] == texts[2]


def test_json_replaces_the_file_that_was_there(vplat: CommandLine, tmp_path: Path) -> None:
    elf, results = tiny_firmware.exits(tmp_path / "app.elf"), tmp_path / "r.json"
    results.write_text("old")
    vplat("run", "-q", "--json", results, elf)
    assert json.loads(results.read_text("utf-8"))["exit_code"] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.elf", "r.json"]


def test_the_compiled_probe_cannot_be_asked_for_where_there_is_none(
    vplat: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unicorn_engine, "NativeProbe", None)
    elf = tiny_firmware.exits(tmp_path / "app.elf", 4)
    assert "`vplat doctor` says" in vplat.refusal("run", "--probe", "native", elf)
    assert vplat("run", "-q", elf).status == 4


def test_another_operating_point_costs_other_energy(vplat: CommandLine, tmp_path: Path) -> None:
    elf = tiny_firmware.exits(tmp_path / "app.elf")
    joules = []
    for point in ("0.65V", "0.80V"):
        ended = vplat("run", "-q", "--operating-point", point, "--json", "-", elf)
        energy = json.loads(ended.out)["energy"]
        assert energy["operating_point"] == point
        joules.append(energy["total_joules"])
    assert joules[0] < joules[1]


def test_without_a_terminal_the_live_view_gives_way_to_a_note(
    vplat: CommandLine, tmp_path: Path
) -> None:
    ended = vplat("run", "--tui", tiny_firmware.exits(tmp_path / "app.elf", says=b"hello\n"))
    assert (ended.status, ended.out) == (0, "hello\n")
    assert "there is no live view" in ended.err
    assert ESCAPE not in ended.err


def test_harts_that_never_started_are_told_apart_from_those_that_wait(
    vplat: CommandLine, tmp_path: Path
) -> None:
    elf = tiny_firmware.write_elf(tmp_path / "app.elf", tiny_firmware.SLEEP)
    err = vplat("run", "-q", elf).err
    assert "hart 0: waiting for wfi" in err
    assert "harts 1-7: halted" in err
