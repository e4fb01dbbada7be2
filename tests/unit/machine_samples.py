"""Devices, and machines with scripted harts, for the tests of the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vplat.engines.script import Script, Step
from vplat.machine.board import DeviceSpec, MemorySpec
from vplat.machine.console import Console
from vplat.machine.csr import MIE, MSTATUS, MSTATUS_MIE, MTVEC
from vplat.machine.machine import Machine
from vplat.model import (
    RO,
    RW,
    WO,
    Event,
    Input,
    Interrupts,
    Line,
    Peripheral,
    Stall,
    State,
    Word,
    Words,
)
from vplat.testing import ScriptedMachine, scripted_board

BEACON, CHIME = 0x2000_0000, 0x2000_0100
FLASH, CANCEL, STAMP, GATE, OPEN, DOOR = (BEACON + 4 * index for index in range(6))
SLOW, FINISH, COMPLAIN, LEVEL, REQUEST = (BEACON + 0x18 + 4 * index for index in range(5))
START, HALT, COUNT, AMBUSH = (BEACON + 0x2C + 4 * index for index in range(4))
WITHDRAW = 0xFF


class Beacon(Peripheral, kind="beacon", size=0x40):
    """Everything a device can do with a machine."""

    flash = Word(0x00, RW, "Flashes in so many cycles.")
    cancel_flash = Word(0x04, WO, "Forgets the flashes to come.")
    stamp = Word(0x08, RO, "The cycle of the load.")
    gate = Word(0x0C, RO, "A load waits until the gate is open.")
    open_gate = Word(0x10, WO, "Opens the gate and wakes the harts of the mask.")
    door = Word(0x14, WO, "A store waits until the gate is open.")
    slow = Word(0x18, RO, "A load takes 30 cycles more.")
    finish = Word(0x1C, WO, "Ends the run with this status.")
    complain = Word(0x20, WO, "Reports a finding.")
    level = Word(0x24, WO, "Bit 16 to `lit`, for the harts of bits 15:0.")
    request = Word(0x28, WO, "Asks hart [15:8] for interrupt [7:0], or withdraws with 0xff.")
    start = Word(0x2C, WO, "Starts hart [31:28] at 0x8000_0000 + [27:0].")
    halt = Word(0x30, WO, "Halts this hart.")
    count = Word(0x34, RW, "Counts the flashes.")
    ambush = Word(0x38, RO, "A load raises `lit` for its hart, and waits for the gate.")
    is_open = State(0, "The gate is open.")
    flashes: State[list[int]] = State(list, "Cycles of the flashes.")
    taken: State[list[tuple[int, int, int]]] = State(list, "Taken interrupts: cycle, hart, number.")
    issued: State[list[tuple[int, int]]] = State(list, "Accesses to gate and door: cycle, hart.")
    flashed = Event("A flash.")
    lit = Line("The level.")
    irq = Interrupts("Requests.")

    @flash.on_write
    def plan(self, value: int) -> None:
        self.after(value, self.shine, value)

    def shine(self, delay: int) -> None:
        self.count = self.count + 1
        self.flashes.append(self.now)
        self.account("flashes", 1)
        self.flashed()

    @cancel_flash.on_write
    def forget(self) -> None:
        self.cancel(self.shine)

    @stamp.on_read
    def tell(self) -> int:
        return self.now

    @gate.on_read
    def pass_gate(self, hart: int) -> int:
        self.issued.append((self.now, hart))
        if not self.is_open:
            raise Stall("the gate")
        return self.now

    @open_gate.on_write
    def swing(self, value: int) -> None:
        self.is_open = 1
        for hart in range(32):
            if value >> hart & 1:
                self.wake(hart)

    @door.on_write
    def pass_door(self, hart: int) -> None:
        self.issued.append((self.now, hart))
        if not self.is_open:
            raise Stall("the door")

    @slow.on_read
    def dawdle(self) -> int:
        self.platform.stretch(30)
        return 0

    @finish.on_write
    def end(self, value: int) -> None:
        self.platform.finish(value)

    @complain.on_write
    def note(self, value: int) -> None:
        self.report("complaint", f"somebody stored {value}")

    @level.on_write
    def drive(self, value: int) -> None:
        self.lit(value >> 16 & 1, value & 0xFFFF)

    @request.on_write
    def ask(self, value: int) -> None:
        number = value & 0xFF
        self.irq(value >> 8, None if number == WITHDRAW else number)

    @irq.on_taken
    def acknowledge(self, hart: int, number: int) -> None:
        self.taken.append((self.now, hart, number))

    @start.on_write
    def let_go(self, value: int) -> None:
        self.platform.start_hart(value >> 28, 0x8000_0000 + (value & 0xFFF_FFFF))

    @halt.on_write
    def hold(self, value: int) -> None:
        self.platform.halt_hart(value)

    @ambush.on_read
    def surprise(self, hart: int) -> int:
        if not self.is_open:
            self.lit(1, 1 << hart)
            raise Stall("the ambush")
        return 0

    def explain_wait(self, hart: int) -> str:
        return "" if self.is_open else f"nobody opened the gate for hart {hart}"


class Chime(Peripheral, kind="chime", size=0x40):
    """Hears what it is wired to."""

    cells = Words(8, 0x00, RW, "Storage {i}.")
    heard: State[list[tuple[int, int, int, int]]] = State(list, "Cycle, index, level, harts.")
    bells = Input("What it hears.", count=4)

    @bells.on_change
    def hear(self, index: int, level: int, harts: int) -> None:
        self.heard.append((self.now, index, level, harts))


def machine(
    scripts: Mapping[int, Sequence[Step] | Script],
    *,
    harts: int = 0,
    turn_cycles: int = 1,
    events: Mapping[str, tuple[str, ...]] | None = None,
    memories: Sequence[MemorySpec] = (),
    wait_states: int = 0,
    console: Console | None = None,
    beacon_kind: type[Beacon] = Beacon,
) -> ScriptedMachine:
    """A beacon, a chime and harts that follow ``scripts``; ``events`` are the beacon's."""
    devices = [
        DeviceSpec(
            "beacon",
            beacon_kind.kind,
            {"": BEACON},
            events=events or {},
            wait_states={"": wait_states},
        ),
        DeviceSpec("chime", "chime", {"": CHIME}),
    ]
    count = harts or max(scripts, default=0) + 1
    board = scripted_board(devices, harts=count, memories=memories, turn_cycles=turn_cycles)
    return ScriptedMachine(board, [beacon_kind, Chime], scripts, console=console)


def beacon(of: Machine) -> Beacon:
    """The machine's beacon."""
    device = of.devices["beacon"]
    assert isinstance(device, Beacon)
    return device


def chime(of: Machine) -> Chime:
    """The machine's chime."""
    device = of.devices["chime"]
    assert isinstance(device, Chime)
    return device


def enable_interrupts(of: Machine, hart: int, *, handler: int, mie: int) -> None:
    """Let a hart take the interrupts of ``mie``, at ``handler``."""
    csrs = of.harts[hart].csrs
    csrs.write(MTVEC, handler)
    csrs.write(MIE, mie)
    csrs.write(MSTATUS, MSTATUS_MIE)
