"""Interrupts: by mip and by number, direct and vectored, nested, and out of sleep."""

from __future__ import annotations

import pytest

from tests.system.lab import DATA, board, run
from vplat.machine.hart import HartState
from vplat.machine.outcome import Ending

SETUP = """
    la t0, vectors
    addi t0, t0, {mode}
    csrw mtvec, t0
    li s0, PROBE
    li s1, DATA
    li t0, 0x800
    csrw mie, t0
    csrsi mstatus, 8
"""
HANDLER = """
    .balign 256
vectors:
    .option push
    .option norvc
    j handler
    .rept 8
    j other
    .endr
    j nine
    j other
    j eleven
    .option pop
other:
    li a0, 99
    j finish
nine:
    li t1, 9
    j noted
eleven:
    li t1, 11
    j noted
handler:
    li t1, 1
noted:
    sw t1, 0(s1)
    csrr t2, mcause
    sw t2, 4(s1)
    csrr t2, mepc
    sw t2, 8(s1)
    li t2, 1
    sw t2, 0x14(s0)
    li t2, 4
    sw t2, 0x0c(s0)
    csrr t2, mstatus
    sw t2, 12(s1)
    lw t3, 16(s1)
    addi t3, t3, 1
    sw t3, 16(s1)
    mret
"""
OFF = "csrci mstatus, 8\n"
RAISE = "li t0, 0x10001\nsw t0, 0x14(s0)\n"
WAIT_UNTIL_TAKEN = "1: lw t4, 16(s1)\nbeqz t4, 1b\nli a0, 0\nj finish\n"


@pytest.mark.parametrize(("mode", "entered"), [(0, 1), (1, 11)])
def test_a_line_interrupts_through_the_handler_of_its_mode(
    mode: int, entered: int, native: bool
) -> None:
    body = RAISE + "nop\nnop\n" + WAIT_UNTIL_TAKEN
    ran = run(SETUP.format(mode=mode) + body + HANDLER, native=native)
    noted, cause, _, status, count = ran.words(DATA, 5)
    assert ran.outcome.status == 0
    assert (noted, cause, count) == (entered, 0x8000_000B, 1)
    assert status & 0x1888 == 0x1880, "MPP is machine, MPIE was MIE, MIE is off"


def test_a_request_by_number_needs_no_mie_and_is_acknowledged(native: bool) -> None:
    body = "csrw mie, zero\nli t0, 2\nsw t0, 0x0c(s0)\n" + WAIT_UNTIL_TAKEN
    ran = run(SETUP.format(mode=1) + body + HANDLER, native=native)
    assert ran.words(DATA, 2) == [9, 0x8000_0009]
    assert ran.probe.taken == [(0, 9)]


def test_no_interrupt_is_taken_while_they_are_off(native: bool) -> None:
    body = OFF + RAISE + "nop\nlw a0, 16(s1)\ncsrr a1, mip\nsw a1, 20(s1)\nj finish\n"
    ran = run(SETUP.format(mode=0) + body + HANDLER, native=native)
    assert ran.outcome.status == 0
    assert ran.word(DATA + 20) == 0x800


def test_switching_interrupts_on_takes_the_pending_one_at_once(native: bool) -> None:
    body = OFF + RAISE + "nop\nculprit: csrsi mstatus, 8\nlw a0, 16(s1)\nj finish\n"
    ran = run(SETUP.format(mode=0) + body + HANDLER, native=native)
    assert ran.outcome.status == 1


def test_wfi_wakes_into_the_handler_and_goes_on_behind_itself(native: bool) -> None:
    body = """
        csrr t0, mhartid
        bnez t0, 1f
        wfi
        lw a0, 16(s1)
        j finish
    1:  li t0, 500
    2:  addi t0, t0, -1
        bnez t0, 2b
        li t0, 0x10001
        sw t0, 0x14(s0)
        j .
    """
    ran = run(SETUP.format(mode=0) + body + HANDLER, on=board(2), native=native)
    assert ran.outcome.status == 1
    assert ran.machine.harts[0].sleep_cycles > 900


def test_wfi_sleeps_on_through_an_alarm_that_interrupts_nobody(native: bool) -> None:
    body = "li t0, 500\nsw t0, 8(s0)\nwfi\nlw a0, 16(s1)\nj finish\n"
    ran = run(SETUP.format(mode=0) + body + HANDLER, native=native, limit=5000)
    assert ran.outcome.ending is Ending.DEADLOCKED


def test_wfi_with_a_pending_but_disabled_interrupt_does_not_sleep(native: bool) -> None:
    body = OFF + RAISE + "wfi\nli a0, 3\nj finish\n"
    ran = run(SETUP.format(mode=0) + body + HANDLER, native=native)
    assert ran.outcome.status == 3


def test_wfi_without_any_enabled_interrupt_is_a_deadlock_that_says_so(native: bool) -> None:
    ran = run("csrw mie, zero\nwfi", native=native)
    (waiting,) = ran.outcome.waiting
    assert ran.outcome.ending is Ending.DEADLOCKED
    assert waiting.reason == "wfi"
    assert "none is enabled" in waiting.explanation


NESTED = """
    la t0, handler
    csrw mtvec, t0
    li s0, PROBE
    li s1, DATA
    li t0, 0x800
    csrw mie, t0
    csrsi mstatus, 8
    li t0, 0x10001
    sw t0, 0x14(s0)
    nop
1:  lw t0, (s1)
    li t1, 2
    bne t0, t1, 1b
    li a0, 0
    j finish
    .balign 4
handler:
    csrr t2, mcause
    andi t2, t2, 15
    li t3, 9
    beq t2, t3, inner
    li t0, 1
    sw t0, 0x14(s0)
    csrr s4, mepc
    csrr s5, mstatus
    li t0, 2
    sw t0, 0x0c(s0)
    csrsi mstatus, 8
    nop
    lw t5, 4(s1)
    sw t5, 8(s1)
    csrci mstatus, 8
    csrw mepc, s4
    csrw mstatus, s5
    lw t0, (s1)
    addi t0, t0, 1
    sw t0, (s1)
    mret
inner:
    li t0, 7
    sw t0, 4(s1)
    lw t0, (s1)
    addi t0, t0, 1
    sw t0, (s1)
    mret
"""


def test_interrupts_nest_when_the_handler_allows_it(native: bool) -> None:
    ran = run(NESTED, native=native)
    assert ran.outcome.status == 0
    assert ran.words(DATA, 3) == [2, 7, 7]


def test_a_stalled_load_is_interrupted_and_issued_again(native: bool) -> None:
    body = """
        li t0, 300
        sw t0, 8(s0)
        lw a1, 0x10(s0)
        sw a1, 20(s1)
        li a0, 0
        j finish
    """
    ran = run(SETUP.format(mode=0) + body + HANDLER, native=native)
    assert ran.outcome.status == 0
    assert ran.word(DATA + 20) == 2, "issued, stalled, woken by the alarm, issued again"
    assert ran.machine.harts[0].sleep_cycles >= 250
    assert ran.machine.harts[0].state is HartState.RUNNING
