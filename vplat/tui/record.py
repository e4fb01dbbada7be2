"""What has been sampled of a run so far."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from vplat.machine.rows import NOW
from vplat.machine.statistics import BUSY_CYCLES

from .history import History

if TYPE_CHECKING:
    from vplat.machine.machine import Machine

KEPT: Final = 240
"""Samples; at 30 a second, those of the last eight seconds."""


class Record:
    """Samples of what harts and devices of a machine have worked, and of the energy spent.

    Work takes microseconds to sample, energy close to a millisecond, so that each has a time axis
    of its own. Both are to be sampled between two turns.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._cycles: deque[int] = deque(maxlen=KEPT)
        self._active: deque[tuple[int, ...]] = deque(maxlen=KEPT)
        self._busy: deque[Mapping[str, int]] = deque(maxlen=KEPT)
        self._joules: deque[tuple[int, float]] = deque(maxlen=KEPT)

    def note_work(self) -> None:
        """Take a sample of active and busy cycles."""
        machine = self._machine
        harts = machine.harts
        now = max(machine.turns[NOW], *(hart.cycles for hart in harts))
        if self._cycles and now <= self._cycles[-1]:
            self._cycles.pop(), self._active.pop(), self._busy.pop()
        self._cycles.append(now)
        self._active.append(
            tuple(
                (hart.cycles if hart.runs else hart.asleep_since) - hart.sleep_cycles
                for hart in harts
            )
        )
        self._busy.append(
            {
                name: device.activities[BUSY_CYCLES]
                for name, device in machine.devices.items()
                if BUSY_CYCLES in device.activities
            }
        )

    def note_energy(self, cycle: int, joules: float) -> None:
        """Add a sample of the energy spent up to ``cycle``."""
        if self._joules and cycle <= self._joules[-1][0]:
            self._joules.pop()
        self._joules.append((cycle, joules))

    def of_hart(self, index: int) -> History:
        """Its active cycles."""
        return History(tuple(self._cycles), tuple(active[index] for active in self._active))

    def of_device(self, name: str) -> History | None:
        """Its busy cycles; None if it has accounted for none."""
        if not self._busy or name not in self._busy[-1]:
            return None
        return History(tuple(self._cycles), tuple(busy.get(name, 0) for busy in self._busy))

    def of_energy(self) -> History:
        """The joules."""
        return History(
            tuple(cycle for cycle, _ in self._joules), tuple(joules for _, joules in self._joules)
        )
