"""What harts do that the engine cannot: device accesses, watched stores, answered instructions."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum, auto
from typing import TYPE_CHECKING

from vplat.model import AccessFault, Stall

from .board import PAGE
from .bus import DevicePlace
from .engine import BlockCost
from .first_touch import first_waits
from .hart import LOAD_FAULT, LOAD_MISALIGNED, STORE_FAULT, STORE_MISALIGNED, HartState
from .isa import Instruction, InstructionClass
from .rows import ADDRESS, BLOCK, COLUMNS, CYCLES, PC

if TYPE_CHECKING:
    from .machine import Machine

PAGE_MASK = PAGE - 1
WORD_BYTES = 4
WIDEST_ACCESS = 8
AS_STORE = {LOAD_MISALIGNED: STORE_MISALIGNED, LOAD_FAULT: STORE_FAULT}


class Pending(Enum):
    """What is left to do for a hart once its turn is over."""

    NOTHING = auto()
    LOCATE = auto()
    """Learn the address of the instruction that accesses a device, then let it run again."""
    STALL = auto()
    """Sleep; the access is issued again when a device wakes the hart."""
    FAULT = auto()
    """Take an access fault."""


class Leftover:
    """What a callback leaves to be done for one hart after its turn."""

    __slots__ = ("address", "cause", "detail", "kind")

    def __init__(self) -> None:
        self.kind = Pending.NOTHING
        self.detail = ""
        self.cause = self.address = 0


class Accesses:
    """``vplat.machine.engine.Client``."""

    def __init__(self, machine: Machine, harts: int) -> None:
        self._machine = machine
        self.leftovers = [Leftover() for _ in range(harts)]
        self.watched: dict[int, Callable[[int, int], None]] = {}
        """Pages whose stores somebody wants to be told of, as (address, size)."""
        self.current = -1
        """The hart whose access or instruction is being served; -1 for none."""
        self.now = 0
        """The cycle of what is being served."""
        self._served_at = [0] * harts

    def connect(self) -> None:
        """The machine has its engine, its blocks and its bus now."""
        self._rows = self._machine.engine.rows
        self._blocks = self._machine.blocks.blocks
        self._bus = self._machine.bus

    def meet_block(self, hart: int, address: int, size: int) -> BlockCost:
        """Decode and price a block."""
        machine = self._machine

        def waits(start: int, instructions: Sequence[Instruction]) -> list[int]:
            register = functools.partial(machine.engine.read_register, hart)
            return first_waits(start, instructions, register, machine.bus.wait_states)

        code = machine.bus.read(address, size)
        number = machine.blocks.meet(address, code, waits)
        for seen, length in machine.bus.sightings(address, size):
            machine.blocks.note_code(seen, length)
        block = machine.blocks[number]
        return BlockCost(
            number, block.cycles, len(block.instructions), block.answered, block.guarded
        )

    def answer(self, hart: int, address: int) -> None:
        """Carry out an instruction in the engine's place."""
        machine = self._machine
        subject = machine.harts[hart]
        block = subject.block
        if block is not None and address in block.before:
            instruction = block.instructions[block.before[address][1]]
        else:
            instruction = machine.blocks.decode(machine.peek_word(address))
        if not machine.answering.takes(instruction):
            return  # other code has come to where an answered instruction was
        self.current, self.now = hart, subject.cycles
        try:
            machine.answering.carry_out(subject, address, instruction)
        finally:
            self.current = -1
            machine.engine.rows[hart * COLUMNS + PC] = 0

    def load(self, hart: int, address: int, size: int) -> int:
        """A load from a device page."""
        if not self._begins(hart, address):
            return 0
        try:
            return self.hart_load(hart, address, size)
        except Stall as stall:
            self._leave(hart, Pending.STALL, detail=stall.reason)
        except AccessFault as fault:
            detail = self._machine.explain_fault(address, fault.message)
            self._leave(hart, Pending.FAULT, LOAD_FAULT, address, detail)
        finally:
            self._ends(hart)
        return 0

    def store(self, hart: int, address: int, size: int, value: int) -> None:
        """A store to a device page, or to a page whose stores are watched."""
        if not self._begins(hart, address):
            return
        try:
            self.hart_store(hart, address, size, value)
        except Stall as stall:
            self._leave(hart, Pending.STALL, detail=stall.reason)
        except AccessFault as fault:
            detail = self._machine.explain_fault(address, fault.message)
            self._leave(hart, Pending.FAULT, STORE_FAULT, address, detail)
        finally:
            self._ends(hart)

    def hart_load(self, hart: int, address: int, size: int) -> int:
        """What a load by a hart returns; ``Stall`` and ``AccessFault`` pass through."""
        place = self._bus.place_at(address)
        if not isinstance(place, DevicePlace) or (address & 3) + size > WORD_BYTES:
            return self._bus.load(address, size, hart)
        value = place.port.load(address - place.base, size, hart)
        if place.wait_states:
            self._rows[hart * COLUMNS + CYCLES] += place.wait_states
        return value

    def hart_store(self, hart: int, address: int, size: int, value: int) -> None:
        """A store by a hart; ``Stall`` and ``AccessFault`` pass through."""
        place = self._bus.place_at(address)
        if isinstance(place, DevicePlace) and (address & 3) + size <= WORD_BYTES:
            place.port.store(address - place.base, size, value, hart)
            if place.wait_states:
                self._rows[hart * COLUMNS + CYCLES] += place.wait_states
            return
        self._bus.store(address, size, value, hart)
        told = self.watched.get(address & ~PAGE_MASK)
        if told is not None:
            told(address, size)

    @contextmanager
    def on_behalf_of(self, hart: int) -> Iterator[None]:
        """What happens inside is the doing of ``hart``."""
        previous = self.current, self.now
        self.current, self.now = hart, self._machine.harts[hart].cycles
        try:
            yield
        finally:
            self.current, self.now = previous

    def after_turn(self, hart: int) -> None:
        """Do what the callbacks of the turn that is over left to be done."""
        leftover, machine = self.leftovers[hart], self._machine
        kind, leftover.kind = leftover.kind, Pending.NOTHING
        subject = machine.harts[hart]
        pc = subject.pc
        if kind is Pending.NOTHING:
            return
        subject.leave_block(pc)
        if kind is Pending.LOCATE:
            instruction = machine.blocks.decode(machine.peek_word(pc))
            machine.engine.locate(pc, instruction.rs1, instruction.imm)
        elif kind is Pending.STALL:
            subject.sleep(HartState.STALLED, leftover.detail)
            subject.interrupts_changed()
        else:
            with self.on_behalf_of(hart):
                cause = self.cause_at(pc, leftover.cause)
                subject.trap(cause, pc, leftover.address, leftover.detail)

    def cause_at(self, pc: int, cause: int) -> int:
        """What the exception at ``pc`` is: an AMO is a store, though the engine loads first."""
        if cause not in AS_STORE or self._machine.bus.place_at(pc) is None:
            return cause
        kind = self._machine.blocks.decode(self._machine.peek_word(pc)).kind
        return AS_STORE[cause] if kind is InstructionClass.AMO else cause

    def _begins(self, hart: int, address: int) -> bool:
        """Note who accesses and when; False if the instruction must be located first.

        A located instruction says once, before it executes, where it is and what it accesses. If
        that was memory, it is still what was said last when another one accesses a device. One that
        the engine carries out in several accesses (an AMO, a misaligned access) is the same for all
        of them.
        """
        rows, row = self._rows, hart * COLUMNS
        block = self._blocks[rows[row + BLOCK]]
        before = block.before.get(rows[row + PC])
        if before is None or not -WIDEST_ACCESS < address - rows[row + ADDRESS] < WIDEST_ACCESS:
            at = self._served_at[hart]
            before = block.before.get(at)
            if before is None or not self._goes_on(hart, at, address):
                self._leave(hart, Pending.LOCATE)
                return False
            rows[row + PC] = at
        self.current = hart
        self.now = rows[row + CYCLES] - block.cycles + before[0]
        return True

    def _ends(self, hart: int) -> None:
        rows, at = self._rows, hart * COLUMNS + PC
        self.current = -1
        self._served_at[hart], rows[at] = rows[at], 0

    def _goes_on(self, hart: int, pc: int, address: int) -> bool:
        """The access to ``address`` is a further one of the instruction at ``pc``."""
        instruction = self._machine.blocks.decode(self._machine.peek_word(pc))
        start, width = self._rows[hart * COLUMNS + ADDRESS], instruction.access_bytes
        if instruction.kind is InstructionClass.AMO:
            return address == start
        return start % max(width, 1) != 0 and start - width < address < start + width

    def _leave(
        self, hart: int, kind: Pending, cause: int = 0, address: int = 0, detail: str = ""
    ) -> None:
        leftover = self.leftovers[hart]
        leftover.kind, leftover.cause = kind, cause
        leftover.address, leftover.detail = address, detail
        self._machine.engine.stop(hart)
