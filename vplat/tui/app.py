"""The live view: samples a session while it runs and draws it, at a price that is bounded."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Self

from rich.console import Console
from rich.live import Live as RichLive

from .frame import Frame
from .keyboard import Keyboard
from .pace import Pace
from .panels.console import PANEL as CONSOLE
from .record import Record
from .sampling import note_energy
from .state import Snapshot

if TYPE_CHECKING:
    from vplat.session import Session

    from .panel import Panel

FIRST_DRAWING_SECONDS: Final = 0.25
"""A run that ends before has its last frame alone: one that flashes up shows nothing."""
DRAWING_SECONDS: Final = 0.1
DRAWING_SHARE: Final = 0.03
SAMPLING_SECONDS: Final = 0.002
SAMPLING_SHARE: Final = 0.01
"""Of the host time; together with drawing below the 5 % that the view may cost."""
SAMPLING_CREDIT: Final = 0.005
"""Seconds: the course of a run that takes less than the eye could follow is worth as much."""


def can_draw(console: Console) -> bool:
    """Whether ``console`` is a terminal on which a picture can be drawn over and over.

    A variable of the environment that asks for colours does not make a file a terminal.
    """
    return console.is_interactive and not console.is_dumb_terminal and console.file.isatty()


def panels_of(session: Session) -> list[Panel]:
    """Every panel that plugins contribute, built-in ones first; two of one name are an error."""
    panels = session.plugins.named("vplat_panels", "name", "panel", session=session)
    return list(panels.values())


class Live:
    """The live view of one run, on ``console`` or on standard error.

    Enter it before the run and call ``update`` while it goes on, some 30 times a second. Without a
    terminal nothing is drawn at all. While it goes on, Ctrl-C stops the run. At its end the last
    state stays on the screen; a run that raises leaves the screen as it was before.
    """

    def __init__(
        self,
        session: Session,
        console: Console | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.console = Console(stderr=True) if console is None else console
        self.frames = 0
        """How many have been drawn."""
        self._session, self._clock = session, clock
        self._drawing = can_draw(self.console)
        self._panels = panels_of(session) if self._drawing else []
        self._keyboard = Keyboard(self._leave)
        self._screen = RichLive(
            console=self.console,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._record = Record(session.machine)

    def __enter__(self) -> Self:
        self._began = self._clock()
        if self._drawing:
            self._keyboard.__enter__()
            self._snapshot()
        self._draws = Pace(DRAWING_SECONDS, DRAWING_SHARE, self._clock, delay=FIRST_DRAWING_SECONDS)
        self._samples = Pace(SAMPLING_SECONDS, SAMPLING_SHARE, self._clock, credit=SAMPLING_CREDIT)
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._leave()
        if self._drawing and kind is None:
            last = Frame(self._last_panels(), self._snapshot(), fill=False)
            self._on_terminal(lambda: self.console.print(last, end=""))

    def update(self, session: Session) -> bool:
        """Draw what ``session`` is at, if it is time to; True when the user wants to stop."""
        if not self._drawing:
            return False
        if self._keyboard.pause_asked:
            self._on_terminal(self._screen.stop)
            self._keyboard.pause()
        self._record.note_work()
        if self._draws.due():
            self._draw(self._snapshot())
            self._draws.done()
        elif self._samples.due():
            note_energy(session, self._record)
            self._samples.done()
        return self._keyboard.stop_asked

    def _snapshot(self) -> Snapshot:
        seconds = self._session.seconds or self._clock() - self._began
        return Snapshot.of(self._session, self._record, seconds=seconds)

    def _last_panels(self) -> list[Panel]:
        """Without the console's end if all of it is yet to be shown, below the last frame."""
        withheld = getattr(self._session.console, "withheld", False)
        return [panel for panel in self._panels if panel is not CONSOLE or not withheld]

    def _draw(self, snapshot: Snapshot) -> None:
        def draw() -> None:
            self._screen.start()
            self._screen.update(Frame(self._panels, snapshot), refresh=True)

        self._on_terminal(draw)
        self.frames += 1

    def _leave(self) -> None:
        """Give the terminal back as it was."""
        self._on_terminal(self._screen.stop)
        self._keyboard.__exit__()

    def _on_terminal(self, action: Callable[[], None]) -> None:
        """A terminal that is gone ends the view, not the run."""
        try:
            action()
        except OSError:
            self._drawing = False
