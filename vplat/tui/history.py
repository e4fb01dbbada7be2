"""What a quantity has done lately, from samples of its running total."""

from __future__ import annotations

import dataclasses
from bisect import bisect_right
from itertools import pairwise
from typing import Final

RECENT: Final = 5
"""How many of the last samples the present rate is taken from."""


@dataclasses.dataclass(frozen=True)
class History:
    """Samples of a total that only grows, each with the cycle it was taken at.

    The oldest comes first, and no two are of one cycle. Between two samples the total is taken to
    grow evenly.
    """

    cycles: tuple[int, ...] = ()
    totals: tuple[float, ...] = ()

    @property
    def present(self) -> float:
        """Growth per cycle over the last few samples; 0 before there are two."""
        if len(self.cycles) < 2:
            return 0.0
        first = -min(RECENT, len(self.cycles))
        return (self.totals[-1] - self.totals[first]) / (self.cycles[-1] - self.cycles[first])

    def rates(self, columns: int) -> tuple[float, ...]:
        """Growth per cycle in each of ``columns`` equal parts of the time that is kept."""
        if len(self.cycles) < 2 or columns < 1:
            return ()
        first, span = self.cycles[0], self.cycles[-1] - self.cycles[0]
        totals = [self._total_at(first + span * edge / columns) for edge in range(columns + 1)]
        width = span / columns
        return tuple((b - a) / width for a, b in pairwise(totals))

    def _total_at(self, cycle: float) -> float:
        position = min(bisect_right(self.cycles, cycle), len(self.cycles) - 1)
        before, after = self.cycles[position - 1], self.cycles[position]
        start, end = self.totals[position - 1], self.totals[position]
        return start + (end - start) * (cycle - before) / (after - before)
