"""Exceptions, precisely: cause, pc and value, as the privileged specification has them."""

from __future__ import annotations

import pytest

from tests.system.lab import CODE, DATA, PROBE, board, run
from vplat.machine.outcome import Ending

# Notes mcause, mepc and mtval at DATA, then goes on at the label `back`.
CATCH = """
    la t0, handler
    csrw mtvec, t0
    {body}
    j fail
    .balign 4
handler:
    csrr s0, mcause
    csrr s1, mepc
    csrr s2, mtval
    li s3, DATA
    sw s0, 0(s3)
    sw s1, 4(s3)
    sw s2, 8(s3)
    la s4, culprit
    sw s4, 12(s3)
    la s4, back
    csrw mepc, s4
    mret
fail:
    li a0, 77
    j finish
back:
    li a0, 0
    j finish
"""


@pytest.mark.parametrize(
    ("body", "cause", "value"),
    [
        ("culprit: ecall", 11, 0),
        ("culprit: ebreak", 3, None),
        ("culprit: c.ebreak", 3, None),
        ("culprit: .word 0xffffffff", 2, 0xFFFFFFFF),
        ("culprit: .half 0", 2, 0),
        ("nop\nculprit: lw a0, 16(zero)", 5, 16),
        ("nop\nculprit: sb a0, 20(zero)", 7, 20),
        ("nop\nculprit: amoadd.w a0, a0, (zero)", 7, 0),
        ("li t1, DATA+2\nculprit: amoswap.w a0, a0, (t1)", 6, DATA + 2),
        ("li t1, DATA+2\nculprit: lr.w a0, (t1)", 4, DATA + 2),
        ("li t1, DATA+2\nculprit: sc.w a0, a0, (t1)", 6, DATA + 2),
        ("li t1, 0x30000000\nlw a0, (t1)\nculprit: sw a0, (t1)", 7, 0x30000000),
        ("li t1, PROBE\nculprit: lw a0, 0x70(t1)", 5, PROBE + 0x70),
        ("li t1, PROBE\nculprit: sh a0, 0x72(t1)", 7, PROBE + 0x72),
        ("culprit: fadd.s f0, f0, f0", 2, 0x00007053),
        ("culprit: fld f0, 1(sp)", 2, 0x00113007),
        ("culprit: sret", 2, 0x10200073),
        ("culprit: csrr a0, satp", 2, 0x18002573),
        ("culprit: csrw mhartid, a0", 2, 0xF1451073),
        ("culprit: csrr a0, 0x7c0", 2, 0x7C002573),
    ],
)
def test_an_exception_names_its_cause_place_and_value(
    body: str, cause: int, value: int | None, native: bool
) -> None:
    ran = run(CATCH.format(body=body), native=native)
    found_cause, pc, found_value, culprit = ran.words(DATA, 4)
    assert ran.outcome.status == 0
    assert found_cause == cause
    assert pc == culprit
    assert found_value == (culprit if value is None else value)


def test_a_jump_into_nothing_faults_at_its_target(native: bool) -> None:
    ran = run(CATCH.format(body="li t1, 0x40000000\nculprit: jr t1"), native=native)
    assert ran.words(DATA, 3) == [1, 0x4000_0000, 0x4000_0000]


def test_what_comes_before_an_exception_has_happened_and_what_follows_has_not(native: bool) -> None:
    body = "li t3, 1\nli t4, 1\nculprit: lw zero, (zero)\nli t4, 2"
    after = "back:\n    mv a0, t3\n    slli t4, t4, 4\n    or a0, a0, t4\n    j finish"
    text = CATCH.format(body=body).replace("back:\n    li a0, 0\n    j finish", after)
    assert run(text, native=native).outcome.status == 0x11


USER_CALLS = """
    la t0, handler
    csrw mtvec, t0
    la t0, user
    csrw mepc, t0
    csrw mstatus, zero
    mret
user:
    ecall
    csrr t0, mscratch
    li a1, 5
    ecall
    j finish
    .balign 4
handler:
    csrr s0, mcause
    csrr s1, mepc
    csrr s2, mstatus
    li s3, DATA
    lw s4, (s3)
    slli s5, s4, 3
    add s5, s5, s3
    sw s0, 8(s5)
    sw s2, 12(s5)
    addi s4, s4, 1
    sw s4, (s3)
    addi s1, s1, 4
    csrw mepc, s1
    li s6, 3
    beq s4, s6, out
    mret
out:
    li a0, 9
    j finish
"""


def test_user_code_calls_machine_code_and_comes_back(native: bool) -> None:
    ran = run(USER_CALLS, native=native)
    causes = ran.words(DATA + 8, 6)[::2]
    assert ran.outcome.status == 9
    assert causes == [8, 2, 8]
    assert all(status & 0x1800 == 0 for status in ran.words(DATA + 8, 6)[1::2])


def test_machine_mode_alone_has_no_user_bits() -> None:
    text = """
        csrw mstatus, zero
        csrr a1, mstatus
        csrr a2, misa
        li t0, DATA
        sw a1, (t0)
        sw a2, 4(t0)
        li a0, 0
        j finish
    """
    ran = run(text, on=board(user=False))
    assert ran.word(DATA) & 0x1800 == 0x1800
    assert ran.word(DATA + 4) >> 20 & 1 == 0


def test_an_exception_without_a_handler_is_a_crash(native: bool) -> None:
    ran = run("nop\nlw a0, 8(zero)", native=native)
    trap = ran.outcome.trap
    assert ran.outcome.ending is Ending.CRASHED
    assert trap is not None
    assert (trap.hart, trap.cause, trap.pc, trap.value) == (0, 5, CODE + 2, 8)
    assert "nothing answers at 0x00000008" in trap.detail
    assert "mtvec" in ran.outcome.message


def test_a_device_without_such_a_register_is_named(native: bool) -> None:
    ran = run("li t0, PROBE\nlw a0, 0x70(t0)", native=native)
    assert ran.outcome.trap is not None
    assert "probe" in ran.outcome.trap.detail
    assert "0x70" in ran.outcome.trap.detail


def test_a_handler_that_traps_at_its_first_instruction_is_a_crash(native: bool) -> None:
    ran = run("li t0, 0x40000000\ncsrw mtvec, t0\necall", native=native)
    assert ran.outcome.ending is Ending.CRASHED
    assert "handler" in ran.outcome.message


@pytest.mark.parametrize(
    ("isa", "instruction"),
    [
        ("rv32ima_zicsr_zifencei", "fadd.s f0, f0, f0"),
        ("rv32ima_zicsr_zifencei", "csrr a0, fflags"),
        ("rv32imafc_zicsr_zifencei", "fadd.d f0, f0, f0"),
        ("rv32imac_zicsr_zifencei", "c.flw f8, (a0)"),
        ("rv32iac_zicsr_zifencei", "mul a0, a0, a0"),
        ("rv32imc_zicsr_zifencei", "amoadd.w a0, a0, (a0)"),
    ],
)
def test_what_the_board_lacks_is_illegal_though_the_engine_knows_it(
    isa: str, instruction: str, native: bool
) -> None:
    text = f"li a0, DATA\n.option push\n{instruction}\n.option pop"
    ran = run(text, on=board(isa=isa), native=native)
    assert ran.outcome.trap is not None
    assert ran.outcome.trap.cause == 2


def test_compressed_code_is_illegal_without_c(native: bool) -> None:
    text = ".option push\n.option norvc\nnop\n.option pop\n.option push\n.option rvc\nc.nop\nc.nop"
    ran = run(text + "\n.option pop\n", on=board(isa="rv32ima_zicsr_zifencei"), native=native)
    assert ran.outcome.trap is not None
    assert (ran.outcome.trap.cause, ran.outcome.trap.pc) == (2, CODE + 4)


@pytest.mark.parametrize(
    ("isa", "letters"),
    [("rv32imafc_zicsr_zifencei", "IMAFCU"), ("rv32ima_zicsr_zifencei", "IMAU")],
)
def test_misa_agrees_with_the_board(isa: str, letters: str) -> None:
    text = """
        .option norvc
        csrr a1, misa
        li t0, DATA
        sw a1, (t0)
        csrw misa, zero
        csrr a1, misa
        sw a1, 4(t0)
        li t6, PROBE
        sw zero, (t6)
    """
    ran = run(text, on=board(isa=isa))
    expected = 1 << 30 | sum(1 << ord(letter) - ord("A") for letter in letters)
    assert ran.words(DATA, 2) == [expected, expected]
