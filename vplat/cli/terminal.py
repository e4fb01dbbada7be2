"""Consoles for what vplat itself says."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console, JustifyMethod
    from rich.table import Table

WIDTH_OF_A_FILE: Final = 100
"""Columns where there is no terminal that says."""


def output() -> Console:
    """Standard output, for what a verb was asked for."""
    return _console(stderr=False)


def errors() -> Console:
    """Standard error, for what is beside it."""
    return _console(stderr=True)


def table(*columns: str, right: str = "", title: str = "") -> Table:
    """An empty table with a rule under its heading; columns named in ``right`` hold numbers."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title or None, title_justify="left")
    made.show_edge = False
    for column in columns:
        numbers = column in right.split()
        justify: JustifyMethod = "right" if numbers else "left"
        made.add_column(column, justify=justify, no_wrap=numbers, overflow="fold")
    return made


def _console(*, stderr: bool) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else WIDTH_OF_A_FILE
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=width)
