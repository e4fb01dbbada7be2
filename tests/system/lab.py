"""A laboratory: assembly text run on a small machine, on either probe, then looked into."""

from __future__ import annotations

import dataclasses
import functools
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from vplat.engines.unicorn_engine import UnicornEngine
from vplat.machine.board import Board, DeviceSpec, HartsSpec, MemorySpec, OperatingPoint, Span
from vplat.machine.console import RecordingConsole
from vplat.machine.elf import Firmware
from vplat.machine.instruction_set import InstructionSet
from vplat.machine.isa import Isa
from vplat.machine.machine import Machine
from vplat.machine.outcome import Outcome
from vplat.machine.pricing import OneCycleEach, Timing
from vplat.machine.run import Run
from vplat.model import (
    HART_PORT,
    RO,
    RW,
    W1P,
    Event,
    Input,
    Interrupts,
    Line,
    Peripheral,
    Register,
    Stall,
    State,
    Window,
    Word,
    Words,
    bit,
)

ASSEMBLER = "riscv64-unknown-elf-gcc"
CODE, DATA, PROBE, SHARED, PORT = 0x8000_0000, 0x1000_0000, 0x2000_0000, 0x2000_0200, 0x2000_1000
LIMIT = 2_000_000


class Probe(Peripheral, kind="lab_probe", size=0x100):
    """Everything a test wants to see or provoke."""

    finish_with = Word(0x00, RW, "Ends the run with this status.")
    stamp = Word(0x04, RO, "The cycle of the load.")
    cells = Words(8, 0x20, RW, "Storage {i}.")
    launch = Word(0x40, RW, "Starts the harts 1 to 7 at this address.")
    alarm = Word(0x08, RW, "Raises `rang` in so many cycles.")
    gate = Register(
        0x0C,
        "A gate to wait at.",
        open=bit(0, W1P, "Let everybody through who waits at `wait`."),
        interrupt=bit(1, W1P, "Ask hart 0 for interrupt 9."),
        withdraw=bit(2, W1P, "Withdraw the request."),
    )
    wait = Word(0x10, RO, "A load waits for the gate, then tells how often it was issued.")
    level = Word(0x14, RW, "Drives `line` for the harts of the mask in bits 15:0.")
    push = Word(0x18, RW, "A store of 1 waits for the gate.")
    copy = Word(0x1C, RW, "Copies 64 bytes to here from `cells[0]`, at once.")
    rings = Word(0x44, RO, "How often the alarm rang.")
    passed = State(0, "The gate is open.")
    issued = State(0, "Loads of `wait`.")
    stamps: State[list[int]] = State(list, "Cycles at which things happened.")
    taken: State[list[tuple[int, int]]] = State(list, "Interrupts taken, as (hart, number).")
    port = Window(0x40, "A port of each hart's own.", port=HART_PORT)
    who = Word(0x00, RO, "The hart that loads.", windows=(port,))
    rang = Event("The alarm.")
    line = Line("A level.")
    irq = Interrupts("Interrupt 9.")
    bell = Input("Notes the time.")

    @finish_with.on_write
    def end(self, value: int) -> None:
        self.platform.finish(value)

    @stamp.on_read
    def now_read(self) -> int:
        return self.now

    @alarm.on_write
    def set_alarm(self, value: int) -> None:
        self.after(value, self.ring)

    def ring(self) -> None:
        self.rings = self.rings + 1
        self.stamps.append(self.now)
        self.rang()

    @bell.on_change
    def note(self, level: int) -> None:
        self.stamps.append(self.now)
        self.passed = 1
        for hart in range(8):
            self.wake(hart)

    @gate.open.on_set
    def open_gate(self) -> None:
        self.passed = 1
        for hart in range(8):
            self.wake(hart)

    @gate.interrupt.on_set
    def ask(self) -> None:
        self.irq(0, 9)

    @gate.withdraw.on_set
    def unask(self) -> None:
        self.irq(0, None)

    @irq.on_taken
    def acknowledge(self, hart: int, number: int) -> None:
        self.taken.append((hart, number))

    @wait.on_read
    def pass_gate(self) -> int:
        self.issued += 1
        if not self.passed:
            raise Stall("the gate")
        return self.issued

    @push.on_write
    def push_through(self, value: int) -> None:
        if value and not self.passed:
            raise Stall("the gate")

    @level.on_write
    def drive(self, value: int) -> None:
        self.line(value >> 16 & 1, value & 0xFFFF)

    @launch.on_write
    def start_others(self, value: int) -> None:
        for hart in range(1, 8):
            self.platform.start_hart(hart, value)

    @copy.on_write
    def copy_words(self, value: int) -> None:
        self.bus.write(value, self.bus.read(self.cells[0], 64))

    @who.on_read
    def name_hart(self, hart: int) -> int:
        return hart

    def explain_wait(self, hart: int) -> str:
        return "the gate is shut" if not self.passed else ""


class Neighbour(Peripheral, kind="lab_neighbour", size=0x10):
    """Another device on the probe's page."""

    value = Word(0x00, RW, "A word.", reset=0xCAFE)
    again = Word(0x04, RW, "Another word.")


@dataclasses.dataclass
class Ran:
    """A run that is over."""

    outcome: Outcome
    machine: Machine
    text: bytes

    @property
    def probe(self) -> Probe:
        device = self.machine.devices["probe"]
        assert isinstance(device, Probe)
        return device

    @property
    def firmware(self) -> Firmware:
        assert self.machine.firmware is not None
        return self.machine.firmware

    def word(self, address: int) -> int:
        """The word in memory."""
        return self.machine.peek_word(address)

    def words(self, address: int, count: int) -> list[int]:
        """Words in memory."""
        return [self.word(address + 4 * index) for index in range(count)]


def board(
    harts: int = 1, isa: str = "rv32imafc_zicsr_zifencei", *, turn: int = 1000, user: bool = True
) -> Board:
    """The laboratory's board."""
    return Board(
        name="lab",
        doc="",
        harts=HartsSpec(harts, Isa.parse(isa, user_mode=user)),
        memories=(
            MemorySpec("tcdm", DATA, 0x2000, aliases=(Span(DATA + 0x2000, 0x6000),)),
            MemorySpec("rom", 0x3000_0000, 0x1000, writable=False),
            MemorySpec("ram", CODE, 0x40000),
        ),
        devices=(
            DeviceSpec(
                "probe",
                "lab_probe",
                {"": PROBE, "port": PORT},
                events={"rang": ("probe.bell",), "line": ("harts.external",)},
                wait_states={"port": 5},
            ),
            DeviceSpec("neighbour", "lab_neighbour", {"": SHARED}),
        ),
        operating_points=(OperatingPoint("x", 1.0, 100_000_000),),
        timing="",
        energy="",
        turn_cycles=turn,
    )


PRELUDE = f"""
    .equ PROBE, {PROBE:#x}
    .equ SHARED, {SHARED:#x}
    .equ PORT, {PORT:#x}
    .equ DATA, {DATA:#x}
    .option norelax
    .globl _start
_start:
"""
END = """
finish:
    li t6, PROBE
    sw a0, 0(t6)
    j .
"""


@functools.cache
def assemble(text: str, march: str = "rv32imafdc_zicsr_zifencei") -> bytes:
    """The ELF of assembly text linked at ``CODE``."""
    import tempfile

    if shutil.which(ASSEMBLER) is None:
        raise AssertionError(
            f"{ASSEMBLER} is missing: install gcc-riscv64-unknown-elf, or see toolchain.md"
        )
    with tempfile.TemporaryDirectory() as folder:
        source, elf = Path(folder) / "lab.S", Path(folder) / "lab.elf"
        source.write_text(PRELUDE + text + END)
        command = [ASSEMBLER, f"-march={march}", "-mabi=ilp32", "-nostdlib", "-g", "-static"]
        command += [f"-Wl,-Ttext={CODE:#x},--build-id=none", "-o", str(elf), str(source)]
        built = subprocess.run(command, check=False, capture_output=True, text=True)
        assert built.returncode == 0, built.stderr
        return elf.read_bytes()


def run(
    text: str,
    *,
    on: Board | None = None,
    native: bool = True,
    typed: bytes = b"",
    limit: int = LIMIT,
    march: str = "rv32imafdc_zicsr_zifencei",
    lone_hart: bool = False,
    timing: Timing | None = None,
    instruction_sets: Sequence[InstructionSet] = (),
    prepare: Callable[[Machine], None] | None = None,
    engine: Callable[..., UnicornEngine] = UnicornEngine,
) -> Ran:
    """Run assembly text to its end; ``finish`` ends it with the status in a0.

    ``prepare`` gets the machine in front of the first instruction. ``engine`` may be the engine
    with more options.
    """
    console = RecordingConsole(typed)
    machine = Machine(
        on or board(),
        {"lab_probe": Probe, "lab_neighbour": Neighbour},
        functools.partial(engine, native=native),
        timing or OneCycleEach(),
        console,
        instruction_sets=instruction_sets,
    )
    machine.load(Firmware.parse(assemble(text, march), Path("lab.elf")), lone_hart=lone_hart)
    if prepare is not None:
        prepare(machine)
    outcome = Run(machine).until(max_cycles=limit)
    return Ran(outcome, machine, console.text)
