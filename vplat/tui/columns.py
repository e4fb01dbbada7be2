"""How wide the columns of a table are, and which of them there is room for."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

GAP: Final = 2
"""Cells between two columns."""


@dataclasses.dataclass(frozen=True)
class Column:
    """A column that takes ``least`` to ``most`` cells; the lowest ``rank`` is the last to go."""

    name: str
    least: int
    most: int
    rank: int


def fit(columns: Sequence[Column], width: int) -> Mapping[str, int]:
    """The widths of the columns that fit into ``width`` cells, in the order they were given.

    Columns are let in by rank until one does not fit. What is left over goes to those that can use
    it, in proportion to how much they can use.
    """
    chosen: list[Column] = []
    for column in sorted(columns, key=lambda each: each.rank):
        if _least([*chosen, column]) > width:
            break
        chosen.append(column)
    spare, wanted = width - _least(chosen), sum(each.most - each.least for each in chosen)
    widths = {}
    for column in columns:
        if column in chosen:
            wish = column.most - column.least
            given = min(wish, spare * wish // wanted) if wanted else 0
            widths[column.name] = column.least + given
            spare, wanted = spare - given, wanted - wish
    return widths


def _least(columns: Sequence[Column]) -> int:
    return sum(column.least for column in columns) + GAP * max(len(columns) - 1, 0)
