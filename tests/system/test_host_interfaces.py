"""HTIF and semihosting, from assembly on a machine."""

from __future__ import annotations

import pytest

from tests.system.lab import DATA, run
from vplat.machine.outcome import Ending

TOHOST = """
    .section .htif, "aw"
    .balign 64
    .globl tohost
tohost: .dword 0
    .globl fromhost
fromhost: .dword 0
magic: .space 64
    .globl scratch
scratch: .word 0
text: .ascii "hello, host\\n"
"""
CALL = """
    .option push
    .option norvc
    slli x0, x0, 0x1f
    ebreak
    srai x0, x0, 7
    .option pop
"""


@pytest.mark.parametrize(("stored", "status"), [(1, 0), (7, 3), (0xFF, 127)])
def test_an_odd_word_in_tohost_ends_the_run(stored: int, status: int, native: bool) -> None:
    ran = run(f"li a0, {stored}\nla t0, tohost\nsw a0, (t0)\nj .\n{TOHOST}", native=native)
    assert ran.outcome.ending is Ending.EXITED
    assert ran.outcome.status == status


def test_a_system_call_through_tohost_prints_and_answers(native: bool) -> None:
    text = f"""
        la t0, magic
        li t1, 64
        sw t1, 0(t0)
        li t1, 1
        sw t1, 8(t0)
        la t1, text
        sw t1, 16(t0)
        li t1, 12
        sw t1, 24(t0)
        la t2, tohost
        sw t0, (t2)
        la t3, fromhost
    1:  lw t4, (t3)
        beqz t4, 1b
        sw zero, (t3)
        lw a0, 0(t0)
        j finish
        {TOHOST}
    """
    ran = run(text, native=native)
    assert ran.text == b"hello, host\n"
    assert ran.outcome.status == 12


def test_what_shares_the_page_of_tohost_stays_ordinary_memory(native: bool) -> None:
    text = f"""
        la t0, scratch
        li t1, 1000
    1:  lw t2, (t0)
        add t2, t2, t1
        sw t2, (t0)
        addi t1, t1, -1
        bnez t1, 1b
        lw t2, (t0)
        li s1, DATA
        sw t2, (s1)
        li a0, 0
        j finish
        {TOHOST}
    """
    assert run(text, native=native).word(DATA) == 500_500


def test_semihosting_prints_and_ends_the_run(native: bool) -> None:
    text = f"""
        li a0, 4
        la a1, text
        {CALL}
        li a0, 0x20
        la a1, block
        {CALL}
        j .
        .balign 4
    block: .word 0x20026, 42
    text: .asciz "hello, semihosting\\n"
    """
    ran = run(text, native=native)
    assert ran.text == b"hello, semihosting\n"
    assert ran.outcome.status == 42


def test_semihosting_reads_the_hosts_input(native: bool) -> None:
    text = f"li a0, 7\nli a1, 0\n{CALL}\nj finish"
    assert run(text, native=native, typed=b"A").outcome.status == ord("A")


def test_firmware_that_declares_itself_broken_has_crashed_where_it_trapped(native: bool) -> None:
    text = f"""
        la t0, handler
        csrw mtvec, t0
    culprit:
        lw a0, 4(zero)
        .balign 4
    handler:
        li a0, 0x20
        la a1, block
        {CALL}
        j .
        .balign 4
    block: .word 0x20023, 0
    """
    ran = run(text, native=native)
    assert ran.outcome.ending is Ending.CRASHED
    assert ran.outcome.trap is not None
    assert (ran.outcome.trap.cause, ran.outcome.trap.value) == (5, 4)
