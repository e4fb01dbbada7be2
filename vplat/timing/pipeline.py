"""An in-order pipeline that issues one instruction at a time, followed cycle by cycle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from vplat.machine.isa import Instruction, InstructionClass

FLOAT_REGISTERS: Final = 32
"""f0 follows x31 where both kinds of register share one numbering."""
UNIT_QUEUE: Final = 2
"""Requests to the shared unit that a hart holds ready without standing still."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What sets one kind of pipeline apart from another.

    ``loads_in_flight`` and ``accesses_in_flight`` bound how many loads, and loads and stores
    together, may be unanswered; 0 means that the pipeline stands still until a load is answered.
    ``has_one_write_port`` says that results which come late wait for a cycle in which no other
    instruction writes a register.
    """

    loads_in_flight: int = 0
    accesses_in_flight: int = 0
    has_one_write_port: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """What one instruction takes: it holds the pipeline for ``cycles``, its result is there after
    ``result`` cycles, and it asks the unit that harts share for ``unit_cycles``. It needs its
    operands ``early`` cycles before it is issued."""

    cycles: int
    result: int
    unit_cycles: int = 0
    early: int = 0


class Late(NamedTuple):
    """A result that has not been written yet, and the cycle in which it arrives."""

    is_of_unit: bool
    arrival: int
    register: int


class Pipeline:
    """Instructions go through one after the other; what one leaves behind delays later ones."""

    def __init__(self, traits: Traits) -> None:
        self._traits = traits
        self._now = 0
        self._ready: dict[int, int] = {}
        self._late: list[Late] = []
        self._answers: list[int] = []
        self._unit_takes_at = self._divider_free_at = 0

    def issue(self, instruction: Instruction, need: Need) -> int:
        """The cycles from the instruction before until this one no longer holds the pipeline."""
        before = self._now
        self._stand_still(instruction, need)
        start = self._now
        if not (self._traits.has_one_write_port and _writes_at_once(instruction, need)):
            self._write_late()
        delay = self._ask_unit(need, start)
        for register in _written(instruction):
            self._expect(register, start + need.result + delay, need)
        if instruction.is_memory and self._traits.accesses_in_flight:
            self._answers.append(start + need.result)
        self._now += 1
        while self._now < start + need.cycles:
            self._write_late()
            self._now += 1
        return self._now - before

    def _stand_still(self, instruction: Instruction, need: Need) -> None:
        """Let time pass until nothing hinders the instruction any more."""
        while (until := self._hindered_until(instruction, need)) > self._now:
            while self._now < until:
                arrives = min((late.arrival for late in self._late), default=until)
                if arrives > self._now:
                    self._now = min(arrives, until)
                else:
                    self._write_late()
                    self._now += 1

    def _hindered_until(self, instruction: Instruction, need: Need) -> int:
        """The first cycle in which the instruction might be issued, as far as can be told now."""
        registers = {*_read(instruction), *_written(instruction)}
        return max(
            self._now,
            *(self._ready[each] + need.early for each in _read(instruction) if each in self._ready),
            *(self._after(late) for late in self._late if late.register in registers),
            self._room_at(instruction),
            self._unit_room_at(need),
        )

    def _after(self, late: Late) -> int:
        """The earliest cycle after a result that has not been written yet will have been."""
        return max(late.arrival, self._now) + 1

    def _room_at(self, instruction: Instruction) -> int:
        """When a load or store finds a place among those in flight; a fence waits for all."""
        traits = self._traits
        is_fence = instruction.kind is InstructionClass.FENCE
        if not traits.accesses_in_flight or not (is_fence or instruction.is_memory):
            return self._now
        self._answers = [answer for answer in self._answers if answer > self._now]
        loads = sorted(self._after(late) for late in self._late if not late.is_of_unit)
        if is_fence:
            return max([self._now, *self._answers, *loads])
        room = self._now
        if _loads(instruction) and len(loads) >= traits.loads_in_flight:
            room = max(room, loads[0])
        if len(self._answers) >= traits.accesses_in_flight:
            room = max(room, min(self._answers))
        return room

    def _unit_room_at(self, need: Need) -> int:
        if not need.unit_cycles:
            return self._now
        return max(self._now, self._unit_turn(need, self._now) - UNIT_QUEUE)

    def _unit_turn(self, need: Need, start: int) -> int:
        """When the unit takes a request that is made at ``start``; a division keeps later ones off.

        Multiplications go one a cycle; the divider takes the next division when it is done.
        """
        turn = max(start + 1, self._unit_takes_at)
        return max(turn, self._divider_free_at) if need.unit_cycles > 1 else turn

    def _ask_unit(self, need: Need, start: int) -> int:
        """Take the unit; the cycles for which the request waits because of this hart's earlier
        ones."""
        if not need.unit_cycles:
            return 0
        turn = self._unit_turn(need, start)
        self._unit_takes_at = turn + 1
        if need.unit_cycles > 1:
            self._divider_free_at = turn + need.unit_cycles
        return turn - (start + 1)

    def _expect(self, register: int, usable: int, need: Need) -> None:
        self._ready[register] = usable
        traits = self._traits
        if need.result > need.cycles and (traits.has_one_write_port or traits.loads_in_flight):
            self._late.append(Late(need.unit_cycles > 0, usable - 1, register))

    def _write_late(self) -> None:
        """In this cycle a write port is free for what has arrived; loads go first."""
        arrived = sorted(late for late in self._late if late.arrival <= self._now)
        for late in arrived[:1] if self._traits.has_one_write_port else arrived:
            self._late.remove(late)
            self._ready[late.register] = self._now + 1


def _writes_at_once(instruction: Instruction, need: Need) -> bool:
    return instruction.writes >= 0 and need.result <= need.cycles


def _loads(instruction: Instruction) -> bool:
    return instruction.is_memory and bool(list(_written(instruction)))


def _read(instruction: Instruction) -> Iterator[int]:
    yield from instruction.reads
    for register in instruction.float_reads:
        yield FLOAT_REGISTERS + register


def _written(instruction: Instruction) -> Iterator[int]:
    if instruction.writes >= 0:
        yield instruction.writes
    if instruction.float_writes >= 0:
        yield FLOAT_REGISTERS + instruction.float_writes
