"""The ledger: an observer that keeps what happens, in one store from which views are made."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vplat.machine.isa import InstructionClass, InterceptKind
from vplat.machine.rows import ADDRESS, COLUMNS, NOW, PC
from vplat.model import Line, Observer

from .record import DOINGS, NO_HART, RECORD, STATES, Arrival, Kind, Path, Place, field_layouts
from .selection import Selection
from .store import Backing, Reader, Store
from .strobe import after_store, stored_lanes
from .tracing import Tracing

if TYPE_CHECKING:
    from vplat.machine.blocks import Block
    from vplat.machine.machine import Machine
    from vplat.model import Declared, Event, Peripheral, Window, Work

WORD: Final = 0xFFFF_FFFF
INTERRUPT: Final = 1 << 31
SAMPLE_CYCLES: Final = 2_000
MOVED: Final = ("bytes", "bytes_written")
"""The activities that a bandwidth is worked out from: the first that a device has."""
ENERGY: Final = Path("energy", "energy", unit="J")
ACCESSES: Final = {"r": DOINGS[Kind.READ], "w": DOINGS[Kind.WRITE]}
NOT_TAKEN: Final = -1
LINKS: Final = (1, 5)
"""ra and t0: a jump that writes one calls, one to its value returns (calling convention)."""
JUMPS: Final = (InstructionClass.JUMP, InstructionClass.JUMP_REGISTER)
TRAP_RETURNS: Final = (InterceptKind.MRET, InterceptKind.SRET)


class Ledger(Observer):
    """Keeps accesses, events, work of devices, traps and sleep of harts, as ``tracing`` selects.

    Give it to ``Machine.watching.watch`` before the run, and ``finish`` it afterwards. Records are
    in the order of their cycles, those of one cycle in the order in which they came about.
    """

    def __init__(self, machine: Machine, heading: Mapping[str, Any], tracing: Tracing) -> None:
        self._machine, self._tracing = machine, tracing
        self._selection = Selection(tracing.select)
        harts = [f"harts[{hart.index}]" for hart in machine.harts]
        self._selection.check([*machine.devices, *harts])
        self.sample_cycles = SAMPLE_CYCLES if tracing.counters else 0
        self._backing = Backing(tempfile.TemporaryFile())  # noqa: SIM115 - it outlives this call
        states = [hart.state.value for hart in machine.harts]
        whole = {**heading, "harts": len(machine.harts), "devices": list(machine.devices)}
        self.store = Store(self._backing, {**whole, "states": states}, self._place_of)
        self._paths: dict[str, int] = {}
        self._registers: dict[tuple[str, str, int, int, str], int] = {}
        self._others: dict[tuple[str, str], int] = {}
        self._blocks: list[Block] = []
        self._arrivals: list[tuple[int, int]] = []
        self._end = 1 << 62 if tracing.end is None else tracing.end

    def finish(self) -> None:
        """The run is over: write what is left."""
        self._machine.engine.tell_steps()
        self.store.settle(1 << 62)

    def settle(self) -> None:
        """Write what is certain by now; between two turns."""
        self._machine.engine.tell_steps()
        self.store.settle(self._machine.turns[NOW])

    def reader(self) -> Reader:
        """Reads what has been written so far."""
        return Reader(self._backing, "the ledger")

    # Devices.

    def access(
        self,
        device: Peripheral,
        register: Declared,
        index: int,
        kind: str,
        old: int,
        value: int,
        hart: int,
    ) -> None:
        """A register was read or written."""
        path = self._registers.get((device.name, register.name, index, hart, kind))
        if path is None:
            path = self._register_path(device, register, index, hart, kind)
        if path == NOT_TAKEN:
            return
        if kind == "r":
            self._append(Kind.READ, hart, path, value)
            return
        if register.ports:
            new = after_store(register, old, value, self._lanes(hart))
        else:
            new = device.words[register.name][index]
        self._append(Kind.WRITE, hart, path, old, value, new)

    def window_access(
        self,
        device: Peripheral,
        window: Window,
        offset: int,
        size: int,
        kind: str,
        value: int,
        hart: int,
    ) -> None:
        """Something else of a device was accessed."""
        name = f"{device.name}.{window.name}" if window.name else device.name
        path = self._path(f"{name}+{offset:#x}", device.name, ACCESSES[kind], hart)
        if path != NOT_TAKEN and kind == "r":
            self._append(Kind.READ, hart, path, value)
        elif path != NOT_TAKEN:
            self._append(Kind.WRITE, hart, path, value, value, value)

    def event(self, device: Peripheral, event: Event | Line, level: int, harts: int) -> None:
        """An output pulsed or changed."""
        path = self._path(f"{device.name}.{event.name}", device.name)
        if path != NOT_TAKEN:
            kind = Kind.LEVEL if isinstance(event, Line) else Kind.PULSE
            self._append(kind, NO_HART, path, harts & WORD, level)

    def begin_work(self, device: Peripheral, what: str, number: int, work: Work) -> None:
        """A job or a transfer begins."""
        path = self._path(f"{device.name}.{what}", device.name)
        if path != NOT_TAKEN and self._is_wanted():
            text = self.store.add_text(work.label, dict(work.details))
            self._append(Kind.BEGIN, NO_HART, path, number & WORD, number >> 32, text)

    def end_work(self, device: Peripheral, what: str, number: int) -> None:
        """It ends."""
        path = self._path(f"{device.name}.{what}", device.name)
        if path != NOT_TAKEN:
            self._append(Kind.END, NO_HART, path, number & WORD, number >> 32)

    # Harts.

    def hart_slept(self, hart: int, cycle: int, pc: int, state: str, reason: str) -> None:
        """A hart sleeps. One that somebody else halts may be behind whoever does it."""
        path = self._hart_path(hart, "sleep")
        cycle = max(cycle, self._machine.now) if state == STATES[-1] else cycle
        if path != NOT_TAKEN and self._is_wanted(cycle):
            text = self.store.add_text(reason, {})
            self._append(Kind.SLEEP, hart, path, STATES.index(state), 0, text, cycle, pc)

    def hart_woke(self, hart: int, cycle: int, pc: int) -> None:
        """A hart goes on."""
        path = self._hart_path(hart, "wake")
        if path != NOT_TAKEN:
            self._append(Kind.WAKE, hart, path, 0, 0, 0, cycle, pc)

    def hart_trapped(self, hart: int, cycle: int, cause: int, pc: int, value: int) -> None:
        """A hart meets an exception or takes an interrupt."""
        interrupts = bool(cause & INTERRUPT)
        path = self._hart_path(hart, "interrupt" if interrupts else "trap")
        if path != NOT_TAKEN:
            kind = Kind.INTERRUPT if interrupts else Kind.TRAP
            self._append(kind, hart, path, cause & ~INTERRUPT, value, 0, cycle, pc)

    def hart_returned(self, hart: int, cycle: int, pc: int) -> None:
        """A hart returns from a trap."""
        path = self._hart_path(hart, "return")
        if path != NOT_TAKEN:
            self._append(Kind.RETURN, hart, path, 0, 0, 0, cycle, pc)

    def functions_entered(self, steps: bytes) -> None:
        """Harts went from function to function."""
        found = np.frombuffer(steps, "<i8").reshape(-1, 4)
        paths = np.array(
            [self._hart_path(each.index, "function") for each in self._machine.harts], np.int64
        )
        cycles, harts = found[:, 0], found[:, 1]
        wanted = (cycles >= self._tracing.begin) & (cycles < self._end) & (paths[harts] >= 0)
        found = found[wanted]
        self._learn_arrivals()
        arrivals = np.array([*self._arrivals, (Arrival.JUMP, 0)], np.int64)
        rows = np.zeros(len(found), RECORD)
        rows["cycle"], rows["hart"], rows["kind"] = found[:, 0], found[:, 1], Kind.FUNCTION
        rows["path"] = paths[found[:, 1]]
        rows["first"] = arrivals[found[:, 2], 0]
        rows["pc"] = arrivals[found[:, 3], 1]
        self.store.append_rows(rows)
        if self.store.room <= 0:
            self.settle()

    # The whole.

    def sample(
        self, cycle: int, activities: Mapping[str, Mapping[str, int]], joules: float
    ) -> None:
        """Counters."""
        self._count(cycle, ENERGY, joules)
        for device, done in activities.items():
            moved = next((done[name] for name in MOVED if name in done), None)
            if moved is not None:
                self._count(cycle, Path(f"{device}.{MOVED[0]}", device, unit="B"), float(moved))

    def _count(self, cycle: int, path: Path, value: float) -> None:
        number = self._paths.get(path.name)
        if number is None:
            number = self._paths[path.name] = self.store.add_path(path)
        low, high = struct.unpack("<II", struct.pack("<d", value))
        self._append(Kind.COUNTER, NO_HART, number, low, high, 0, cycle, 0)

    # Records.

    def _append(
        self,
        kind: Kind,
        hart: int,
        path: int,
        first: int = 0,
        second: int = 0,
        third: int = 0,
        cycle: int = -1,
        pc: int = -1,
    ) -> None:
        machine = self._machine
        if cycle < 0:
            cycle = machine.now
        if not self._is_wanted(cycle):
            return
        if pc < 0:
            pc = machine.engine.rows[hart * COLUMNS + PC] if hart >= 0 else 0
        store = self.store
        store.append((cycle, kind, hart, 0, path, pc, first, second, third))
        store.room -= 1
        if store.room <= 0:
            self.settle()

    def _is_wanted(self, cycle: int = -1) -> bool:
        at = self._machine.now if cycle < 0 else cycle
        return self._tracing.begin <= at < self._end

    def _lanes(self, hart: int) -> int:
        """The lanes of the word that the store being served covers."""
        rows = self._machine.engine.rows
        block = self._machine.harts[hart].block if hart >= 0 else None
        instruction = block and block.instruction_at(rows[hart * COLUMNS + PC])
        if not instruction:
            return WORD
        return stored_lanes(rows[hart * COLUMNS + ADDRESS], instruction.access_bytes)

    # Paths.

    def _register_path(
        self, device: Peripheral, register: Declared, index: int, hart: int, kind: str
    ) -> int:
        path = Path(
            f"{device.name}.{register.element_name(index)}",
            device.name,
            field_layouts(register),
            readable=any(field.access.readable for field in register.fields.values()),
        )
        number = self._number(path, ACCESSES[kind], hart)
        self._registers[device.name, register.name, index, hart, kind] = number
        return number

    def _path(self, name: str, owner: str, doing: str = "", hart: int = NO_HART) -> int:
        number = self._others.get((name, f"{doing}{hart}"))
        if number is None:
            number = self._number(Path(name, owner), doing, hart)
            self._others[name, f"{doing}{hart}"] = number
        return number

    def _hart_path(self, hart: int, what: str) -> int:
        return self._path(f"harts[{hart}].{what}", f"harts[{hart}]")

    def _number(self, path: Path, doing: str, hart: int) -> int:
        """The number of a path, or that it is not taken.

        An access is taken by the path of its register, of a field, and of the hart's doing.
        """
        by_hart = f"harts[{hart}].{doing}" if doing and hart >= 0 else ""
        if not self._selection.takes(path.names(by_hart)):
            return NOT_TAKEN
        if path.name not in self._paths:
            self._paths[path.name] = self.store.add_path(path)
        return self._paths[path.name]

    # Code.

    def _place_of(self, pc: int) -> Place:
        firmware = self._machine.firmware
        if firmware is None:
            return Place()
        function = firmware.symbols.function(pc)
        name = function.name if function is not None else ""
        return Place(name, firmware.lines.describe(pc) or "")

    def _learn_arrivals(self) -> None:
        """What follows each block, by how it ends, and where it is."""
        blocks = self._machine.blocks.blocks
        known = 0
        for block, other in zip(blocks, self._blocks, strict=False):
            if block is not other:
                break  # the run has gone back, and met others since
            known += 1
        del self._blocks[known:], self._arrivals[known:]
        for block in blocks[known:]:
            self._blocks.append(block)
            self._arrivals.append((_arrival(block), block.address))


def _arrival(block: Block) -> Arrival:
    """How a hart comes to what it runs behind a block."""
    if not block.instructions:
        return Arrival.JUMP
    last = block.instructions[-1]
    if last.kind is InstructionClass.JUMP_REGISTER and last.writes < 0 and last.rs1 in LINKS:
        return Arrival.RETURN
    if last.kind in JUMPS and last.writes in LINKS:
        return Arrival.CALL
    return Arrival.RETURN if last.intercept in TRAP_RETURNS else Arrival.JUMP
