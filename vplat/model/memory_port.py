"""What a device that masters a memory tells about its accesses, and what it learns of the others.

Bytes go over the bus, at one moment and without time. This is the other half: who has the memory's
banks when, so that those who have to wait for them can be told for how long.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple, Protocol


class Rank(IntEnum):
    """Whom a bank serves where a device and a hart want it in the same cycle."""

    AFTER_HARTS = -1
    IN_TURN = 0
    BEFORE_HARTS = 1


class Mark(NamedTuple):
    """A moment, for ``MemoryPort.refused``: the cycle, and the accesses of each hart so far."""

    cycle: int
    accesses: tuple[int, ...] = ()


class MemoryPort(Protocol):
    """A device's way into a banked memory, of so many bytes a cycle.

    An access has all the banks it covers in one cycle, or it is refused and made again in the next
    one. Cycles are absolute and may lie ahead.
    """

    def occupy(self, begin: int, end: int, accesses: int) -> None:
        """The device makes ``accesses``, evenly from ``begin`` to ``end``."""
        ...

    def mark(self) -> Mark:
        """This moment."""
        ...

    def refused(self, since: Mark, unaligned: float = 0.0) -> float:
        """The cycles from ``since`` until now in which an access of this port was refused, or would
        have been. ``unaligned`` is the share of accesses that do not begin at a multiple of the
        port's width, and so reach into one more of its blocks."""
        ...


class FreePort:
    """A port to a memory where nobody is in the way: ``MemoryPort`` without contention."""

    def occupy(self, begin: int, end: int, accesses: int) -> None:
        """Nobody is held up."""

    def mark(self) -> Mark:
        """Some moment."""
        return Mark(0)

    def refused(self, since: Mark, unaligned: float = 0.0) -> float:
        """Never."""
        return 0.0
