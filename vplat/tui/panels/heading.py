"""The lines above and below the panels: what runs, how far it is, and what is wrong."""

from __future__ import annotations

from typing import Final

from rich.style import Style

from ..drawing import Row, Rows
from ..palette import AMBER, BADGE, GREEN, MUTED, PLAIN, RED, STRONG, TEAL
from ..state import Snapshot
from ..wording import percent, plural, quantity

BAR: Final = 20
ENDINGS: Final = {
    "": ("● running", GREEN),
    "exited": ("✓ exited", TEAL),
    "out-of-cycles": ("■ out of time", AMBER),
    "interrupted": ("■ interrupted", AMBER),
}
FAILURE_MARK: Final = "✗"


def heading(snapshot: Snapshot) -> Rows:
    """Two lines: firmware, board and state; simulated time, host time, speed and progress."""
    return Rows(lambda width, height: [_title(snapshot, width), _time(snapshot, width)])


def footing(snapshot: Snapshot) -> Rows:
    """One line: why the run ended, else what the firmware did wrong, else how to stop."""
    return Rows(lambda width, height: [_foot(snapshot, width)])


def _title(snapshot: Snapshot, width: int) -> Row:
    state, style = _state(snapshot)
    row = Row(width - len(state) - 2).add(" vplat ", BADGE).add(" ")
    row.add(snapshot.firmware, STRONG).add(f" on {snapshot.board}", MUTED)
    row.add(f", {snapshot.volts:.2f} V, {quantity(snapshot.hertz, 'Hz')}", MUTED)
    row.width = width
    return row.end(f"{state} ", style)


def _state(snapshot: Snapshot) -> tuple[str, Style]:
    words, style = ENDINGS.get(snapshot.ending, (f"{FAILURE_MARK} {snapshot.ending}", RED))
    if snapshot.status is not None:
        words += f" with {snapshot.status}"
        style = RED if snapshot.status else style
    return words, style


def _time(snapshot: Snapshot, width: int) -> Row:
    row = Row(width).add(" ").add(quantity(snapshot.simulated_seconds, "s"), STRONG)
    row.add(" simulated, ", MUTED).add(quantity(snapshot.seconds, "s"), STRONG)
    row.add(" host", MUTED)
    if snapshot.seconds > 0:
        speed = quantity(snapshot.instructions / snapshot.seconds, "IPS")
        row.add(", ", MUTED).add(speed, STRONG)
    course = snapshot.course
    if course is not None and not snapshot.ending:
        words = f" {percent(course.share):>5} {course.limit} "
        room = row.room - len(words) - 2
        if room >= BAR // 4:
            bar = min(room, BAR)
            row.add(" " * (row.room - bar - len(words))).bar(course.share, bar, TEAL).add(words)
    return row


def _foot(snapshot: Snapshot, width: int) -> Row:
    row = Row(width).add(" ")
    if snapshot.message not in ("", snapshot.ending):
        style = PLAIN if snapshot.ending == "exited" else RED
        return row.add(snapshot.message, style)
    if snapshot.findings:
        row.add(f"⚠ {plural(snapshot.findings, 'finding')}: ", AMBER)
        return row.add(snapshot.newest_finding)
    return row.end("Ctrl-C stops the run ", MUTED) if not snapshot.ending else row
