"""Where an explanation is told: on standard error, in the JSON, in gdb, and to Python."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit import tiny_firmware
from tests.unit.command_line import CommandLine
from tests.unit.gdb_client import Client, debugged, session_of
from tests.unit.rv32_code import A0, A1, X0, branch, lw
from vplat.machine.outcome import Ending

FLAG = tiny_firmware.TEXT


def polls(path: Path) -> Path:
    """Hart 0 waits for the word ``flag`` to become other than 0, the others sleep."""
    loop = [lw(A0, 0, A1).word, branch(0, A0, X0, -4).word]
    words = tiny_firmware.on_hart_0([*tiny_firmware.li(A1, FLAG), *loop])
    return tiny_firmware.write_elf(path, words, bytes(4), symbols={"flag": (FLAG, 4)})


def test_a_run_that_polls_for_ever_tells_so_and_ends_with_126(
    vplat: CommandLine, tmp_path: Path
) -> None:
    result = tmp_path / "result.json"
    ended = vplat("run", "-q", "--json", result, polls(tmp_path / "app.elf"))
    assert ended.status == 126
    lines = ended.err.splitlines()
    assert lines[0].startswith("hart 0: running at 0x1c0080")
    assert lines[1].startswith("  it is in a loop at main+0x")
    assert lines[2] == "  it polls flag in l2 (0x1c009000), which reads 0x0, goes on once it != 0x0"
    assert lines[4].startswith("harts 1-7: waiting for wfi")
    assert lines[-1] == (
        "vplat: deadlocked: hart 0 polls what nothing can change any more, every other hart "
        "sleeps, nothing is due"
    )
    told = json.loads(result.read_text())
    assert (told["outcome"], told["exit_code"]) == ("deadlocked", 126)
    hart = told["explanation"]["harts"][0]
    assert hart["loop"]["polls"] == [
        {
            "name": "flag in l2",
            "address": FLAG,
            "value": 0,
            "until": "it != 0x0",
            "lasts": True,
            "device": "",
            "work": "",
        }
    ]
    assert [each["hart"] for each in told["waiting"]] == list(range(1, 8))


def test_a_run_that_ends_by_itself_has_no_explanation(vplat: CommandLine, tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    assert vplat("run", "-q", "--json", result, tiny_firmware.exits(tmp_path / "a.elf")).err == ""
    assert json.loads(result.read_text())["explanation"] is None


def test_too_few_cycles_tell_what_was_polled(vplat: CommandLine, tmp_path: Path) -> None:
    ended = vplat("run", "-q", "--max-cycles", "5000", polls(tmp_path / "app.elf"))
    assert ended.status == 124
    assert "it polls flag in l2" in ended.err
    assert "nothing can end it" not in ended.err


def test_gdb_is_told_at_any_stop_and_its_run_goes_on(tmp_path: Path) -> None:
    session = session_of(polls(tmp_path / "app.elf"), max_cycles=3_000_000)
    told: list[str] = []

    def talk(gdb: Client) -> None:
        gdb.ask("?")
        told.append(gdb.monitor("explain"))
        told.append(gdb.monitor("explain now"))
        gdb.ask("D")

    result = debugged(session, talk)
    assert "hart 0: running at 0x1c008000 in main" in told[0]
    assert told[1].startswith("vplat: nothing may follow 'explain'")
    assert result.outcome.ending is Ending.OUT_OF_CYCLES
    assert "polls flag in l2" in str(result.explanation)


def test_looking_changes_nothing(tmp_path: Path) -> None:
    plain = session_of(polls(tmp_path / "app.elf"), max_cycles=900_000)
    looked = session_of(polls(tmp_path / "app.elf"), max_cycles=900_000)
    told: list[str] = []
    for cycle in (1, 1000, 50_000):
        looked.when(cycle, lambda: told.append(str(looked.explain())), steers=False)
    results = [each.run().as_json() | {"seconds": 0} for each in (plain, looked)]
    assert results[0] == results[1]
    assert len(told) == 3
