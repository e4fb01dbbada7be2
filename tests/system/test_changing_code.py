"""Code that changes under the harts: by themselves, by each other, and by devices."""

from __future__ import annotations

from tests.system.lab import DATA, board, run

# `routine` returns 1; the word at `other` makes it return 2.
ROUTINE = """
    .option push
    .option norvc
    .balign 64
routine:
    li a0, 1
    ret
    .balign 64
other:
    li a0, 2
    ret
    .balign 64
    .option pop
"""


def test_a_hart_runs_what_it_has_written_after_a_fence(native: bool) -> None:
    text = """
        li s1, DATA
        call routine
        sw a0, 0(s1)
        la t0, other
        lw t1, (t0)
        la t2, routine
        sw t1, (t2)
        fence.i
        call routine
        sw a0, 4(s1)
        li a0, 0
        j finish
    """
    assert run(text + ROUTINE, native=native).words(DATA, 2) == [1, 2]


def test_plain_code_runs_where_an_instruction_of_the_platform_was(native: bool) -> None:
    text = """
        li s1, DATA
        la s2, place
        la s3, plain
        li s4, 3
    again:
        li a0, 0
    place:
        csrr a0, mscratch
        sw a0, (s1)
        addi s1, s1, 4
        lw t1, (s3)
        addi s3, s3, 4
        sw t1, (s2)
        fence.i
        addi s4, s4, -1
        bnez s4, again
        li a0, 0
        j finish
    plain:
        li a0, 77
        lw a0, -8(s3)
        nop
    """
    # The second word of `plain` loads the first, as s3 is two words further by then.
    ran = run(text, native=native, march="rv32ima_zicsr_zifencei")
    assert ran.words(DATA, 3) == [0, 77, 0x04D0_0513]


def test_a_hart_runs_what_another_one_has_written_after_its_own_fence(native: bool) -> None:
    text = """
        csrr s0, mhartid
        li s1, DATA
        call routine
        bnez s0, second
        sw a0, 0(s1)
    1:  lw t0, 8(s1)
        beqz t0, 1b
        fence.i
        call routine
        sw a0, 4(s1)
        li a0, 0
        j finish
    second:
        la t0, other
        lw t1, (t0)
        la t2, routine
        sw t1, (t2)
        fence
        li t0, 1
        sw t0, 8(s1)
        j .
    """
    ran = run(text + ROUTINE, native=native, on=board(2))
    assert ran.words(DATA, 2) == [1, 2]


def test_a_hart_runs_what_a_device_has_copied_over_code(native: bool) -> None:
    text = """
        li s1, DATA
        li s0, PROBE
        call routine
        sw a0, 0(s1)
        la t0, other
        sw t0, 0x20(s0)
        la t0, routine
        sw t0, 0x1c(s0)
        call routine
        sw a0, 4(s1)
        li a0, 0
        j finish
    """
    assert run(text + ROUTINE, native=native).words(DATA, 2) == [1, 2]


def test_a_csr_instruction_written_at_run_time_is_answered_by_the_platform(native: bool) -> None:
    text = """
        li s1, DATA
        call routine
        la t0, patch
        lw t1, (t0)
        la t2, routine
        sw t1, (t2)
        fence.i
        call routine
        sw a0, (s1)
        li a0, 0
        j finish
        .option push
        .option norvc
        .balign 4
    patch:
        csrr a0, marchid
        .option pop
    """
    ran = run(text + ROUTINE, native=native)
    assert ran.outcome.status == 0
    assert ran.word(DATA) == 0, "the engine's own marchid would not be zero"


def test_a_long_run_of_rewriting_stays_right(native: bool) -> None:
    text = """
        li s1, DATA
        li s2, 40
        li s3, 0
    again:
        la t0, other
        la t2, routine
        lw t1, (t0)
        lw t3, (t2)
        sw t1, (t2)
        sw t3, (t0)
        fence.i
        call routine
        add s3, s3, a0
        addi s2, s2, -1
        bnez s2, again
        sw s3, (s1)
        li a0, 0
        j finish
    """
    assert run(text + ROUTINE, native=native).word(DATA) == 20 * (1 + 2)


def test_code_that_has_changed_is_counted_apart(native: bool) -> None:
    text = """
        call routine
        la t0, other
        lw t1, (t0)
        la t2, routine
        sw t1, (t2)
        fence.i
        call routine
        li a0, 0
        j finish
    """
    ran = run(text + ROUTINE, native=native)
    counts = ran.machine.engine.counts(0)
    place = ran.firmware.symbol("routine")
    routines = [
        (block.code, runs)
        for block, runs in zip(ran.machine.blocks.blocks, counts, strict=True)
        if block.address == place
    ]
    assert [runs for _, runs in routines] == [1, 1]
    assert routines[0][0] != routines[1][0]
