"""One hart around the engine: its privilege, its CSRs, its traps and interrupts, its sleep."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Final

from vplat.model import Observer

from .blocks import Block
from .csr import (
    MACHINE,
    MCAUSE,
    MEPC,
    MSTATUS_MIE,
    MSTATUS_MPIE,
    MSTATUS_MPP,
    MSTATUS_MPRV,
    MTVAL,
    USER,
    CsrFile,
)
from .host.guest import HOST_INPUT
from .isa import Instruction
from .outcome import Trap
from .rows import (
    ACCESSES,
    ATTENTION,
    BLOCK,
    COLUMNS,
    CYCLES,
    INSTRUCTIONS,
    LIMIT,
    NEXT_PC,
    PC,
    RUNNABLE,
    TURNS,
    UNIT_CYCLES,
)

if TYPE_CHECKING:
    from .machine import Machine

INTERRUPT: Final = 1 << 31
JUMP_MISALIGNED: Final = 0
FETCH_FAULT: Final = 1
ILLEGAL_INSTRUCTION: Final = 2
BREAKPOINT: Final = 3
LOAD_MISALIGNED: Final = 4
LOAD_FAULT: Final = 5
STORE_MISALIGNED: Final = 6
STORE_FAULT: Final = 7
USER_CALL: Final = 8
MACHINE_CALL: Final = 11
PRIORITY: Final = (11, 3, 7, *range(31, 15, -1))
"""Which interrupt is taken first (privileged specification, section 3.1.9; CV32E40P: fast ones by
number, highest first; they come last here because no device of ours raises both kinds)."""


class HartState(Enum):
    """What a hart does."""

    RUNNING = "running"
    STALLED = "stalled"
    """A device withholds the answer to its load or store."""
    WAITING = "waiting"
    """In ``wfi``."""
    HALTED = "halted"
    """Not fetching."""


class Hart:
    """State and behaviour of one hart that the engine does not have."""

    def __init__(self, machine: Machine, index: int) -> None:
        self._machine, self.index = machine, index
        self._row = index * COLUMNS
        self._rows = machine.engine.rows
        self.csrs = CsrFile(machine.board.harts, index, self)
        self.privilege = MACHINE
        self.lines = 0
        self.request: tuple[int, str] | None = None
        self.state = HartState.HALTED
        self.reason = ""
        self.asleep_since = 0
        self.sleep_cycles = 0
        self.reservation: tuple[int, int] | None = None
        self.last_trap: Trap | None = None
        self.traps = 0
        """How many exceptions and interrupts the hart has entered."""
        self.observer: Observer | None = None

    # Numbers shared with the engine.

    @property
    def pc(self) -> int:
        """Where the hart goes on when its next turn comes."""
        return self._rows[self._row + NEXT_PC]

    @property
    def place(self) -> int:
        """The instruction that is being served, or else where the hart goes on."""
        return self._rows[self._row + PC] or self.pc

    @property
    def block(self) -> Block | None:
        """The block that runs, or ran last."""
        blocks = self._machine.blocks.blocks
        number = self._rows[self._row + BLOCK]
        return blocks[number] if number < len(blocks) else None

    @property
    def clock(self) -> int:
        """The hart's time, at the end of the block that runs."""
        return self._rows[self._row + CYCLES]

    @property
    def cycles(self) -> int:
        """The hart's time at the instruction being executed."""
        return self.clock - self._ahead()[0]

    @property
    def instructions(self) -> int:
        """Instructions retired before the one being executed."""
        return self._rows[self._row + INSTRUCTIONS] - self._ahead()[1]

    @property
    def not_yet_run(self) -> Sequence[Instruction]:
        """Instructions that the block was charged for and that have not retired."""
        at = self._rows[self._row + PC]
        block = self.block
        if not at or block is None or at not in block.before:
            return ()
        return block.instructions[block.before[at][1] :]

    @property
    def accesses(self) -> int:
        """Accesses to the memory whose banks harts share, before the instruction being executed."""
        made, ahead = self._rows[self._row + ACCESSES], len(self.not_yet_run)
        if not ahead or (block := self.block) is None:
            return made
        return made - block.demand_from(len(block.instructions) - ahead)[0]

    @property
    def turn(self) -> int:
        """Number of the current turn."""
        return self._rows[self._row + TURNS]

    @property
    def runs(self) -> bool:
        """The hart executes instructions."""
        return self.state is HartState.RUNNING

    @property
    def awaits_input(self) -> bool:
        """The hart sleeps in a call for the host's input."""
        return self.state is HartState.STALLED and self.reason.endswith(HOST_INPUT)

    def _ahead(self) -> tuple[int, int]:
        """Cycles and instructions that the block was charged for beyond the instruction at hand."""
        at = self._rows[self._row + PC]
        block = self.block
        if not at or block is None or at not in block.before:
            return 0, 0
        cycles, count = block.before[at]
        return block.cycles - cycles, len(block.instructions) - count

    def leave_block(self, at: int) -> None:
        """The running block is left before the instruction ``at``: take back what does not run."""
        block = self.block
        if block is None or at not in block.before:
            return
        cycles, count = block.before[at]
        if count == len(block.instructions):
            return
        self._rows[self._row + CYCLES] -= block.cycles - cycles
        self._rows[self._row + INSTRUCTIONS] -= len(block.instructions) - count
        accesses, unit_cycles = block.demand_from(count)
        self._rows[self._row + ACCESSES] -= accesses
        self._rows[self._row + UNIT_CYCLES] -= unit_cycles
        key = self.index, at
        block.left_early[key] = block.left_early.get(key, 0) + 1
        self._rows[self._row + PC] = 0

    def spend(self, cycles: int) -> None:
        """Let time pass for this hart."""
        self._rows[self._row + CYCLES] += cycles
        if (waits := self._machine.accesses.waits) is not None:
            waits.hart_waited(self.index, self.place, cycles)

    def limit(self, cycle: int) -> None:
        """End the current turn no later than ``cycle``."""
        at = self._row + LIMIT
        self._rows[at] = min(self._rows[at], cycle)

    # Sleeping and waking.

    def start(self, address: int, now: int) -> None:
        """Fetch from ``address``; a hart that runs already goes on undisturbed."""
        if self.state is HartState.HALTED:
            self._machine.engine.jump(self.index, address)
            self._awake(now)
            self._machine.hart_started(self)
            self.interrupts_changed(now)

    def sleep(self, state: HartState, reason: str) -> None:
        """Stop executing; the hart's clock stands still until it is woken."""
        self.state, self.reason, self.asleep_since = state, reason, self.clock
        self._rows[self._row + RUNNABLE] = 0
        if self.observer is not None:
            self.observer.hart_slept(self.index, self.clock, self.place, state.value, reason)

    def wake(self, now: int) -> None:
        """Go on after a stall, at ``now`` or later."""
        if self.state is HartState.STALLED:
            self._awake(now)

    def rouse(self, now: int) -> None:
        """Go on from whatever the hart waits for, at ``now`` or later."""
        if self.state in (HartState.STALLED, HartState.WAITING):
            self._awake(now)

    def _awake(self, now: int) -> None:
        clock = max(self.clock, now)
        self.sleep_cycles += clock - self.asleep_since
        self._rows[self._row + CYCLES] = clock
        self.state, self.reason = HartState.RUNNING, ""
        self._rows[self._row + RUNNABLE] = 1
        if self.observer is not None:
            self.observer.hart_woke(self.index, clock, self.pc)
        self._machine.hart_woke(self)

    # Interrupts.

    @property
    def pending(self) -> int:
        """mip."""
        return self.lines

    def set_line(self, bit: int, level: int, now: int) -> None:
        """Raise or lower an interrupt line of the hart, by its bit in mip."""
        self.lines = self.lines | 1 << bit if level else self.lines & ~(1 << bit)
        self.interrupts_changed(now)

    def request_interrupt(self, number: int | None, device: str, now: int) -> None:
        """A device asks for an interrupt by number, beside mip, or withdraws."""
        self.request = None if number is None else (number, device)
        self.interrupts_changed(now)

    def interrupts_changed(self, now: int | None = None) -> None:
        """Look whether an interrupt is to be taken, or a sleeping hart to be woken."""
        if self.state is HartState.HALTED:
            return
        takes = self.next_interrupt() is not None
        wakes = self.lines & self.csrs.mie or self.request is not None
        if (self.state is HartState.WAITING and wakes) or (
            self.state is HartState.STALLED and takes
        ):
            self._awake(self._machine.now if now is None else now)
        if takes:
            self._rows[self._row + ATTENTION] = 1
            self.limit(0)

    def next_interrupt(self) -> int | None:
        """The number of the interrupt that must be taken now; None if none."""
        if self.privilege == MACHINE and not self.csrs.mstatus & MSTATUS_MIE:
            return None
        if self.request is not None:
            return self.request[0]
        ready = self.lines & self.csrs.mie
        return next((number for number in PRIORITY if ready >> number & 1), None)

    def take_interrupt(self) -> None:
        """Before a turn: enter the handler of the pending interrupt, if there still is one."""
        self._rows[self._row + ATTENTION] = 0
        number = self.next_interrupt()
        if number is None:
            return
        request, pc = self.request, self.pc
        self._rows[self._row + PC] = 0
        if self.observer is not None:
            self.observer.hart_trapped(self.index, self.clock, INTERRUPT | number, pc, 0)
        self._enter(INTERRUPT | number, pc, 0)
        if request is not None:
            self.request = None
            with self._machine.accesses.on_behalf_of(self.index):
                self._machine.acknowledge(self.index, number, request[1])

    # Exceptions.

    def trap(self, cause: int, pc: int, value: int, detail: str = "") -> None:
        """Take a synchronous exception at ``pc``; a crash if firmware has no handler for it."""
        self.last_trap = self._machine.new_trap(self.index, cause, pc, value, detail)
        if self.observer is not None:
            self.observer.hart_trapped(self.index, self.cycles, cause, pc, value)
        handler = self.csrs.mtvec & ~3
        if not self.csrs.mtvec_written:
            self._machine.crash("the firmware has set no trap handler (mtvec)", self.last_trap)
        elif pc == handler:
            self._machine.crash("the trap handler itself traps", self.last_trap)
        else:
            self._enter(cause, pc, value)

    def _enter(self, cause: int, pc: int, value: int) -> None:
        csrs = self.csrs
        self.traps += 1
        csrs.values[MEPC], csrs.values[MCAUSE], csrs.values[MTVAL] = pc, cause, value
        previous = csrs.mstatus
        csrs.mstatus = previous & ~(MSTATUS_MIE | MSTATUS_MPIE | MSTATUS_MPP) | self.privilege << 11
        if previous & MSTATUS_MIE:
            csrs.mstatus |= MSTATUS_MPIE
        self.privilege = MACHINE
        target = csrs.mtvec & ~3
        if csrs.mtvec & 1 and cause & INTERRUPT:
            target += 4 * (cause & 0x1F)
        self.reservation = None
        self.spend(self._machine.trap_cycles)
        self._machine.engine.jump(self.index, target)

    def return_from_trap(self) -> int:
        """What ``mret`` does (section 3.3.2); the address to go on at."""
        csrs = self.csrs
        previous = csrs.mstatus >> 11 & 3
        enabled = MSTATUS_MIE if csrs.mstatus & MSTATUS_MPIE else 0
        least = USER if csrs.user_mode else MACHINE
        csrs.mstatus = csrs.mstatus & ~(MSTATUS_MIE | MSTATUS_MPP) | enabled | MSTATUS_MPIE
        csrs.mstatus |= least << 11
        if previous != MACHINE:
            csrs.mstatus &= ~MSTATUS_MPRV
        self.privilege = previous
        self.reservation = None
        if self.observer is not None:
            self.observer.hart_returned(self.index, self.cycles, csrs.values[MEPC])
        self.interrupts_changed()
        return csrs.values[MEPC]

    # What CSRs ask of their hart.

    @property
    def time(self) -> int:
        """The platform's real-time counter."""
        return self._machine.time

    @property
    def float_status(self) -> int:
        """mstatus.FS."""
        return self._machine.engine.float_status(self.index)

    def set_float_status(self, value: int) -> None:
        """Set mstatus.FS."""
        self._machine.engine.set_float_status(self.index, value)

    def dump(self, number: int, value: int) -> None:
        """A value was written to a CSR that does not exist."""
        self._machine.dump(self.index, number, value)

    def read_float_csr(self, number: int) -> int:
        """fflags, frm or fcsr."""
        return self._machine.engine.read_csr(self.index, number)
