"""Going back in a run: snapshots on the way, and the same run again from the nearest of them.

A run depends on nothing but its firmware and its input, so what it did once it does again. The
input is noted as it comes (``Tape``), and given at the same moments when the run is repeated.
Meanwhile nothing is shown and observers hear nothing.

What firmware did with files of the host happens again when the run is repeated; a run that reads
what it has overwritten there, or removes a file, may not be able to do the same thing twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from vplat.errors import UsageError

from .checkpoints import Checkpoint, Checkpoints
from .position import Position
from .rows import NOW
from .run import Run
from .seeking import Goal, Seeker
from .tape import Tape

if TYPE_CHECKING:
    from .machine import Machine

INTERVAL_CYCLES: Final = 1_000_000
INTERVAL_SECONDS: Final = 0.1
"""Host time from one snapshot to the next, where that comes earlier: what going back may take."""
BUDGET_BYTES: Final = 256 << 20
SLICE_CYCLES: Final = 10_000_000
MOST_HITS: Final = 500
"""Conditions met one after the other, before a search goes on in smaller steps."""

Advance = Callable[[Position], bool]
"""Lets the machine run on until a condition is met, where it then stands: True. Otherwise up to a
position: False. It uses ``Timeline.repeat``."""


class Timeline:
    """The past of one machine, from where it stands when the timeline is made.

    ``interval_cycles`` lie between snapshots at most, and less where cycles take the host long.
    When they take more than ``budget_bytes``, older ones are dropped, so that the past becomes
    coarser the further back it lies. All of it is to be used between slices of a run, or by a
    ``Control`` in ``look``.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        interval_cycles: int = INTERVAL_CYCLES,
        budget_bytes: int = BUDGET_BYTES,
    ) -> None:
        self._machine, self._interval = machine, interval_cycles
        self._run = Run(machine)
        self._checkpoints = Checkpoints(budget_bytes)
        self._tape = Tape(machine)
        machine.console, machine.on_look = self._tape, self._tape.looked
        self._furthest = Position.of(machine)
        self._take()

    @property
    def position(self) -> Position:
        """Where the machine stands."""
        return Position.of(self._machine)

    @property
    def start(self) -> Position:
        """The earliest position that can be gone to."""
        return self._checkpoints.first.position

    @property
    def latest(self) -> Position:
        """The furthest that the run has come."""
        self._furthest = max(self._furthest, self.position)
        return self._furthest

    @property
    def in_past(self) -> bool:
        """The machine has been further than this."""
        return self.position < self.latest

    @property
    def held_bytes(self) -> int:
        """What the snapshots take."""
        return self._checkpoints.held_bytes

    def checkpoint(self, *, at_once: bool = False) -> None:
        """Take a snapshot if it is time for one, or ``at_once``; to be called between slices."""
        passed = self._machine.turns[NOW] - self._checkpoints.before(self.position).cycle
        slowly = passed > 0 and time.perf_counter() - self._taken_at > INTERVAL_SECONDS
        if at_once or slowly or passed >= self._interval:
            self._take()

    def go_to(self, position: Position) -> None:
        """Put the machine to ``position``, or to the first moment after it that there is.

        ``UsageError`` if that is before ``start``, after ``latest``, or the run does not come by
        there again.
        """
        if not self.start <= position <= self.latest:
            raise UsageError(
                f"position {tuple(position)} is not between {tuple(self.start)}, where recording "
                f"began, and {tuple(self.latest)}, where the run is; choose one in between"
            )
        with self.repeating():
            self._put(self._checkpoints.before(position))
            self._repeat_to(position)
        if self.position < position or self.position.instructions != position.instructions:
            raise UsageError(
                f"the run did not come by position {tuple(position)} again, but by "
                f"{tuple(self.position)}: it depends on files of the host that it has changed; "
                "run it anew"
            )

    def find_last(self, advance: Advance) -> Position | None:
        """Go to the last position before this one at which ``advance`` meets a condition.

        Without one the machine is put to ``start``, and the answer is None.
        """
        end = self.position
        with self.repeating():
            for checkpoint in self._checkpoints.back_from(end):
                self._put(checkpoint)
                found = self._last_before(end, advance)
                if found is not None:
                    self._put(self._checkpoints.before(found))
                    self._repeat_to(found)
                    return found
                end = checkpoint.position
            self._put(self._checkpoints.first)
        return None

    def repeat(self, is_over: Callable[[], bool]) -> None:
        """Run slices until ``is_over`` or the run has ended; for ``Advance`` and ``repeating``."""
        machine = self._machine
        while machine.outcome is None and not is_over():
            now = machine.turns[NOW]
            look = self._tape.next_look(now)
            self._run.advance(now + SLICE_CYCLES if look is None else look)

    @contextmanager
    def repeating(self) -> Iterator[None]:
        """What happens inside has happened before: nothing is shown, and nobody is told."""
        machine = self._machine
        self._furthest = self.latest
        on_dump, machine.on_dump = machine.on_dump, None
        on_look, machine.on_look = machine.on_look, None
        self._tape.is_repeating = True
        try:
            with machine.watching.nobody():
                yield
        finally:
            self._tape.is_repeating = False
            machine.on_dump, machine.on_look = on_dump, on_look

    def forget_future(self) -> None:
        """Somebody changes the machine where it stands: what came after does not count any more."""
        self._checkpoints.cut(self.position)
        self._tape.cut()
        self._furthest = self.position

    def begin_anew(self) -> None:
        """The machine was put to a state from elsewhere: its past begins there."""
        self._checkpoints.clear()
        self._furthest = self.position
        self._take()

    def close(self) -> None:
        """Record nothing any more; give the console back.

        If the machine is in the past, that happens on the way: what it has printed in its future is
        not shown a second time.
        """
        self._machine.on_look = None
        if self.in_past:
            self._tape.let_go()
        else:
            self._machine.console = self._tape.inside
        self._checkpoints.clear()

    # Inside.

    def _take(self) -> None:
        self._checkpoints.add(self._here())
        self._taken_at = time.perf_counter()

    def _put(self, checkpoint: Checkpoint) -> None:
        self._machine.restore(checkpoint.state)
        self._tape.play_from(checkpoint.mark)

    def _repeat_to(self, position: Position) -> None:
        """Run on, and stop at ``position``."""
        machine = self._machine
        before = machine.control
        machine.control = seeker = Seeker(machine, Goal(position))
        try:
            self.repeat(lambda: seeker.done)
        finally:
            machine.control = before

    def _last_before(self, end: Position, advance: Advance) -> Position | None:
        """From here, the last position before ``end`` at which a condition is met."""
        found = None
        for _ in range(MOST_HITS):
            if not advance(end) or self.position >= end:
                return found
            found = self.position
        return self._last_of_many(end, advance)

    def _last_of_many(self, end: Position, advance: Advance) -> Position | None:
        """The same where conditions are met very often: look into the later half first."""
        here = self._here()
        middle = self._middle(end)
        if middle is not None:
            found = self._last_before(end, advance)
            if found is not None:
                return found
            end = middle
            self._put(here)
            return self._last_before(end, advance) or here.position
        found = here.position
        self._put(here)
        while advance(end) and self.position < end:
            found = self.position
        return found

    def _here(self) -> Checkpoint:
        machine = self._machine
        return Checkpoint(self.position, machine.turns[NOW], machine.snapshot(), self._tape.mark)

    def _middle(self, end: Position) -> Position | None:
        """Go half the way to ``end``, counted in instructions; None if that is no way at all."""
        here = self.position
        half = (end.instructions - here.instructions) // 2
        if half < MOST_HITS:
            return None
        self._repeat_to(Position(here.instructions + half, 0, 0))
        return self.position
