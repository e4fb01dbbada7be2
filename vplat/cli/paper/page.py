"""The tables inside docs/paper.md, written anew between their marks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from vplat.errors import UsageError

from ..writing import write_whole
from .report import Row, markdown

TABLE = re.compile(r"(<!-- measured: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def update(page: Path, rows: Sequence[Row]) -> None:
    """Write the tables into ``page``; ``UsageError`` if it has no place for them."""
    fill(page, {board: markdown(rows, board) for board in {row.measured.board for row in rows}})


def fill(page: Path, tables: Mapping[str, str]) -> None:
    """Write each board's table into ``page``; ``UsageError`` if it has no place for any."""
    try:
        text = page.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"{page} cannot be read: {reason}; name a page like docs/paper.md"
        ) from None
    if not TABLE.search(text):
        raise UsageError(
            f"{page} has no lines '<!-- measured: BOARD -->' and '<!-- end -->' to write a table "
            "between; add them"
        )
    write_whole(page, filled(text, tables))


def filled(text: str, tables: Mapping[str, str]) -> str:
    """``text`` with the table of each board that there is one of."""

    def table(found: re.Match[str]) -> str:
        if found[2] not in tables:
            return found[0]
        return f"{found[1]}{tables[found[2]]}\n{found[3]}"

    return TABLE.sub(table, text)
