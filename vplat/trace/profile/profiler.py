"""What a profile needs beyond the counts of blocks: waits, sleep, and samples of call stacks."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from vplat.machine.rows import NOW
from vplat.model import Observer

from .sampling import StackReader

if TYPE_CHECKING:
    from vplat.machine.machine import Machine

    from .sampling import Frame, Stack

SAMPLE_CYCLES: Final = 9_973
"""From one sample of a hart to the next, at first. It is a prime, so that loops of a round number
of cycles are not met at the same place again and again."""
SAMPLES_OF_A_RUN: Final = 16
"""Samples are at least this part of the hart's cycles before them apart: they stay few."""


class Profiler(Observer):
    """Notes where harts wait and sleep, and every now and then in which calls they are.

    Samples are taken at the same cycles of a hart in every run.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._reader = StackReader(machine)
        self.waited: Counter[tuple[int, int]] = Counter()
        """Cycles beyond those of the instruction's class, by hart and address."""
        self.slept: Counter[tuple[int, int]] = Counter()
        """Cycles of sleep by hart and address."""
        self.stacks: Counter[tuple[int, Stack]] = Counter()
        """Active cycles by hart and call stack, as samples stand for them."""
        self._asleep = {hart.index: (0, hart.pc) for hart in machine.harts if not hart.runs}
        self._sampled = [0] * len(machine.harts)
        for hart in machine.harts:
            machine.watching.sample_hart(hart.index, SAMPLE_CYCLES)

    def hart_waited(self, hart: int, pc: int, cycles: int) -> None:
        """A device's wait states, or the entry of a trap."""
        self.waited[hart, pc] += cycles

    def hart_slept(self, hart: int, cycle: int, pc: int, state: str, reason: str) -> None:
        """A hart sleeps."""
        self._asleep.setdefault(hart, (cycle, pc))

    def hart_woke(self, hart: int, cycle: int, pc: int) -> None:
        """A hart goes on."""
        if hart in self._asleep:
            since, where = self._asleep.pop(hart)
            self.slept[hart, where] += cycle - since

    def hart_passed(self, hart: int, cycle: int, pc: int, frame: Frame) -> None:
        """It is time for a sample."""
        machine = self._machine
        active = cycle - machine.harts[hart].sleep_cycles
        self.stacks[hart, self._reader.stack(pc, frame)] += active - self._sampled[hart]
        self._sampled[hart] = active
        apart = max(SAMPLE_CYCLES, active // SAMPLES_OF_A_RUN)
        machine.watching.sample_hart(hart, cycle + apart)

    def finish(self) -> None:
        """Who sleeps at the end has slept till then."""
        machine = self._machine
        end = max([machine.turns[NOW], *(hart.cycles for hart in machine.harts)])
        for hart in list(self._asleep):
            self.hart_woke(hart, max(end, self._asleep[hart][0]), 0)
