"""Rows of styled text, and bars and curves to put into them.

Rich's tables do this too, but take many times as long, and the live view pays for its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

from .palette import PLAIN, TRACK

LEVELS: Final = " ▁▂▃▄▅▆▇█"
EIGHTHS: Final = 8
ELLIPSIS: Final = "…"
IN_ASCII: Final = str.maketrans(
    "━╾─│╭╮╰╯▁▂▃▄▅▆▇█●◐○·✓✗⚠…µ×–−→",
    "==-|++++__..--##*~o.+x!~ux-->",
)


class Row:
    """A line that is filled from the left, ``width`` cells in all."""

    def __init__(self, width: int) -> None:
        self.width, self.used = width, 0
        self.segments: list[Segment] = []

    @property
    def room(self) -> int:
        """Cells that are still free."""
        return max(self.width - self.used, 0)

    def add(self, text: str, style: Style = PLAIN) -> Row:
        """Append ``text``, shortened to the room there is."""
        cells = cell_len(text)
        if cells > self.room:
            text, cells = shortened(text, self.room), self.room
        if cells:
            self.segments.append(Segment(text, style))
            self.used += cells
        return self

    def column(self, text: str, width: int, style: Style = PLAIN, *, right: bool = False) -> Row:
        """Append ``text`` in a column of ``width`` cells, shortened or padded."""
        width = min(width, self.room)
        cells = cell_len(text)
        if cells > width:
            text, cells = shortened(text, width), width
        blank = " " * (width - cells)
        return self.add(blank + text if right else text + blank, style)

    def end(self, text: str, style: Style = PLAIN) -> Row:
        """Append ``text`` at the right-hand end; nothing if it does not fit whole."""
        cells = cell_len(text)
        if cells <= self.room:
            self.add(" " * (self.room - cells)).add(text, style)
        return self

    def bar(self, share: float, width: int, style: Style) -> Row:
        """Append a bar of ``width`` cells, filled from the left by ``share`` of 1."""
        width = min(width, self.room)
        if width <= 0:
            return self
        halves = min(max(int(2 * width * share + 0.5), share > 0), 2 * width)
        filled = "━" * (halves // 2) + "╾" * (halves % 2)
        return self.add(filled, style).add("─" * (width - len(filled)), TRACK)

    def padded(self) -> list[Segment]:
        """The row's segments, blanks up to its width included."""
        return [*self.segments, Segment(" " * self.room)] if self.room > 0 else self.segments


def shortened(text: str, cells: int) -> str:
    """``text`` in exactly ``cells`` cells, '' for none; an ellipsis shows that some is missing."""
    if cells <= 0:
        return ""
    return set_cell_size(text, cells - 1) + ELLIPSIS


def curve(values: Sequence[float], greatest: float) -> str:
    """A character a value, as high as its part of ``greatest``; a value above 0 is never blank."""
    return chart(values, greatest, 1)[0] if values else ""


def chart(values: Sequence[float], greatest: float, rows: int) -> list[str]:
    """Columns over ``rows`` lines, the topmost first; ``greatest`` fills them all."""
    most = EIGHTHS * rows
    heights = [
        max(int(min(value / greatest, 1.0) * most + 0.5), 1) if greatest > 0 < value else 0
        for value in values
    ]
    return [
        "".join(LEVELS[min(max(height - EIGHTHS * row, 0), EIGHTHS)] for height in heights)
        for row in reversed(range(rows))
    ]


class Rows:
    """A renderable whose rows depend on the width and the height there is; both are kept."""

    def __init__(self, draw: Callable[[int, int], Iterable[Row]]) -> None:
        self._draw = draw

    def lines(self, width: int, height: int) -> list[list[Segment]]:
        """At most ``height`` lines of ``width`` cells each."""
        return [row.padded() for row in self._draw(width, height)][:height]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = options.size.height if options.height is None else options.height
        for line in self.lines(options.max_width, height):
            yield from line
            yield Segment.line()


def in_ascii(text: str) -> str:
    """``text`` for a terminal that knows ASCII alone, as many cells wide."""
    if text.isascii():
        return text
    text = text.translate(IN_ASCII)
    return "".join(c if c.isascii() else "?" * cell_len(c) for c in text)
