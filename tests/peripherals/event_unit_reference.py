"""A small model of the event unit, cycle by cycle (`pulp-cluster.md` sections 1.5 to 1.7).

It knows barriers, SW events and event lines, and polls where the device wakes. Harts run programs
of ``Step`` after ``Step``; both models log when a read was granted and what it returned.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict

HARTS = 4
BARRIERS = 2
BARRIER = 16


@dataclasses.dataclass(frozen=True)
class Step:
    """An access, ``pause`` cycles after the one before is complete.

    ``verb`` is ``mask``, ``targets`` or ``clear`` (store ``value``), ``trigger`` (SW event
    ``index`` for the harts in ``value``), or a read: ``self``, ``barrier``, ``send`` (trigger and
    wait) or ``event``.
    """

    verb: str
    index: int = 0
    value: int = 0
    clears: bool = False
    pause: int = 0


@dataclasses.dataclass(frozen=True)
class Granted:
    """A hart's step ``number``: granted in ``cycle``, read ``value``, and ``extra`` cycles."""

    number: int
    cycle: int
    value: int
    extra: int


@dataclasses.dataclass(frozen=True)
class Scenario:
    """Programs by hart, members and targets by barrier, and pulses: (cycle, line, harts)."""

    programs: tuple[tuple[Step, ...], ...]
    barriers: tuple[tuple[int, int], ...]
    pulses: tuple[tuple[int, int, int], ...]
    cycles: int


class Reference:
    """Registers as they are at the start of a cycle."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.cycle = 0
        self.buffer = [0] * HARTS
        self.mask = [0] * HARTS
        self.targets = [0] * HARTS
        self.clearing = [-1] * HARTS
        self.status = [0] * BARRIERS
        self.arriving = [0] * BARRIERS
        self.coming: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self.position = [0] * HARTS
        self.ready = [program[0].pause if program else 0 for program in scenario.programs]
        self.fired = [False] * HARTS
        self.owed = [0] * HARTS
        self.log: list[list[Granted]] = [[] for _ in range(HARTS)]

    def run(self) -> None:
        for _ in range(self.scenario.cycles):
            self.step()

    def step(self) -> None:
        for harts, event, line in self.coming.pop(self.cycle, []):
            self.latch(harts, event, line)
        for cycle, event, harts in self.scenario.pulses:
            if cycle == self.cycle:
                self.latch(harts, event, cycle)
        self.match()
        for hart in range(HARTS):
            program = self.scenario.programs[hart]
            if self.position[hart] < len(program) and self.cycle >= self.ready[hart]:
                self.access(hart, program[self.position[hart]])
        self.cycle += 1

    def latch(self, harts: int, event: int, line: int) -> None:
        for hart in range(HARTS):
            if harts >> hart & 1:
                lost = line == self.clearing[hart] and self.mask[hart] >> event & 1
                self.buffer[hart] |= 0 if lost else 1 << event

    def match(self) -> None:
        """Arrivals of the last cycle are registered now; a match is on the lines in this cycle."""
        for index, (members, targets) in enumerate(self.scenario.barriers):
            self.status[index] |= self.arriving[index]
            self.arriving[index] = 0
            if members and self.status[index] == members:
                self.coming[self.cycle + 1].append((targets, BARRIER, self.cycle))
                self.status[index] = 0

    def access(self, hart: int, step: Step) -> None:
        match step.verb:
            case "mask":
                self.mask[hart] = step.value
            case "targets":
                self.targets[hart] = step.value
            case "clear":
                self.buffer[hart] &= ~step.value
            case "trigger":
                self.send(hart, step.index, step.value)
            case "self":
                self.arriving[step.index] |= 1 << hart
                self.complete(hart, self.buffer[hart] & self.mask[hart], 0)
                return
            case _:
                self.wait(hart, step)
                return
        self.complete(hart, 0, 0)

    def send(self, hart: int, event: int, targets: int) -> None:
        targets = targets or (1 << HARTS) - 1
        if targets >> hart & 1:
            self.buffer[hart] |= 1 << event
        self.coming[self.cycle + 1].append((targets & ~(1 << hart), event, self.cycle))

    def wait(self, hart: int, step: Step) -> None:
        if not self.fired[hart]:
            self.fired[hart] = True
            before = self.buffer[hart] & self.mask[hart]
            if step.verb == "barrier":
                self.arriving[step.index] |= 1 << hart
            elif step.verb == "send":
                self.send(hart, step.index, self.targets[hart])
                self.owed[hart] = int(not before and self.buffer[hart] & self.mask[hart] != 0)
        ready = self.buffer[hart] & self.mask[hart]
        if not ready:
            return
        extra, self.owed[hart] = self.owed[hart] + step.clears, 0
        self.fired[hart] = False
        if step.clears:
            self.buffer[hart] &= ~self.mask[hart]
            self.clearing[hart] = self.cycle + 1
        self.complete(hart, ready, extra)

    def complete(self, hart: int, value: int, extra: int) -> None:
        self.log[hart].append(Granted(self.position[hart], self.cycle, value, extra))
        self.position[hart] += 1
        program = self.scenario.programs[hart]
        if self.position[hart] < len(program):
            self.ready[hart] = self.cycle + 1 + extra + program[self.position[hart]].pause
