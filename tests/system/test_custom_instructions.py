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
from vplat.machine.board import DeviceSpec, InstructionsSpec
from vplat.machine.console import RecordingConsole
from vplat.machine.elf import Firmware
from vplat.machine.instruction_set import CustomCsr, HartPort, InstructionSet
from vplat.machine.isa import Instruction, InstructionClass
from vplat.machine.machine import Machine
from vplat.machine.pricing import OneCycleEach
from vplat.machine.run import Run
from vplat.model import Peripheral, Stall, State
from vplat.peripherals.core_counters import CoreCounters

ELW_T0_16_S0 = 0x0104_6283  # p.elw t0, 16(s0)
CV_ELW_T1_16_S0 = 0x0104_330B  # cv.elw t1, 16(s0)


def run_with(
    sets: list[InstructionSet],
    text: str,
    *,
    native: bool,
    harts: int = 1,
    given: tuple[InstructionsSpec, ...] = (),
    devices: tuple[DeviceSpec, ...] = (),
) -> Ran:
    """Run text on harts that have these instruction sets, or as ``given`` says."""
    base = board(harts)
    machine = Machine(
        dataclasses.replace(
            base,
            harts=dataclasses.replace(base.harts, instructions=given),
            devices=(*base.devices, *devices),
        ),
        {
            "lab_probe": Probe,
            "lab_neighbour": Neighbour,
            "lab_tally": Tally,
            "core_counters": CoreCounters,
        },
        functools.partial(UnicornEngine, native=native),
        OneCycleEach(),
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
    ran = run_with(
        list(counters()),
        text,
        native=native,
        given=(InstructionsSpec("xpulp-counters", device="counters"),),
        devices=(DeviceSpec("counters", "core_counters", {}),),
    )
    assert ran.outcome.status == 3
    assert ran.words(DATA, 2) == [3, 3]


def test_what_the_counters_hold_is_the_state_of_their_device(native: bool) -> None:
    ran = run_with(
        list(counters()),
        "li t0, 77\ncsrw 0x785, t0\nli a0, 0\nj finish",
        native=native,
        given=(InstructionsSpec("xpulp-counters", device="counters"),),
        devices=(DeviceSpec("counters", "core_counters", {}),),
    )
    device = ran.machine.devices["counters"]
    kept = device.snapshot()
    device.reset()
    assert ran.machine.harts[0].csrs.read(0x785) == 0
    device.restore(kept)
    assert ran.machine.harts[0].csrs.read(0x785) == 77


TALLY_A0 = 0x0000_050B
"""Custom-0, rd = a0: count one up, and read the count."""


class Tally(Peripheral, kind="lab_tally"):
    """What the instructions below remember."""

    count = State(0, "How often.")
    open = State(False, "The gate at CSR 0x7C0 is open.")

    def unlock(self) -> None:
        """Let whoever waits go on."""
        self.open = True
        self.wake(0)

    def pass_gate(self) -> int:
        """Wait for 500 cycles."""
        if not self.open:
            self.after(500, self.unlock)
            raise Stall("the gate")
        return 9


def decode_tally(word: int) -> Instruction | None:
    """The one instruction."""
    if word & 0x7F != 0x0B:
        return None
    rd = word >> 7 & 31
    return Instruction(word, 4, "tally", InstructionClass.ALU, rd=rd, writes=rd or -1)


def tally(hart: HartPort, instruction: Instruction) -> None:
    """Count."""
    hart.device.count += 1
    hart.write(instruction.rd, hart.device.count)


TALLY = InstructionSet(
    "tally",
    "Counts.",
    decode_tally,
    tally,
    [CustomCsr(0x7C0, "gate", lambda hart: hart.device.pass_gate(), has_effects=True)],
    device_kind="lab_tally",
)


def test_harts_share_the_device_of_their_instruction_set(native: bool) -> None:
    text = f"""
        csrr t0, mhartid
        .word {TALLY_A0:#x}
        bnez t0, .
        li t1, 400
    1:  addi t1, t1, -1
        bnez t1, 1b
        .word {TALLY_A0:#x}
        j finish
    """
    ran = run_with(
        [TALLY],
        text,
        native=native,
        harts=3,
        given=(InstructionsSpec("tally", device="tally"),),
        devices=(DeviceSpec("tally", "lab_tally", {}),),
    )
    assert ran.outcome.status == 4


def test_an_instruction_on_a_hart_without_its_set_is_illegal_and_says_who_has_it(
    native: bool,
) -> None:
    ran = run_with(
        [TALLY],
        f".word {TALLY_A0:#x}\nwfi\nj .",
        native=native,
        harts=3,
        given=(InstructionsSpec("tally", (1, 2), "tally"),),
        devices=(DeviceSpec("tally", "lab_tally", {}),),
    )
    assert ran.outcome.trap is not None
    assert (ran.outcome.trap.hart, ran.outcome.trap.cause) == (0, 2)
    assert ran.outcome.trap.value == TALLY_A0
    assert "hart 1, 2 has it" in ran.outcome.trap.detail


def test_a_csr_of_a_set_exists_only_on_harts_that_have_the_set(native: bool) -> None:
    ran = run_with(
        [TALLY],
        "csrr t0, 0x7c0",
        native=native,
        harts=2,
        given=(InstructionsSpec("tally", (1,), "tally"),),
        devices=(DeviceSpec("tally", "lab_tally", {}),),
    )
    assert ran.outcome.trap is not None
    assert (ran.outcome.trap.hart, ran.outcome.trap.cause) == (0, 2)


def test_a_read_of_a_csr_sleeps_until_its_device_answers(native: bool) -> None:
    ran = run_with(
        [TALLY],
        "csrr a0, 0x7c0\nj finish",
        native=native,
        given=(InstructionsSpec("tally", device="tally"),),
        devices=(DeviceSpec("tally", "lab_tally", {}),),
    )
    assert ran.outcome.status == 9
    assert ran.machine.harts[0].sleep_cycles == 500
    assert ran.machine.harts[0].instructions == 5, "the read retired once"


def test_a_debugger_does_not_look_at_a_csr_whose_read_has_effects(native: bool) -> None:
    ran = run_with(
        [TALLY],
        "li a0, 0\nj finish",
        native=native,
        given=(InstructionsSpec("tally", device="tally"),),
        devices=(DeviceSpec("tally", "lab_tally", {}),),
    )
    assert ran.machine.harts[0].csrs.peek(0x7C0) is None
