"""Harts that share banks and a multiplier, on real code and on both probes."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.system.lab import LIMIT, Neighbour, Probe, Ran, assemble, board, run
from vplat.engines.unicorn_engine import UnicornEngine
from vplat.machine.board import Board
from vplat.machine.console import RecordingConsole
from vplat.machine.elf import Firmware
from vplat.machine.machine import Machine
from vplat.machine.rows import ACCESSES, COLUMNS, CYCLES, FRACTION_BITS, STALLED, UNIT_CYCLES, WAIT
from vplat.machine.run import Run
from vplat.timing import TimingTable

SNITCH = TimingTable.load("snitch")
RV32IMA = "rv32ima_zicsr_zifencei"
both_probes = pytest.mark.parametrize("native", [True, False], ids=["native", "python"])


def cluster(harts: int, *, banks: int = 32, turn: int = 200) -> Board:
    base = board(harts, RV32IMA, turn=turn, user=False)
    memories = tuple(
        dataclasses.replace(each, banks=banks) if each.name == "tcdm" else each
        for each in base.memories
    )
    return dataclasses.replace(base, memories=memories)


def on_all(body: str, rounds: int) -> str:
    """Each hart goes through ``body`` so often, and the last one to end it ends the run.

    s0 and s1 are free, s2 points to a word of the hart's own in the TCDM.
    """
    return f"""
        csrr a3, mhartid
        slli a3, a3, 3
        li   s2, DATA
        add  s2, s2, a3
        li   a2, {rounds}
        .balign 32
    again:
        {body}
        addi a2, a2, -1
        bnez a2, again
        li   a4, DATA + 0x400
        li   a5, 1
        amoadd.w a5, a5, (a4)
        lw   a6, 4(a4)
        bne  a5, a6, park
        li   a0, 0
        j    finish
    park:
        wfi
        j    park
    """


def run_on(harts: int, text: str, *, native: bool = True, banks: int = 32, wait: int = 0) -> Ran:
    """Run it on a cluster of Snitches, whose accesses wait for ``wait`` parts of a cycle."""
    machine = Machine(
        cluster(harts, banks=banks),
        {"lab_probe": Probe, "lab_neighbour": Neighbour},
        functools.partial(UnicornEngine, native=native),
        SNITCH,
        RecordingConsole(),
    )
    machine.load(Firmware.parse(assemble(text, RV32IMA), Path("lab.elf")))
    machine.bus.write(0x1000_0404, (harts - 1).to_bytes(4, "little"))
    machine.engine.rows[WAIT::COLUMNS] = memoryview(bytes(wait.to_bytes(8, "little") * harts)).cast(
        "q"
    )
    return Ran(Run(machine).until(max_cycles=LIMIT), machine, b"")


def column(ran: Ran, number: int) -> list[int]:
    return ran.machine.engine.rows[number::COLUMNS].tolist()


MACS = "mul t0, s0, s1\n mul t1, s0, s1\n mul t2, s0, s1\n mul t3, s0, s1"


@both_probes
def test_eight_harts_that_multiply_get_one_product_a_cycle_together(native: bool) -> None:
    ran = run_on(8, on_all(MACS, 1000), native=native)
    assert ran.outcome.status == 0
    assert column(ran, UNIT_CYCLES) == [4000] * 8
    assert max(column(ran, CYCLES)) == pytest.approx(8 * 4000, rel=0.02)


@both_probes
def test_one_hart_that_multiplies_waits_for_nobody(native: bool) -> None:
    ran = run_on(1, on_all(MACS, 1000), native=native)
    assert column(ran, STALLED) == [0]
    assert max(column(ran, CYCLES)) == pytest.approx(6 * 1000, rel=0.02)


@both_probes
def test_divisions_of_several_harts_go_one_after_the_other(native: bool) -> None:
    division = "li s0, 1000\n li s1, 3\n divu t0, s0, s1\n addi t0, t0, 1"
    ran = run_on(4, on_all(division, 500), native=native)
    busy = 3 + 8  # the quotient has 8 bits more than one whose operands are equally long
    assert column(ran, UNIT_CYCLES) == [500 * busy] * 4
    assert max(column(ran, CYCLES)) == pytest.approx(4 * 500 * busy, rel=0.02)


@both_probes
def test_harts_meet_at_the_banks(native: bool) -> None:
    loads = "lw t0, 0(s2)\n addi s0, s0, 1\n addi s0, s0, 1\n addi s0, s0, 1\n sw s0, 4(s2)"
    few, many = (run_on(8, on_all(loads, 2000), native=native, banks=n) for n in (4, 64))
    for ran, banks in ((few, 4), (many, 64)):
        made = column(ran, ACCESSES)
        assert all(accesses >= 4000 for accesses in made)
        lost = sum(column(ran, STALLED)) / sum(made) / (1 << FRACTION_BITS)
        others, cycles = 7 * 4000, max(column(ran, CYCLES))
        assert lost == pytest.approx(others / cycles / banks / 2, rel=0.1)


@both_probes
def test_accesses_wait_for_ports_that_hold_banks(native: bool) -> None:
    loads = on_all("lw t0, 0(s2)\n sw t0, 4(s2)", 1000)
    free, held = (run_on(1, loads, native=native, wait=wait) for wait in (0, 3 << 14))
    made = column(free, ACCESSES)[0]
    assert column(held, ACCESSES) == [made]
    assert column(held, CYCLES)[0] - column(free, CYCLES)[0] == made * 3 // 4


@both_probes
def test_a_core_without_a_shared_unit_loses_nothing_by_multiplying(native: bool) -> None:
    ran = run(
        "li a0, 0\n mul t0, a0, a0\n mul t1, a0, a0",
        on=cluster(4),
        native=native,
        march=RV32IMA,
        timing=TimingTable.load("ri5cy"),
    )
    assert column(ran, UNIT_CYCLES) == [0] * 4


pieces = st.sampled_from(
    (
        "mul t0, s0, s1",
        "lw t1, 0(s2)",
        "sw s0, 4(s2)",
        "addi s0, s0, 3",
        "remu t2, s0, s1",
        "amoadd.w t3, s1, (s2)",
        "beqz t1, 1f\n addi s1, s1, 1\n 1:",
        "li s3, PORT\n lw t4, 0(s3)",
        "csrr t5, mcycle\n sw t5, 0(s2)",
    )
)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(pieces, min_size=1, max_size=6),
    st.integers(1, 5),
    st.sampled_from((0, 1000, 70_000)),
    st.sampled_from((2, 32)),
)
def test_both_probes_give_the_same_cycles(
    body: list[str], harts: int, wait: int, banks: int
) -> None:
    text = on_all("\n".join(body), 150)
    one, other = (
        run_on(harts, text, native=native, banks=banks, wait=wait) for native in (True, False)
    )
    assert one.outcome == other.outcome
    for number in (CYCLES, ACCESSES, UNIT_CYCLES, STALLED):
        assert column(one, number) == column(other, number)
