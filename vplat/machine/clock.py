"""Simulated time: what is due, and when."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

NEVER: Final = 1 << 62
"""A cycle that no run reaches."""


class Due(NamedTuple):
    """A call to make at ``cycle``; ``order`` keeps calls of one cycle in the order of asking."""

    cycle: int
    order: int
    behaviour: Callable[..., None]
    arguments: tuple[int, ...]


class Clock:
    """The pending calls of all devices, earliest first."""

    def __init__(self) -> None:
        self._due: list[Due] = []
        self._order = 0
        self.taken = 0
        """How many calls have been made."""

    @property
    def next_due(self) -> int:
        """The cycle of the earliest pending call; ``NEVER`` when there is none."""
        return self._due[0].cycle if self._due else NEVER

    def at(self, cycle: int, behaviour: Callable[..., None], arguments: tuple[int, ...]) -> None:
        """Call ``behaviour(*arguments)`` at ``cycle``."""
        self._order += 1
        heapq.heappush(self._due, Due(cycle, self._order, behaviour, arguments))

    def cancel(self, behaviour: Callable[..., None]) -> None:
        """Forget every pending call of ``behaviour``."""
        kept = [due for due in self._due if due.behaviour != behaviour]
        if len(kept) != len(self._due):
            self._due = kept
            heapq.heapify(kept)

    def has_calls_of(self, owner: object) -> bool:
        """Whether a method of ``owner`` is to be called."""
        return any(getattr(due.behaviour, "__self__", None) is owner for due in self._due)

    def postpone(self, owner: object, cycles: int) -> None:
        """Make every pending call of a method of ``owner`` so much later."""
        self._due = [
            due._replace(cycle=min(due.cycle + cycles, NEVER))
            if getattr(due.behaviour, "__self__", None) is owner
            else due
            for due in self._due
        ]
        heapq.heapify(self._due)

    def take(self, cycle: int) -> Due | None:
        """Remove and return the earliest call that is due by ``cycle``."""
        if self._due and self._due[0].cycle <= cycle:
            self.taken += 1
            return heapq.heappop(self._due)
        return None

    def clear(self) -> None:
        """Forget everything."""
        self._due.clear()

    def pending(self) -> list[Due]:
        """Every pending call, earliest first."""
        return sorted(self._due)

    @property
    def asked(self) -> int:
        """How many calls have been asked for: the ``order`` of the latest."""
        return self._order

    def go_back(self, pending: Iterable[Due], asked: int, taken: int) -> None:
        """Have these calls pending, after so many were asked for and so many made."""
        self._due = sorted(pending)
        self._order, self.taken = asked, taken
