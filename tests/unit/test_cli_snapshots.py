"""``vplat run`` with --save-snapshot, --at and --restore: what it does and what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.command_line import CommandLine
from vplat.machine.snapshot.file import read_snapshot
from vplat.plugins import Plugins
from vplat.session import find_board

PREBUILT = Path(__file__).resolve().parents[2] / "firmware" / "prebuilt"
HELLO = PREBUILT / "hello.elf"


@pytest.fixture
def vplat(capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """The command line in this process."""
    return CommandLine(capfd)


def results(path: Path) -> dict[str, Any]:
    """What --json wrote, but for host time."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    found.pop("seconds")
    return found


@pytest.mark.parametrize("moment", ["main", "9k", "1"])
def test_a_restored_run_writes_the_json_of_the_plain_one(
    vplat: CommandLine, tmp_path: Path, moment: str
) -> None:
    saved, plain, saving, restored = (tmp_path / name for name in ("saved", "a", "b", "c"))
    whole = vplat("run", HELLO, "-q", "--json", plain)
    told = vplat("run", HELLO, "-q", "--json", saving, "--save-snapshot", saved, "--at", moment)
    assert told.status == whole.status == 0
    assert told.out == whole.out
    assert told.sentence.startswith(f"the snapshot {saved} was taken at cycle ")
    rest = vplat("run", "-q", "--json", restored, "--restore", saved)
    assert rest.status == 0
    assert whole.out.endswith(rest.out)
    assert results(plain) == results(saving) == results(restored)


def test_a_run_that_its_limit_ended_goes_on(vplat: CommandLine, tmp_path: Path) -> None:
    saved, last = tmp_path / "saved", tmp_path / "results.json"
    begun = vplat("run", HELLO, "--max-cycles", "5000", "--save-snapshot", saved)
    assert begun.status == 124
    assert read_snapshot(saved).about.cycle >= 5000
    again = vplat("run", "-q", "--restore", saved, "--max-cycles", "6000", "--save-snapshot", saved)
    assert again.status == 124
    assert vplat("run", "-q", "--restore", saved, "--json", last).status == 0
    assert results(last)["console"] == vplat("run", "-q", HELLO).out


def test_the_board_and_the_operating_point_are_the_snapshots(
    vplat: CommandLine, tmp_path: Path
) -> None:
    saved, restored = tmp_path / "saved", tmp_path / "results.json"
    point = find_board("pulp-ita-idma", Plugins(installed=False)).operating_points[-1].name
    begun = vplat(
        *("run", PREBUILT / "dma_copy_idma.elf", "-q", "--board", "pulp-ita-idma"),
        *("--operating-point", point, "--save-snapshot", saved, "--at", "main"),
    )
    assert begun.status == 0
    assert vplat("run", "-q", "--restore", saved, "--json", restored).status == 0
    found = results(restored)
    assert (found["board"], found["energy"]["operating_point"]) == ("pulp-ita-idma", point)


def test_a_run_without_firmware_or_snapshot_is_refused(vplat: CommandLine) -> None:
    assert vplat.refusal("run") == "missing argument 'ELF'; see `vplat run --help`"


def test_a_moment_without_a_file_is_refused(vplat: CommandLine) -> None:
    assert vplat.refusal("run", HELLO, "--at", "main") == (
        "--at says when to save a snapshot; say where with --save-snapshot"
    )


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("mian", "has no code for 'mian'; did you mean 'main'?"),
        ("12x", "'12x' is no number of cycles, like 1_000_000 or 10M; see `vplat run --help`"),
        ("qqqqqqqq", "has no code for 'qqqqqqqq'; give a cycle, a function, or FILE:LINE"),
    ],
)
def test_a_moment_that_will_not_be_is_refused(
    vplat: CommandLine, tmp_path: Path, moment: str, told: str
) -> None:
    refusal = vplat.refusal("run", HELLO, "--save-snapshot", tmp_path / "s", "--at", moment)
    assert refusal.endswith(told)
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--at", "1G"), "the run ended before it came to 1000000000, so "),
        ((), "the run ended by itself, so that there was nothing to go on from, and "),
    ],
)
def test_a_snapshot_that_was_not_taken_is_told_after_the_run(
    vplat: CommandLine, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    ended = vplat("run", HELLO, "-q", "--save-snapshot", tmp_path / "s", *options)
    assert ended.status == 125
    assert ended.out
    assert ended.sentence.startswith(told)


def test_a_file_that_is_no_snapshot_is_refused(vplat: CommandLine, tmp_path: Path) -> None:
    assert vplat.refusal("run", "--restore", HELLO) == (
        f"{HELLO} is no snapshot; name a file that --save-snapshot wrote"
    )
    nothing = tmp_path / "nothing"
    assert vplat.refusal("run", "--restore", nothing) == (
        f"cannot read the snapshot {nothing}: No such file or directory; check its path"
    )


def test_another_firmware_or_board_is_refused(vplat: CommandLine, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    vplat("run", HELLO, "-q", "--save-snapshot", saved, "--at", "main")
    other = vplat.refusal("run", PREBUILT / "barrier.elf", "--restore", saved)
    assert f"it is of {HELLO}, and {PREBUILT / 'barrier.elf'} is another build" in other
    board = vplat.refusal("run", "--restore", saved, "--board", "pulp-ita-idma")
    assert "it is of board 'pulp-ita', not of 'pulp-ita-idma'" in board


def test_a_place_that_cannot_be_written_to_is_refused_before_the_run(
    vplat: CommandLine, tmp_path: Path
) -> None:
    place = tmp_path / "nowhere" / "saved"
    assert "there is no directory" in vplat.refusal("run", HELLO, "--save-snapshot", place)


def test_gdb_and_a_place_do_not_go_together(vplat: CommandLine, tmp_path: Path) -> None:
    refusal = vplat.refusal(
        *("run", HELLO, "--gdb", "--save-snapshot", tmp_path / "s", "--at", "main")
    )
    assert refusal.startswith("--at main cannot wait for a hart while gdb has the machine")


def test_the_help_says_when_and_how(vplat: CommandLine) -> None:
    text = " ".join(vplat("run", "--help").out.split())
    for part in ("--save-snapshot <FILE>", "--at <CYCLE|PLACE>", "--restore <FILE>"):
        assert part in text
