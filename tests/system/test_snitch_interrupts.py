"""Interrupts, sleep and the barrier of the Snitch boards."""

from __future__ import annotations

from tests.system.snitch_lab import assemble, compile_c, run
from vplat.machine.outcome import Ending

MAILBOX = """
static volatile uint32_t turn, woken;
int test(unsigned hart)
{
    uint32_t enabled = CLUSTER_INTERRUPT;
    if (hart == 0) {
        while (turn != HARTS - 1)
            ;
        for (unsigned other = 1; other < HARTS; other++)
            INTERRUPT_SET = 1u << other;
        while (woken != HARTS - 1)
            ;
        return 0;
    }
    __asm__ volatile("csrs mie, %0" ::"r"(enabled));
    __atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED);
    sleep();
    uint32_t pending;
    __asm__ volatile("csrr %0, mip" : "=r"(pending));
    INTERRUPT_CLEAR = 1u << hart;
    __atomic_fetch_add(&woken, 1, __ATOMIC_RELAXED);
    if (!(pending & CLUSTER_INTERRUPT))
        return 1;
    uint32_t after;
    do
        __asm__ volatile("csrr %0, mip" : "=r"(after));
    while (after & CLUSTER_INTERRUPT);
    return 0;
}
"""


def test_a_cluster_interrupt_wakes_a_hart_whose_interrupts_are_off(native: bool) -> None:
    ran = run(compile_c(MAILBOX), native=native)
    assert ran.status == 0
    assert ran.rules == []


def test_a_wait_for_an_interrupt_that_is_pending_already_takes_no_time(native: bool) -> None:
    text = """
        csrr t0, mhartid
        bnez t0, rest
        li   t1, 0x10020180
        li   t2, 1
        sw   t2, 0(t1)          # my own
        li   t3, 1 << 19
        csrs mie, t3
        wfi
        wfi
        sw   t2, 8(t1)          # lowered again
        csrr a0, mip
        srli a0, a0, 19
        addi a0, a0, 3
        j    finish
    """
    ran = run(assemble(text), native=native)
    assert ran.status == 3
    assert ran.machine.harts[0].sleep_cycles == 0


def test_an_interrupt_is_taken_where_firmware_allows_it(native: bool) -> None:
    text = """
        csrr t0, mhartid
        bnez t0, rest
        la   t1, handler
        csrw mtvec, t1
        li   t3, 1 << 19
        csrs mie, t3
        csrsi mstatus, 8
        li   t1, 0x10020180
        li   t2, 1
        sw   t2, 0(t1)
    1:  j    1b
        .balign 4
    handler:
        csrr a0, mcause
        slli a0, a0, 1
        srli a0, a0, 1
        j    finish
    """
    ran = run(assemble(text), native=native)
    assert ran.status == 19


def test_the_software_interrupt_comes_from_the_testbench_s_clint(native: bool) -> None:
    text = """
        csrr t0, mhartid
        li   t1, 0xffff0000
        li   t3, 8
        bnez t0, 1f
        li   t2, 1 << 4
        sw   t2, 0(t1)
        j    rest
    1:  li   t4, 4
        bne  t0, t4, rest
        csrs mie, t3
        wfi
        csrr a0, mip
        j    finish
    """
    assert run(assemble(text), native=native).status == 8


def test_a_barrier_that_somebody_sleeps_through_is_explained(native: bool) -> None:
    text = """
        csrr t0, mhartid
        li   t1, 3
        beq  t0, t1, rest
        csrr x0, 0x7c2
        j    rest
    """
    ran = run(assemble(text), native=native)
    assert ran.outcome.ending is Ending.DEADLOCKED
    by_hart = {each.hart: each for each in ran.outcome.waiting}
    assert by_hart[0].explanation == "8 of 9 harts have arrived; hart 3 missing"
    assert by_hart[0].reason == "the barrier"
    assert "none is enabled" in by_hart[3].explanation


def test_harts_leave_a_barrier_in_the_same_cycle(native: bool) -> None:
    text = """
        csrr t0, mhartid
        slli t1, t0, 5
        addi t1, t1, 1
    1:  addi t1, t1, -1         # the later ones come later
        bnez t1, 1b
        csrr x0, 0x7c2
        csrr t2, mcycle
        la   t1, words
        slli t3, t0, 2
        add  t1, t1, t3
        sw   t2, 0(t1)
        csrr x0, 0x7c2
        li   a0, 0
        beqz t0, finish
        j    rest
    """
    ran = run(assemble(text), native=native)
    assert len(set(ran.words(9))) == 1
