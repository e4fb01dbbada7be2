"""Harts that are held within their turns, and where each of them stands, exactly."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from .board import PAGE
from .engine import Engine
from .rows import COLUMNS, CYCLES, HELD, INSIDE, INSTRUCTIONS, PC

if TYPE_CHECKING:
    from .machine import Machine

SHORT_BLOCK: Final = 64
"""Instructions. The engine ends a longer block for its length, so that it would be another one if
the engine began in its middle."""


class Standing(NamedTuple):
    """Where a hart stands: its next instruction, its clock, and what it has retired."""

    pc: int
    cycles: int
    instructions: int


def standing(machine: Machine, hart: int) -> Standing:
    """Where ``hart`` stands while nobody is in a turn.

    Of the block inside which it is held, only what has been executed counts.
    """
    subject, row = machine.harts[hart], hart * COLUMNS
    rows = machine.engine.rows
    cycles, instructions = rows[row + CYCLES], rows[row + INSTRUCTIONS]
    block = subject.block
    if rows[row + HELD] == INSIDE and block is not None and subject.pc in block.before:
        before, count = block.before[subject.pc]
        cycles -= block.cycles - before
        instructions -= len(block.instructions) - count
    return Standing(subject.pc, cycles, instructions)


def cut_for_length(machine: Machine, hart: int) -> int | None:
    """The end of the block inside which ``hart`` is held, if the hart could run beyond it unseen.

    The engine goes on at the instruction where the hart is held, and there begins a block that may
    be longer than what was left of the one that was charged.
    """
    block = machine.harts[hart].block
    if block is None or len(block.instructions) <= SHORT_BLOCK:
        return None
    end = block.address + len(block.code)
    return end if end % PAGE else None


class Holds:
    """Which instructions harts are held at; several may want the same."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._wanted: Counter[tuple[int, int]] = Counter()

    def add(self, hart: int, address: int) -> None:
        """Hold ``hart`` there."""
        self._wanted[hart, address] += 1
        if self._wanted[hart, address] == 1:
            self._engine.hold(hart, address)

    def drop(self, hart: int, address: int) -> None:
        """Take one ``add`` back."""
        self._wanted[hart, address] -= 1
        if self._wanted[hart, address] == 0:
            del self._wanted[hart, address]
            self._engine.release(hart, address)


class Exposed:
    """While entered, rows say where each hart stands, so that its counters and clock read right.

    Otherwise the ``PC`` of a hart that is in no callback is whatever was noted last, which matters
    to its next access; it is put back.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._noted: list[int] | None = None

    def enter(self) -> None:
        """Say where harts stand."""
        rows = self._machine.engine.rows
        self._noted = [rows[row + PC] for row in range(0, len(rows), COLUMNS)]
        for hart in self._machine.harts:
            row = hart.index * COLUMNS
            rows[row + PC] = hart.pc if rows[row + HELD] == INSIDE else 0

    def leave(self) -> None:
        """Put back what was noted."""
        if self._noted is not None:
            for hart, noted in enumerate(self._noted):
                self._machine.engine.rows[hart * COLUMNS + PC] = noted
        self._noted = None
