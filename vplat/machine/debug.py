"""Run control: the machine stands still where a debugger wants it, and goes on as if it never had.

A hart that is held keeps its turn, its limit and what its block was charged (``rows.HELD``). So
the same run with stops in it gives the same instruction stream, cycles and results. That holds for
breakpoints, watchpoints, steps and interruptions. It does not where somebody asks for another order
of events: harts that stand still while others go on (``Resume.only``), changed registers or memory.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from .debug_alone import Alone
from .debug_breakpoints import Breakpoints
from .debug_interrupts import SteppedOver
from .debug_steps import Stepping
from .debug_watches import Hit, Watches
from .holding import Exposed
from .outcome import Ending
from .rows import COLUMNS, HELD, INSIDE, NOT_HELD
from .seeking import Goal, Seeking

if TYPE_CHECKING:
    from .machine import Machine


class StopReason(StrEnum):
    """Why the machine stands still."""

    ASKED = "asked"
    """Somebody asked for it."""
    BREAKPOINT = "breakpoint"
    WATCHPOINT = "watchpoint"
    STEP = "step"
    """A hart has made the step it was to make."""
    ASLEEP = "asleep"
    """Only harts that sleep were to go on, and nothing that would wake them is due."""
    BEGINNING = "beginning"
    """Somebody went back, and there is nothing before."""
    ENDED = "ended"
    """The run is over; ``Machine.outcome`` says how. It can still be gone back in."""


@dataclasses.dataclass(frozen=True)
class Stop:
    """Why the machine stands still, and which hart it is about; -1 for none."""

    reason: StopReason
    hart: int = -1
    hits: tuple[Hit, ...] = ()


@dataclasses.dataclass(frozen=True)
class Resume:
    """How the machine goes on.

    ``steps`` are the harts that stop after an instruction, or with a range, once they have left
    it. Where ``only`` is given, the other harts stand still meanwhile.
    """

    steps: Mapping[int, range | None] = dataclasses.field(default_factory=dict)
    only: frozenset[int] | None = None


OnStop = Callable[[Stop], Resume]
"""Called where the machine stands still, for as long as it is to."""


class RunControl:
    """``vplat.machine.control.Control`` of a debugger; at most one is on a machine.

    It takes the machine when it is made, and ``close`` gives it back without a trace. ``on_stop``
    may end the run (``Machine.end``).
    """

    def __init__(self, machine: Machine, on_stop: OnStop) -> None:
        self._machine, self._on_stop = machine, on_stop
        self.breakpoints = Breakpoints(machine, machine.holds)
        self.watches = Watches(machine)
        self.steps_into_interrupts = False
        self._stepping = Stepping(machine, machine.holds)
        self._stepped_over = SteppedOver(machine, machine.holds)
        self._seeking = Seeking(machine, self._stepping)
        self._alone = Alone(machine)
        self._exposed = Exposed(machine)
        self._resume = Resume()
        self._reach: dict[int, range | None] = {}
        self._stop: Stop | None = None
        self._told_end = self._is_closing = False
        self._goal: Goal | None = None
        self.found: Stop | None = None
        """While a goal is sought: the stop that came before it."""
        machine.control = self

    def close(self) -> None:
        """Leave the machine as if nobody had been here."""
        self.breakpoints.clear_all()
        self.watches.clear_all()
        self._end_resume()
        for hart in self._stepping.harts:
            self._stepping.disarm(hart)
        self._is_closing = True
        self._leave_when_done()

    def _leave_when_done(self) -> None:
        """Go, unless a hart must still be held at the end of the block that it is inside."""
        self._stepping.guard_ends()
        if not self._stepping.guards_ends:
            self._machine.control = None

    # Control.

    def reached(self, hart: int, address: int) -> bool:
        """Whether the hart is held in front of the instruction at ``address``."""
        if self.breakpoints.reached(hart, address):
            self._stop = Stop(StopReason.BREAKPOINT, hart)
            return True
        return self._stepping.reached(hart, address) or self._stepped_over.reached(hart, address)

    def look(self) -> bool:
        """Stand still if there is a reason to."""
        self._alone.leave()
        self._stepping.leave_ends()
        if self._is_closing:
            self._leave_when_done()
            return False
        self._look_at_watches()
        self._look_at_steps()
        if self._goal is not None:
            return self._look_for(self._goal)
        if self._machine.outcome is not None and self._stop is None and not self._told_end:
            self._look_at_end()
        while self._stop is not None:
            stop, self._stop = self._stop, None
            self._halt(stop)
        self._prepare()
        return False

    def hart_woke(self, hart: int) -> None:
        """It stands still nevertheless if others are to go on alone."""
        self._alone.freeze(hart)

    # For whoever goes back and forth in time.

    def listen(self, *, stops: bool) -> None:
        """Whether breakpoints and watchpoints stop the machine, as they do unless this is said."""
        self.breakpoints.is_asleep = self.watches.is_asleep = not stops

    def seek(self, goal: Goal) -> None:
        """From now on slices of the run end at ``goal``, or where the machine would stand still.

        ``found`` says which; ``sought`` ends it.
        """
        self._goal, self.found = goal, None
        self._seeking.approach(goal, but=self._resume.steps)
        self._stepping.guard_ends()

    def sought(self) -> None:
        """Slices of the run end as they always do, and nobody is on the way to anything."""
        self._goal = None
        self._seeking.leave()
        self._end_resume()

    def hart_of_end(self) -> int:
        """The hart whose exception has ended the run; -1 for none."""
        outcome = self._machine.outcome
        return -1 if outcome is None or outcome.trap is None else outcome.trap.hart

    def has_come_to(self, goal: Goal) -> bool:
        """The machine is there, or further."""
        return self._seeking.has_come_to(goal)

    # For whoever debugs.

    def interrupt(self, hart: int) -> None:
        """Between two slices: stand still, on behalf of ``hart``."""
        self._halt(Stop(StopReason.ASKED, hart))
        self._prepare()

    def set_aside(self) -> None:
        """While the machine stands still: rows are as the run has them, until ``set_out``."""
        self._exposed.leave()

    def set_out(self) -> None:
        """While the machine stands still: rows say where harts stand."""
        self._exposed.enter()

    def moved(self) -> None:
        """Instead of ``set_out``: meanwhile the machine has been put to another moment."""
        self._told_end = False
        self.forget_stops()
        self.set_out()

    def forget_stops(self) -> None:
        """The machine has been put to another moment: nobody has stopped anywhere."""
        self._stop = None
        self.breakpoints.forget_stops()
        self.watches.forget()
        self._stepped_over.forget()

    def set_pc(self, hart: int, address: int) -> None:
        """While the machine stands still: let ``hart`` go on at ``address``; it wakes for that."""
        subject, rows = self._machine.harts[hart], self._machine.engine.rows
        if rows[hart * COLUMNS + HELD] == INSIDE:
            subject.leave_block(subject.pc)
        rows[hart * COLUMNS + HELD] = NOT_HELD
        self._machine.engine.jump(hart, address)
        subject.rouse(subject.clock)
        self.set_aside()
        self.set_out()

    # Inside.

    def _look_for(self, goal: Goal) -> bool:
        self.found, self._stop = self._stop, None
        over = self._machine.outcome is not None or self._seeking.has_come_to(goal)
        if self.found is None and not over:
            if not self.watches.passing:
                self._seeking.approach(goal, but=self._resume.steps)
            self._stepping.guard_ends()
            return False
        return True

    def _look_at_watches(self) -> None:
        watches = self.watches
        for hart in sorted(watches.stopped):
            self._reach[hart] = self._reach_of(hart)
            watches.passing.add(hart)
            self._stepping.arm(hart)
        watches.stopped.clear()
        for hart in watches.waiting:
            watches.complete(hart, None, None)
        if watches.hits and not watches.passing:
            self._stop_for_hits()

    def _stop_for_hits(self) -> None:
        hits, self.watches.hits = tuple(self.watches.hits), []
        self._stop = Stop(StopReason.WATCHPOINT, hits[-1].hart, hits)

    def _reach_of(self, hart: int) -> range | None:
        """The bytes that the load or store in front of which ``hart`` stands accesses."""
        machine = self._machine
        instruction = machine.blocks.decode(machine.peek_word(machine.harts[hart].pc))
        if not instruction.is_memory:
            return None
        base = machine.engine.read_register(hart, instruction.rs1)
        start = base + instruction.imm & 0xFFFF_FFFF
        return range(start, start + instruction.access_bytes)

    def _look_at_steps(self) -> None:
        for hart in self._stepping.done():
            start = self._stepping.start_of(hart)
            asked = hart in self._resume.steps
            if asked and not self.steps_into_interrupts and self._stepped_over.begin(hart, start):
                self._stepping.disarm(hart)
                continue
            self._stepping.disarm(hart)
            if hart in self.watches.passing:
                self.watches.complete(hart, self._reach.pop(hart, None), start.instructions)
                if self.watches.hits:
                    self._stop_for_hits()
            if asked and self._stop is None:
                self._finish_step(hart)
        for hart in self._stepped_over.finished():
            self._stepping.arm(hart)

    def _finish_step(self, hart: int) -> None:
        within = self._resume.steps[hart]
        if within is not None and self._machine.harts[hart].pc in within:
            self._stepping.arm(hart)
            return
        self.breakpoints.stands_at(hart)
        self._stop = Stop(StopReason.STEP, hart)

    def _look_at_end(self) -> None:
        outcome, machine = self._machine.outcome, self._machine
        if outcome is not None and outcome.ending is Ending.DEADLOCKED and self._alone.is_frozen:
            machine.outcome = None  # not everybody was there to go on
            self._stop = Stop(StopReason.ASLEEP, min(self._resume.only or {0}))
            return
        self._told_end = True
        self._stop = Stop(StopReason.ENDED, self.hart_of_end())

    def _halt(self, stop: Stop) -> None:
        self._end_resume()
        self._exposed.enter()
        began = time.perf_counter()
        try:
            resume = self._on_stop(stop)
        finally:
            self._exposed.leave()
            self._machine.halted_seconds += time.perf_counter() - began
        self.begin(resume)
        if self._machine.outcome is not None:
            self._told_end = True
            self._let_go()

    def begin(self, resume: Resume) -> None:
        """Harts are to go on like this: arm their steps."""
        self._resume = resume
        for hart in resume.steps:
            self._stepping.arm(hart)

    def took_disorder(self) -> bool:
        """Whether harts have gone on in another order than the run's own, since this was asked."""
        return self._alone.took_disorder()

    def _end_resume(self) -> None:
        for hart in self._stepping.harts:
            if hart not in self.watches.passing:
                self._stepping.disarm(hart)
        self._stepped_over.forget()
        self._alone.thaw()
        self._resume = Resume()

    def _prepare(self) -> None:
        """Harts are about to go on."""
        if self._machine.outcome is not None or self._is_closing:
            return
        self._stepping.guard_ends()
        only = self._resume.only
        if only is not None and not self._alone.prepare(only, set(self._resume.steps)):
            self._stop = Stop(StopReason.ASLEEP, min(only))
            self.look()

    def _let_go(self) -> None:
        """The run ends here: what held harts have not executed is taken back."""
        rows = self._machine.engine.rows
        for hart in self._machine.harts:
            if rows[hart.index * COLUMNS + HELD] == INSIDE:
                hart.leave_block(hart.pc)
            rows[hart.index * COLUMNS + HELD] = NOT_HELD
