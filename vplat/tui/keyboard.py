"""The terminal's keyboard while the live view is up: Ctrl-C, and no echo into the picture."""

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
    """While entered, the first Ctrl-C sets ``asked``.

    The second one calls ``leave``, which puts the terminal in order, and ends the process. What is
    typed is not echoed.
    """

    def __init__(self, leave: Callable[[], None]) -> None:
        self.asked = False
        self._leave = leave
        self._before: Any = None
        self._modes: list[Any] | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._interrupted)
        self._modes = self._silence()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._modes is not None:
            with contextlib.suppress(termios.error, OSError, ValueError):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._modes)
            self._modes = None
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            self._leave()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        self.asked = True

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
