"""Custom instructions: the event-unit load, and CSRs of a plugin."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import pytest

from tests.system.lab import DATA, LIMIT, PROBE, Neighbour, Probe, Ran, assemble, board
from vplat.engines.unicorn_engine import UnicornEngine
from vplat.instructions.event_load import decode, vplat_instructions
from vplat.instructions.performance_counters import vplat_instructions as counters
from vplat.machine.console import RecordingConsole
from vplat.machine.elf import Firmware
from vplat.machine.instruction_set import CustomCsr, HartPort, InstructionSet
from vplat.machine.machine import Machine
from vplat.machine.run import Run

ELW_T0_16_S0 = 0x0104_6283  # p.elw t0, 16(s0)
CV_ELW_T1_16_S0 = 0x0104_330B  # cv.elw t1, 16(s0)


def run_with(sets: list[InstructionSet], text: str, *, native: bool) -> Ran:
    """Run text on one hart that has these instruction sets."""
    machine = Machine(
        board(),
        {"lab_probe": Probe, "lab_neighbour": Neighbour},
        functools.partial(UnicornEngine, native=native),
        lambda instructions: [1] * len(instructions),
        RecordingConsole(),
        instruction_sets=sets,
    )
    machine.load(Firmware.parse(assemble(text), Path("lab.elf")))
    return Ran(Run(machine).until(max_cycles=LIMIT), machine, b"")


def test_an_event_load_sleeps_until_the_device_answers(native: bool) -> None:
    text = f"""
        li s0, PROBE
        li s1, DATA
        li t2, 700
        sw t2, 8(s0)
        .word {ELW_T0_16_S0:#x}
        .word {CV_ELW_T1_16_S0:#x}
        sw t0, 0(s1)
        sw t1, 4(s1)
        li a0, 0
        j finish
    """
    ran = run_with(list(vplat_instructions()), text, native=native)
    assert ran.outcome.status == 0
    assert ran.words(DATA, 2) == [2, 3]
    assert ran.machine.harts[0].sleep_cycles > 600


def test_an_event_load_from_nowhere_is_an_access_fault(native: bool) -> None:
    text = f"li s0, 0x40000000\n.word {ELW_T0_16_S0:#x}"
    ran = run_with(list(vplat_instructions()), text, native=native)
    assert ran.outcome.trap is not None
    assert (ran.outcome.trap.cause, ran.outcome.trap.value) == (5, 0x4000_0010)


def test_a_custom_load_that_a_device_refuses_names_the_address(native: bool) -> None:
    text = f"li s0, PROBE + 0x60\n.word {ELW_T0_16_S0:#x}"
    ran = run_with(list(vplat_instructions()), text, native=native)
    assert ran.outcome.trap is not None
    assert (ran.outcome.trap.cause, ran.outcome.trap.value) == (5, PROBE + 0x70)
    assert "0x70" in ran.outcome.trap.detail


@pytest.mark.parametrize("address", [PROBE + 0x70, 0x3000_0000, 0x4000_0000])
def test_a_custom_store_that_is_refused_is_a_store_fault(address: int, native: bool) -> None:
    (base,) = vplat_instructions()
    storing = dataclasses.replace(base, execute=lambda hart, _: hart.store(address, 4, 1))
    ran = run_with([storing], f".word {ELW_T0_16_S0:#x}", native=native)
    assert ran.outcome.trap is not None
    assert (ran.outcome.trap.cause, ran.outcome.trap.value) == (7, address)


def test_without_the_set_the_instruction_is_illegal(native: bool) -> None:
    ran = run_with([], f"li s0, PROBE\n.word {ELW_T0_16_S0:#x}", native=native)
    assert ran.outcome.trap is not None
    assert ran.outcome.trap.cause == 2


def test_negative_offsets_are_decoded() -> None:
    instruction = decode(0xFFC4_6283)
    assert instruction is not None
    assert (instruction.imm, instruction.rs1, instruction.rd) == (-4, 8, 5)


def test_a_plugin_gives_harts_a_csr(native: bool) -> None:
    kept: dict[int, int] = {}

    def read(hart: HartPort) -> int:
        return kept.get(hart.index, 0) + 1

    def write(hart: HartPort, value: int) -> None:
        kept[hart.index] = value

    (base,) = vplat_instructions()
    counted = dataclasses.replace(base, csrs=[CustomCsr(0x7C0, "tally", read, write)])
    text = "li s1, DATA\nli t0, 41\ncsrw 0x7c0, t0\ncsrr a0, 0x7c0\nj finish"
    assert run_with([counted], text, native=native).outcome.status == 42


def test_the_counters_of_ri5cy_count_cycles_and_instructions_while_enabled(native: bool) -> None:
    text = """
        li s1, DATA
        csrw 0x79f, zero
        li t0, 3
        csrw 0xcc0, t0
        csrw 0xcc1, t0
        nop
        nop
        csrw 0xcc1, zero
        nop
        csrr t1, 0x780
        csrr t2, 0x781
        sw t1, 0(s1)
        sw t2, 4(s1)
        csrr a0, 0xcc0
        j finish
    """
    ran = run_with(list(counters()), text, native=native)
    assert ran.outcome.status == 3
    assert ran.words(DATA, 2) == [3, 3]
