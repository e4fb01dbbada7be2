"""A whole frame of the live view: heading, panels in their places, footing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment

from .drawing import Row, Rows, in_ascii
from .layout import Box, Stack, arrange
from .palette import FRAME, MUTED, RED, TITLE
from .panel import Panel
from .panels.heading import footing, heading
from .state import Snapshot
from .wording import clean

HEADING_ROWS: Final = 2
FOOTING_ROWS: Final = 1
ROOMY: Final = 7
"""Rows below which there is no footing."""
EDGES: Final = 4
"""Cells that a frame and the blanks within it take; without a frame only the blanks are there."""

Line = list[Segment]


class Frame:
    """A renderable of one snapshot; with ``fill`` it takes all the height there is."""

    def __init__(self, panels: Sequence[Panel], snapshot: Snapshot, *, fill: bool = True) -> None:
        self._panels, self._snapshot, self._fill = panels, snapshot, fill

    def lines(self, console: Console, options: ConsoleOptions) -> list[Line]:
        """At most as many lines as the options have rows, each of exactly their width."""
        width = options.max_width
        height = options.size.height if options.height is None else options.height
        foot = FOOTING_ROWS if height >= ROOMY else 0
        rows = {panel.name: self._rows(panel) for panel in self._panels}
        room = max(height - HEADING_ROWS - foot, 0)
        arrangement = arrange(self._panels, rows, width, room, fill=self._fill)
        draw = self._boxed if arrangement.boxed else self._titled
        stacks = [
            [
                line
                for band in stack.bands
                for line in _beside([draw(b, console, options) for b in band])
            ]
            for stack in arrangement.stacks
        ]
        return [
            *heading(self._snapshot).lines(width, min(HEADING_ROWS, height)),
            *_beside(_levelled(stacks, arrangement.stacks)),
            *footing(self._snapshot).lines(width, foot),
        ]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines(console, options):
            yield from _in_ascii(line) if options.ascii_only else line
            yield Segment.line()

    # One panel.

    def _boxed(self, box: Box, console: Console, options: ConsoleOptions) -> list[Line]:
        inner = box.width - EDGES
        content = self._content(box.panel, inner, box.height - 2, console, options)
        return [
            self._title(box, "╭─", "─╮"),
            *([Segment("│ ", FRAME), *line, Segment(" │", FRAME)] for line in content),
            [Segment("╰" + "─" * (box.width - 2) + "╯", FRAME)],
        ]

    def _titled(self, box: Box, console: Console, options: ConsoleOptions) -> list[Line]:
        inner = max(box.width - 2, 1)
        content = self._content(box.panel, inner, box.height - 1, console, options)
        blank = Segment(" ")
        lines = ([blank, *line, blank] for line in content)
        return [
            self._title(box, "──", "──"),
            *(Segment.adjust_line_length(line, box.width) for line in lines),
        ]

    def _title(self, box: Box, left: str, right: str) -> Line:
        name, note = clean(box.panel.name), self._note(box.panel)
        row = Row(box.width).add(left, FRAME)
        row.width -= len(right)
        row.add(f" {name} ", TITLE)
        end = f" {note} " if note and len(note) + 2 < row.room else ""
        row.add("─" * (row.room - len(end)), FRAME).add(end, MUTED)
        row.width += len(right)
        return row.add(right, FRAME).segments

    def _content(
        self, panel: Panel, width: int, height: int, console: Console, options: ConsoleOptions
    ) -> list[Line]:
        try:
            drawn = panel.draw(self._snapshot)
            if isinstance(drawn, Rows):
                lines = drawn.lines(width, height)
            else:
                lines = console.render_lines(drawn, options.update(width=width, height=height))
        except Exception as error:  # noqa: BLE001 - a plugin's panel must not end a run
            lines = [Row(width).add(_complaint(error), RED).padded()]
        return Segment.set_shape(lines, width, height)

    def _rows(self, panel: Panel) -> int:
        try:
            return max(panel.rows(self._snapshot), 1)
        except Exception:  # noqa: BLE001 - as above; drawing will tell
            return 1

    def _note(self, panel: Panel) -> str:
        try:
            return clean(panel.note(self._snapshot))
        except Exception as error:  # noqa: BLE001 - as above
            return _complaint(error)


def _complaint(error: Exception) -> str:
    return clean(f"raised {type(error).__name__}: {error}")


def _levelled(stacks: Sequence[list[Line]], places: Sequence[Stack]) -> list[list[Line]]:
    """All of one length, with blank lines below."""
    longest = max((len(lines) for lines in stacks), default=0)
    return [
        [*lines, *[[Segment(" " * place.width)]] * (longest - len(lines))]
        for lines, place in zip(stacks, places, strict=True)
    ]


def _beside(blocks: Sequence[Sequence[Line]]) -> Iterator[Line]:
    """Blocks of one height, from left to right."""
    for lines in zip(*blocks, strict=True):
        yield [segment for line in lines for segment in line]


def _in_ascii(line: Line) -> Line:
    return [Segment(in_ascii(segment.text), segment.style, segment.control) for segment in line]
