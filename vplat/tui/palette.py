"""Colours of the live view.

Plain text keeps the terminal's own colour; the others are of middle brightness, so that they read
on dark and on light. Nothing is told by colour alone, for terminals and people without it.
"""

from __future__ import annotations

from typing import Final

from rich.style import Style

from .state import Doing

PLAIN: Final = Style.null()
STRONG: Final = Style(bold=True)
MUTED: Final = Style(color="#7d8590")
FRAME: Final = Style(color="#586069")
TRACK: Final = FRAME
BADGE: Final = Style(color="#ffffff", bgcolor="#6d4fc4", bold=True)
TITLE: Final = Style(color="#a58af0", bold=True)

GREEN: Final = Style(color="#3fb950")
AMBER: Final = Style(color="#d29922")
BLUE: Final = Style(color="#58a6ff")
VIOLET: Final = Style(color="#a58af0")
TEAL: Final = Style(color="#39a9a9")
ORANGE: Final = Style(color="#f0883e")
RED: Final = Style(color="#f85149")

DOING: Final = {
    Doing.RUNNING: GREEN,
    Doing.WAITING: AMBER,
    Doing.ASLEEP: BLUE,
    Doing.HALTED: MUTED,
    Doing.DONE: TEAL,
    Doing.CRASHED: RED,
}
MARKS: Final = {
    Doing.RUNNING: "●",
    Doing.WAITING: "◐",
    Doing.ASLEEP: "○",
    Doing.HALTED: "·",
    Doing.DONE: "✓",
    Doing.CRASHED: "✗",
}
