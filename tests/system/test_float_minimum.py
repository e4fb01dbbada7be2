"""fmin and fmax, which the engine has as an older standard defines them."""

from __future__ import annotations

import itertools

import pytest

from tests.system.lab import DATA, board, run
from vplat.machine.float_minimum import maximum, minimum
from vplat.machine.outcome import Ending

ONE, MINUS_TWO, ZERO, MINUS_ZERO = 0x3F80_0000, 0xC000_0000, 0x0000_0000, 0x8000_0000
QUIET, SIGNALLING, OTHER_SIGNALLING = 0x7FC0_0000, 0x7F80_0001, 0xFFBF_FFFF
NUMBERS = (ONE, MINUS_TWO, ZERO, MINUS_ZERO, QUIET, SIGNALLING, OTHER_SIGNALLING)
PAIRS = list(itertools.product(NUMBERS, repeat=2))

EACH_PAIR = f"""
    li t0, 0x2000
    csrs mstatus, t0
    la s0, pairs
    li s1, DATA
    li s2, {len(PAIRS)}
1:  flw fa0, 0(s0)
    flw fa1, 4(s0)
    addi s0, s0, 8
    csrwi fflags, 0
    {{}} fa2, fa0, fa1
    frflags t0
    fsw fa2, 0(s1)
    sw t0, 4(s1)
    addi s1, s1, 8
    addi s2, s2, -1
    bnez s2, 1b
    li a0, 0
    j finish
    .balign 4
pairs:
""" + "".join(f"    .word {first:#x}, {second:#x}\n" for first, second in PAIRS)


@pytest.mark.parametrize(("mnemonic", "choose"), [("fmin.s", minimum), ("fmax.s", maximum)])
def test_a_number_is_preferred_to_a_nan_and_a_signalling_one_raises_the_flag(
    mnemonic: str, choose: object, native: bool
) -> None:
    assert callable(choose)
    ran = run(EACH_PAIR.format(mnemonic), native=native)
    assert ran.outcome.status == 0
    words = ran.words(DATA, 2 * len(PAIRS))
    expected = [choose(first, second, 32) for first, second in PAIRS]
    assert words[::2] == [bits & 0xFFFF_FFFF for bits, _ in expected]
    assert words[1::2] == [0x10 if invalid else 0 for _, invalid in expected]


def test_the_double_forms_do_the_same_where_harts_have_them(native: bool) -> None:
    text = """
        li t0, 0x2000
        csrs mstatus, t0
        li s1, DATA
        la t0, numbers
        fld fa0, 0(t0)
        fld fa1, 8(t0)
        fmax.d fa2, fa0, fa1
        fsd fa2, 0(s1)
        frflags t1
        sw t1, 8(s1)
        li a0, 0
        j finish
        .balign 8
    numbers:
        .word 1, 0x7ff00000, 0, 0x3ff00000
    """
    ran = run(text, on=board(isa="rv32imafdc_zicsr_zifencei"), native=native)
    assert ran.words(DATA, 3) == [0, 0x3FF0_0000, 0x10]


def test_a_minimum_is_illegal_while_the_float_unit_is_off(native: bool) -> None:
    text = """
        li t0, 0x2000
        csrs mstatus, t0
        li t1, 0x7f800001
        fmv.w.x fa0, t1
        csrc mstatus, t0
        csrc mstatus, t0
        li t0, 0x6000
        csrc mstatus, t0
        la t0, handler
        csrw mtvec, t0
        li a0, 1
        fmin.s fa1, fa0, fa0
        j finish
        .balign 4
    handler:
        csrr a0, mcause
        addi a0, a0, -2
        j finish
    """
    ran = run(text, native=native)
    assert ran.outcome.ending is Ending.EXITED
    assert ran.outcome.status == 0


def test_operands_may_change_with_the_code(native: bool) -> None:
    """The registers that are looked at are those of the instruction that is there now."""
    text = """
        li t0, 0x2000
        csrs mstatus, t0
        li t1, 0x7f800001
        fmv.w.x fa0, t1
        li t1, 0x3f800000
        fmv.w.x fa1, t1
        fmv.w.x fa2, t1
        li s1, DATA
        li s2, 2
    again:
        fmv.w.x fa3, zero
    place:
        fmin.s fa3, fa1, fa2
        fsw fa3, (s1)
        addi s1, s1, 4
        la t0, place
        lw t1, other
        sw t1, (t0)
        fence.i
        addi s2, s2, -1
        bnez s2, again
        li a0, 0
        j finish
    other:
        fmin.s fa3, fa0, fa2
    """
    ran = run(text, native=native, march="rv32imaf_zicsr_zifencei")
    assert ran.words(DATA, 2) == [ONE, ONE]
