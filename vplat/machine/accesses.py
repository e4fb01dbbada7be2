"""What harts do that the engine cannot: device accesses, watched stores, answered instructions."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from vplat.model import AccessFault, Bus, Observer, Stall

from .board import PAGE
from .bus import DevicePlace
from .engine import BlockCost
from .first_touch import first_look
from .hart import (
    JUMP_MISALIGNED,
    LOAD_FAULT,
    LOAD_MISALIGNED,
    STORE_FAULT,
    STORE_MISALIGNED,
    Hart,
    HartState,
)
from .isa import Instruction, InstructionClass
from .odd_jumps import JUMPS, why_misaligned
from .pricing import Seen
from .rows import ADDRESS, BLOCK, COLUMNS, CYCLES, HELD, INSIDE, PC, SAMPLE

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
    MISALIGNED = auto()
    """Take the exception of a jump to where no instruction can begin."""
    WATCH = auto()
    """Nothing: the hart is held in front of an access that a debugger watches."""


class Leftover:
    """What a callback leaves to be done for one hart after its turn."""

    __slots__ = ("address", "cause", "detail", "kind")

    def __init__(self) -> None:
        self.kind = Pending.NOTHING
        self.detail = ""
        self.cause = self.address = 0


class Watcher(Protocol):
    """Who watches memory; asked in the engine's callbacks."""

    def stops(self, hart: int, address: int, size: int, *, stores: bool) -> bool:
        """Whether ``hart`` must leave its turn before this access."""
        ...

    def serves(self, address: int, *, stores: bool) -> bool:
        """Whether an access comes here only because its page is watched."""
        ...

    def load(self, hart: int, address: int, size: int) -> int:
        """Such a load."""
        ...

    def store(self, hart: int, address: int, size: int, value: int) -> None:
        """Such a store."""
        ...

    def note_access(self, hart: int, address: int, size: int, *, stores: bool) -> None:
        """A hart is about to access; called for whatever goes through the machine."""
        ...

    def bus_of(self, device: str) -> Bus:
        """The bus of a device, or of the host's interfaces, with an eye on what it touches."""
        ...


class Lookout(Watcher, Protocol):
    """A checker, which passes on to a debugger what that is to be told."""

    debugger: Watcher | None


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
        self.watches: Watcher | None = None
        """A debugger's, while something is watched, or a checker's with it inside."""
        self._lookout: Lookout | None = None
        self._debugger: Watcher | None = None
        self.waits: Observer | None = None
        """Who is told of cycles beyond those of an instruction's class."""
        self.passes: Observer | None = None
        """Who is told of the blocks that ``Watching.sample_hart`` asks for."""
        self.steps: Observer | None = None
        """Who is told which functions harts enter."""

    def connect(self) -> None:
        """The machine has its engine, its blocks and its bus now."""
        self._rows = self._machine.engine.rows
        self._blocks = self._machine.blocks.blocks
        self._bus = self._machine.bus

    def snapshot(self) -> tuple[int, ...]:
        """For each hart, the instruction whose access was served last, should more of it follow."""
        return tuple(self._served_at)

    def restore(self, state: tuple[int, ...]) -> None:
        """Go back to what ``snapshot`` gave."""
        self._served_at[:] = state

    def debug(self, watches: Watcher | None) -> None:
        """A debugger watches memory, or does so no more."""
        self._debugger = watches
        self._settle_watches()

    def check(self, lookout: Lookout | None) -> None:
        """A checker watches memory, or does so no more."""
        self._lookout = lookout
        self._settle_watches()

    def _settle_watches(self) -> None:
        if self._lookout is not None:
            self._lookout.debugger = self._debugger
        self.watches = self._debugger if self._lookout is None else self._lookout

    def meet_block(self, hart: int, address: int, size: int) -> BlockCost | None:
        """Decode and price a block; None where none can begin."""
        machine = self._machine
        if address % machine.code.alignment:
            self._leave(hart, Pending.MISALIGNED, JUMP_MISALIGNED, address)
            return None
        register = functools.partial(machine.engine.read_register, hart)

        def look(start: int, instructions: Sequence[Instruction]) -> list[Seen]:
            return first_look(start, instructions, register, machine.code)

        number = machine.blocks.meet(address, machine.bus.read(address, size), look)
        for seen, length in machine.bus.sightings(address, size):
            machine.blocks.note_code(seen, length)
        if (cycles := machine.code.fetch(address, size)) > 0:
            machine.harts[hart].spend(cycles)
        return machine.blocks[number].cost(number)

    def passed(self, hart: int, address: int, ra: int, sp: int, t0: int, s0: int) -> None:
        """The hart enters the block at ``address``, which the machine asked to be told of."""
        row = hart * COLUMNS
        self._rows[row + SAMPLE] = 0
        if self.passes is not None:
            self.passes.hart_passed(hart, self._rows[row + CYCLES], address, (ra, sp, t0, s0))

    def stepped(self, steps: bytes) -> None:
        """Harts went from function to function."""
        if self.steps is not None:
            self.steps.functions_entered(steps)

    def answer(self, hart: int, address: int) -> None:
        """Carry out an instruction in the engine's place."""
        machine, rows, row = self._machine, self._rows, hart * COLUMNS
        number, now = rows[row + BLOCK], rows[row + CYCLES]
        block = self._blocks[number] if number < len(self._blocks) else None
        before = None if block is None else block.before.get(address)
        if block is not None and before is not None:
            instruction = block.instructions[before[1]]
            now += before[0] - block.cycles
        else:
            instruction = machine.blocks.decode(machine.peek_word(address))
        if not machine.answering.takes(instruction):
            return  # other code has come to where an answered instruction was
        self.current, self.now = hart, now
        try:
            machine.answering.carry_out(machine.harts[hart], address, instruction)
        finally:
            self.current = -1
            rows[row + PC] = 0

    def reached(self, hart: int, address: int) -> bool:
        """Whether a debugger stops the hart in front of the instruction at ``address``."""
        self._machine.faults.reached(hart, address)
        control = self._machine.control
        return control is not None and control.reached(hart, address)

    def load(self, hart: int, address: int, size: int) -> int:
        """A load from a device page, or from a page whose loads are watched."""
        if self.watches is not None:
            if self.watches.stops(hart, address, size, stores=False):
                self._leave(hart, Pending.WATCH)
                return 0
            if self.watches.serves(address, stores=False):
                return self.watches.load(hart, address, size)
        if not self.begins(hart, address):
            return 0
        try:
            return self.hart_load(hart, address, size)
        except Stall as stall:
            self._leave(hart, Pending.STALL, detail=stall.reason)
        except AccessFault as fault:
            detail = self._machine.explain_fault(address, fault.message)
            self._leave(hart, Pending.FAULT, LOAD_FAULT, address, detail)
        finally:
            self.ends(hart)
        return 0

    def store(self, hart: int, address: int, size: int, value: int) -> None:
        """A store to a device page, or to a page whose stores are watched."""
        if self.watches is not None:
            if self.watches.stops(hart, address, size, stores=True):
                self._leave(hart, Pending.WATCH)
                return
            if self.watches.serves(address, stores=True):
                self.watches.store(hart, address, size, value)
                return
        if not self.begins(hart, address):
            return
        try:
            self.hart_store(hart, address, size, value)
        except Stall as stall:
            self._leave(hart, Pending.STALL, detail=stall.reason)
        except AccessFault as fault:
            detail = self._machine.explain_fault(address, fault.message)
            self._leave(hart, Pending.FAULT, STORE_FAULT, address, detail)
        finally:
            self.ends(hart)

    def hart_load(self, hart: int, address: int, size: int) -> int:
        """What a load by a hart returns; ``Stall`` and ``AccessFault`` pass through."""
        if self.watches is not None:
            self.watches.note_access(hart, address, size, stores=False)
        place = self._bus.place_at(address)
        if not isinstance(place, DevicePlace) or (address & 3) + size > WORD_BYTES:
            return self._bus.load(address, size, hart)
        value = place.port.load(address - place.base, size, hart)
        if place.wait_states:
            self._rows[hart * COLUMNS + CYCLES] += place.wait_states
            if self.waits is not None:
                self.waits.hart_waited(hart, self._rows[hart * COLUMNS + PC], place.wait_states)
        return value

    def hart_store(self, hart: int, address: int, size: int, value: int) -> None:
        """A store by a hart; ``Stall`` and ``AccessFault`` pass through."""
        if self.watches is not None:
            self.watches.note_access(hart, address, size, stores=True)
        place = self._bus.place_at(address)
        if isinstance(place, DevicePlace) and (address & 3) + size <= WORD_BYTES:
            place.port.store(address - place.base, size, value, hart)
            if place.wait_states:
                self._rows[hart * COLUMNS + CYCLES] += place.wait_states
                if self.waits is not None:
                    self.waits.hart_waited(hart, self._rows[hart * COLUMNS + PC], place.wait_states)
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
        if kind is Pending.WATCH:
            self._rows[hart * COLUMNS + HELD] = INSIDE
            return
        subject.leave_block(pc)
        if kind is Pending.LOCATE:
            instruction = machine.blocks.decode(machine.peek_word(pc))
            machine.engine.locate(pc, instruction.rs1, instruction.imm)
        elif kind is Pending.STALL:
            subject.sleep(HartState.STALLED, leftover.detail)
            subject.interrupts_changed()
        elif kind is Pending.MISALIGNED:
            self._refuse_jump(subject, leftover.address)
        else:
            with self.on_behalf_of(hart):
                cause = self.cause_at(pc, leftover.cause)
                subject.trap(cause, pc, leftover.address, leftover.detail)

    def _refuse_jump(self, hart: Hart, target: int) -> None:
        """A hart without compressed instructions has arrived between two words.

        The exception is the jump's, which has not retired, but its link register is written.
        """
        block = hart.block
        pc = target
        if block is not None and block.instructions and block.instructions[-1].kind in JUMPS:
            pc = block.addresses[-1]
            hart.leave_block(pc)
        with self.on_behalf_of(hart.index):
            hart.trap(JUMP_MISALIGNED, pc, target, why_misaligned(target))

    def cause_at(self, pc: int, cause: int) -> int:
        """What the exception at ``pc`` is: an AMO is a store, though the engine loads first."""
        if cause not in AS_STORE or self._machine.bus.place_at(pc) is None:
            return cause
        kind = self._machine.blocks.decode(self._machine.peek_word(pc)).kind
        return AS_STORE[cause] if kind is InstructionClass.AMO else cause

    def begins(self, hart: int, address: int, *, may_go_on: bool = True) -> bool:
        """Note who accesses and when; False if the instruction must be located first.

        Without ``may_go_on`` it is not a further access of the instruction served last.

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
            if before is None or not (may_go_on and self._goes_on(hart, at, address)):
                self._leave(hart, Pending.LOCATE)
                return False
            rows[row + PC] = at
        self.current = hart
        self.now = rows[row + CYCLES] - block.cycles + before[0]
        return True

    def ends(self, hart: int) -> None:
        """The access that began is over."""
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
