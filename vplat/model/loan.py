"""What memory firmware has lent to a device, and whether an access meets it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from .transfer import split


@dataclasses.dataclass(frozen=True, slots=True)
class Rows:
    """``count`` rows of ``length`` bytes, each ``stride`` bytes above the one before.

    The stride is not negative (see ``of``); rows may overlap.
    """

    start: int
    length: int
    stride: int = 0
    count: int = 1

    @classmethod
    def of(cls, start: int, length: int, stride: int, count: int) -> Rows:
        """Rows that go up or down from the one at ``start``."""
        if stride < 0:
            start, stride = start + (count - 1) * stride, -stride
        return cls(start, length, stride if count > 1 else 0, count if stride else min(count, 1))

    @property
    def end(self) -> int:
        """The address behind the last byte; ``start`` where there is none."""
        return self.start + self.length + (self.count - 1) * self.stride if self else self.start

    def __bool__(self) -> bool:
        """Whether there is any byte."""
        return self.length > 0 and self.count > 0

    def each(self) -> Iterator[int]:
        """The address of each row, from the lowest on."""
        return (self.start + index * self.stride for index in range(self.count))

    def moved(self, distance: int) -> Rows:
        """The same so many bytes above."""
        return dataclasses.replace(self, start=self.start + distance)

    def touches(self, address: int, length: int) -> bool:
        """Whether any of ``length`` bytes from ``address`` on is in a row."""
        return length > 0 and bool(self) and bool(self._near(address, address + length))

    def first_common(self, other: Rows) -> int | None:
        """A byte that is in a row of both; None if there is none."""
        if not (self and other):
            return None
        few, many = sorted((self, other), key=lambda rows: rows.count)
        for index in few._near(many.start, many.end):
            row = few.start + index * few.stride
            if near := many._near(row, row + few.length):
                return max(row, many.start + near[0] * many.stride)
        return None

    def within(self, base: int, size: int) -> Iterator[Rows]:
        """The same bytes where memory of ``size`` bytes from ``base`` on repeats for ever."""
        start = base + (self.start - base) % size
        if start + self.end - self.start <= base + size:
            yield self.moved(start - self.start)
            return
        for row in self.each():
            for offset, length in split(self.length, size, row - base):
                yield Rows(base + (row + offset - base) % size, length)

    def _near(self, first: int, end: int) -> range:
        """The rows that reach into ``first..end - 1``, by their numbers."""
        if not self.stride:
            is_near = self.start < end and first < self.start + self.length
            return range(self.count if is_near else 0)
        lowest = max(0, (first - self.start - self.length) // self.stride + 1)
        highest = min(self.count - 1, (end - self.start - 1) // self.stride)
        return range(lowest, highest + 1)


@dataclasses.dataclass(frozen=True, slots=True)
class Loan:
    """Memory that a device was given with a job or a transfer.

    ``label`` says in a few words what it does there. What it ``reads`` firmware must leave as it
    is, what it ``writes`` firmware must leave alone. Loans of one device and one ``order`` are
    worked off one after the other, so that they may share memory.
    """

    label: str
    reads: tuple[Rows, ...] = ()
    writes: tuple[Rows, ...] = ()
    order: str = ""
