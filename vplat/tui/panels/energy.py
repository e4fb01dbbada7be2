"""What the run costs in joules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ..columns import GAP, Column, fit
from ..drawing import Row, Rows, chart, curve
from ..palette import MUTED, ORANGE, STRONG
from ..panel import Panel
from ..state import Snapshot, Spent
from ..wording import percent, quantity

COLUMNS: Final = (
    Column("bar", 6, 60, 2),
    Column("share", 5, 5, 3),
    Column("joules", 7, 7, 1),
)
SHORTEST_NAME: Final = 8
LONGEST_NAME: Final = 20
ROWS_WITH_CHART: Final = 8
LEAST_CHART: Final = 2
CHART_ROWS: Final = 3
HIGHEST_CHART: Final = 6
SHORT_CURVE: Final = 8
CHART_TITLE_ROWS: Final = 1


def energy(snapshot: Snapshot) -> Rows:
    """Energy in all and by component, mean power, and the recent power."""
    return Rows(lambda width, height: _rows(snapshot, width, height))


def note(snapshot: Snapshot) -> str:
    """The class of the figures."""
    return snapshot.energy.figure


def rows(snapshot: Snapshot) -> int:
    """The total, a line for each component, the power's course."""
    components = len(snapshot.energy.components)
    return 1 + components + CHART_TITLE_ROWS + CHART_ROWS


def _rows(snapshot: Snapshot, width: int, height: int) -> Iterator[Row]:
    spent = snapshot.energy
    charted = height >= ROWS_WITH_CHART and len(spent.history.cycles) > 1
    yield _total(snapshot, width, curved=not charted)
    if not charted:
        yield from _components(spent, width, height - 1)
        return
    room = height - 1 - CHART_TITLE_ROWS
    components = min(len(spent.components), room - LEAST_CHART)
    yield from _components(spent, width, components)
    yield from _power(snapshot, width, min(room - components, HIGHEST_CHART))


def _total(snapshot: Snapshot, width: int, *, curved: bool) -> Row:
    spent = snapshot.energy
    row = Row(width).add(quantity(spent.joules, "J"), STRONG)
    row.add(", ", MUTED).add(quantity(spent.watts, "W"), STRONG).add(" mean", MUTED)
    if curved:
        rates = spent.history.rates(min(SHORT_CURVE, row.room - GAP))
        row.end(curve(rates, max(rates, default=0.0)), ORANGE)
    return row


def _components(spent: Spent, width: int, height: int) -> Iterator[Row]:
    """What does not fit comes together in the last line."""
    shown = list(spent.components)
    if len(shown) > height > 1:
        rest = shown[height - 1 :]
        shown[height - 1 :] = [(f"{len(rest)} more", sum(joules for _, joules in rest))]
    longest = max((len(name) for name, _ in shown), default=0)
    room = min(max(2 * width // 5, SHORTEST_NAME), LONGEST_NAME)
    name = Column("name", min(longest, room), min(longest, room), 0)
    widths = fit((name, *COLUMNS), width)
    for each in shown[: max(height, 0)]:
        yield _component(*each, spent.joules, widths, width)


def _component(
    label: str, joules: float, total: float, widths: Mapping[str, int], width: int
) -> Row:
    row, share = Row(width), joules / total if total else 0.0
    for name, cells in widths.items():
        match name:
            case "name":
                row.column(label, cells)
            case "bar":
                row.bar(share, cells, ORANGE)
            case "share":
                row.column(percent(share), cells, right=True)
            case "joules":
                row.column(quantity(joules, "J"), cells, MUTED, right=True)
        row.add(" " * GAP)
    return row


def _power(snapshot: Snapshot, width: int, height: int) -> Iterator[Row]:
    rates = snapshot.energy.history.rates(width)
    peak = max(rates, default=0.0)
    watts = quantity(peak * snapshot.hertz, "W")
    yield Row(width).add("recent power", MUTED).end(f"up to {watts}", MUTED)
    for line in chart(rates, peak, height):
        yield Row(width).add(line, ORANGE)


PANEL: Final = Panel("energy", energy, rows, 2, note)
