"""The memory map of the Snitch boards."""

from __future__ import annotations

from tests.system.snitch_lab import TCDM, assemble, run


def test_memory_answers_everywhere_and_reads_zero_until_it_is_written(native: bool) -> None:
    text = """
        csrr t0, mhartid
        bnez t0, rest
        li   t1, 0xf1230000     # DRAM
        lw   t2, 0(t1)
        li   t3, 0x5a5a
        sw   t3, 0(t1)
        lw   t4, 0(t1)
        li   t1, 0x40000000     # nothing is there
        lw   t5, 8(t1)
        sh   t3, 10(t1)
        lw   t6, 8(t1)
        or   a0, t2, t5
        sub  t4, t4, t3
        or   a0, a0, t4
        srli t6, t6, 16
        sub  t6, t6, t3
        or   a0, a0, t6
        j    finish
    """
    ran = run(assemble(text), native=native)
    assert ran.status == 0
    assert ran.rules == ["stray-access"]
    (finding,) = ran.machine.findings
    assert "hart 0 loads from 0x40000008" in finding.sentence
    assert finding.pc, "the driver's place is known"


def test_the_alias_shows_the_same_tcdm(native: bool) -> None:
    text = """
        csrr t0, mhartid
        bnez t0, rest
        li   t1, 0x18000100
        li   t2, 77
        sw   t2, 0(t1)
        li   t1, 0x10000100
        lw   a0, 0(t1)
        j    finish
    """
    assert run(assemble(text), native=native).status == 77


def test_a_program_in_the_tcdm_runs(native: bool) -> None:
    text = f"""
        csrr t0, mhartid
        bnez t0, rest
        la   t1, there
        li   t2, {TCDM:#x}
        lw   t3, 0(t1)
        lw   t4, 4(t1)
        sw   t3, 0(t2)
        sw   t4, 4(t2)
        fence.i
        jalr t2
        j    finish
    there:
        li   a0, 33
        ret
    """
    assert run(assemble(text), native=native).status == 33


def test_the_alias_shows_the_same_registers(native: bool) -> None:
    text = """
        csrr t0, mhartid
        bnez t0, rest
        li   t1, 0x18020000     # the cluster's registers
        li   t2, 5
        sw   t2, 0x80(t1)       # hart_select[0]
        li   t1, 0x10020000
        lw   a0, 0x80(t1)
        li   t1, 0x18040000     # the accelerator's
        sw   t2, 0x20(t1)
        li   t1, 0x10040000
        lw   t3, 0x20(t1)
        add  a0, a0, t3
        j    finish
    """
    ran = run(assemble(text), native=native)
    assert ran.status == 10
    assert ran.rules == []
