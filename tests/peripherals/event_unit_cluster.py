"""Harts around an event unit on the bench: they stall, wake and issue their reads again."""

from __future__ import annotations

import dataclasses

from vplat.model import Stall
from vplat.peripherals.event_unit import EventUnit
from vplat.testing import Bench

DEMUX = EventUnit.demux
BARRIER, MUTEX, DISPATCH = 1 << 16, 1 << 17, 1 << 18
RUNTIME_MASK = BARRIER | MUTEX | DISPATCH
"""What the pulp-runtime puts into event_mask at start (`pulp-cluster.md` section 1.5)."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """A granted read: the cycle of the grant, what was read, and the cycles beyond its own."""

    cycle: int
    value: int
    extra: int = 0


class Cluster:
    """Eight harts, by default, that make accesses to the event unit's core-private view.

    ``answers`` holds each hart's last granted read, ``stalled`` the reads that sleep and why.
    """

    def __init__(self, **parameters: int) -> None:
        self.bench = Bench()
        self.unit = self.bench.build(EventUnit, parameters)
        self.answers: dict[int, Answer] = {}
        self.stalled: dict[int, tuple[str, str]] = {}

    @property
    def now(self) -> int:
        return self.bench.now

    @property
    def rules(self) -> list[str]:
        return [rule for rule, _ in self.bench.reports]

    def load(self, where: str, hart: int = 0) -> int:
        return self.bench.load(self.unit, where, hart=hart, window=DEMUX)

    def store(self, where: str, value: int, hart: int = 0) -> None:
        self.bench.store(self.unit, where, value, hart=hart, window=DEMUX)

    def periph_load(self, where: str | int, hart: int = 0) -> int:
        return self.bench.load(self.unit, where, hart=hart)

    def periph_store(self, where: str | int, value: int, hart: int = 0) -> None:
        self.bench.store(self.unit, where, value, hart=hart)

    def mask(self, events: int, *harts: int) -> None:
        """Set the event mask of ``harts``, or of all of them."""
        for hart in harts or range(self.unit.harts):
            self.store("event_mask", events, hart)

    def buffer(self, hart: int) -> int:
        return self.load("event_buffer", hart)

    def pulse(self, line: int, harts: int = 0xFFFF_FFFF) -> None:
        self.unit.input("lines", line)(1, harts)

    def soc_event(self, event: int) -> None:
        self.unit.input("soc_events", event)(1, 0xFFFF_FFFF)

    def barrier(self, members: int, targets: int | None = None, index: int = 0) -> None:
        self.store(f"barrier_trigger_mask[{index}]", members)
        self.store(f"barrier_target_mask[{index}]", members if targets is None else targets)

    def read(self, hart: int, where: str) -> bool:
        """Issue a read; whether it is granted now."""
        before = self.bench.stretched
        try:
            value = self.load(where, hart)
        except Stall as stall:
            self.stalled[hart] = where, stall.reason
            self.bench.asleep.add(hart)
            return False
        self.stalled.pop(hart, None)
        self.bench.asleep.discard(hart)
        self.answers[hart] = Answer(self.now, value, self.bench.stretched - before)
        return True

    def run(self, cycles: int = 1) -> None:
        """Let cycles pass; who is woken issues its read again in the cycle of the wake."""
        for _ in range(cycles):
            self.bench.advance(1)
            woken, self.bench.woken = self.bench.woken, []
            for hart in woken:
                if hart in self.stalled:
                    self.read(hart, self.stalled[hart][0])

    def wake_now(self) -> None:
        """Let harts that were woken within this cycle issue their reads again."""
        woken, self.bench.woken = self.bench.woken, []
        for hart in woken:
            if hart in self.stalled:
                self.read(hart, self.stalled[hart][0])
