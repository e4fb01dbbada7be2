"""Whole programs traced: the same every time, the run untouched, and readable by other tools."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace
from vcd.reader import TokenKind, tokenize

from tests.system.firmware_tree import PREBUILT, ROOT, board_of

PROGRAMS = ["attention", "interrupts", "dma_copy_idma", "hello_snitch"]
VIEWS = ["t.txt", "t.jsonl", "t.pftrace", "t.vcd", "t.ledger"]


def vplat(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vplat", *map(str, arguments)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended


def record(program: str, probe: str, folder: Path) -> dict[str, Any]:
    """Everything that can be recorded, in a folder; what ``--json`` says without host time."""
    folder.mkdir()
    options: list[str | Path] = ["--quiet", "--board", board_of(program), "--probe", probe]
    for name in VIEWS:
        options += ["--trace", folder / name]
    for name in ("p.json", "p.speedscope.json", "p.collapsed", "callgrind.out.p"):
        options += ["--profile", folder / name]
    options += ["--coverage", folder / "c.info", "--json", folder / "run.json"]
    vplat("run", PREBUILT / f"{program}.elf", *options)
    return results(folder / "run.json")


def results(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    del found["seconds"]
    path.write_text(json.dumps(found), "utf-8")
    return found


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_is_recorded_is_the_same_each_time_on_both_probes_and_changes_nothing(
    program: str, tmp_path: Path
) -> None:
    recorded = record(program, "native", tmp_path / "first")
    record(program, "native", tmp_path / "second")
    record(program, "python", tmp_path / "third")
    contents = [
        {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()}
        for folder in ("first", "second", "third")
    ]
    assert len(contents[0]) == len(VIEWS) + 6
    for other in contents[1:]:
        assert [name for name, text in other.items() if text != contents[0][name]] == []
    plain = tmp_path / "plain.json"
    elf = PREBUILT / f"{program}.elf"
    vplat("run", elf, "--quiet", "--board", board_of(program), "--json", plain)
    assert results(plain) == recorded


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the attention layer leaves, which uses DMA and accelerator."""
    path = tmp_path_factory.mktemp("traces") / "attention"
    record("attention", "native", path)
    return path


@pytest.fixture(scope="module")
def entries(folder: Path) -> list[dict[str, Any]]:
    """The entries of the JSON lines."""
    lines = (folder / "t.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


def test_the_ledger_knows_every_job_every_transfer_and_every_wake(
    folder: Path, entries: list[dict[str, Any]]
) -> None:
    devices = json.loads((folder / "run.json").read_text())["devices"]
    seen = Counter((each["kind"], each["path"]) for each in entries)
    assert seen["begin", "ita.job"] == seen["end", "ita.job"] == devices["ita"]["jobs"] > 0
    transfers = seen["begin", "mchan.transfer"]
    assert transfers == seen["end", "mchan.transfer"] == devices["mchan"]["jobs"] > 0
    moved = sum(
        each["bytes"]
        for each in entries
        if each["path"] == "mchan.transfer" and each["kind"] == "begin"
    )
    assert moved == devices["mchan"]["bytes"]
    sleeps = Counter(each["hart"] for each in entries if each["kind"] == "sleep")
    wakes = Counter(each["hart"] for each in entries if each["kind"] == "wake")
    assert set(sleeps) == set(range(8))
    assert all(0 <= sleeps[hart] - wakes[hart] <= 1 for hart in sleeps)


def test_every_access_of_a_hart_has_its_function_and_its_line(
    entries: list[dict[str, Any]],
) -> None:
    accesses = [each for each in entries if each["kind"] in ("read", "write")]
    assert len(accesses) > 1000
    assert [each for each in accesses if not each["function"] or ":" not in each["line"]] == []
    triggers = [each for each in accesses if each["path"] == "ita.trigger"]
    assert triggers
    assert all(each["line"].startswith("firmware/drivers/ita") for each in triggers)


def test_entries_are_in_the_order_of_time(entries: list[dict[str, Any]]) -> None:
    cycles = [each["cycle"] for each in entries]
    assert cycles == sorted(cycles)


def test_sleep_adds_up_to_what_the_run_says(folder: Path, entries: list[dict[str, Any]]) -> None:
    run = json.loads((folder / "run.json").read_text())
    slept = [0] * 8
    since: dict[int, int] = {}
    for each in entries:
        if each["kind"] == "sleep":
            since[each["hart"]] = each["cycle"]
        elif each["kind"] == "wake":
            slept[each["hart"]] += each["cycle"] - since.pop(each["hart"])
    for hart, begin in since.items():
        slept[hart] += run["cycles"] - begin
    assert slept == [hart["sleep_cycles"] for hart in run["harts"]]


def test_perfetto_gets_a_track_a_hart_with_nested_functions_and_counters(folder: Path) -> None:
    trace = Trace()
    trace.ParseFromString((folder / "t.pftrace").read_bytes())
    names = {
        each.track_descriptor.uuid: each.track_descriptor.name
        or each.track_descriptor.thread.thread_name
        for each in trace.packet
        if each.HasField("track_descriptor")
    }
    assert {f"hart {hart}" for hart in range(8)} <= set(names.values())
    assert {"ita", "job", "mchan", "transfer", "power", "mchan bandwidth"} <= set(names.values())
    stacks: dict[int, list[str]] = {}
    seen = set()
    for packet in trace.packet:
        event = packet.track_event
        stack = stacks.setdefault(event.track_uuid, [])
        if event.type == event.TYPE_SLICE_BEGIN:
            stack.append(event.name)
            seen.add((names[event.track_uuid], *stack))
        elif event.type == event.TYPE_SLICE_END:
            stack.pop()
    assert not any(stacks.values())
    assert ("hart 0", "_start", "runtime_start", "main") in seen
    assert any(path[0] == "hart 3" and path[-1] == "add_int8" for path in seen)
    assert any(path[-1].startswith("stalled ") for path in seen)


def test_the_energy_counter_adds_up_to_the_runs_energy(
    folder: Path, entries: list[dict[str, Any]]
) -> None:
    run = json.loads((folder / "run.json").read_text())
    samples = [each for each in entries if each["path"] == "energy"]
    assert len(samples) > 20
    assert samples[-1]["value"] == pytest.approx(run["energy"]["total_joules"])
    assert [each["value"] for each in samples] == sorted(each["value"] for each in samples)


def test_waves_can_be_read_and_show_the_accelerator_at_work(folder: Path) -> None:
    names, jobs = {}, []
    with (folder / "t.vcd").open("rb") as file:
        scopes: list[str] = []
        for token in tokenize(file):
            if token.kind is TokenKind.SCOPE:
                scopes.append(token.scope.ident)
            elif token.kind is TokenKind.UPSCOPE:
                scopes.pop()
            elif token.kind is TokenKind.VAR:
                names[token.var.id_code] = ".".join([*scopes, token.var.reference])
            elif token.kind is TokenKind.CHANGE_VECTOR:
                change = token.vector_change
                if names[change.id_code] == "ita.jobs":
                    jobs.append(change.value)
    assert {"harts.hart7.function", "ita.trigger", "mchan.transfers"} <= set(names.values())
    devices = json.loads((folder / "run.json").read_text())["devices"]
    assert jobs.count(1) == devices["ita"]["jobs"]


def test_a_trace_of_one_register_names_its_fields_and_nothing_else(tmp_path: Path) -> None:
    options = ["--select", "mchan.status", "--until", "60000", "--output"]
    vplat("trace", PREBUILT / "attention.elf", *options, tmp_path / "t.txt")
    lines = (tmp_path / "t.txt").read_text().splitlines()
    assert len(lines) > 5
    assert all(" mchan.status " in line for line in lines)
    assert any("active=" in line and "allocated=" in line for line in lines)
