"""Harts that come to an address, and harts that go on from the middle of a long block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vplat.errors import UsageError

from .debug_steps import Stepping
from .holding import cut_for_length
from .rows import COLUMNS, HELD, INSIDE

if TYPE_CHECKING:
    from .machine import Machine


class Arrival:
    """``Control`` that ends a slice of the run when a hart stands before an address.

    ``hart`` is the first that came, -1 before; it goes on as if it had not been held.
    ``UsageError`` if a debugger has the machine already.
    """

    def __init__(self, machine: Machine, address: int) -> None:
        if machine.control is not None:
            raise UsageError(
                "a debugger has the machine, so that nobody else can wait for a hart to come to an "
                "address; set a breakpoint there"
            )
        self._machine, self._address = machine, address
        self._holds = machine.holds
        for hart in range(len(machine.harts)):
            self._holds.add(hart, address)
        self.hart = -1
        machine.control = self

    def reached(self, hart: int, address: int) -> bool:
        """Whether the hart is held in front of the instruction at ``address``."""
        return self.hart < 0 and address == self._address

    def look(self) -> bool:
        """See whether a hart is held there."""
        machine = self._machine
        for hart in machine.harts:
            held = machine.engine.rows[hart.index * COLUMNS + HELD] == INSIDE
            if held and hart.pc == self._address and self.hart < 0:
                self.hart = hart.index
        return self.hart >= 0

    def hart_woke(self, hart: int) -> None:
        """Nothing: it runs as it would have."""

    def leave(self) -> None:
        """Wait no more."""
        for hart in range(len(self._machine.harts)):
            self._holds.drop(hart, self._address)
        self._machine.control = None
        go_on(self._machine)


def go_on(machine: Machine) -> None:
    """Before a run goes on: see to harts that were held inside blocks which the engine would pass.

    ``cut_for_length`` says which those are. Where a debugger has the machine, it does so itself.
    """
    rows = machine.engine.rows
    inside = [hart.index for hart in machine.harts if rows[hart.index * COLUMNS + HELD] == INSIDE]
    if machine.control is None and any(cut_for_length(machine, hart) for hart in inside):
        machine.control = _Finishing(machine)


class _Finishing:
    """``Control`` until harts have come to the ends of the blocks that they were held inside."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._stepping = Stepping(machine, machine.holds)
        self._stepping.guard_ends()

    def reached(self, hart: int, address: int) -> bool:
        """Whether the hart is held in front of the instruction at ``address``."""
        return self._stepping.reached(hart, address)

    def look(self) -> bool:
        """Let go of harts that have come to their ends; the slice goes on."""
        self._stepping.leave_ends()
        rows, harts = self._machine.engine.rows, self._machine.harts
        if not any(rows[hart.index * COLUMNS + HELD] == INSIDE for hart in harts):
            self._machine.control = None
        return False

    def hart_woke(self, hart: int) -> None:
        """Nothing: it runs as it would have."""
