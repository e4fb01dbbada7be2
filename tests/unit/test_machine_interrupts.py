"""Interrupts: which is taken, when, and what the hart and the device see of it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.machine_samples import (
    AMBUSH,
    GATE,
    LEVEL,
    OPEN,
    REQUEST,
    STAMP,
    WITHDRAW,
    beacon,
    enable_interrupts,
    machine,
)
from vplat.engines.script import Step
from vplat.machine.csr import (
    MACHINE,
    MCAUSE,
    MEPC,
    MIE,
    MSTATUS,
    MSTATUS_MIE,
    MSTATUS_MPIE,
    MSTATUS_MPP,
    MSTATUS_MPRV,
    MTVAL,
    MTVEC,
    USER,
)
from vplat.machine.hart import PRIORITY, Hart, HartState
from vplat.machine.machine import TRAP_CYCLES
from vplat.testing import ECALL, MRET, WFI, Call, Load, ScriptedMachine, Store, Work

HANDLER = 0x100
EXTERNAL = {"lit": ("harts.external",)}
RAISE, LOWER = 1 << 16 | 1, 1
STANDARD_AND_FAST = 0xFFFF_0888


def idle_hart() -> Hart:
    """A hart that does nothing, in machine mode with interrupts off."""
    return machine({0: []}).harts[0]


def handled(
    steps: Sequence[Step], others: Sequence[Step], *, mie: int = 0x800, turn_cycles: int = 1
) -> tuple[ScriptedMachine, list[tuple[int, int]]]:
    """Run two scripts, the first of them with a handler that notes its time and mcause."""
    noted: list[tuple[int, int]] = []

    def note() -> None:
        hart = made.harts[0]
        noted.append((hart.clock, hart.csrs.values[MCAUSE]))

    handler = [Call(note), Store(LEVEL, LOWER), Store(REQUEST, WITHDRAW), MRET]
    made = machine(
        {0: {0: steps, HANDLER: handler}, 1: others}, events=EXTERNAL, turn_cycles=turn_cycles
    )
    enable_interrupts(made, 0, handler=made.entry(0) + HANDLER, mie=mie)
    made.run()
    return made, noted


IDLE = idle_hart()


@given(
    lines=st.integers(0, 0xFFFF_FFFF),
    enabled=st.integers(0, 0xFFFF_FFFF),
    requested=st.none() | st.integers(0, 31),
    privilege=st.sampled_from([MACHINE, USER]),
    on=st.booleans(),
)
def test_the_interrupt_to_take_is_the_first_by_priority(
    lines: int, enabled: int, requested: int | None, privilege: int, on: bool
) -> None:
    hart = IDLE
    hart.csrs.mie, hart.lines = enabled & STANDARD_AND_FAST, lines & STANDARD_AND_FAST
    hart.request = None if requested is None else (requested, "beacon")
    hart.privilege, hart.csrs.mstatus = privilege, MSTATUS_MIE if on else 0
    order = [11, 3, 7, *range(31, 15, -1)]
    ready = [number for number in order if lines & enabled & STANDARD_AND_FAST & 1 << number]
    expected = requested if requested is not None else next(iter(ready), None)
    if privilege == MACHINE and not on:
        expected = None
    assert hart.next_interrupt() == expected


def test_every_interrupt_that_can_be_enabled_has_a_priority() -> None:
    hart = idle_hart()
    hart.csrs.write(MIE, 0xFFFF_FFFF)
    enabled = hart.csrs.read(MIE)
    assert sorted(PRIORITY) == [bit for bit in range(32) if enabled >> bit & 1]


def test_a_level_is_taken_before_the_next_instruction() -> None:
    made, noted = handled([Work(100)], [Work(30), Store(LEVEL, RAISE)])
    assert noted == [(31 + TRAP_CYCLES, 0x8000_000B)]
    assert made.harts[0].instructions == 100 + 3


def test_a_hart_may_raise_its_own_level() -> None:
    made, noted = handled([Work(5), Store(LEVEL, RAISE), Work(7)], [], turn_cycles=1000)
    assert noted == [(6 + TRAP_CYCLES, 0x8000_000B)]
    assert made.harts[0].csrs.peek(MEPC) == made.entry(0) + 8


def test_trap_and_return_keep_what_the_specification_says() -> None:
    hart = idle_hart()
    hart.csrs.write(MTVEC, 0x8000_0100)
    hart.csrs.write(MSTATUS, MSTATUS_MIE | MSTATUS_MPRV)
    hart.csrs.write(MIE, 0x800)
    hart.privilege = USER
    hart.set_line(11, 1, 0)
    hart.take_interrupt()
    assert hart.privilege == MACHINE
    assert hart.csrs.mstatus == MSTATUS_MPIE | MSTATUS_MPRV, "MPP is user mode, MIE is off"
    assert hart.csrs.values[MTVAL] == 0
    assert hart.pc == 0x8000_0100
    hart.csrs.values[MEPC] = 0x8000_0044
    assert hart.return_from_trap() == 0x8000_0044
    assert hart.privilege == USER
    assert hart.csrs.mstatus == MSTATUS_MIE | MSTATUS_MPIE, (
        "MPRV is cleared on the way to user mode"
    )


def test_a_return_to_machine_mode_keeps_mprv() -> None:
    hart = idle_hart()
    hart.csrs.write(MSTATUS, MSTATUS_MPP | MSTATUS_MPRV)
    hart.return_from_trap()
    assert hart.privilege == MACHINE
    assert hart.csrs.mstatus == MSTATUS_MPIE | MSTATUS_MPRV


@pytest.mark.parametrize(
    ("mode", "offset"), [pytest.param(0, 0, id="direct"), pytest.param(1, 4 * 27, id="vectored")]
)
def test_an_interrupt_enters_by_the_mode_of_mtvec(mode: int, offset: int) -> None:
    hart = idle_hart()
    hart.csrs.write(MTVEC, 0x8000_0100 | mode)
    hart.csrs.write(MIE, 1 << 27)
    hart.csrs.write(MSTATUS, MSTATUS_MIE)
    hart.set_line(27, 1, 0)
    hart.take_interrupt()
    assert hart.pc == 0x8000_0100 + offset


def test_an_exception_enters_at_the_base_though_mtvec_is_vectored() -> None:
    hart = idle_hart()
    hart.csrs.write(MTVEC, 0x8000_0101)
    hart.trap(11, 0x8000_0000, 0)
    assert hart.pc == 0x8000_0100


def test_a_level_that_was_lowered_in_time_is_not_taken() -> None:
    _, noted = handled(
        [Work(100)],
        [Work(30), Store(LEVEL, RAISE), Store(LEVEL, LOWER)],
        turn_cycles=16,
    )
    assert noted == []


def test_levels_that_mie_leaves_out_are_not_taken() -> None:
    _, noted = handled([Work(100)], [Store(LEVEL, RAISE)], mie=0x88)
    assert noted == []


def test_a_request_needs_no_mie_and_is_acknowledged_once_at_the_time_of_its_hart() -> None:
    made, noted = handled([Work(100)], [Work(30), Store(REQUEST, 9)], mie=0)
    assert noted == [(31 + TRAP_CYCLES, 0x8000_0009)]
    assert beacon(made).taken == [(31 + TRAP_CYCLES, 0, 9)]
    assert made.harts[0].request is None


def test_a_request_for_one_hart_leaves_the_others_alone() -> None:
    made = machine({0: [Store(REQUEST, 2 << 8 | 4), Work(10)]}, harts=3)
    made.run()
    assert [hart.request for hart in made.harts] == [None, None, (4, "beacon")]


def test_a_request_that_was_withdrawn_is_not_taken() -> None:
    _, noted = handled(
        [Work(100)], [Work(30), Store(REQUEST, 9), Store(REQUEST, WITHDRAW)], turn_cycles=16
    )
    assert noted == []


def test_an_interrupt_wakes_a_stalled_hart_and_the_access_is_issued_again() -> None:
    made, noted = handled(
        [Work(10), Load(GATE), Work(1)],
        [Work(50), Store(LEVEL, RAISE), Work(50), Store(OPEN, 1)],
    )
    assert noted == [(50 + TRAP_CYCLES, 0x8000_000B)]
    first, again, at_last = (cycle for cycle, _ in beacon(made).issued)
    assert (first, again, at_last) == (10, 50 + TRAP_CYCLES + 3, 101)
    assert made.harts[0].csrs.peek(MEPC) == made.entry(0) + 4
    assert made.harts[0].instructions == 12 + 3


def test_an_interrupt_that_an_access_raises_before_it_stalls_is_taken() -> None:
    made, noted = handled([Work(10), Load(AMBUSH), Work(1)], [Work(50), Store(OPEN, 1)])
    assert noted[0] == (10 + TRAP_CYCLES, 0x8000_000B)
    assert made.harts[0].state is HartState.RUNNING
    assert made.harts[0].csrs.peek(MEPC) == made.entry(0) + 4


def test_a_stalled_hart_sleeps_on_through_interrupts_that_are_off() -> None:
    made, noted = handled(
        [Load(GATE)], [Work(50), Store(LEVEL, RAISE), Work(50), Store(OPEN, 1)], mie=0
    )
    assert noted == []
    assert beacon(made).issued == [(0, 0), (101, 0)]


def test_a_hart_in_wfi_wakes_into_the_handler() -> None:
    made, noted = handled([Work(10), WFI, Load(STAMP)], [Work(70), Store(LEVEL, RAISE)])
    assert noted == [(70 + TRAP_CYCLES, 0x8000_000B)]
    assert made.harts[0].csrs.peek(MEPC) == made.entry(0) + 8
    assert made.harts[0].sleep_cycles == 70 - 11


def test_wfi_ends_without_a_handler_while_interrupts_are_off() -> None:
    seen: list[int] = []
    made = machine(
        {0: [WFI, Load(STAMP, into=seen)], 1: [Work(33), Store(LEVEL, RAISE)]}, events=EXTERNAL
    )
    made.harts[0].csrs.write(MIE, 0x800)
    made.run()
    assert seen == [33]
    assert made.harts[0].state is HartState.RUNNING


def test_wfi_sleeps_through_a_level_that_mie_leaves_out() -> None:
    made = machine({0: [WFI, Work(1)], 1: [Work(33), Store(LEVEL, RAISE)]}, events=EXTERNAL)
    made.harts[0].csrs.write(MIE, 0x80)
    made.run()
    assert made.harts[0].state is HartState.WAITING


def test_a_pending_interrupt_is_taken_when_a_handler_returns() -> None:
    order: list[str] = []

    def skip() -> None:
        made.harts[0].csrs.values[MEPC] += 4

    handler = [Call(lambda: order.append("in")), Call(skip), Store(LEVEL, RAISE), MRET]
    inner = [Call(lambda: order.append("again")), Store(LEVEL, LOWER), MRET]
    made = machine({0: {0: [ECALL, Work(3)], 0x100: handler, 0x12C: inner}}, events=EXTERNAL)
    enable_interrupts(made, 0, handler=made.entry(0) + 0x101, mie=0x800)
    made.run()
    assert order == ["in", "again"]
    assert made.harts[0].csrs.peek(MCAUSE) == 0x8000_000B


def test_a_taken_interrupt_ends_a_reservation() -> None:
    hart = idle_hart()
    hart.reservation = 0x8000_0000, 1
    hart.csrs.write(MSTATUS, MSTATUS_MIE)
    hart.request_interrupt(5, "beacon", 0)
    hart.take_interrupt()
    assert hart.reservation is None
