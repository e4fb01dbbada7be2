"""Which panels a terminal has room for, and how many rows and cells each of them gets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

from .panel import Panel, Place

WIDE: Final = 150
"""Cells from which there are two columns."""
PAIRED: Final = 72
"""Cells from which two panels stand side by side."""
BOXED_WIDTH: Final = 40
BOXED_HEIGHT: Final = 20
"""From this size on panels have frames; below, only titles."""
BOX_ROWS: Final = 2
TITLE_ROWS: Final = 1
LEAST_ROWS: Final = 3
"""A title and two lines: with less, not even the first panel is of use."""
MAIN_SHARE: Final = 0.6
"""Of the width, for the left-hand column."""


@dataclasses.dataclass(frozen=True)
class Box:
    """A panel's outer size in cells and rows."""

    panel: Panel
    width: int
    height: int


Band = tuple[Box, ...]
"""Boxes of one height side by side."""


@dataclasses.dataclass(frozen=True)
class Stack:
    """Bands from top to bottom, all of them ``width`` cells wide."""

    width: int
    bands: tuple[Band, ...]


@dataclasses.dataclass(frozen=True)
class Arrangement:
    """Stacks from left to right. With ``boxed``, panels have frames; else only titles."""

    stacks: tuple[Stack, ...]
    boxed: bool


@dataclasses.dataclass(frozen=True)
class Wish:
    """What a band asks for in rows, frame included; ``rank`` 0 is served first.

    An ``urgent`` one gets all that it wishes for before any other gets more than its least.
    """

    least: int
    rows: int
    rank: int
    urgent: bool = False


def arrange(
    panels: Sequence[Panel], rows: Mapping[str, int], width: int, height: int, *, fill: bool
) -> Arrangement:
    """Give each panel its place in ``width`` cells and ``height`` rows.

    ``rows`` is what each panel, by name, wishes for. With ``fill`` the last panel of a stack takes
    what is left; otherwise there may be less than ``height``.
    """
    boxed = width >= BOXED_WIDTH and height >= BOXED_HEIGHT
    border = BOX_ROWS if boxed else TITLE_ROWS
    ranks = {panel.name: rank for rank, panel in enumerate(panels)}

    def stack(groups: Sequence[Sequence[Panel]], cells: int) -> Stack:
        wishes = [
            Wish(
                least=max(panel.least for panel in group) + border,
                rows=max(rows[panel.name] for panel in group) + border,
                rank=min(ranks[panel.name] for panel in group),
                urgent=group[0].place is Place.MAIN,
            )
            for group in groups
        ]
        heights = share_out(wishes, height, fill=fill)
        bands = (_band(group, cells, each) for group, each in zip(groups, heights, strict=True))
        return Stack(cells, tuple(band for band in bands if band[0].height))

    main = [[panel] for panel in panels if panel.place is Place.MAIN]
    side = [panel for panel in panels if panel.place is Place.SIDE]
    foot = [[panel] for panel in panels if panel.place is Place.FOOT]
    if width >= WIDE and side and main + foot:
        left = int(width * MAIN_SHARE)
        alone = [[panel] for panel in side]
        return Arrangement((stack(main + foot, left), stack(alone, width - left)), boxed)
    step = 2 if width >= PAIRED else 1
    pairs = [side[at : at + step] for at in range(0, len(side), step)]
    return Arrangement((stack(main + pairs + foot, width),), boxed)


def share_out(wishes: Sequence[Wish], height: int, *, fill: bool) -> list[int]:
    """Rows for each wish: none, or at least the least; together at most ``height``.

    By rank, each gets its least, as long as there is room; the first one makes do with what there
    is. Then the urgent ones get what they wish for, then the others, a row each in turn. With
    ``fill`` the last one served gets the rest.
    """
    rows = [0] * len(wishes)
    by_rank = sorted(range(len(wishes)), key=lambda at: wishes[at].rank)
    for at in by_rank:
        if wishes[at].least > height and (at != by_rank[0] or height < LEAST_ROWS):
            break
        rows[at] = min(wishes[at].least, height)
        height -= rows[at]
    served = [at for at in by_rank if rows[at]]
    for at in served:
        if wishes[at].urgent:
            more = min(max(wishes[at].rows - rows[at], 0), height)
            rows[at] += more
            height -= more
    while height and (short := [at for at in served if rows[at] < wishes[at].rows]):
        for at in short[:height]:
            rows[at] += 1
        height -= min(len(short), height)
    if fill and served:
        rows[max(served)] += height
    return rows


def _band(group: Sequence[Panel], width: int, rows: int) -> Band:
    each, rest = divmod(width, len(group))
    return tuple(
        Box(panel, each + (rest if at == 0 else 0), rows) for at, panel in enumerate(group)
    )
