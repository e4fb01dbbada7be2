"""Moments of a run at which something is to be done: a cycle, or a hart coming to a place."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable
from typing import Final, Generic, NamedTuple, TypeVar

from vplat.errors import UsageError
from vplat.machine.arrival import Arrival
from vplat.machine.elf import Firmware, display_path
from vplat.machine.machine import Machine
from vplat.machine.outcome import Ending
from vplat.machine.rows import NOW

GOES_ON: Final = (Ending.OUT_OF_CYCLES, Ending.INTERRUPTED)
"""Outcomes of a run that could have gone on."""


Time = TypeVar("Time")


@dataclasses.dataclass(frozen=True)
class Moment:
    """The first time between two turns at which every hart has come to ``cycle``, or, without one,
    that at which a hart is about to execute the instruction at ``address``."""

    cycle: int | None = None
    address: int = 0


def find_moment(place: int | str, firmware: Firmware) -> Moment:
    """A cycle, or a function or ``FILE:LINE`` of the firmware; ``UsageError`` for none of these."""
    if isinstance(place, int):
        return Moment(cycle=place)
    symbol = firmware.symbols.find(place)
    if symbol is not None:
        return Moment(address=symbol.address)
    file, _, line = place.rpartition(":")
    if file and line.isdecimal() and (found := firmware.lines.addresses(file, int(line))):
        return Moment(address=found[0])
    close = difflib.get_close_matches(place, [each.name for each in firmware.symbols.functions], 1)
    hint = f"did you mean {close[0]!r}?" if close else "give a cycle, a function, or FILE:LINE"
    raise UsageError(f"{display_path(firmware.path)} has no code for {place!r}; {hint}")


class _Planned(NamedTuple, Generic[Time]):
    """What is to be done at a cycle, or when a hart arrives."""

    time: Time
    action: Callable[[], None]
    steers: bool


class Moments:
    """What is to be done when in one run."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._cycles: list[_Planned[int]] = []
        self._arrivals: list[_Planned[Arrival]] = []
        self._ends: list[Callable[[], None]] = []

    def when(
        self, moment: Moment | None, action: Callable[[], None], *, steers: bool = True
    ) -> None:
        """Call ``action`` once, at ``moment``; at one time there is one address to wait for.

        None is the end of a run that could go on. ``steers`` says whether ``action`` may change the
        machine.
        """
        if moment is None:
            self._ends.append(action)
        elif moment.cycle is not None:
            self._cycles.append(_Planned(moment.cycle, action, steers))
        else:
            arrival = Arrival(self._machine, moment.address)
            self._arrivals.append(_Planned(arrival, action, steers))

    @property
    def may_steer(self) -> bool:
        """Something is still to be done while the run goes on that may change the machine."""
        planned = [each.steers for each in self._cycles] + [each.steers for each in self._arrivals]
        return any(planned)

    def slice_cycles(self, cycles: int) -> int:
        """How long the next slice is, which is to be ``cycles`` long."""
        now = self._machine.turns[NOW]
        for planned in self._cycles:
            cycles = min(cycles, max(planned.time - now, 1))
        return cycles

    def look(self) -> None:
        """Between two slices: do what is to be done now."""
        now = self._machine.turns[NOW]
        due = [each for each in self._cycles if each.time <= now]
        self._cycles = [each for each in self._cycles if each.time > now]
        arrived = [each for each in self._arrivals if each.time.hart >= 0]
        self._arrivals = [each for each in self._arrivals if each.time.hart < 0]
        for moment in due:
            moment.action()
        for arrival in arrived:
            arrival.action()
            arrival.time.leave()

    def end(self) -> None:
        """The run is over: what has not come by now does not come any more."""
        self.look()
        for arrival in self._arrivals:
            arrival.time.leave()
        outcome = self._machine.outcome
        if outcome is not None and outcome.ending in GOES_ON:
            for action in self._ends:
                action()
        self._cycles, self._arrivals, self._ends = [], [], []
