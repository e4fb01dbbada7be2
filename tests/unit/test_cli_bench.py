"""``vplat bench speed``: the program it runs, and what it reports."""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit import tiny_firmware
from tests.unit.command_line import CommandLine
from vplat.cli.speed import measuring, report
from vplat.cli.speed.accelerator import JOBS, Flow, attention
from vplat.cli.speed.flat import FlatCosts, run_flat
from vplat.cli.speed.measuring import Extent, Speed, Stand
from vplat.cli.speed.places import loop_for, place
from vplat.cli.speed.process import Process
from vplat.cli.speed.program import LOAD_LOOP, MEMORY_LOOP, STORE_LOOP, TABLE_LOOP, Access, Loop
from vplat.errors import ToolError, VplatError
from vplat.machine.elf import Firmware
from vplat.machine.isa import Decoder, Isa
from vplat.machine.pricing import FirstRun, Seen
from vplat.plugins import Plugins

TINY = Extent(rounds=2, iterations=200, accesses=20, attentions=2)


@pytest.fixture
def stand() -> Iterator[Stand]:
    with Stand("pulp-ita", Plugins(installed=False), TINY) as stand:
        yield stand


def mnemonics(words: tuple[int, ...]) -> list[str]:
    decoder = Decoder(Isa.parse("rv32imafc_zicsr"))
    return [decoder.decode(word).mnemonic for word in words]


def test_the_loop_is_six_instructions_with_a_load_and_a_store(stand: Stand) -> None:
    loop = loop_for(stand.board, MEMORY_LOOP, 1000, harts=1)
    words = place(stand.board, loop).words
    at = words.index(MEMORY_LOOP[0])
    assert mnemonics(words[at : at + 6]) == ["lw", "add", "sw", "addi", "addi", "bne"]
    assert loop.instructions == 6000


def test_the_loops_on_a_register_access_it_once_a_round() -> None:
    assert mnemonics(LOAD_LOOP) == ["lw"]
    assert mnemonics(STORE_LOOP) == ["sw"]


def test_the_program_is_an_elf_that_the_board_takes(stand: Stand, tmp_path: Path) -> None:
    program = place(stand.board, loop_for(stand.board, MEMORY_LOOP, 10, harts=8))
    (tmp_path / "loop.elf").write_bytes(program.elf())
    firmware = Firmware.read(tmp_path / "loop.elf")
    assert (firmware.entry, firmware.segments[0].data) == (program.base, program.code)
    assert firmware.warnings == ()


@pytest.mark.parametrize("harts", [1, 3, 8])
def test_so_many_harts_run_the_loop_and_the_others_sleep(stand: Stand, harts: int) -> None:
    result, seconds = stand.run(loop_for(stand.board, MEMORY_LOOP, 500, harts=harts))
    assert seconds > 0
    instructions = [hart.instructions for hart in result.statistics.harts]
    assert [count > 3000 for count in instructions] == [True] * harts + [False] * (8 - harts)
    assert all(count < 10 for count in instructions[harts:])


def test_the_bare_engine_runs_the_very_same_code(stand: Stand) -> None:
    loop = loop_for(stand.board, MEMORY_LOOP, 1000, harts=1)
    assert stand.bare_mips(loop) > 0
    assert stand.platform_mips(loop) > 0
    assert stand.flat_mips(loop) > 0


def test_with_flat_costs_every_instruction_takes_a_cycle() -> None:
    block = Decoder(Isa.parse("rv32im")).block(struct.pack("<4I", *MEMORY_LOOP))
    price = FlatCosts().price(FirstRun(0, block, [Seen(wait_states=9, accesses=1)] * 4))
    assert (list(price.cycles), list(price.unit_cycles)) == ([1] * 4, [0] * 4)


def test_a_program_that_fails_with_flat_costs_is_no_measurement(
    stand: Stand, tmp_path: Path
) -> None:
    elf = tiny_firmware.exits(tmp_path / "app.elf", 3)
    with pytest.raises(VplatError, match="did not end well with flat costs"):
        run_flat(stand.board, stand.kinds, elf)


def test_a_table_of_accesses_is_made_in_its_order(stand: Stand) -> None:
    base = stand.board.memory_at(0x1C00_0000)
    assert base is not None
    here = base.base + 0x2_0000
    accesses = (Access(here, 0x1234_5678), Access(here + 4, 0), Access(here))
    loop = dataclasses.replace(loop_for(stand.board, TABLE_LOOP, 2, harts=1), table=accesses)
    assert stand.run(loop)[0].exit_status == 0


@pytest.mark.parametrize(
    ("flow", "jobs"), [(Flow.DRIVEN, 3 * JOBS), (Flow.TIMED, 3 * JOBS), (Flow.WRITTEN, 0)]
)
def test_the_jobs_of_an_attention_all_run_and_break_no_rule(
    stand: Stand, flow: Flow, jobs: int
) -> None:
    accesses = attention(stand.board, stand.kinds, flow)
    assert accesses is not None
    loop = Loop(TABLE_LOOP, 3, 0x1000_0100, 0x1000_0000, table=accesses)
    result, _ = stand.run(loop)
    assert result.findings == ()
    assert result.statistics.devices["ita"].activities.get("jobs", 0) == jobs


def test_a_board_without_the_accelerator_has_no_jobs_to_time(stand: Stand) -> None:
    devices = tuple(device for device in stand.board.devices if device.kind != "ita")
    bare = dataclasses.replace(stand.board, devices=devices)
    assert attention(bare, stand.kinds, Flow.DRIVEN) is None


def test_ratios_compare_the_rounds_that_were_side_by_side() -> None:
    slow_host = Speed((100.0, 10.0, 100.0))
    assert Speed((90.0, 9.0, 80.0)).ratio_to(slow_host) == pytest.approx(0.9)
    assert slow_host.mips == 100.0


def test_the_report_has_every_goal_with_what_was_measured(
    vplat: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "QUICK", TINY)
    monkeypatch.setattr(report, "QUICK", TINY)
    monkeypatch.setattr(report, "measure", lambda elf, rounds: Process(0.4, 80.0))
    ended = vplat("bench", "speed", "--quick", "--json")
    assert ended.status == 0
    found = json.loads(ended.out)
    assert set(found["loop"]) == {
        *("bare", "one_hart", "all_harts", "python_probe"),
        "flat_costs",
        "profiled",
        "covered",
    }
    assert found["loop"]["one_hart"]["ratio"] > 0
    assert len(found["loop"]["bare"]["rounds"]) == TINY.rounds
    assert {goal["what"] for goal in found["goals"]} >= {
        "one_hart",
        "all_harts",
        "accounting",
        "profiled",
        "covered",
        "mmio_load",
        "mmio_store",
        "ita_job",
        "hello",
        "hello_resident",
    }
    assert found["hello"] == {"seconds": 0.4, "resident_megabytes": 80.0}
    shown = vplat("bench", "speed", "--quick").out
    for text in (
        "loop, bare engine",
        "100 %",
        "at least 85 %",
        "ITA tile job",
        "turns of",
        "flat costs",
    ):
        assert text in shown


def test_a_process_is_measured_from_start_to_end(tmp_path: Path) -> None:
    from vplat.cli.speed.process import measure

    found = measure(tiny_firmware.exits(tmp_path / "app.elf"), 1)
    assert found.seconds > 0
    assert 10 < found.resident_megabytes < 2000
    with pytest.raises(ToolError, match="ended with status 3"):
        measure(tiny_firmware.exits(tmp_path / "app.elf", 3), 1)
