"""What each core does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from ..columns import GAP, Column, fit
from ..drawing import Row, Rows, curve
from ..palette import DOING, GREEN, MARKS, MUTED, PLAIN, STRONG
from ..panel import Panel, Place
from ..state import Core, Doing, Snapshot
from ..wording import count, percent, plural

COLUMNS: Final = (
    Column("core", 2, 2, 1),
    Column("state", 14, 52, 0),
    Column("bar", 6, 16, 6),
    Column("share", 5, 5, 2),
    Column("recent", 8, 20, 7),
    Column("instructions", 6, 6, 5),
    Column("IPC", 4, 4, 4),
    Column("function", 11, 19, 3),
)
TITLES: Final = {"core": "#", "bar": "active", "share": "", "instructions": "instr"}
LEAST_ROWS: Final = 8
RIGHT: Final = ("core", "instructions", "IPC")


def cores(snapshot: Snapshot) -> Rows:
    """A line a core: state, share of time active and its recent course, work done, function."""
    return Rows(lambda width, height: _rows(snapshot.cores, width, height))


def note(snapshot: Snapshot) -> str:
    """How many cores run, and what all of them have done."""
    running = sum(core.doing is Doing.RUNNING for core in snapshot.cores)
    words = f"{running} of {len(snapshot.cores)} running" if not snapshot.ending else ""
    done = f"{count(snapshot.instructions)} instructions"
    return f"{words}, {done}" if words else done


def _rows(cores: Sequence[Core], width: int, height: int) -> Iterator[Row]:
    widths = fit(COLUMNS, width)
    if height > len(cores):
        yield _titles(widths, width)
    shown = len(cores) if height >= len(cores) else height - 1
    for core in cores[:shown]:
        yield _row(core, widths, width)
    if cores[shown:]:
        yield _rest(cores[shown:], width)


def _titles(widths: Mapping[str, int], width: int) -> Row:
    row = Row(width)
    for name, cells in widths.items():
        row.column(TITLES.get(name, name), cells, MUTED, right=name in RIGHT).add(" " * GAP)
    return row


def _row(core: Core, widths: Mapping[str, int], width: int) -> Row:
    row = Row(width)
    running = core.doing is Doing.RUNNING
    for name, cells in widths.items():
        match name:
            case "core":
                row.column(f"{core.index}", cells, STRONG, right=True)
            case "state":
                text = core.wait or core.doing
                row.column(f"{MARKS[core.doing]} {text}", cells, DOING[core.doing])
            case "bar":
                row.bar(core.active, cells, GREEN)
            case "share":
                row.column(percent(core.active), cells, right=True)
            case "recent":
                row.column(curve(core.history.rates(cells), 1.0), cells, GREEN)
            case "instructions":
                row.column(count(core.instructions), cells, right=True)
            case "IPC":
                row.column(f"{core.instructions_per_cycle:.2f}", cells, right=True)
            case "function":
                row.column(core.function, cells, PLAIN if running else MUTED)
        row.add(" " * GAP)
    return row


def _rest(cores: Sequence[Core], width: int) -> Row:
    """What the cores that there is no line for do."""
    doing = Counter(core.doing for core in cores)
    words = ", ".join(f"{number} {what}" for what, number in doing.items())
    return Row(width).add(f"… {plural(len(cores), 'more core')}: {words}", MUTED)


PANEL: Final = Panel(
    "cores", cores, lambda snapshot: len(snapshot.cores) + 1, LEAST_ROWS, note, Place.MAIN
)
