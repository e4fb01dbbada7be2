"""Loads and stores as the bus has them: sizes, alignment, shared pages, aliases, wait states."""

from __future__ import annotations

import dataclasses

import pytest

from tests.system.lab import DATA, board, run
from vplat.machine.board import DeviceSpec


def test_bytes_halves_and_words_of_a_register(native: bool) -> None:
    text = """
        li s0, PROBE
        li s1, DATA
        li t0, 0x11223344
        sw t0, 0x20(s0)
        lbu t1, 0x21(s0)
        sw t1, 0(s1)
        lhu t1, 0x22(s0)
        sw t1, 4(s1)
        li t0, 0xaa
        sb t0, 0x23(s0)
        li t0, 0xbbcc
        sh t0, 0x20(s0)
        lw t1, 0x20(s0)
        sw t1, 8(s1)
        lb t1, 0x23(s0)
        sw t1, 12(s1)
        li a0, 0
        j finish
    """
    values = run(text, native=native).words(DATA, 4)
    assert values == [0x33, 0x1122, 0xAA22BBCC, 0xFFFFFFAA]


def test_a_misaligned_access_to_a_device_is_two_aligned_ones(native: bool) -> None:
    text = """
        li s0, PROBE
        li s1, DATA
        li t0, 0x44332211
        sw t0, 0x20(s0)
        li t0, 0x88776655
        sw t0, 0x24(s0)
        lw t1, 0x21(s0)
        sw t1, 0(s1)
        lhu t1, 0x23(s0)
        sw t1, 4(s1)
        li t0, 0xddccbbaa
        sw t0, 0x22(s0)
        lw t1, 0x20(s0)
        sw t1, 8(s1)
        lw t1, 0x24(s0)
        sw t1, 12(s1)
        li a0, 0
        j finish
    """
    values = run(text, native=native).words(DATA, 4)
    assert values == [0x55443322, 0x5544, 0xBBAA2211, 0x8877DDCC]


def test_a_misaligned_access_to_memory_just_works(native: bool) -> None:
    text = """
        li s1, DATA
        li t0, 0x44332211
        sw t0, 0xffd(s1)
        lw a1, 0xffd(s1)
        sw a1, 0(s1)
        lbu a1, 0x1000(s1)
        sw a1, 4(s1)
        li a0, 0
        j finish
    """.replace("0xffd(s1)", "(s2)").replace("0x1000(s1)", "3(s2)")
    ran = run("li s2, DATA+0xffd\n" + text, native=native)
    assert ran.words(DATA, 2) == [0x44332211, 0x44]


def test_two_devices_share_a_page(native: bool) -> None:
    text = """
        li s0, SHARED
        li s1, DATA
        lw t0, (s0)
        sw t0, (s1)
        li t0, 7
        sw t0, 4(s0)
        li s0, PROBE
        sw t0, 0x20(s0)
        lw t0, 0x20(s0)
        sw t0, 4(s1)
        li a0, 0
        j finish
    """
    assert run(text, native=native).words(DATA, 2) == [0xCAFE, 7]


def test_an_alias_is_the_same_memory(native: bool) -> None:
    text = """
        li s1, DATA
        li s2, DATA+0x2000
        li s3, DATA+0x6000
        li t0, 0x1234
        sw t0, (s2)
        lw t1, (s3)
        sw t1, 4(s1)
        lw a0, (s1)
        sub a0, a0, t1
        j finish
    """
    ran = run(text, native=native)
    assert ran.outcome.status == 0
    assert ran.word(DATA + 4) == 0x1234


def test_the_time_of_an_access_is_that_of_its_instruction(native: bool) -> None:
    text = """
        li s0, PROBE
        li s1, DATA
        csrr t0, mcycle
        nop
        nop
        lw t1, 4(s0)
        nop
        lw t2, 4(s0)
        sub t1, t1, t0
        sub t2, t2, t0
        sw t1, 0(s1)
        sw t2, 4(s1)
        li a0, 0
        j finish
    """
    assert run(text, native=native).words(DATA, 2) == [3, 5]


def test_wait_states_are_paid_by_the_hart_that_waits(native: bool) -> None:
    text = """
        li s0, PORT
        li s1, DATA
        csrr t0, mcycle
        lw t1, (s0)
        csrr t2, mcycle
        sub t2, t2, t0
        sw t2, 0(s1)
        li a0, 0
        j finish
    """
    assert run(text, native=native).word(DATA) == 2 + 5


def test_a_private_port_knows_who_asks(native: bool) -> None:
    text = """
        csrr s0, mhartid
        li s1, PORT
        lw t0, (s1)
        li s2, DATA
        slli t1, s0, 2
        add s2, s2, t1
        addi t0, t0, 10
        sw t0, (s2)
        li s2, DATA
    1:  lw t0, 12(s2)
        beqz t0, 1b
        bnez s0, .
        li a0, 0
        j finish
    """
    assert run(text, native=native, on=board(4)).words(DATA, 4) == [10, 11, 12, 13]


def test_an_amo_on_a_device_register_reads_and_writes_it_once(native: bool) -> None:
    text = """
        li s0, PROBE+0x20
        li s1, DATA
        li t0, 40
        sw t0, (s0)
        li t0, 2
        amoadd.w t1, t0, (s0)
        sw t1, 0(s1)
        lw t1, (s0)
        sw t1, 4(s1)
        li a0, 0
        j finish
    """
    assert run(text, native=native).words(DATA, 2) == [40, 42]


def test_the_alarm_of_a_device_is_exact(native: bool) -> None:
    text = """
        li s0, PROBE
        li s1, DATA
        csrr s2, mcycle
        li t0, 100
        sw t0, 8(s0)
        lw t1, 0x10(s0)
        lw t2, 4(s0)
        sub t2, t2, s2
        sw t2, (s1)
        li a0, 0
        j finish
    """
    ran = run(text, native=native)
    # 1 for csrr, 1 for li, 100 from the store, then the repeated load.
    assert ran.word(DATA) == 1 + 1 + 100 + 1


@pytest.mark.parametrize("address", [0xFFFF_F000, 0xFFFF_0000, 0xFFFE_FFF0])
def test_a_device_may_be_at_the_end_of_the_address_space(address: int, native: bool) -> None:
    there = board()
    probe, _ = there.devices
    neighbour = DeviceSpec("neighbour", "lab_neighbour", {"": address})
    there = dataclasses.replace(there, devices=(probe, neighbour))
    text = f"li s0, {address:#x}\nlw a1, (s0)\nsw a1, 4(s0)\nli a0, 5\nj finish"
    ran = run(text, on=there, native=native)
    assert ran.outcome.status == 5
    assert ran.machine.devices["neighbour"].words["again"] == [0xCAFE]


SWAPPED_POINTERS = """
    li s0, PROBE
    li s1, DATA
    li s4, DATA+64
    li s3, 4
1:  csrr t0, mcycle
    lw t1, 4(s0)
    .rept 10
    nop
    .endr
    lw t2, 4(s1)
    sub t1, t1, t0
    sub t2, t2, t0
    sw t1, 0(s4)
    sw t2, 4(s4)
    mv t4, s0
    mv s0, s1
    mv s1, t4
    addi s4, s4, 8
    addi s3, s3, -1
    bnez s3, 1b
    li a0, 0
    j finish
"""


def test_an_access_is_timed_exactly_though_an_earlier_one_went_to_memory(native: bool) -> None:
    ran = run(SWAPPED_POINTERS, native=native)
    times = ran.words(DATA + 64, 8)
    assert [times[0], times[3], times[4], times[7]] == [1, 12, 1, 12]


def test_a_located_instruction_may_be_replaced_by_another_one(native: bool) -> None:
    text = """
        li s0, PROBE
        li s2, DATA
        li s1, PROBE+0x20
        li s3, 2
        la s5, patch
        lw s6, (s5)
    1:  li t0, 77
        sw t0, 0x20(s0)
        .balign 4
        .option push
        .option norvc
    there:
        lw t1, 0x20(s0)
        .option pop
        sw t1, (s2)
        addi s2, s2, 4
        la t0, there
        sw s6, (t0)
        fence.i
        addi s3, s3, -1
        bnez s3, 1b
        li a0, 0
        j finish
        .balign 4
        .option norvc
    patch:
        lw t1, 0(s1)
    """
    ran = run(text, native=native)
    assert ran.outcome.status == 0
    assert ran.words(DATA, 2) == [77, 77]
