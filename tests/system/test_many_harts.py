"""Eight harts: atomics, turns, sleep, and the same result every time."""

from __future__ import annotations

import pytest

from tests.system.lab import DATA, Ran, board, run
from vplat.machine.outcome import Ending

ALL_DONE = """
    fence
    li t1, 1
    amoadd.w t1, t1, 4(s9)
"""
COUNT_TO_8 = """
done:
    li t1, 1
    addi t2, s1, 4
    amoadd.w zero, t1, (t2)
    csrr t0, mhartid
    bnez t0, .
    li t3, 8
1:  lw t1, 4(s1)
    bne t1, t3, 1b
    li a0, 0
    j finish
"""


def state(ran: Ran) -> list[tuple[int, int, int, int]]:
    """What must be the same in every run."""
    return [(h.clock, h.instructions, h.sleep_cycles, h.pc) for h in ran.machine.harts]


@pytest.mark.parametrize("turn", [7, 100, 1000])
def test_atomic_adds_of_eight_harts_all_count(turn: int, native: bool) -> None:
    text = """
        li s1, DATA
        li t0, 500
        li t1, 1
    1:  amoadd.w zero, t1, (s1)
        addi t0, t0, -1
        bnez t0, 1b
    """
    ran = run(text + COUNT_TO_8, on=board(8, turn=turn), native=native)
    assert ran.word(DATA) == 4000


@pytest.mark.parametrize("turn", [7, 100, 1000])
def test_load_reserved_and_store_conditional_of_eight_harts_lose_nothing(
    turn: int, native: bool
) -> None:
    text = """
        li s1, DATA
        li t0, 60
    1:  lr.w t1, (s1)
        addi t1, t1, 1
        sc.w t2, t1, (s1)
        bnez t2, 1b
        addi t0, t0, -1
        bnez t0, 1b
    """
    ran = run(text + COUNT_TO_8, on=board(8, turn=turn), native=native)
    assert ran.word(DATA) == 480


def test_a_store_conditional_fails_though_the_old_value_is_back(native: bool) -> None:
    text = """
        csrr s0, mhartid
        li s1, DATA
        bnez s0, other
        li t0, 5
        sw t0, (s1)
        lr.w t1, (s1)
        sw zero, 8(s1)
        li t3, 1
        sw t3, 4(s1)
    1:  lw t2, 8(s1)
        beqz t2, 1b
        li t4, 9
        sc.w a0, t4, (s1)
        lw a1, (s1)
        sw a1, 12(s1)
        j finish
    other:
    1:  lw t2, 4(s1)
        beqz t2, 1b
        li t0, 6
        sw t0, (s1)
        li t0, 5
        sw t0, (s1)
        li t0, 1
        sw t0, 8(s1)
        j .
    """
    ran = run(text, on=board(2), native=native)
    assert ran.outcome.status == 1
    assert ran.word(DATA + 12) == 5


def test_a_store_conditional_without_a_reservation_fails(native: bool) -> None:
    text = "li s1, DATA\nli t0, 3\nsc.w a0, t0, (s1)\nj finish"
    ran = run(text, native=native)
    assert ran.outcome.status == 1
    assert ran.word(DATA) == 0


def test_a_store_conditional_to_another_address_fails(native: bool) -> None:
    text = "li s1, DATA\naddi s2, s1, 8\nlr.w t1, (s1)\nsc.w a0, t1, (s2)\nj finish"
    assert run(text, native=native).outcome.status == 1


MIXED = """
    csrr s0, mhartid
    li s1, DATA
    li s2, PROBE
    slli t0, s0, 6
    addi t0, t0, 50
1:  mul t1, t0, t0
    addi t0, t0, -1
    bnez t0, 1b
    bnez s0, 2f
    li t0, 3000
    sw t0, 8(s2)
2:  lw t0, 0x10(s2)
"""


def test_the_same_program_ends_the_same_on_both_probes() -> None:
    runs = [run(MIXED + COUNT_TO_8, on=board(8), native=native) for native in (True, False, True)]
    assert state(runs[0]) == state(runs[1]) == state(runs[2])
    counts = [[ran.machine.engine.counts(hart) for hart in range(8)] for ran in runs]
    assert counts[0] == counts[1]


def test_sleeping_harts_wake_at_the_cycle_of_the_event(native: bool) -> None:
    ran = run(MIXED + COUNT_TO_8, on=board(8), native=native)
    (rang, _) = ran.probe.stamps
    assert 3000 < rang < 3300
    for hart in ran.machine.harts[1:4]:
        assert hart.sleep_cycles > 2000


def test_every_hart_is_named_in_a_deadlock(native: bool) -> None:
    ran = run("li s2, PROBE\nlw t0, 0x10(s2)\nj .", on=board(3), native=native)
    assert ran.outcome.ending is Ending.DEADLOCKED
    assert [waiting.hart for waiting in ran.outcome.waiting] == [0, 1, 2]
    assert {waiting.reason for waiting in ran.outcome.waiting} == {"the gate"}
    assert {waiting.explanation for waiting in ran.outcome.waiting} == {"the gate is shut"}


def test_a_store_that_stalls_is_issued_again(native: bool) -> None:
    text = """
        csrr s0, mhartid
        li s1, DATA
        li s2, PROBE
        bnez s0, 2f
        li t0, 1
        sw t0, 0x18(s2)
        csrr a1, mcycle
        sw a1, (s1)
        lw a0, 0x18(s2)
        j finish
    2:  li t0, 400
    1:  addi t0, t0, -1
        bnez t0, 1b
        li t0, 1
        sw t0, 0x0c(s2)
        j .
    """
    ran = run(text, on=board(2), native=native)
    assert ran.outcome.status == 1
    assert ran.word(DATA) >= 800


@pytest.mark.parametrize("work", [10, 60, 200])
def test_a_word_that_all_harts_clear_first_may_be_set_by_one_soon_after(
    work: int, native: bool
) -> None:
    """Start-up code of PULP relies on it: the harts begin in lock step."""
    text = f"""
        csrr s0, mhartid
        li s1, DATA
        sw zero, (s1)
        bnez s0, others
        li t0, {work}
    1:  addi t0, t0, -1
        bnez t0, 1b
        li t0, 1
        sw t0, (s1)
        j {{}}
    others:
        lw t0, (s1)
        beqz t0, others
    """
    ran = run(text.format("go_on") + "go_on:" + COUNT_TO_8, on=board(8), native=native)
    assert ran.outcome.status == 0


def test_harts_that_start_late_begin_in_lock_step_too(native: bool) -> None:
    text = """
        li s1, DATA
        li s2, PROBE
        li t0, 3000
    1:  addi t0, t0, -1
        bnez t0, 1b
        la t0, others
        sw t0, 0x40(s2)
        li t0, 30
    1:  addi t0, t0, -1
        bnez t0, 1b
        lw a0, (s1)
        addi a0, a0, -7
        j finish
    others:
        li s1, DATA
        li t0, 1
        amoadd.w zero, t0, (s1)
        j .
    """
    ran = run(text, on=board(8), native=native, lone_hart=True)
    assert ran.outcome.status == 0


def test_a_run_stops_at_its_cycle_limit(native: bool) -> None:
    ran = run("j .", on=board(8), native=native, limit=10_000)
    assert ran.outcome.ending is Ending.OUT_OF_CYCLES
    assert all(10_000 <= hart.clock < 12_000 for hart in ran.machine.harts)


def test_a_hart_that_runs_alone_does_not_outrun_one_it_wakes(native: bool) -> None:
    text = """
        csrr s0, mhartid
        li s1, DATA
        li s2, PROBE
        bnez s0, sleeper
        li t0, 2000
    1:  addi t0, t0, -1
        bnez t0, 1b
        li t0, 1
        sw t0, 0x0c(s2)
        li t0, 200
    1:  lw t1, (s1)
        bnez t1, 2f
        addi t0, t0, -1
        bnez t0, 1b
        li a0, 1
        j finish
    2:  li a0, 0
        j finish
    sleeper:
        lw t0, 0x10(s2)
        li t0, 1
        sw t0, (s1)
        j .
    """
    ran = run(text, on=board(2, turn=100), native=native)
    assert ran.outcome.status == 0


@pytest.mark.parametrize("waker", [0, 1])
def test_a_hart_that_is_woken_sees_nothing_of_what_happens_later(waker: int, native: bool) -> None:
    text = f"""
        csrr s0, mhartid
        li s2, PROBE
        li s3, {waker}
        bne s0, s3, sleeper
        li t0, 2000
    1:  addi t0, t0, -1
        bnez t0, 1b
        li t0, 1
        sw t0, 0x0c(s2)
        li t0, 100
        sw t0, 8(s2)
        j .
    sleeper:
        lw t0, 0x10(s2)
        lw a0, 0x44(s2)
        j finish
    """
    assert run(text, on=board(2), native=native).outcome.status == 0, "the alarm has yet to ring"
