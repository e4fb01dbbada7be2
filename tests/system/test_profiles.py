"""Profiles: figures that add up to the machine's own, and files that other tools read."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.system.firmware_tree import PREBUILT, ROOT, board_of
from vplat.machine.elf import Firmware
from vplat.plugins import Plugins
from vplat.session import HostConsole, Session, Settings
from vplat.session.prices import code_prices
from vplat.trace.profile.profile import Function, Profile
from vplat.trace.profile.profiler import Profiler
from vplat.trace.profile.sampling import Frame, Stack, StackReader
from vplat.trace.profile.stacks import chains, frames

PROGRAMS = ["attention", "interrupts", "dma_copy_idma", "hello_snitch"]
ANNOTATE = "callgrind_annotate"


def profiled(program: str) -> tuple[Session, Profiler, Profile]:
    """A program that has run, and its profile."""
    settings = Settings(board=board_of(program), profile=True)
    session = Session(
        PREBUILT / f"{program}.elf", Plugins(installed=False), HostConsole(), settings
    )
    session.run()
    profiler = session.observers.get(Profiler)
    return session, profiler, Profile(session.machine, profiler, code_prices(session.meter))


@pytest.mark.parametrize("program", PROGRAMS)
def test_functions_and_lines_add_up_to_what_each_hart_did(program: str) -> None:
    session, _, profile = profiled(program)
    statistics = session.statistics()
    for hart in statistics.harts:
        for costs in (profile.by_function([hart.id]), profile.by_spot([hart.id])):
            assert sum(cost.instructions for cost in costs.values()) == hart.instructions
            cycles = sum(cost.cycles for cost in costs.values())
            lost = profile.unattributed(hart.id, hart.active_cycles)
            assert cycles + lost == hart.active_cycles
            assert 0 <= lost < hart.active_cycles / 10
            asleep = sum(cost.asleep for cost in costs.values())
            never_ran = not hart.instructions
            assert asleep == (0 if never_ran else hart.sleep_cycles)


def test_without_contention_every_cycle_belongs_to_an_instruction() -> None:
    session, _, profile = profiled("interrupts")
    (first, *_) = session.statistics().harts
    assert profile.unattributed(0, first.active_cycles) == 0


def test_the_energy_of_functions_is_that_of_the_harts() -> None:
    session, _, profile = profiled("attention")
    statistics = session.statistics()
    parts = session.energy(statistics).by_part
    shared = sum(parts[name]["cores"] for name in ("instruction_cache", "tcdm", "interconnect"))
    lost = sum(profile.unattributed(hart.id, hart.active_cycles) for hart in statistics.harts)
    missing = lost * code_prices(session.meter).active_cycle
    found = sum(cost.joules for cost in profile.by_function().values())
    assert found + missing == pytest.approx(sum(parts["cores"].values()) + shared)


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_stacks_of_a_function_add_up_to_what_it_cost_itself(program: str) -> None:
    _, profiler, profile = profiled(program)
    found = chains(profile, profiler)
    for hart in range(profile.harts):
        sums: dict[Function, float] = {}
        for chain in found:
            if chain.hart == hart:
                sums[chain.function] = sums.get(chain.function, 0.0) + chain.cycles
        own = {f: cost.cycles for f, cost in profile.by_function([hart]).items() if cost.cycles}
        assert {f: round(cycles) for f, cycles in sums.items() if cycles} == own


def test_nearly_all_stacks_lead_from_the_start_to_the_function() -> None:
    _, profiler, profile = profiled("attention")
    cycles: Counter[tuple[str, ...]] = Counter()
    for chain in chains(profile, profiler):
        cycles[tuple(f.name for f in frames(profile, chain))] += round(chain.cycles)
    assert any(stack[0] == "_start" and stack[-1] == "add_int8" for stack in cycles)
    from_start = sum(count for stack, count in cycles.items() if stack[0] == "_start")
    assert from_start > 0.97 * cycles.total()


class Compared:
    """Looks at each stack with the unwinder of crash reports as well."""

    def __init__(self, session: Session) -> None:
        self._machine, self._firmware = session.machine, session.firmware
        self.stacks = 0

    def check(self, pc: int, frame: Frame, found: Stack) -> None:
        registers = [0] * 32
        for number, value in zip((1, 2, 5, 8), frame, strict=True):
            registers[number] = value
        walked = self._firmware.unwinder.frames(pc, registers, self._read_word)
        function = self._firmware.symbols.function(pc)
        innermost = function.address if function is not None else pc
        assert found == (innermost, *(each.place & ~1 for each in list(walked)[1:]))
        self.stacks += 1

    def _read_word(self, address: int) -> int | None:
        known = self._machine.board.memory_at(address)
        return self._machine.peek_word(address) if known else None


@pytest.mark.parametrize("program", ["attention", "interrupts"])
def test_the_quick_reader_of_stacks_finds_what_the_unwinder_finds(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(
        PREBUILT / f"{program}.elf",
        Plugins(installed=False),
        HostConsole(),
        Settings(profile=True),
    )
    compared, quick = Compared(session), StackReader.stack

    def stack(reader: StackReader, pc: int, frame: Frame) -> Stack:
        found = quick(reader, pc, frame)
        compared.check(pc, frame, found)
        return found

    monkeypatch.setattr(StackReader, "stack", stack)
    monkeypatch.setattr("vplat.trace.profile.profiler.SAMPLE_CYCLES", 487)
    monkeypatch.setattr("vplat.trace.profile.profiler.SAMPLES_OF_A_RUN", 1 << 30)
    session.run()
    assert compared.stacks > 200


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The profile of the attention layer in every form."""
    path = tmp_path_factory.mktemp("profile")
    names = ["p.json", "p.speedscope.json", "p.collapsed", "callgrind.out.p"]
    options = [part for name in names for part in ("--output", str(path / name))]
    elf = str(PREBUILT / "attention.elf")
    command = [sys.executable, "-m", "vplat", "profile", elf, *options]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return path


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "p.json").read_text())
    return found


def test_callgrind_annotate_shows_the_figures_of_functions(
    folder: Path, report: dict[str, Any]
) -> None:
    assert shutil.which(ANNOTATE), f"{ANNOTATE} is missing: install valgrind"
    ended = subprocess.run(
        [ANNOTATE, "--threshold=100", "--auto=no", folder / "callgrind.out.p"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    totals = next(line for line in ended.stdout.splitlines() if "PROGRAM TOTALS" in line)
    cycles = sum(each["cycles"] for each in report["functions"])
    assert totals.split()[0].replace(",", "") == str(cycles)
    shown: Counter[str] = Counter()
    for line in ended.stdout.splitlines():
        name = line.rpartition(":")[2].partition(" ")[0]
        first = line.split()[0].replace(",", "") if line.split() else ""
        if first.isdecimal():
            shown[name] += int(first)
    for function in report["functions"][:5]:
        assert shown[function["function"]] == function["cycles"]


def test_what_calls_cost_comes_out_as_the_cost_of_all(folder: Path, report: dict[str, Any]) -> None:
    ended = subprocess.run(
        [ANNOTATE, "--inclusive=yes", "--auto=no", folder / "callgrind.out.p"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    start = next(line for line in ended.stdout.splitlines() if line.endswith(":_start"))
    cycles = sum(each["cycles"] for each in report["functions"])
    assert 0.9 * cycles < int(start.split()[0].replace(",", "")) <= cycles


def test_calls_are_counted(folder: Path) -> None:
    text = (folder / "callgrind.out.p").read_text()
    calls = sum(int(line[6:].split()[0]) for line in text.splitlines() if line[:6] == "calls=")
    session, _, profile = profiled("attention")
    assert calls >= sum(call.runs for call in profile.calls() if call.target is not None) > 100
    assert session.firmware.symbols.find("main") is not None


def test_flame_graphs_have_whole_cycles_that_add_up(folder: Path, report: dict[str, Any]) -> None:
    cycles = sum(each["cycles"] for each in report["functions"])
    lines = (folder / "p.collapsed").read_text().splitlines()
    weights = [int(line.rpartition(" ")[2]) for line in lines]
    assert lines == sorted(lines)
    assert sum(weights) == pytest.approx(cycles, abs=len(lines))
    scope = json.loads((folder / "p.speedscope.json").read_text())
    assert [each["name"] for each in scope["profiles"]] == [
        "all harts (cycles)",
        *(f"hart {hart} (cycles)" for hart in range(8)),
    ]
    for profile in scope["profiles"]:
        assert len(profile["samples"]) == len(profile["weights"])
        assert sum(profile["weights"]) == profile["endValue"]
        highest = max(frame for stack in profile["samples"] for frame in stack)
        assert highest < len(scope["shared"]["frames"])
    assert sum(each["endValue"] for each in scope["profiles"][1:]) == pytest.approx(
        cycles, abs=8 * len(lines)
    )


def test_the_report_names_lines_of_the_source(report: dict[str, Any]) -> None:
    lines = Firmware.read(PREBUILT / "attention.elf").lines
    known = {(str(row.file.path), row.line) for _, _, row in lines.spans}
    named = [(each["file"], each["line"]) for each in report["lines"] if each["file"] != "?"]
    assert len(named) > 100
    assert set(named) <= known
