"""The terminal's keyboard while the live view is up: Ctrl-C, Ctrl-Z, and no echo in the picture."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Self


class Keyboard:
    """While entered, the first Ctrl-C sets ``stop_asked``, and Ctrl-Z sets ``pause_asked``.

    The second Ctrl-C calls ``leave``, which puts the terminal in order, and ends the process. What
    is typed is not echoed.
    """

    def __init__(self, leave: Callable[[], None]) -> None:
        self.stop_asked = self.pause_asked = False
        self._leave = leave
        self._before: dict[int, Any] = {}
        self._modes: list[Any] | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number, act in ((signal.SIGINT, self._stop), (signal.SIGTSTP, self._pause)):
                self._before[number] = signal.signal(number, act)
        self._modes = self._silence()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._modes is not None:
            with contextlib.suppress(termios.error, OSError, ValueError):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._modes)
            self._modes = None
        for number, act in self._before.items():
            signal.signal(number, act)
        self._before.clear()

    def pause(self) -> None:
        """Do what Ctrl-Z asks for; return when the user has let the process go on."""
        self.pause_asked = False
        self.__exit__()
        os.kill(os.getpid(), signal.SIGTSTP)
        self.__enter__()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.stop_asked:
            self._leave()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        self.stop_asked = True

    def _pause(self, number: int, frame: FrameType | None) -> None:
        self.pause_asked = True

    def _silence(self) -> list[Any] | None:
        """The terminal's modes as they were; None if there is none or it is not ours to change."""
        try:
            keys = sys.stdin.fileno()
            if not os.isatty(keys) or os.tcgetpgrp(keys) != os.getpgrp():
                return None
            modes = termios.tcgetattr(keys)
            silent = [*modes[:3], modes[3] & ~termios.ECHO, *modes[4:]]
            termios.tcsetattr(keys, termios.TCSADRAIN, silent)
        except (termios.error, OSError, ValueError):
            return None
        return modes
