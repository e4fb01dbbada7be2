"""Custom instructions and CSRs of plugins, on a machine's harts."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vplat.model import AccessFault, Stall

from .hart import LOAD_FAULT, STORE_FAULT, Hart, HartState
from .instruction_set import InstructionSet
from .isa import Instruction

if TYPE_CHECKING:
    from .machine import Machine


class StoreFault(AccessFault):
    """It was a store that faulted."""


class Port:
    """``HartPort`` of one hart."""

    def __init__(self, machine: Machine, hart: Hart) -> None:
        self._machine, self._hart = machine, hart
        self.index = hart.index

    @property
    def cycles(self) -> int:
        """The hart's cycle."""
        return self._hart.cycles

    @property
    def instructions(self) -> int:
        """Instructions retired so far."""
        return self._hart.instructions

    def read(self, register: int) -> int:
        """A general register."""
        return self._machine.engine.read_register(self.index, register)

    def write(self, register: int, value: int) -> None:
        """Set a general register."""
        self._machine.engine.write_register(self.index, register, value)

    def load(self, address: int, size: int) -> int:
        """A load by the hart."""
        try:
            return self._machine.accesses.hart_load(self.index, address, size)
        except AccessFault as fault:
            raise AccessFault(fault.message, address=fault.address or address) from None

    def store(self, address: int, size: int, value: int) -> None:
        """A store by the hart."""
        try:
            self._machine.accesses.hart_store(self.index, address, size, value)
        except AccessFault as fault:
            raise StoreFault(fault.message, address=fault.address or address) from None


class CustomInstructions:
    """Finds the set an instruction belongs to and runs it there."""

    def __init__(self, machine: Machine, sets: Sequence[InstructionSet]) -> None:
        self._machine, self._sets = machine, sets
        self._ports = [Port(machine, hart) for hart in machine.harts]
        for hart, port in zip(machine.harts, self._ports, strict=True):
            for each in sets:
                for csr in each.csrs:
                    write = csr.write and functools.partial(csr.write, port)
                    hart.csrs.add(csr.number, functools.partial(csr.read, port), write)

    def execute(self, hart: Hart, pc: int, instruction: Instruction) -> bool:
        """Run it; False when it stalls or faults, so that it does not retire."""
        owner = next(each for each in self._sets if each.decode(instruction.word) is not None)
        try:
            owner.execute(self._ports[hart.index], instruction)
        except Stall as stall:
            hart.leave_block(pc)
            self._machine.engine.jump(hart.index, pc)
            hart.sleep(HartState.STALLED, stall.reason)
            self._machine.engine.stop(hart.index)
            return False
        except AccessFault as fault:
            hart.leave_block(pc)
            detail = self._machine.explain_fault(fault.address, fault.message)
            cause = STORE_FAULT if isinstance(fault, StoreFault) else LOAD_FAULT
            hart.trap(cause, pc, fault.address, detail)
            return False
        return True
