"""What the live view knows of real runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.elf_builder import CODE, build_elf
from vplat.demos import prebuilt
from vplat.machine.elf import Firmware
from vplat.machine.run import Run
from vplat.plugins import Plugins
from vplat.session import HostConsole, Session, Settings
from vplat.tui import Record, Snapshot, screenshot_svg
from vplat.tui.history import History
from vplat.tui.record import KEPT
from vplat.tui.state import Core, Device, Doing

ROOT = Path(__file__).resolve().parents[2]
ENTRY = 0x1C00_8080
LOOP_FOR_EVER = bytes.fromhex("6f000000 732540f1")
"""A jump to itself, then csrr a0, mhartid: the code is not for one hart alone."""


@pytest.fixture
def loop(tmp_path: Path) -> Path:
    """Firmware that never ends."""
    elf = tmp_path / "loop.elf"
    elf.write_bytes(build_elf([(ENTRY, LOOP_FOR_EVER, CODE)], ENTRY))
    return elf


def session_of(elf: Path, settings: Settings | None = None) -> Session:
    return Session(elf, Plugins(installed=False), HostConsole(), settings)


def moments(elf: Path, cycles: int) -> list[Snapshot]:
    """The attention layer, looked at every so many cycles, and when it is over."""
    session = session_of(elf)
    record, run = Record(session.machine), Run(session.machine)
    run.slice_cycles = cycles
    seen: list[Snapshot] = []

    def look() -> bool:
        seen.append(Snapshot.of(session, record, seconds=1.0))
        return False

    run.until(watch=look)
    return [*seen, Snapshot.of(session, record, seconds=1.0)]


@pytest.fixture(scope="module")
def attention() -> list[Snapshot]:
    return moments(prebuilt()["attention"], 1000)


def cores_of(seen: list[Snapshot]) -> list[Core]:
    return [core for each in seen for core in each.cores]


def device(state: Snapshot, name: str) -> Device:
    return next(each for each in state.devices if each.name == name)


def test_the_last_snapshot_agrees_with_the_result(attention: list[Snapshot]) -> None:
    result = session_of(prebuilt()["attention"]).run()
    last, statistics = attention[-1], result.statistics
    assert (last.cycles, last.instructions) == (statistics.cycles, statistics.instructions)
    assert [core.active_cycles for core in last.cores] == [
        hart.active_cycles for hart in statistics.harts
    ]
    assert last.energy.joules == pytest.approx(result.energy.total_joules)
    assert sum(joules for _, joules in last.energy.components) == pytest.approx(last.energy.joules)
    assert last.energy.figure == result.energy.figure
    assert (last.ending, last.status) == ("exited", 0)
    assert last.console == tuple(result.console.splitlines())


def test_cores_run_functions_of_the_firmware_and_wait_for_named_things(
    attention: list[Snapshot],
) -> None:
    cores = cores_of(attention)
    assert {core.doing for core in cores} >= {Doing.RUNNING, Doing.WAITING, Doing.DONE}
    functions = Firmware.read(prebuilt()["attention"]).symbols.functions
    seen = {core.function for core in cores}
    assert len(seen) > 3
    assert seen <= {symbol.name for symbol in functions}
    waits = {core.wait for core in cores if core.doing is Doing.WAITING}
    assert any(wait.startswith("barrier 0: missing ") for wait in waits)
    assert any(wait.startswith("event 8 (DMA)") for wait in waits)
    assert not any(core.wait for core in cores if core.doing is not Doing.WAITING)


def test_dma_and_accelerator_say_what_they_do_and_how_busy_they_are(
    attention: list[Snapshot],
) -> None:
    assert any("tile" in device(each, "ita").doing for each in attention)
    assert any("bytes" in device(each, "mchan").doing for each in attention)
    for name in ("ita", "mchan"):
        last = device(attention[-1], name)
        assert last.doing == ""
        assert 0 < last.utilisation < 1
        assert last.history is not None
        assert last.history.totals[-1] == last.busy_cycles


def test_histories_show_when_the_cores_worked(attention: list[Snapshot]) -> None:
    for core in attention[-1].cores:
        rates = core.history.rates(40)
        assert core.history.totals[-1] == core.active_cycles
        assert max(rates) > 0.9
    assert min(attention[-1].cores[7].history.rates(40)) < 0.1
    assert all(rate > 0 for rate in attention[-1].energy.history.rates(40))


def test_two_samples_of_one_cycle_are_one(loop: Path) -> None:
    session = session_of(loop)
    record = Record(session.machine)
    for joules in (1.0, 2.0):
        record.note_work()
        record.note_energy(100, joules)
    assert record.of_hart(0).cycles == (0,)
    assert record.of_energy() == History((100,), (2.0,))
    assert record.of_device("clint") is None


def test_the_oldest_samples_are_forgotten(loop: Path) -> None:
    record = Record(session_of(loop).machine)
    for cycle in range(KEPT + 10):
        record.note_energy(cycle, 0.0)
    assert record.of_energy().cycles == tuple(range(10, KEPT + 10))


def test_a_crash_marks_the_core_that_crashed(tmp_path: Path) -> None:
    elf = tmp_path / "crash.elf"
    elf.write_bytes(build_elf([(ENTRY, bytes(8), CODE)], ENTRY))
    session = session_of(elf)
    session.run()
    state = Snapshot.of(session)
    assert state.ending == "crashed"
    assert state.message
    assert [core.doing for core in state.cores].count(Doing.CRASHED) == 1


def test_names_in_an_elf_cannot_steer_the_terminal(tmp_path: Path) -> None:
    elf = tmp_path / "\x1b[31mred.elf"
    elf.write_bytes(build_elf([(ENTRY, LOOP_FOR_EVER, CODE)], ENTRY, {"\x1b[2Jspin": (ENTRY, 4)}))
    state = Snapshot.of(session_of(elf))
    assert state.firmware == "red.elf"
    assert all(core.function.isprintable() and "spin" in core.function for core in state.cores)


def test_the_nearest_limit_is_the_one_that_is_shown(loop: Path) -> None:
    limits = Settings(max_cycles=1000, timeout_seconds=10.0)
    session = session_of(loop, limits)
    early = Snapshot.of(session, seconds=2.5)
    assert early.course is not None
    assert (early.course.share, early.course.limit) == (0.25, "of timeout")
    session.run()
    late = Snapshot.of(session, seconds=2.5)
    assert late.course is not None
    assert (late.course.share, late.course.limit) == (1.0, "of max cycles")


def test_a_screenshot_is_a_picture_that_fetches_nothing(loop: Path) -> None:
    picture = screenshot_svg(session_of(loop), width=80, height=24)
    assert picture.startswith("<svg")
    assert "loop.elf" in picture
    assert "font-face" not in picture
    assert set(re.findall(r"https?://[^\s\"<]+", picture)) <= {
        "http://www.w3.org/2000/svg",
        "https://www.textualize.io",
    }


def shown_in(picture: str) -> set[str]:
    """The words of a picture; its numbers are those of one run on one computer."""
    texts = re.findall(r"<text [^>]*>([^<]*)</text>", picture)
    return set(re.findall(r"[a-z_]{3,}", " ".join(texts).replace("&#160;", " ")))


def test_the_picture_in_the_docs_is_what_the_tool_draws(tmp_path: Path) -> None:
    drawn = tmp_path / "tui.svg"
    subprocess.run(
        [sys.executable, ROOT / "tools" / "screenshot.py", prebuilt()["attention"], drawn],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    committed = (ROOT / "docs" / "tui.svg").read_text("utf-8")
    assert shown_in(drawn.read_text("utf-8")) == shown_in(committed)
