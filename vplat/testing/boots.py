"""Booting once, and giving each test a fork of what was booted."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vplat.checks import checkers
from vplat.errors import UsageError
from vplat.machine.elf import display_path
from vplat.plugins import Plugins
from vplat.session import Session, Settings
from vplat.trace.coverage.coverage import Coverage

from .console import TypedConsole
from .counting import runs_of
from .covering import Covering
from .moments import Moment
from .standing import how_it_ended
from .stopping import Stopper, cycle_of, told_apart

if TYPE_CHECKING:
    from vplat.machine.snapshot.state import MachineState

Leg = tuple["MachineState", bytes]
"""A machine before it ran last, and what had been typed."""
KEPT_BOOTS: Final = 4
"""Booted machines that nobody uses and that are kept for tests to come."""


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What a test wants to begin with; tests that want the same share a boot.

    ``firmware_stamp`` tells builds of one file apart. ``max_cycles`` are for the boot, and again
    for the test.
    """

    board: str
    firmware: Path
    until: Moment | None = None
    max_cycles: int = dataclasses.field(default=100_000_000, compare=False)
    operating_point: str | None = None
    check: bool = False
    files: Path | None = None
    coverage: bool = False
    firmware_stamp: tuple[int, int] = (0, 0)


class Boot:
    """A machine that has come to where its tests begin."""

    def __init__(self, wanted: Wanted, plugins: Plugins) -> None:
        self.wanted = wanted
        self.console = TypedConsole()
        settings = Settings(
            board=wanted.board,
            operating_point=wanted.operating_point,
            files=wanted.files,
            check=wanted.check,
            coverage=wanted.coverage,
        )
        with _no_collection():
            self.session = Session(wanted.firmware, plugins, self.console, settings)
        machine = self.session.machine
        self.covering = Covering(machine) if wanted.coverage else None
        self._observers = list(machine.watching.observers)
        self._is_finished = False
        self.stopper = Stopper(machine, self.session.firmware, self.console)
        self._cover()
        plugins.call("vplat_session_started", session=self.session)
        if wanted.until is not None:
            self._come_to(wanted.until)
        self.rest()
        self.heard = self.stopper.heard
        self.state = self.session.snapshot()

    def put(self, state: MachineState, heard: int) -> None:
        """Let the machine stand elsewhere."""
        machine = self.session.machine
        if self._is_finished:
            self._is_finished = False
            for observer in self._observers:
                machine.watching.unwatch(observer)
            self._observers = checkers(machine) if self.wanted.check else []
            for observer in self._observers:
                machine.watching.watch(observer)
        machine.restore(state)
        self.stopper.moved(heard)
        self._cover()

    def finish(self) -> None:
        """The run has ended: let devices show what they hold, and checkers tell what they know."""
        if self._is_finished:
            return
        self._is_finished = True
        for device in self.session.machine.devices.values():
            device.on_end()
        for observer in self._observers:
            observer.finish()

    def rest(self) -> None:
        """Nobody watches the machine any more."""
        machine = self.session.machine
        if self.covering is not None:
            self.covering.end()
        for observer in machine.watching.observers[:]:
            if observer not in self._observers:
                machine.watching.unwatch(observer)
        machine.semihosting.close()

    def runs_before(self, address: int) -> int:
        """How often an instruction had been executed when the boot was over."""
        return runs_of(self.state, address)

    def close(self) -> None:
        """Give the host back what the machine takes."""
        self.session.machine.engine.close()

    def _cover(self) -> None:
        if self.covering is not None:
            self.covering.begin()

    def _come_to(self, until: Moment) -> None:
        machine, limit = self.session.machine, self.wanted.max_cycles
        moment = told_apart(until, machine, self.session.firmware)
        if self.stopper.wait(moment, limit) is not None:
            return
        outcome = machine.outcome
        why = (
            f"it had not after {limit} cycles (max_cycles)"
            if outcome is None
            else how_it_ended(self.session, outcome)
        )
        raise UsageError(
            f"{display_path(self.wanted.firmware)} did not come to {moment}, where the test is to "
            f"begin: {why}; say another moment with until"
        )


class Fork:
    """A boot, for as long as one test has it."""

    def __init__(self, boot: Boot, max_cycles: int, *, notes_legs: bool) -> None:
        self._boot: Boot | None = boot
        self.max_cycles = max_cycles
        self._notes_legs = notes_legs
        self.leg: Leg | None = None
        self.is_broken = False
        boot.put(boot.state, boot.heard)
        boot.console.begin(b"")
        boot.session.seconds = 0.0
        self.begun_at = cycle_of(boot.session.machine)

    @property
    def is_live(self) -> bool:
        """The test is not over."""
        return self._boot is not None

    @property
    def boot(self) -> Boot:
        """What it is a fork of; ``UsageError`` if the test is over."""
        if self._boot is None:
            raise UsageError(
                "this platform belongs to a test that is over; ask for the fixture `platform` in "
                "the test that uses it"
            )
        return self._boot

    @property
    def session(self) -> Session:
        """The session."""
        return self.boot.session

    @property
    def console(self) -> TypedConsole:
        """The console."""
        return self.boot.console

    @property
    def stopper(self) -> Stopper:
        """Who lets the machine run."""
        return self.boot.stopper

    def put_back(self, state: MachineState, heard: int) -> None:
        """Go to another state of the same test."""
        if self.boot.covering is not None:
            self.boot.covering.end()
        self.boot.put(state, heard)

    def calls(self, address: int) -> int:
        """How often an instruction was executed since the test began."""
        now = runs_of(self.session.snapshot(), address)
        return now - self.boot.runs_before(address)

    def note_leg(self) -> None:
        """The machine is about to run on."""
        if self._notes_legs:
            self.leg = self.session.snapshot(), bytes(self.console.typed)

    def end(self) -> Boot:
        """The test is over: nothing of it holds the machine any more."""
        boot = self.boot
        boot.rest()
        self._boot = self.leg = None
        return boot


class Boots:
    """The machines that were booted in this process, kept for the next test that wants one."""

    def __init__(self, plugins: Plugins, *, notes_legs: bool = False) -> None:
        self._plugins, self._notes_legs = plugins, notes_legs
        self._idle: list[Boot] = []
        self.coverage = Coverage()
        """Of the machines that are gone."""

    def fork(self, wanted: Wanted) -> Fork:
        """A fork of what is wanted, which is booted where nobody has yet."""
        boot = next((each for each in self._idle if each.wanted == wanted), None)
        if boot is None:
            boot = Boot(wanted, self._plugins)
        else:
            self._idle.remove(boot)
        return Fork(boot, wanted.max_cycles, notes_legs=self._notes_legs)

    def give_back(self, fork: Fork) -> None:
        """The test is over; its machine is kept for others, unless it is broken."""
        boot = fork.end()
        if fork.is_broken:
            self._drop(boot)
        else:
            self._idle.append(boot)
        while len(self._idle) > KEPT_BOOTS:
            self._drop(self._idle.pop(0))

    def close(self) -> None:
        """There are no more tests."""
        while self._idle:
            self._drop(self._idle.pop())

    def _drop(self, boot: Boot) -> None:
        if boot.covering is not None:
            self.coverage.add(boot.covering.coverage())
        boot.close()


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Look for no garbage while everything is made: that takes a tenth of a boot."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
