"""A panel: a box of the live view. Built-in ones and those of plugins are alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

    from .state import Snapshot


class Place(Enum):
    """Where a panel goes."""

    MAIN = "main"
    """All of the width; the left-hand column of a wide terminal."""
    SIDE = "side"
    """Half of the width, two side by side; the right-hand column of a wide terminal."""
    FOOT = "foot"
    """Below the main ones, with the rows that nobody else wants."""


@dataclasses.dataclass(frozen=True)
class Panel:
    """One box of the live view.

    ``draw`` makes a rich renderable of a snapshot, some ten times a second. The renderable learns
    its width and height from rich's console options; what does not fit is cut off. ``rows`` is how
    many lines it wishes for, ``least`` how many it needs to be of use; with less room it is left
    out, the last panels first. ``note`` is a few words for the right-hand end of the title.
    """

    name: str
    draw: Callable[[Snapshot], RenderableType]
    rows: Callable[[Snapshot], int]
    least: int = 1
    note: Callable[[Snapshot], str] = lambda snapshot: ""
    place: Place = Place.SIDE
