"""Moments of a run that a test waits for: a cycle, a place, an event, a text on the console."""

from __future__ import annotations

import dataclasses
import re
from typing import Final

from vplat.errors import UsageError

CYCLES: Final = re.compile(r"(\d[\d_]*)([kMG]?)")
FACTORS: Final = {"": 1, "k": 1000, "M": 1_000_000, "G": 1_000_000_000}
CONSOLE: Final = "console:"


@dataclasses.dataclass(frozen=True)
class Moment:
    """When something is to happen; ``at``, ``at_cycle``, ``on_event``, ``on_console`` make one.

    One of the first four is said. ``name`` is a place of the firmware or an event, whichever there
    is of that name. It must come ``passes`` times before; with ``hart`` only that one counts.
    """

    cycle: int | None = None
    name: str = ""
    event: str = ""
    text: str | re.Pattern[str] = ""
    hart: int | None = None
    passes: int = 0

    def __str__(self) -> str:
        if self.cycle is not None:
            return f"cycle {self.cycle}"
        if self.text:
            shown = self.text if isinstance(self.text, str) else self.text.pattern
            return f"{shown!r} on the console"
        again = f", time {self.passes + 1}," if self.passes else ""
        who = "" if self.hart is None else f" on hart {self.hart}"
        return f"{self.event or self.name}{again}{who}"


def at(place: str, *, hart: int | None = None, passes: int = 0) -> Moment:
    """A hart is about to execute a function or ``FILE:LINE``, after ``passes`` times before."""
    return Moment(name=place, hart=hart, passes=passes)


def at_cycle(cycle: int) -> Moment:
    """Every hart has come to ``cycle``, counted from the reset."""
    return Moment(cycle=cycle)


def on_event(name: str, *, passes: int = 0) -> Moment:
    """An output of a device pulses or rises: ``mchan.finished``, or what a board wires it to."""
    return Moment(event=name, passes=passes)


def on_console(text: str | re.Pattern[str]) -> Moment:
    """The firmware has printed ``text``, or something that a pattern is found in."""
    return Moment(text=text)


def moment_of(value: Moment | int | str) -> Moment:
    """A moment however it is written: ``10_000``, ``"10M"``, ``"main"``, ``"dma.c:12"``,
    ``"mchan.finished"``, ``"console:ready"``. ``UsageError`` for anything else."""
    if isinstance(value, Moment):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return at_cycle(value)
    if isinstance(value, str) and value.strip():
        text = value.strip()
        if CYCLES.fullmatch(text):
            return at_cycle(cycles_of(text))
        if text.startswith(CONSOLE):
            return on_console(text.removeprefix(CONSOLE).strip())
        return Moment(name=text)
    raise UsageError(
        f"{value!r} is no moment of a run; give a cycle, a function, FILE:LINE, DEVICE.EVENT or "
        "console:TEXT"
    )


def cycles_of(value: int | str) -> int:
    """A number of cycles: ``10_000``, ``"10k"``, ``"10M"``; ``UsageError`` for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    found = CYCLES.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise UsageError(f"{value!r} is no number of cycles; write it like 10_000 or 10M")
    return int(found[1].replace("_", "")) * FACTORS[found[2]]
