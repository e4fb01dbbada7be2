"""Where RI5CY keeps its performance counters (RI5CY user manual, "Performance Counters")."""

from __future__ import annotations

import dataclasses
from typing import Final

from vplat.hookspecs import hookimpl
from vplat.model import Parameter, Peripheral, State

COUNTERS: Final = 31
WORD: Final = 0xFFFF_FFFF
Live = tuple[int, int]
"""What events 0 and 1 have come to: the hart's cycles and its retired instructions."""


@dataclasses.dataclass
class Counters:
    """The counters of one hart: what each held when it last stood still, and when that was.

    ``events`` chooses what counts by bit, ``mode`` bit 0 lets it. Events 0 and 1 are counted; the
    counters of the others keep what is written to them.
    """

    events: int = 0
    mode: int = 0
    held: list[int] = dataclasses.field(default_factory=lambda: [0] * COUNTERS)
    since: list[int] = dataclasses.field(default_factory=lambda: [0] * COUNTERS)

    def value(self, event: int, live: Live) -> int:
        """The counter's value now."""
        running = _come_to(event, live) - self.since[event] if self._counts(event) else 0
        return self.held[event] + running & WORD

    def set(self, event: int, value: int, live: Live) -> None:
        """Let the counter go on from ``value``."""
        self.held[event], self.since[event] = value, _come_to(event, live)

    def control(self, live: Live, *, events: int | None = None, mode: int | None = None) -> None:
        """Choose events, or start and stop them."""
        self.held = [self.value(event, live) for event in range(COUNTERS)]
        self.events = self.events if events is None else events
        self.mode = self.mode if mode is None else mode & 3
        self.since = [_come_to(event, live) for event in range(COUNTERS)]

    def _counts(self, event: int) -> bool:
        return bool(self.mode & 1 and self.events >> event & 1)


def _come_to(event: int, live: Live) -> int:
    return live[event] if event < len(live) else 0


class CoreCounters(Peripheral, kind="core_counters"):
    """The performance counters of the harts.

    It has no registers on the bus: the instruction set ``xpulp-counters`` leads here.
    """

    harts = Parameter(8, "Harts with counters.", minimum=1, maximum=32)

    counters: State[list[Counters]] = State(list, "The counters of each hart.")

    def on_reset(self) -> None:
        """All counters stand at zero."""
        self.counters = [Counters() for _ in range(self.harts)]

    def of(self, hart: int) -> Counters:
        """The counters of ``hart``."""
        return self.counters[hart]


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    """The device of this module."""
    return [CoreCounters]
