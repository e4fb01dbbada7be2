"""Going back: the last place where the run would have stopped, or the last instruction of a hart.

The machine is put to an earlier snapshot and runs again from there, exactly as before, with
everything silent, until it stands where it is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from vplat.errors import UsageError
from vplat.machine.debug import Resume, RunControl, Stop, StopReason
from vplat.machine.debug_watches import Hit
from vplat.machine.holding import standing
from vplat.machine.position import Position
from vplat.machine.seeking import Goal
from vplat.machine.snapshot.state import MachineState
from vplat.machine.timeline import Advance, Timeline

if TYPE_CHECKING:
    from vplat.machine.machine import Machine

MOST_AT_ONCE: Final = 64
"""Calls of devices that may be due at one cycle, for finding the moment before them."""


class _JustNow(Exception):  # noqa: N818 - ends a search
    """An access has led to the very end of what is searched, so it is the last one."""

    def __init__(self, stop: Stop, position: Position) -> None:
        super().__init__()
        self.stop, self.position = stop, position


class _Interrupted(Exception):  # noqa: N818 - ends a search
    """Somebody has had enough of it."""


class History:
    """The past of a machine that stands still in the hands of run control.

    ``beginning`` is where ``start_again`` goes to. ``wants_to_stop`` is asked now and then while
    the run is repeated, which may take long.
    """

    def __init__(self, machine: Machine, control: RunControl, beginning: MachineState) -> None:
        self._machine, self._control, self._beginning = machine, control, beginning
        self._timeline = Timeline(machine)
        self._is_changed = False
        self.wants_to_stop: Callable[[], bool] = lambda: False
        self._stops: dict[Position, Stop] = {}
        self._seen = self._timeline.position

    def checkpoint(self) -> None:
        """Between slices: remember this moment if it is time to."""
        self._timeline.checkpoint()

    def changed(self) -> None:
        """Somebody is about to change the machine, so what follows is another run."""
        self._is_changed = True

    def goes_on(self) -> None:
        """Before the machine goes on: what was changed is part of its past from here on."""
        if not self._is_changed:
            return
        self._is_changed = False
        self._control.set_aside()
        self._timeline.forget_future()
        self._timeline.checkpoint(at_once=True)
        self._control.set_out()

    def repeat(self, resume: Resume) -> Stop | None:
        """In the past: go on, silently, as far as the run has been; the stop on the way, if any.

        What happens there has been shown, and observers have been told of it. None stands for no
        stop: then the machine is where the run was, and goes on from there.
        """
        if resume.only is not None or not self._timeline.in_past:
            return None
        control, goal = self._control, Goal(self._timeline.latest)
        control.set_aside()
        control.begin(resume)
        control.seek(goal)
        asked = False

        def is_over() -> bool:
            nonlocal asked
            asked = asked or self.wants_to_stop()
            return asked or control.found is not None or control.has_come_to(goal)

        try:
            with self._timeline.repeating():
                self._timeline.repeat(is_over)
        finally:
            found = control.found
            control.sought()
            control.set_out()
        if found is None and self._machine.outcome is not None:
            return Stop(StopReason.ENDED, self._control.hart_of_end())
        return Stop(StopReason.ASKED) if asked and found is None else found

    def catch_up(self) -> None:
        """Let the machine be where the run was before anybody went back, if it can be."""
        if not self._is_changed:
            self._control.listen(stops=False)
            self.wants_to_stop = lambda: False
            self.repeat(Resume())
            self._control.listen(stops=True)

    def close(self) -> None:
        """Record no more."""
        self._timeline.close()

    def start_again(self, *, keep_memory: bool) -> None:
        """Everything as it was when the session was made; ``keep_memory`` leaves memories out."""
        spans = [memory.spans[0] for memory in self._machine.board.memories if keep_memory]
        bus = self._machine.bus
        kept = [(span.base, bus.peek(span.base, span.size)) for span in spans]
        self.put(lambda: self._machine.restore(self._beginning))
        for base, data in kept:
            bus.load_image(base, data)
            if bus.on_write is not None:
                bus.on_write(base, len(data))

    def put(self, restore: Callable[[], None]) -> None:
        """The machine's past begins anew, in the state to which ``restore`` puts it."""
        self._control.set_aside()
        try:
            restore()
            self._timeline.begin_anew()
        finally:
            self._control.moved()
        self._is_changed = True

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """While inside, the machine's rows are as the run has them, for a snapshot."""
        self._control.set_aside()
        try:
            yield
        finally:
            self._control.set_out()

    def step_back(self, hart: int) -> Stop:
        """To before the instruction that ``hart`` has retired last.

        What other harts and devices have done since is undone as well.
        """
        wanted = standing(self._machine, hart).instructions - 1
        reason = StopReason.STEP
        try:
            if wanted < 0 or self._go_back(lambda _: self._advance_to(hart, wanted)) is None:
                reason = StopReason.BEGINNING
        except _Interrupted:
            reason = StopReason.ASKED
        return Stop(reason, hart)

    def go_back(self) -> Stop:
        """To the last breakpoint or access to watched memory before this moment.

        At a breakpoint the hart stands in front of the instruction; before an access of a hart or
        a device the machine stands where it has not been made yet.
        """
        try:
            found = self._go_back(self._advance)
        except _JustNow as access:
            found, self._stops[access.position] = access.position, access.stop
        except _Interrupted:
            return Stop(StopReason.ASKED)
        stop = None if found is None else self._stops.get(found)
        if found is None or stop is None:
            return Stop(StopReason.BEGINNING)
        if stop.reason is StopReason.WATCHPOINT:
            self._go_before(found, stop.hits[-1])
        elif stop.hart >= 0:
            self._control.breakpoints.stands_at(stop.hart)
        return stop

    def _go_back(self, advance: Advance) -> Position | None:
        self.goes_on()
        self._stops.clear()
        self._seen = here = self._timeline.position
        self._control.set_aside()
        self._control.listen(stops=False)
        try:
            return self._timeline.find_last(advance)
        except _Interrupted:
            self._timeline.go_to(here)
            raise
        finally:
            self._control.listen(stops=True)
            self._control.moved()

    def _advance(self, end: Position) -> bool:
        """Run to the next stop, or to ``end``; whether it was a stop."""
        goal = Goal(end)
        self._run(goal)
        stop, position = self._control.found, self._timeline.position
        if stop is None:
            return False
        if position >= end:
            if stop.reason is StopReason.WATCHPOINT:
                raise _JustNow(stop, position)
            return False
        self._stops[position] = stop
        return True

    def _advance_to(self, hart: int, instructions: int) -> bool:
        """Run to where ``hart`` is about to execute, having retired so many instructions."""
        if standing(self._machine, hart).instructions > instructions:
            return False
        goal = Goal(hart=hart, instructions=instructions, is_poised=True)
        if self._control.has_come_to(goal):
            return False  # that was it
        self._run(goal)
        return self._control.has_come_to(goal)

    def _run(self, goal: Goal) -> None:
        control = self._control
        if self._timeline.position < self._seen:
            control.forget_stops()
        control.listen(stops=goal.position is not None)
        control.seek(goal)
        asked = False

        def is_over() -> bool:
            nonlocal asked
            asked = self.wants_to_stop()
            return asked or control.found is not None or control.has_come_to(goal)

        try:
            self._timeline.repeat(is_over)
            if asked:
                raise _Interrupted
        finally:
            control.sought()
            control.listen(stops=False)
            self._seen = self._timeline.position

    def _go_before(self, found: Position, hit: Hit) -> None:
        """From ``found``, right behind an access, to before it."""
        instructions, traps, behaviours = found
        if hit.hart >= 0:
            since = standing(self._machine, hit.hart).instructions - hit.instructions
            candidates = [Position(instructions - since, traps, behaviours)]
        else:
            earlier = range(behaviours - 1, max(behaviours - MOST_AT_ONCE, -1), -1)
            candidates = [Position(instructions, traps, each) for each in earlier]
        self._control.set_aside()
        self._control.listen(stops=False)
        for candidate in candidates:
            try:
                self._timeline.go_to(candidate)
            except UsageError:
                continue  # the run does not stand there between two turns
            break
        self._control.listen(stops=True)
        self._control.moved()
