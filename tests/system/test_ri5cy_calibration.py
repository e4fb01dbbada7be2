"""The programs that RI5CY's RTL was measured with, run as code (`pulp-cluster.md` section 5.1).

They are our own assembly. A program is timed by two loads of the probe's cycle around it, where the
RTL's testbench has a counter of its own.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.system.lab import board, run
from vplat.instructions.event_load import vplat_instructions
from vplat.machine.board import MemorySpec
from vplat.timing import TimingTable

TOLERANCE = 10
"""Cycles; upstream allows 10 to 15, and 20 for misaligned loads from slow memory."""
SLOW, LATENCY = 0x4000_0000, 5
"""Memory that answers in the fifth cycle."""
STAMP = 4
"""The probe's register with the cycle of a load."""
FOUR = ("t0", "t1", "t2", "t3")
OPERATIONS = ("div", "divu", "rem", "remu")
DIVISORS = {0x9876: 307, 1: 547, 0x4000_0000: 67, 0: 563}
GUIDE = (Path(__file__).parents[2] / "docs" / "timing.md").read_text("utf-8")


def repeated(template: str, times: int) -> str:
    """So many times ``template``, with four registers in turn for r and eight words for w."""
    lines = (template.format(r=FOUR[n % 4], w=4 * (n % 8), m=4 * (n % 8) + 1) for n in range(times))
    return "\n".join(lines)


def division(divisor: int, operation: str = "div", into: str = "{r}") -> str:
    """16 divisions by what is in a register when their block begins."""
    set_up = f"li a2, 0x12345678\n li a3, {divisor}\n j timed\n .balign 64\n timed:\n"
    return set_up + "{stamp}" + repeated(f"{operation} {into}, a2, a3", 16)


PROGRAMS = {
    "256 loads": ([repeated("lw {r}, {w}(a0)", 256)], [256]),
    "128 load-use pairs": ([repeated("lw {r}, {w}(a0)\n addi {r}, {r}, 1", 128)], [384]),
    "128 misaligned loads": ([repeated("lw {r}, {m}(a0)", 128)], [256]),
    "the same at latency 5": ([repeated("lw {r}, {m}(a1)", 128)], [1281]),
    "64 loads at latency 5, each used one instruction later": (
        [repeated("lw {r}, {w}(a1)\n addi a2, a2, 1\n addi {r}, {r}, 1", 64)],
        [448],
    ),
    "64 `p.elw` at latency 5": ([repeated(".insn i 0x03, 6, {r}, {w}(a1)", 64)], [449]),
    "64 `mulh`, independent or chained": (
        [repeated("mulh {r}, a2, a3", 64), repeated("mulh a2, a2, a3", 64)],
        [323, 323],
    ),
    "128 taken `beq x0, x0`": ([repeated("beq x0, x0, 1f\n 1:", 128)], [387]),
    "32 of `auipc`, `addi`, dependent `jalr`": (
        [repeated("auipc {r}, 0\n addi {r}, {r}, 12\n jalr zero, 0({r})", 32)],
        [161],
    ),
    "16 divisions by 0x9876, 1, 0x40000000, 0": (
        [division(divisor) for divisor in DIVISORS],
        list(DIVISORS.values()),
    ),
}


def took(program: str, *, native: bool = True) -> int:
    """The cycles from one reading of the counter to the next, with ``program`` in between.

    a0 holds the address of memory that answers in the next cycle, a1 that of slow memory.
    """
    stamp = f"lw s2, {STAMP}(s0)\n"
    timed = program.replace("{stamp}", stamp) if "{stamp}" in program else stamp + program
    base = board()
    slow = MemorySpec("slow", SLOW, 0x1000, wait_states=LATENCY - 1)
    ran = run(
        f"""
        li   s0, PROBE
        li   a0, DATA
        li   a1, {SLOW}
        j    begin
        .balign 64
        begin:
        {timed}
        lw   s3, {STAMP}(s0)
        sub  a0, s3, s2
        """,
        on=dataclasses.replace(base, memories=(*base.memories, slow)),
        native=native,
        march="rv32imf_zicsr_zifencei",
        timing=TimingTable.load("ri5cy"),
        instruction_sets=list(vplat_instructions()),
    )
    assert ran.outcome.status is not None, ran.outcome
    return ran.outcome.status


@pytest.mark.parametrize("native", [True, False], ids=["native", "python"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_takes_what_it_took_on_the_rtl(name: str, native: bool) -> None:
    programs, measured = PROGRAMS[name]
    for program, cycles in zip(programs, measured, strict=True):
        assert abs(took(program, native=native) - cycles) <= TOLERANCE


@pytest.mark.parametrize("into", ["{r}", "a2"], ids=["independent", "chained"])
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("divisor", DIVISORS)
def test_all_divisions_take_what_their_divisor_says(
    divisor: int, operation: str, into: str
) -> None:
    found = took(division(divisor, operation, into))
    assert abs(found - DIVISORS[divisor]) <= TOLERANCE


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_guide_shows_what_the_programs_take(name: str) -> None:
    programs, measured = PROGRAMS[name]
    rows = [line for line in GUIDE.splitlines() if line.startswith(f"| {name} |")]
    shown = [
        ", ".join(dict.fromkeys(map(str, figures)))
        for figures in (measured, [took(program) for program in programs])
    ]
    assert rows == [f"| {name} | {' | '.join(shown)} |"]
