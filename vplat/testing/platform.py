"""The platform that a test has for itself: firmware booted, driven and looked into by name."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from vplat.errors import UsageError, VplatError
from vplat.machine.elf import Firmware
from vplat.machine.findings import Finding
from vplat.machine.machine import Machine
from vplat.machine.outcome import Ending, Outcome
from vplat.model import Observer
from vplat.model.field import no_such
from vplat.session import Result, Session
from vplat.session.blame import blame
from vplat.session.moments import GOES_ON

from . import devices
from .devices import Device, Devices
from .edges import edge
from .harts import Harts
from .injection import FaultPlanner
from .memory import Memory
from .moments import Moment, cycles_of, moment_of, on_console
from .standing import how_it_ended, where_harts_stand
from .stopping import NotReached, Stop, cycle_of, told_apart

if TYPE_CHECKING:
    from vplat.machine.snapshot.state import MachineState

    from .boots import Fork


class ResultOfTest(Result):
    """``vplat.session.Result`` that a failed assertion shows in a line."""

    def __repr__(self) -> str:
        return (
            f"<{self.outcome.ending}, status {self.exit_status}, {self.statistics.cycles} cycles>"
        )


@dataclasses.dataclass(frozen=True)
class Saved:
    """What ``Platform.snapshot`` gives: the machine, what was typed, what was expected."""

    state: MachineState
    typed: bytes
    is_ended: bool
    heard: int
    faults: int


class Platform:
    """A booted machine, as the test's marker asks for it; nobody else sees what a test does to it.

    ``platform.mchan`` or ``platform["mchan"]`` is a device, ``platform["ita.status.busy"]`` what a
    register or field holds. ``memory``, ``harts`` and ``faults`` have methods of their own.
    """

    memory: Memory
    harts: Harts
    devices: Devices
    faults: FaultPlanner
    _fork: Fork

    def __init__(self, fork: Fork) -> None:
        put = object.__setattr__
        put(self, "_fork", fork)
        put(self, "memory", Memory(self))
        put(self, "harts", Harts(self))
        put(self, "devices", Devices(self))
        put(self, "faults", FaultPlanner(self))

    # Running.

    @edge
    def run(self, *, max_cycles: int | str | None = None) -> Result:
        """Run to the end; how it ended is for the test to judge.

        Nothing can be typed any more, so input ends where what was typed ends.
        """
        self.end_input()
        limit = self._limit(max_cycles)
        self._advance(None, limit)
        machine = self.machine
        if machine.outcome is None:
            sentence = f"the firmware had not ended after {self.cycles} cycles"
            machine.end(Outcome(Ending.OUT_OF_CYCLES, message=sentence))
        return self.result

    @edge
    def run_for(self, cycles: int | str) -> Stop:
        """Let ``cycles`` pass; ``NotReached`` if the run ends before."""
        wanted = cycles_of(cycles)
        if not wanted:
            raise UsageError("0 cycles are no time to run for; give at least 1")
        return self._until(Moment(cycle=self._now + wanted), None)

    @edge
    def run_until(self, moment: Moment | int | str, *, within: int | str | None = None) -> Stop:
        """Run to a moment: a function, FILE:LINE, a cycle, DEVICE.EVENT, or what ``at``,
        ``on_event`` and ``on_console`` make.

        ``NotReached`` if the run ends before, or has not come there ``within`` so many cycles.
        """
        return self._until(moment_of(moment), within)

    @edge
    def expect(self, text: str | re.Pattern[str], *, within: int | str | None = None) -> Stop:
        """Run until the firmware prints ``text``; its ``text`` is what was found.

        What was printed counts once: the next call looks behind it.
        """
        return self._until(on_console(text), within)

    @edge
    def type(self, text: str | bytes) -> None:
        """Give the firmware input, at its UART or wherever it asks for some."""
        self.live.console.type(text.encode() if isinstance(text, str) else text)

    @edge
    def end_input(self) -> None:
        """Nothing more will be typed: firmware that reads on finds the end of its input."""
        self.live.console.is_ended = True

    # Looking.

    @property
    def console(self) -> str:
        """All that the firmware has printed."""
        return self.live.console.text

    @property
    def cycles(self) -> int:
        """How many have passed since the test began."""
        return self._now - self.live.begun_at

    @property
    def is_over(self) -> bool:
        """The run has ended."""
        outcome = self.machine.outcome
        return outcome is not None and outcome.ending not in GOES_ON

    @property
    def result(self) -> Result:
        """What the run has come to; as one that was interrupted where it has not ended."""
        outcome = self.machine.outcome or Outcome(Ending.INTERRUPTED, message="it goes on")
        return ResultOfTest.of(self.session, outcome)

    @property
    def findings(self) -> list[Finding]:
        """What devices and checks have found wrong with the firmware."""
        return list(self.machine.findings)

    @edge
    def calls(self, function: str) -> int:
        """How often a function was entered since the test began, by all harts together."""
        symbol = self.firmware.symbols.find(function)
        if symbol is None:
            names = [each.name for each in self.firmware.symbols.functions]
            raise UsageError(f"the firmware has {_no_such_function(function, names)}")
        return self.live.calls(symbol.address)

    @edge
    def load(self, where: int | str, *, hart: int = 0, size: int = 4) -> int:
        """What a load of a hart answers, with all that it causes: ``uart.lsr``, or an address."""
        return devices.load(self.machine, where, self.harts[hart].index, size)

    @edge
    def store(self, where: int | str, value: int, *, hart: int = 0, size: int = 4) -> None:
        """A store of a hart, with all that it causes."""
        devices.store(self.machine, where, value, self.harts[hart].index, size)

    @contextlib.contextmanager
    def watch(self, observer: Observer) -> Iterator[None]:
        """Tell an observer of accesses, events, sleep and traps, while inside."""
        self.machine.watching.watch(observer)
        try:
            yield
        finally:
            if self._fork.is_live:
                self.machine.watching.unwatch(observer)

    # Going back.

    @edge
    def snapshot(self) -> Saved:
        """The whole machine as it stands now, for ``restore``."""
        live = self.live
        console = live.console
        state = live.session.snapshot()
        return Saved(
            state,
            bytes(console.typed),
            console.is_ended,
            live.stopper.heard,
            len(self.faults.planned),
        )

    @edge
    def restore(self, saved: Saved) -> None:
        """Go back to a ``snapshot`` of this test: its future is the same again."""
        self.live.put_back(saved.state, saved.heard)
        self.live.console.begin(saved.typed, is_ended=saved.is_ended)
        self.faults.forget(saved.faults)

    @contextlib.contextmanager
    def fork(self) -> Iterator[Platform]:
        """What happens inside has not happened afterwards."""
        saved = self.snapshot()
        try:
            yield self
        finally:
            if self._fork.is_live:
                self.restore(saved)

    # What is below.

    @property
    def session(self) -> Session:
        """The session, for what this class does not offer."""
        return self.live.session

    @property
    def machine(self) -> Machine:
        """The machine, for what this class does not offer."""
        return self.live.session.machine

    @property
    def firmware(self) -> Firmware:
        """The ELF: its symbols and lines."""
        return self.live.session.firmware

    def __getattr__(self, name: str) -> Device:
        __tracebackhide__ = True
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self.machine.devices:
            problem = no_such("device", name, self.machine.devices)
            raise AttributeError(f"board {self.machine.board.name} has {problem}")
        return Device(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        __tracebackhide__ = True
        raise AttributeError(f"platform.{name} cannot be set; set one of its registers or fields")

    @edge
    def __getitem__(self, path: str) -> Any:
        if "." not in path:
            return self.devices[path]
        return devices.peek(self.machine, path)

    @edge
    def __setitem__(self, path: str, value: int) -> None:
        devices.poke(self.machine, path, value)

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *self.devices]

    def __repr__(self) -> str:
        if not self._fork.is_live:
            return "<platform of a test that is over>"
        firmware, board = self.firmware.path.name, self.machine.board.name
        return f"<{firmware} on {board}, cycle {self._now}>"

    # For the plugin.

    @property
    def live(self) -> Fork:
        """What it is of a boot; ``UsageError`` if the test is over."""
        self._fork.boot  # noqa: B018 - it refuses where the test is over
        return self._fork

    # Inside.

    @property
    def _now(self) -> int:
        return cycle_of(self.machine)

    def _limit(self, within: int | str | None) -> int:
        live = self.live
        budget = live.begun_at + live.max_cycles
        return budget if within is None else min(budget, self._now + cycles_of(within))

    def _until(self, moment: Moment, within: int | str | None) -> Stop:
        machine, began = self.machine, self._now
        moment = told_apart(moment, machine, self.firmware)
        limit = self._limit(within)
        if moment.cycle is not None and moment.cycle > limit:
            limit_of = "within allows" if within is not None else "the test may take (max_cycles)"
            raise NotReached(
                f"{moment} lies beyond cycle {limit}, which is all that {limit_of}; allow more"
            )
        stop = self._advance(moment, limit)
        if stop is not None:
            return stop
        if machine.outcome is not None:
            raise NotReached(
                f"the run did not come to {moment}: {how_it_ended(self.session, machine.outcome)}"
            )
        where = where_harts_stand(self.session)
        raise NotReached(f"{moment} did not come within {limit - began} cycles; {where}")

    def _advance(self, moment: Moment | None, limit: int) -> Stop | None:
        live, machine = self.live, self.machine
        outcome = machine.outcome
        if outcome is not None and outcome.ending in GOES_ON:
            machine.outcome = None
        elif outcome is not None:
            raise UsageError(
                f"the run is over: {how_it_ended(live.session, outcome)}; restore a snapshot, or "
                "do this in a test of its own"
            )
        live.note_leg()
        started = time.perf_counter()
        try:
            stop = live.stopper.wait(moment, limit)
            if machine.outcome is not None:
                live.boot.finish()
        except VplatError:
            raise
        except Exception as error:
            live.is_broken = True
            culprit = blame(error)
            if culprit is None:
                raise
            raise culprit from error
        finally:
            live.session.seconds += time.perf_counter() - started
        return stop


def _no_such_function(name: str, known: list[str]) -> str:
    text = no_such("function", name, known)
    return text if "did you mean" in text else f"no function {name!r}; nm lists those that it has"
