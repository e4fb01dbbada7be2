"""Interrupts that come while a hart steps: their handlers run through, as if nothing had been."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from .csr import MCAUSE, MEPC
from .hart import INTERRUPT
from .holding import Holds, Standing

if TYPE_CHECKING:
    from .machine import Machine

STACK_POINTER: Final = 2


class Return(NamedTuple):
    """Where a hart was interrupted."""

    pc: int
    stack: int


class SteppedOver:
    """Harts that are in handlers of interrupts, on their way back to where they were to step."""

    def __init__(self, machine: Machine, holds: Holds) -> None:
        self._machine, self._holds = machine, holds
        self._returns: dict[int, Return] = {}
        self._back: list[int] = []

    def begin(self, hart: int, start: Standing) -> bool:
        """Whether ``hart``, which was to step from ``start``, has entered a handler instead."""
        csrs, engine = self._machine.harts[hart].csrs, self._machine.engine
        interrupted = csrs.values[MCAUSE] & INTERRUPT and csrs.values[MEPC] == start.pc
        now = self._machine.harts[hart]
        if not interrupted or now.instructions != start.instructions or now.pc == start.pc:
            return False
        self._returns[hart] = Return(start.pc, engine.read_register(hart, STACK_POINTER))
        self._holds.add(hart, start.pc)
        return True

    def reached(self, hart: int, address: int) -> bool:
        """In a callback before the instruction at ``address``: whether the hart is back."""
        back = self._returns.get(hart)
        if back is None or address != back.pc or hart in self._back:
            return False
        if self._machine.engine.read_register(hart, STACK_POINTER) != back.stack:
            return False
        self._back.append(hart)
        return True

    def finished(self) -> list[int]:
        """Between turns: the harts that are back."""
        found, self._back = self._back, []
        for hart in found:
            self._holds.drop(hart, self._returns.pop(hart).pc)
        return found

    def forget(self) -> None:
        """Nobody is on the way any more."""
        for hart, back in self._returns.items():
            self._holds.drop(hart, back.pc)
        self._returns.clear()
        self._back.clear()
