"""The report of a deployed network on a terminal, and as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.text import Text

from vplat.deploy.report import Report, Sheet, page, sheets

from .terminal import table
from .writing import write_whole

if TYPE_CHECKING:
    from rich.console import Console

SHOWN_LAYERS: Final = 20
"""Layers on a terminal, the longest ones; the page has all of them."""
BAR_WIDTH: Final = 24
WIDE: Final = 130
"""Columns of a terminal that has room for all of the layers' table."""
WIDE_ONLY: Final = frozenset({"kind", "engine", "MACs"})
LAYERS: Final = "layers"
TIMES: Final = "time by kind of layer"


def draw(report: Report, console: Console, *, layers: int | None = SHOWN_LAYERS) -> None:
    """Print the tables of ``report``; of its layers the ``layers`` longest ones, or all."""
    for sheet in sheets(report):
        shown = sheet
        if sheet.title == LAYERS and layers is not None:
            shown = _longest(report, sheet, layers)
        if sheet.title == LAYERS and console.width < WIDE:
            shown = _without(shown, WIDE_ONLY)
        if sheet.title == TIMES:
            shown = _with_bars(report, sheet)
        _print(shown, console)
        left_out = len(sheet.rows) - len(shown.rows)
        if left_out:
            console.print(Text(f"and {left_out} shorter layers; the page has them all", "dim"))


def write_page(report: Report, path: Path) -> None:
    """
    Write ``report`` as one file of HTML.

    :raises vplat.errors.UsageError: it cannot be written
    """
    write_whole(path, page(report))


def _print(sheet: Sheet, console: Console) -> None:
    console.print()
    made = table(*sheet.headings, title=sheet.title)
    made.title_style = "bold"
    for column, heading in zip(made.columns, sheet.headings, strict=True):
        if heading in sheet.numbers:
            column.justify, column.no_wrap = "right", True
    for row in sheet.rows:
        # Where there is little room, names are cut and numbers are not.
        made.add_row(*(Text(cell, no_wrap=True, overflow="ellipsis") for cell in row))
    console.print(made)


def _longest(report: Report, sheet: Sheet, count: int) -> Sheet:
    """The rows of the longest layers, in the order in which they run."""
    order = sorted(range(len(sheet.rows)), key=lambda each: -report.layers[each].cycles)
    rows = tuple(sheet.rows[each] for each in sorted(order[:count]))
    return Sheet(sheet.title, sheet.headings, rows, sheet.numbers)


def _without(sheet: Sheet, headings: frozenset[str]) -> Sheet:
    kept = [place for place, name in enumerate(sheet.headings) if name not in headings]
    return Sheet(
        sheet.title,
        tuple(sheet.headings[place] for place in kept),
        tuple(tuple(row[place] for place in kept) for row in sheet.rows),
        sheet.numbers,
    )


def _with_bars(report: Report, sheet: Sheet) -> Sheet:
    """A bar behind each kind, as long as its share of the time."""
    rows = []
    for row in sheet.rows:
        cycles = int(row[2].replace(",", ""))
        rows.append((*row, "█" * round(BAR_WIDTH * report.share(cycles))))
    return Sheet(sheet.title, (*sheet.headings, ""), tuple(rows), sheet.numbers)
