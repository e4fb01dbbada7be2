"""The end of what the firmware printed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..drawing import Row, Rows
from ..palette import MUTED
from ..panel import Panel, Place
from ..state import Snapshot

LEAST_ROWS: Final = 3
MOST_ROWS: Final = 12


def console(snapshot: Snapshot) -> Rows:
    """As many of the last lines as there is room for."""
    return Rows(lambda width, height: _rows(snapshot, width, height))


def rows(snapshot: Snapshot) -> int:
    """The lines there are, within bounds; the panel takes the rows that are left in any case."""
    return min(max(len(snapshot.console), LEAST_ROWS), MOST_ROWS)


def _rows(snapshot: Snapshot, width: int, height: int) -> Iterator[Row]:
    if not snapshot.console:
        so_far = "" if snapshot.ending else " so far"
        yield Row(width).add(f"the firmware has printed nothing{so_far}", MUTED)
    for line in snapshot.console[-height:] if height > 0 else ():
        yield Row(width).add(line)


PANEL: Final = Panel("console", console, rows, 1, place=Place.FOOT)
