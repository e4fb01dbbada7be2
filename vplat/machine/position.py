"""Where a run stands, exact to the instruction."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .holding import standing

if TYPE_CHECKING:
    from .machine import Machine


class Position(NamedTuple):
    """A moment of a run: what has happened before it, over all harts and devices.

    Harts take turns on one host thread, so everything that happens has one order, which is the same
    every time. ``instructions`` have retired on all harts together, ``traps`` (exceptions and
    interrupts) have been entered, ``behaviours`` of devices have run when they were due. None of
    the three ever shrinks while a run goes on, so positions of one run compare as tuples do.

    A cycle would not do: the harts' clocks are apart by up to a turn, so one cycle is a different
    moment on each hart.
    """

    instructions: int
    traps: int
    behaviours: int

    @classmethod
    def of(cls, machine: Machine) -> Position:
        """Where ``machine`` stands; while no hart is in its turn, or those that are, are held."""
        return cls(
            sum(standing(machine, hart.index).instructions for hart in machine.harts),
            sum(hart.traps for hart in machine.harts),
            machine.clock.taken,
        )
