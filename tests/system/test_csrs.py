"""Control and status registers: what firmware reads back, counts included."""

from __future__ import annotations

import pytest

from tests.system.lab import CODE, DATA, board, run


def csr_values(text: str, count: int, *, native: bool = True, harts: int = 1) -> list[int]:
    """Run text that leaves values at DATA."""
    ran = run("li s1, DATA\n" + text + "\nli a0, 0\nj finish", native=native, on=board(harts))
    assert ran.outcome.status == 0
    return ran.words(DATA, count)


@pytest.mark.parametrize(
    ("csr", "written", "read"),
    [
        ("mscratch", 0xFFFFFFFF, 0xFFFFFFFF),
        ("mepc", 0xFFFFFFFF, 0xFFFFFFFE),
        ("mcause", 0xFFFFFFFF, 0x8000001F),
        ("mtval", 0x12345678, 0x12345678),
        ("mtvec", 0xFFFFFFFF, 0xFFFFFFFD),
        ("mie", 0xFFFFFFFF, 0xFFFF0888),
        ("mip", 0xFFFFFFFF, 0),
        ("mcounteren", 0xFFFFFFFF, 7),
        ("mstatus", 0xFFFFFFFF, 0x80000000 | 0x6000 | 0x1800 | 0x88 | 1 << 17 | 1 << 21),
        ("mstatus", 0x00000800, 0),
        ("mstatush", 0xFFFFFFFF, 0),
        ("mhpmcounter3", 0xFFFFFFFF, 0),
        ("mhpmevent3", 0xFFFFFFFF, 0),
        ("tselect", 0xFFFFFFFF, 0),
    ],
)
def test_a_csr_keeps_the_bits_it_has(csr: str, written: int, read: int, native: bool) -> None:
    text = f"li t0, {written:#x}\ncsrw {csr}, t0\ncsrr t1, {csr}\nsw t1, (s1)\ncsrw mstatus, zero"
    if csr == "mie":
        text = "csrci mstatus, 8\n" + text
    assert csr_values(text, 1, native=native) == [read]


def test_set_clear_and_swap_with_registers_and_immediates(native: bool) -> None:
    text = """
        li t0, 0xf0f0
        csrrw t1, mscratch, t0
        sw t1, 0(s1)
        li t2, 0x0f00
        csrrs t1, mscratch, t2
        sw t1, 4(s1)
        li t2, 0xf000
        csrrc t1, mscratch, t2
        sw t1, 8(s1)
        csrrwi t1, mscratch, 21
        sw t1, 12(s1)
        csrrsi t1, mscratch, 10
        sw t1, 16(s1)
        csrrci t1, mscratch, 1
        sw t1, 20(s1)
        csrr t1, mscratch
        sw t1, 24(s1)
    """
    assert csr_values(text, 7, native=native) == [0, 0xF0F0, 0xFFF0, 0x0FF0, 21, 31, 30]


def test_reading_with_x0_as_source_does_not_write_a_read_only_csr(native: bool) -> None:
    text = "csrrs t1, mhartid, zero\nsw t1, (s1)\ncsrrci t1, mhartid, 0\nsw t1, 4(s1)"
    assert csr_values(text, 2, native=native) == [0, 0]


def test_every_hart_has_its_own_number(native: bool) -> None:
    text = """
        csrr t0, mhartid
        slli t1, t0, 2
        li s1, DATA
        add s1, s1, t1
        addi t2, t0, 100
        sw t2, (s1)
        fence
        li s1, DATA
    1:  lw t3, 28(s1)
        beqz t3, 1b
        bnez t0, .
        li a0, 0
        j finish
    """
    ran = run(text, native=native, on=board(8))
    assert ran.words(DATA, 8) == list(range(100, 108))


def test_the_cycle_counter_counts_the_cycles_of_the_instructions(native: bool) -> None:
    text = "csrr t0, mcycle\nnop\nnop\nnop\ncsrr t1, mcycle\nsub t1, t1, t0\nsw t1, (s1)"
    assert csr_values(text, 1, native=native) == [4]


def test_the_instruction_counter_counts_retired_instructions(native: bool) -> None:
    text = "csrr t0, minstret\nnop\nnop\ncsrr t1, minstret\nsub t1, t1, t0\nsw t1, (s1)"
    assert csr_values(text, 1, native=native) == [3]


def test_counters_can_be_written_in_both_halves(native: bool) -> None:
    text = """
        li t0, 0x7fffffff
        csrw mcycleh, t0
        li t0, -4
        csrw mcycle, t0
        nop
        nop
        nop
        nop
        nop
        csrr t1, mcycleh
        sw t1, 0(s1)
        li t0, 41
        csrw minstret, t0
        csrr t1, minstret
        sw t1, 4(s1)
    """
    assert csr_values(text, 2, native=native) == [0x8000_0000, 41]


def test_inhibited_counters_stand_still(native: bool) -> None:
    text = """
        csrwi mcountinhibit, 5
        csrr t0, mcycle
        csrr t2, minstret
        nop
        nop
        csrr t1, mcycle
        csrr t3, minstret
        sub t1, t1, t0
        sub t3, t3, t2
        sw t1, 0(s1)
        sw t3, 4(s1)
        csrwi mcountinhibit, 0
        csrr t2, mcycle
        sub t2, t2, t0
        sw t2, 8(s1)
    """
    cycles, instructions, after = csr_values(text, 3, native=native)
    assert (cycles, instructions) == (0, 0)
    assert after < 3


def test_time_counts_on_while_a_hart_sleeps(native: bool) -> None:
    text = """
        li s0, PROBE
        csrr t0, mcycle
        li t1, 1000
        sw t1, 8(s0)
        lw t1, 0x10(s0)
        csrr t1, mcycle
        sub t1, t1, t0
        sw t1, (s1)
    """
    (elapsed,) = csr_values(text, 1, native=native)
    assert 1000 <= elapsed <= 1010


def test_user_code_reads_counters_only_when_allowed() -> None:
    text = """
        la t0, handler
        csrw mtvec, t0
        csrwi mcounteren, 1
        la t0, user
        csrw mepc, t0
        csrw mstatus, zero
        mret
    user:
        csrr t1, cycle
        sw t1, 4(s1)
        csrr t1, instret
        ecall
        .balign 4
    handler:
        csrr t0, mcause
        sw t0, (s1)
    """
    cause, cycle = csr_values(text, 2)
    assert cause == 2
    assert cycle > 0


def test_floating_point_flags_and_modes_are_kept(native: bool) -> None:
    text = """
        li t0, 0x2000
        csrs mstatus, t0
        csrwi frm, 1
        csrwi fflags, 3
        csrr t1, fcsr
        sw t1, (s1)
        li t2, 0x3f800000
        fmv.w.x f1, t2
        fmv.w.x f2, zero
        fdiv.s f3, f1, f2
        csrr t1, fflags
        sw t1, 4(s1)
        csrr t1, mstatus
        sw t1, 8(s1)
    """
    fcsr, flags, status = csr_values(text, 3, native=native)
    assert fcsr == 1 << 5 | 3
    assert flags == 3 | 8
    assert status >> 13 & 3 == 3
    assert status >> 31 == 1


def test_the_vendor_registers_can_be_read() -> None:
    text = "".join(f"csrr t1, {csr}\n" for csr in ("mvendorid", "marchid", "mimpid", "mconfigptr"))
    assert csr_values(text + "sw t1, (s1)", 1) == [0]
    assert CODE
