"""Which way branches went is counted exactly, whatever happens in between."""

from __future__ import annotations

import functools
import struct
from collections import Counter
from pathlib import Path

import pytest

from tests.system import lab
from tests.system.firmware_tree import PREBUILT, board_of
from vplat.engines.unicorn_engine import UnicornEngine
from vplat.machine.isa import InstructionClass
from vplat.machine.machine import Machine
from vplat.model import Observer
from vplat.plugins import Plugins
from vplat.session import HostConsole, Session, Settings
from vplat.session.observing import FunctionNumbers
from vplat.trace.coverage.branches import Branches
from vplat.trace.tracing import Tracing

PROGRAMS = ["attention", "interrupts", "dma_copy_idma", "hello_snitch"]


def ways(
    text: str, *, native: bool, harts: int = 1, turn: int = 1000
) -> dict[str, tuple[int, int]]:
    """How often each branch of assembly text was taken and not, by the label in front of it."""
    observers: list[Branches] = []

    def watch(machine: Machine) -> None:
        observers.append(Branches(machine))
        machine.watching.watch(observers[0])

    ran = lab.run(
        text,
        on=lab.board(harts, turn=turn),
        native=native,
        prepare=watch,
        engine=functools.partial(UnicornEngine, counts_falls=True),
    )
    assert ran.outcome.status == 0, ran.outcome
    runs, not_taken = observers[0].runs(), observers[0].not_taken()
    return {
        ran.firmware.symbols.name(address): (runs[address] - count, count)
        for address, count in not_taken.items()
    }


def test_a_loop_and_its_guard_are_told_apart(native: bool) -> None:
    text = """
        li s0, 5
    again:
        mv t0, s0
    guard: beqz t0, over
    body:
        addi t0, t0, -1
    loop: bnez t0, body
    over:
        addi s0, s0, -1
    outer: bgez s0, again
        li a0, 0
    """
    assert ways(text, native=native) == {"guard": (1, 5), "loop": (10, 5), "outer": (5, 1)}


def test_a_branch_whose_two_ways_lead_to_code_that_falls_through_is_counted(native: bool) -> None:
    text = """
        li s0, 9
    again:
        andi t0, s0, 1
    odd: bnez t0, skip
        nop
    skip:
        addi s0, s0, -1
    outer: bnez s0, again
        li a0, 0
    """
    assert ways(text, native=native) == {"odd": (5, 4), "outer": (8, 1)}


def test_a_load_behind_a_branch_that_waits_and_is_issued_again_counts_once(native: bool) -> None:
    text = """
        li t1, PROBE
        li t0, 200
        sw t0, 0x08(t1)
    early: beqz t0, finish
        lw t2, 0x10(t1)
        lw t2, 0x44(t1)
    late: beqz t2, finish
        li a0, 0
    """
    assert ways(text, native=native) == {"early": (0, 1), "late": (0, 1)}


DISTURBED = """
        csrr t0, mhartid
        li s1, PROBE
        li s2, DATA
    split: bnez t0, disturb
        la t1, handler
        csrw mtvec, t1
        li t1, 1 << 11
        csrw mie, t1
        csrsi mstatus, 8
        sw t1, 0(s2)
        li s0, 3000
        li s3, 0
    loop:
        addi s0, s0, -1
    never: bltz s0, disturb
        addi s3, s3, 1
    back: bnez s0, loop
        csrci mstatus, 8
        lw t1, 4(s2)
        li a0, 1
    few: beqz t1, finish
        li a0, 0
        j finish
    disturb:
        lw t1, 0(s2)
    early: beqz t1, disturb
        li t1, 1 << 16 | 1
        sw t1, 0x14(s1)
        j disturb
        .align 2
    handler:
        li t4, 1
        sw t4, 0x14(s1)
        lw t4, 4(s2)
        addi t4, t4, 1
        sw t4, 4(s2)
        mret
    """
"""Hart 1 interrupts hart 0 again and again, which counts the interrupts and takes 3000 steps."""


def test_interrupts_right_behind_a_branch_hide_nothing(native: bool) -> None:
    found = ways(DISTURBED, native=native, harts=2, turn=7)
    assert found["never"] == (0, 3000)
    assert found["back"] == (2999, 1)
    assert found["few"] == (0, 1)


class Edges(Observer):
    """Notes from which block to which harts go, where every block is a function of its own."""

    def __init__(self) -> None:
        self.seen: Counter[tuple[int, int]] = Counter()

    def functions_entered(self, steps: bytes) -> None:
        """Keep the edges."""
        for _, _, begin, end in struct.iter_unpack("=4q", steps):
            self.seen[begin, end] += 1


@pytest.mark.parametrize("program", PROGRAMS)
def test_in_whole_programs_the_counts_are_those_of_every_single_step(
    program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def number(numbers: FunctionNumbers, address: int) -> int:
        return numbers._numbers.setdefault(address, len(numbers._numbers))

    monkeypatch.setattr(FunctionNumbers, "__call__", number)
    settings = Settings(
        board=board_of(program),
        coverage=True,
        trace=Tracing(("harts[0].function",), functions=True),
    )
    elf = Path(PREBUILT / f"{program}.elf")
    session = Session(elf, Plugins(installed=False), HostConsole(), settings)
    machine, edges = session.machine, Edges()
    machine.watching.watch(edges)
    session.run()
    machine.engine.tell_steps()
    behind: Counter[int] = Counter()
    blocks = machine.blocks.blocks
    for (begin, end), times in edges.seen.items():
        block = blocks[begin]
        if begin >= 0 and blocks[end].address == block.address + len(block.code):
            behind[block.addresses[-1]] += times
    branches = {
        block.addresses[-1]
        for block in blocks
        if block.instructions[-1].kind is InstructionClass.BRANCH
    }
    found = session.observers.get(Branches).not_taken()
    assert len(branches) > 40
    assert {address: behind[address] for address in branches} == dict(found)
