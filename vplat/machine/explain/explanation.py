"""The report on a machine that stands still: for people as lines, for programs as plain data."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, Final

from .polls import Polled
from .where import Where

MOST_PLACES: Final = 6
"""Source lines of a loop that are shown."""


@dataclasses.dataclass(frozen=True)
class Loop:
    """The loop that a hart is in: its source lines, and what it polls.

    ``rounds`` counts how often it has gone round in the whole run, ``cycles`` what that took at
    least, without waits for memory. ``is_endless``: nothing in the machine can end it any more.
    ``counts``: registers or memory change from round to round, so it may end by itself.
    """

    places: tuple[Where, ...]
    polls: tuple[Polled, ...]
    rounds: int
    cycles: int
    is_endless: bool
    counts: bool

    def lines(self) -> Iterator[str]:
        """In sentences."""
        where = ", ".join(dict.fromkeys(each.line or each.function for each in self.places))
        yield (
            f"it is in a loop{f' at {where}' if where else ''}: {self.rounds:,} rounds so far, "
            f"{self.cycles:,} cycles or more"
        )
        for place in self.places[:MOST_PLACES]:
            if place.text:
                yield f"  {place.line}: {place.text}"
        yield from (f"it {poll}" for poll in self.polls)
        if self.is_endless:
            yield "nothing can end it: nobody stores to what it reads, and no device will change it"
        elif not self.polls and not self.counts:
            yield "it reads nothing, so that nothing but an interrupt can end it"
        elif self.counts and self.polls:
            yield "it counts as well, so it may end by itself"


@dataclasses.dataclass(frozen=True)
class Raiser:
    """What may end a wait: the event, and the output of a device that brings it, '' for none.

    ``doing`` is what the device does now, ``due`` the cycle at which it next does something by
    itself, -1 for never; ``work`` is both in words.
    """

    event: str
    output: str
    doing: str = ""
    due: int = -1
    work: str = ""

    def __str__(self) -> str:
        if not self.output:
            return f"{self.event}: no device is wired to it; a hart has to send it"
        none = "" if self.due >= 0 else ": nothing will raise it"
        return f"{self.event} comes from {self.output}{none}; {self.work}"


@dataclasses.dataclass(frozen=True)
class Held:
    """Something has come for a hart and does not reach it: what, and by what it is held back."""

    what: str
    by: str

    def __str__(self) -> str:
        return f"{self.what} is pending, held back by {self.by}"


@dataclasses.dataclass(frozen=True)
class HartReport:
    """What one hart does.

    ``state`` is "running", "stalled" (a device withholds the answer to its load), "waiting" (in
    wfi), "halted", or "crashed". ``reason`` and ``explanation`` are what it sleeps for, and
    ``missing`` the harts that it waits for, with where they are.
    """

    hart: int
    state: str
    place: Where
    reason: str = ""
    explanation: str = ""
    loop: Loop | None = None
    missing: tuple[tuple[int, str], ...] = ()
    raisers: tuple[Raiser, ...] = ()
    held: tuple[Held, ...] = ()
    hints: tuple[str, ...] = ()

    def details(self) -> Iterator[str]:
        """What there is to say beside its state, in sentences."""
        yield from self.hints
        if self.place.text and self.loop is None:
            yield f"{self.place.line}: {self.place.text}"
        if self.loop is not None:
            yield from self.loop.lines()
        for hart, where in self.missing:
            yield f"it waits for hart {hart}, {where}"
        yield from (str(each) for each in self.raisers)
        yield from (str(each) for each in self.held)

    def headline(self) -> str:
        """State, place and reason."""
        if self.state == "halted":
            return "halted, it fetches nothing"
        if self.state in ("running", "crashed"):
            return f"{self.state} at {self.place}"
        because = f": {self.explanation}" if self.explanation else ""
        return f"waiting for {self.reason or 'nothing'} at {self.place}{because}"


@dataclasses.dataclass(frozen=True)
class DeviceReport:
    """A device that is at work, or that will do something by itself at the cycle ``due``, or -1."""

    name: str
    doing: str
    due: int

    def __str__(self) -> str:
        parts = [self.doing] if self.doing else []
        parts += [f"acts at cycle {self.due:,}"] if self.due >= 0 else []
        return f"{self.name}: {', '.join(parts)}"


@dataclasses.dataclass(frozen=True)
class Explanation:
    """What every hart did at ``cycle``, what it waited for, and what devices had under way."""

    cycle: int
    harts: tuple[HartReport, ...]
    devices: tuple[DeviceReport, ...]

    def groups(self) -> list[tuple[tuple[int, ...], HartReport]]:
        """Harts that are alike, with the report of the first of them."""
        alike: dict[object, list[HartReport]] = {}
        for report in self.harts:
            alike.setdefault(_likeness(report), []).append(report)
        return [(tuple(each.hart for each in same), same[0]) for same in alike.values()]

    def lines(self) -> list[str]:
        """The report as text, a line each."""
        found = [f"at cycle {self.cycle:,}:"]
        for harts, report in self.groups():
            found.append(f"{_names(harts)}: {report.headline()}")
            found += [f"  {line}" for line in report.details()]
        return found + self.device_lines()

    def device_lines(self) -> list[str]:
        """The devices, a line each."""
        busy = [f"  {each}" for each in self.devices]
        return ["devices at work:", *busy] if busy else ["no device has anything under way"]

    def as_json(self) -> dict[str, Any]:
        """Plain data; fields are only ever added."""
        return {
            "cycle": self.cycle,
            "harts": [_plain(each) for each in self.harts],
            "devices": [dataclasses.asdict(each) for each in self.devices],
        }

    def __str__(self) -> str:
        return "\n".join(self.lines())


def _plain(report: HartReport) -> dict[str, Any]:
    found = dataclasses.asdict(report)
    found["missing"] = [{"hart": hart, "where": where} for hart, where in report.missing]
    return found


def _likeness(report: HartReport) -> object:
    """The same for harts that are told of in one go."""
    loop = report.loop
    if loop is not None:
        loop = dataclasses.replace(loop, rounds=0, cycles=0, counts=False)
    return dataclasses.replace(report, hart=-1, loop=loop)


def _names(harts: Sequence[int]) -> str:
    """``hart 3`` or ``harts 0-2, 5``."""
    runs: list[list[int]] = []
    for hart in harts:
        if runs and runs[-1][1] == hart - 1:
            runs[-1][1] = hart
        else:
            runs.append([hart, hart])
    words = ", ".join(f"{a}-{b}" if b > a else f"{a}" for a, b in runs)
    return f"hart {words}" if len(harts) == 1 else f"harts {words}"
