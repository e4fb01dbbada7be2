"""A console that remembers what it gave, so that a run can be repeated without anybody noticing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .console import ConsoleState
from .rows import NOW
from .snapshot.part import Part

if TYPE_CHECKING:
    from .machine import Machine


class Moment(NamedTuple):
    """When somebody asked for input: the cycle, and the hart that did; -1 for a device."""

    cycle: int
    hart: int


class Given(NamedTuple):
    """Input that was there when somebody asked; None: its end was seen."""

    moment: Moment
    data: bytes | None


class Mark(NamedTuple):
    """How far a tape has been played."""

    given: int
    received: int
    printed: int


class Tape:
    """``Console`` around that of a machine, put in its place by a ``Timeline``.

    The first time, everything goes through, and what comes in is noted. When the run is repeated,
    the same input comes at the same moments and nothing is shown again.

    Questions that found no input leave nothing behind in a run, so only answers are noted.
    ``looks`` are the cycles at which sleeping harts were let ask again: a repeated run must do so
    at the same ones.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine, self.inside = machine, machine.console
        self._given: list[Given] = []
        self._again = b""
        """Input of a future that will not be: it is given anew before there is more."""
        self._played = 0
        self._received = 0
        self._printed = self._shown = 0
        self.looks: list[int] = []
        self.is_repeating = False

    # Console.

    def print(self, text: bytes, stream: int) -> None:
        """Show what has not been shown before."""
        self._printed += len(text)
        new = self._printed - self._shown
        if new > 0:
            self._shown = self._printed
            self.inside.print(text[-new:], stream)

    def receive(self, limit: int) -> bytes:
        """What came at this moment, or what comes now."""
        if self._played < len(self._given):
            data = self._recorded()
            return b"" if data is None else data
        data, self._again = self._again[:limit], self._again[limit:]
        data = data or self.inside.receive(limit)
        if data:
            self._note(data)
        return data

    def input_ended(self) -> bool:
        """Whether that had been seen by this moment."""
        if any(each.data is None for each in self._given[: self._played]):
            return True
        if self._played < len(self._given):
            return self._given[self._played].data is None and self._recorded() is None
        ended = not self._again and self.inside.input_ended()
        if ended:
            self._note(None)
        return ended

    def wait_for_input(self) -> bool:
        """Wait if it is not known what will come."""
        if self._played < len(self._given) or self._again:
            return True
        return self.inside.wait_for_input()

    # Part.

    def snapshot(self) -> ConsoleState:
        """What the console of a run that stands here would say."""
        ended = any(each.data is None for each in self._given[: self._played])
        text, dropped = b"", self._printed
        if isinstance(self.inside, Part):
            inside: ConsoleState = self.inside.snapshot()
            dropped = min(inside.dropped_bytes, self._printed)
            text = inside.text[: self._printed - dropped]
        return ConsoleState(text, dropped, self._received, ended)

    def restore(self, state: ConsoleState) -> None:
        """Go to a moment that need not be on this tape; while repeating, ``play_from`` does it."""
        if self.is_repeating:
            return
        if isinstance(self.inside, Part):
            self.inside.restore(state)
        self._given, self._again, self._played = [], b"", 0
        self._received = state.received
        self._printed = self._shown = state.dropped_bytes + len(state.text)
        self.looks.clear()

    # For the timeline.

    @property
    def mark(self) -> Mark:
        """How far it has been played."""
        return Mark(self._played, self._received, self._printed)

    def play_from(self, mark: Mark) -> None:
        """Go back to a moment of this tape."""
        self._played, self._received, self._printed = mark

    def cut(self) -> None:
        """What comes after this moment will not be; its input is given anew, its output shown."""
        rest = [each.data for each in self._given[self._played :] if each.data is not None]
        self._again = b"".join(rest) + self._again
        del self._given[self._played :]
        self._shown = self._printed
        now = self._machine.turns[NOW]
        self.looks[:] = [cycle for cycle in self.looks if cycle <= now]

    def let_go(self) -> None:
        """The run goes on from a moment of this tape and is never repeated again.

        Input that came after this moment is given whenever it is asked for. What was shown is not
        shown again.
        """
        shown = self._shown
        self.cut()
        self._shown = shown

    def looked(self, cycle: int) -> None:
        """Sleeping harts were let ask for input again."""
        if not self.looks or cycle > self.looks[-1]:
            self.looks.append(cycle)

    def next_look(self, cycle: int) -> int | None:
        """When harts were let ask again for the first time after ``cycle``."""
        return next((look for look in self.looks if look > cycle), None)

    def _recorded(self) -> bytes | None:
        """What was given at this moment; nothing if that was at another one."""
        given = self._given[self._played]
        if given.moment != self._moment():
            return b""
        self._played += 1
        self._received += len(given.data or b"")
        return given.data

    def _note(self, data: bytes | None) -> None:
        self._given.append(Given(self._moment(), data))
        self._played += 1
        self._received += len(data or b"")

    def _moment(self) -> Moment:
        return Moment(self._machine.now, self._machine.accesses.current)
