"""How programs begin and end on the Snitch boards: boot ROM, start-up, printing, exit code."""

from __future__ import annotations

import pytest

from tests.system.snitch_lab import assemble, compile_c, run

BOARDS = ("snitch-ita", "snitch-ita-2024")


@pytest.mark.parametrize("name", BOARDS)
def test_all_nine_harts_come_over_the_boot_rom_with_its_registers(name: str, native: bool) -> None:
    text = """
        csrr t0, mhartid
        la   t1, words
        slli t2, t0, 4
        add  t1, t1, t2
        sw   a0, 0(t1)
        sw   a1, 4(t1)
        sw   ra, 8(t1)
        lw   t3, 4(a1)      # harts, in the boot data
        sw   t3, 12(t1)
        csrr x0, 0x7c2
        li   a0, 7
        beqz t0, finish
        j    rest
    """
    ran = run(assemble(text), name, native=native)
    assert ran.status == 7
    assert ran.words(36) == [value for hart in range(9) for value in (hart, 0x1024, 0x1014, 9)], (
        "a0 is mhartid, a1 the boot data, ra the ROM"
    )


def test_a_hart_that_returns_to_the_boot_rom_sleeps(native: bool) -> None:
    text = """
        csrr t0, mhartid
        beqz t0, 1f
        ret
    1:  li   t1, 1000
    2:  addi t1, t1, -1
        bnez t1, 2b
        li   a0, 0
        j    finish
    """
    ran = run(assemble(text), native=native)
    assert ran.status == 0
    assert [hart.state.value for hart in ran.machine.harts[1:]] == ["waiting"] * 8


def test_the_boot_rom_is_read_only(native: bool) -> None:
    ran = run(assemble("li t0, 0x1000\nsw zero, 0(t0)\nj rest"), native=native)
    assert ran.outcome.trap is not None
    assert (ran.outcome.trap.cause, ran.outcome.trap.value) == (7, 0x1000)


THREADS = """
static __thread uint32_t mine = 41, zero;
static uint32_t cleared[40];
int test(unsigned hart)
{
    mine += hart;
    zero += 1;
    for (int i = 0; i < 40; i++)
        if (cleared[i])
            return 1000;
    barrier();
    return mine == 41 + hart && zero == 1 ? 14 : 2000;
}
"""


@pytest.mark.parametrize("name", BOARDS)
def test_the_exit_code_is_the_sum_over_nine_harts(name: str, native: bool) -> None:
    ran = run(compile_c(THREADS), name, native=native)
    assert ran.status == 126
    assert ran.rules == []
    done = ran.machine.devices["dma"].activities
    assert done["transfers"] == 20, "two for each hart's memory, two of zeros"
    assert ran.machine.devices["barrier"].activities["barriers"] == 5, "the run ends before the 6th"


def test_both_probes_and_a_second_run_take_the_same_cycles() -> None:
    elf = compile_c(THREADS)
    native, again, python = (run(elf, native=which) for which in (True, True, False))
    found = {(each.machine.harts[0].clock, each.machine.harts[8].clock) for each in (native, again)}
    assert len(found) == 1
    assert [hart.clock for hart in python.machine.harts] == [
        hart.clock for hart in native.machine.harts
    ]


def test_printing_goes_over_htif_from_every_hart(native: bool) -> None:
    text = """
    static char line[HARTS][16] __attribute__((section(".dram")));
    int test(unsigned hart)
    {
        static const char text[] = "hart 0 prints\\n";
        for (int i = 0; i < 15; i++)
            line[hart][i] = text[i];
        line[hart][5] += hart;
        print(line[hart]);
        return 0;
    }
    """
    ran = run(compile_c(text), native=native)
    assert ran.status == 0
    assert sorted(ran.text.splitlines()) == [f"hart {hart} prints" for hart in range(9)]


def test_harts_that_print_at_the_same_time_without_a_lock_all_print(native: bool) -> None:
    text = """
    extern volatile uint64_t tohost, fromhost;
    static volatile uint64_t fields[HARTS][8] __attribute__((section(".dram"), aligned(64)));
    static char line[HARTS][8] __attribute__((section(".dram")));
    int test(unsigned hart)
    {
        for (int round = 0; round < 5; round++) {
            line[hart][0] = 'a' + hart;
            line[hart][1] = '0' + round;
            line[hart][2] = '\\n';
            fields[hart][0] = 64;
            fields[hart][1] = 1;
            fields[hart][2] = (uintptr_t)line[hart];
            fields[hart][3] = 3;
            barrier();
            tohost = (uintptr_t)fields[hart];
            while (!fromhost)
                ;
            fromhost = 0;
            if (fields[hart][0] != 3)
                return 1;
        }
        return 0;
    }
    """
    ran = run(compile_c(text), native=native)
    assert ran.status == 0
    wanted = [f"{'abcdefghi'[hart]}{turn}" for hart in range(9) for turn in range(5)]
    assert sorted(ran.text.splitlines()) == sorted(wanted)
    assert ran.rules == []
