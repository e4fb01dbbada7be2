"""Letting a machine run up to a moment, where it stands still until the test goes on."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from vplat.errors import UsageError
from vplat.machine.clock import NEVER
from vplat.machine.debug_breakpoints import Breakpoints
from vplat.machine.debug_steps import Stepping
from vplat.machine.hart import HartState
from vplat.machine.holding import standing
from vplat.machine.rows import COLUMNS, HELD, INSIDE, NO_STEP, NOW, STEP, STOPS
from vplat.machine.run import Run
from vplat.model import Observer
from vplat.session.moments import find_moment

from .console import TypedConsole
from .moments import Moment
from .names import device_of, output_of

if TYPE_CHECKING:
    from vplat.machine.elf import Firmware
    from vplat.machine.machine import Machine
    from vplat.model import Peripheral
    from vplat.model.event import Event, Line

SLICE_CYCLES: Final = 5_000_000
"""Simulated cycles between two moments at which Ctrl-C is heard."""
EVENT_NAME: Final = re.compile(r"(\w+)\.\w+(\[\d+\])?")


class NotReached(AssertionError):  # noqa: N818 - it says how the run was, not that vplat failed
    """The run did not come to a moment that the test waited for."""


@dataclasses.dataclass(frozen=True)
class Stop:
    """The moment that the machine stands at: which, at what cycle, and by the doing of which hart;
    -1 for none. ``text`` is what was waited for on the console."""

    moment: Moment
    cycle: int
    hart: int = -1
    text: str = ""


class Stopper:
    """``vplat.machine.control.Control`` of a test: ends slices of the run where somebody waits.

    Harts that it holds keep their turns, so a stop at a place, an event or a text leaves no trace
    in the run. For a stop at a cycle all harts come to that cycle, as they do for a device.
    """

    def __init__(self, machine: Machine, firmware: Firmware, console: TypedConsole) -> None:
        self._machine, self._firmware, self._console = machine, firmware, console
        self._stepping = Stepping(machine, machine.holds)
        self._places = Breakpoints(machine, machine.holds)
        self._run = Run(machine)
        self._stop: tuple[int, str] | None = None
        self._passes = 0
        self.heard = 0
        """How much of the console's text was waited for already, in characters."""
        machine.control = self

    def moved(self, heard: int) -> None:
        """The machine was put to another state, where so much had been waited for."""
        self.heard = heard
        self._places.forget_stops()
        self._stepping.leave_ends()

    def wait(self, moment: Moment | None, limit: int) -> Stop | None:
        """Run to ``moment``; None if the run ends before, or has come to the cycle ``limit``."""
        machine = self._machine
        self._stop, self._passes = None, 0
        for hart in machine.harts:
            if machine.engine.rows[hart.index * COLUMNS + HELD] == INSIDE:
                self._places.stands_at(hart.index)
        self._stepping.guard_ends()
        machine.last_cycle = limit
        self._run.ends_polls = not machine.faults.wait_for_harts
        try:
            with self._armed(moment):
                while machine.outcome is None and self._stop is None and self._now < limit:
                    self._run.advance(min(limit, self._now + SLICE_CYCLES))
        finally:
            machine.last_cycle = NEVER
            for hart in machine.harts:
                machine.engine.rows[hart.index * COLUMNS + STEP] = NO_STEP
        if self._stop is None or moment is None:
            return None
        hart, text = self._stop
        cycle = standing(machine, hart).cycles if hart >= 0 else cycle_of(machine)
        return Stop(moment, cycle, hart, text)

    # Control.

    def reached(self, hart: int, address: int) -> bool:
        """Whether the hart is held in front of the instruction at ``address``."""
        if self._places.reached(hart, address) and self._counts():
            self._stop = hart, ""
            return True
        return self._stepping.reached(hart, address)

    def look(self) -> bool:
        """Whether the slice is over."""
        self._stepping.leave_ends()
        if self._stop is None:
            self._stepping.guard_ends()
        return self._stop is not None

    def hart_woke(self, hart: int) -> None:
        """Nothing: it runs as it would have."""

    # What happens.

    def arrived(self) -> None:
        """Every hart has come to the cycle."""
        self._stop = -1, ""

    def happened(self, text: str = "") -> None:
        """What was waited for has happened, perhaps by the doing of a hart in its turn."""
        if self._stop is not None or not self._counts():
            return
        hart = self._machine.accesses.current
        self._stop = hart, text
        if hart >= 0:
            self._machine.engine.rows[hart * COLUMNS + STEP] = STOPS

    def _counts(self) -> bool:
        """Whether this time is the one that was meant."""
        self._passes -= 1
        return self._passes < 0

    @property
    def _now(self) -> int:
        now: int = self._machine.turns[NOW]
        return now

    # Waiting.

    @contextmanager
    def _armed(self, moment: Moment | None) -> Iterator[None]:
        if moment is None:
            yield
            return
        self._passes = moment.passes
        if moment.cycle is not None:
            with self._until_cycle(moment.cycle):
                yield
        elif moment.text:
            with self._until_text(moment.text):
                yield
        elif moment.event:
            with self._until_event(moment.event):
                yield
        else:
            with self._until_place(moment):
                yield

    @contextmanager
    def _until_cycle(self, cycle: int) -> Iterator[None]:
        now = cycle_of(self._machine)
        if cycle <= now:
            raise UsageError(
                f"cycle {cycle} is past: the run has come to cycle {now}; choose a later one"
            )
        self._machine.schedule_between(cycle, self.arrived, ())
        try:
            yield
        finally:
            self._machine.cancel(self.arrived)

    @contextmanager
    def _until_place(self, moment: Moment) -> Iterator[None]:
        machine = self._machine
        if moment.hart is not None and not 0 <= moment.hart < len(machine.harts):
            raise UsageError(
                f"there is no hart {moment.hart}; board {machine.board.name} has harts 0 to "
                f"{len(machine.harts) - 1}"
            )
        harts = None if moment.hart is None else [moment.hart]
        self._places.set(self, find_moment(moment.name, self._firmware).address, harts)
        try:
            yield
        finally:
            self._places.clear(self)

    @contextmanager
    def _until_event(self, name: str) -> Iterator[None]:
        device, output = output_of(self._machine, name)
        listener = _Listener(device.name, output, self)
        self._machine.watching.watch(listener)
        try:
            yield
        finally:
            self._machine.watching.unwatch(listener)

    @contextmanager
    def _until_text(self, wanted: str | re.Pattern[str]) -> Iterator[None]:
        self._hear(wanted)
        self._console.on_output = lambda: self._hear(wanted)
        try:
            yield
        finally:
            self._console.on_output = None

    def _hear(self, wanted: str | re.Pattern[str]) -> None:
        if self._stop is not None:
            return
        text = self._console.text
        pattern = re.compile(re.escape(wanted)) if isinstance(wanted, str) else wanted
        found = pattern.search(text, self.heard)
        if found is not None:
            self.heard = found.end()
            self.happened(found[0])


def cycle_of(machine: Machine) -> int:
    """The cycle that every hart which runs has come to; between two slices."""
    running = [
        standing(machine, hart.index).cycles
        for hart in machine.harts
        if hart.state is HartState.RUNNING
    ]
    now: int = machine.turns[NOW]
    return max(now, min(running, default=0))


class _Listener(Observer):
    """Hears one output of one device."""

    def __init__(self, device: str, output: str, stopper: Stopper) -> None:
        self._wanted, self._stopper = (device, output), stopper

    def event(self, device: Peripheral, event: Event | Line, level: int, harts: int) -> None:
        """An output pulsed or changed."""
        if level and (device.name, event.name) == self._wanted:
            self._stopper.happened()


def told_apart(moment: Moment, machine: Machine, firmware: Firmware) -> Moment:
    """``moment``, whose name is known to be that of a place or of an event."""
    if moment.event:
        output_of(machine, moment.event)
    name = moment.name
    if not name or firmware.symbols.find(name) is not None:
        return moment
    found = EVENT_NAME.fullmatch(name)
    if found is None:
        find_moment(name, firmware)
        return moment
    if found[1] != "harts":
        device_of(machine, found[1])
    output_of(machine, name)
    return dataclasses.replace(moment, name="", event=name)
