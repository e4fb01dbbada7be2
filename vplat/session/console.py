"""The host's side of the console: standard output, standard input, and what was said so far."""

from __future__ import annotations

import os
import select
import stat
from collections import deque
from collections.abc import Iterator
from typing import Final

from vplat.machine.console import ConsoleState, InputRecord

KEPT_BYTES: Final = 1 << 20
"""How much of the output is kept for the report and the live view: its last MiB."""
PIECE_BYTES: Final = 1 << 12
"""What is kept is dropped in pieces of this size at most."""


class HostConsole:
    """Firmware's output to a file descriptor, its input from another one.

    Error output (streams below zero) goes to ``errors``. With ``output`` None nothing is shown,
    only kept. Nothing passes through Python's own buffers, so whoever prints to the same
    descriptors flushes first. A descriptor that cannot be written to any more stops nothing: the
    rest is dropped, and ``broken`` says what happened.
    """

    def __init__(
        self, output: int | None = None, errors: int | None = None, source: int | None = None
    ) -> None:
        self._output, self._errors, self._source = output, errors, source
        self._ended = source is None
        self._kept: deque[bytes] = deque()
        self._kept_bytes = 0
        self._record = InputRecord()
        self.dropped_bytes = 0
        self.broken: OSError | None = None

    @property
    def text(self) -> str:
        """What firmware printed, at most the last MiB, undecodable bytes replaced."""
        return b"".join(self._kept).decode("utf-8", errors="replace")

    @property
    def withheld(self) -> bool:
        """Output was kept without being shown."""
        return self._output is None and bool(self._kept)

    def show_kept(self, output: int) -> None:
        """Write what is kept to ``output``, as if it had been shown all along."""
        self._show(output, b"".join(self._kept))

    def snapshot(self) -> ConsoleState:
        """What is kept of the output, and how far the input was taken."""
        text = b"".join(self._kept)
        return ConsoleState(text, self.dropped_bytes, self._record.position, self._ended)

    def restore(self, state: ConsoleState) -> None:
        """Keep that output and no other, without showing it, and go on with the input from there.

        Input that this console has given since is given again. In another process, a file goes on
        where it was left; from a pipe or a terminal, whatever comes is what comes next.
        """
        self._kept = deque(_pieces(state.text))
        self._kept_bytes, self.dropped_bytes = len(state.text), state.dropped_bytes
        missing = self._record.go_to(state.received)
        while missing and self._is_file() and (data := self._read(missing)):
            missing -= len(data)
        self._ended = state.ended or self._source is None

    def print(self, text: bytes, stream: int) -> None:
        """Show and keep ``text``."""
        self._keep(text)
        target = self._errors if stream < 0 else self._output
        if target is not None and self.broken is None:
            self._show(target, text)

    def _show(self, target: int, text: bytes) -> None:
        try:
            _write_whole(target, text)
        except OSError as error:
            self.broken = error

    def receive(self, limit: int) -> bytes:
        """What is there now, without waiting for more."""
        if self._record.has_more:
            return self._record.take_again(limit)
        if self._source is None or self._ended or limit <= 0:
            return b""
        if not self._is_file() and not select.select([self._source], [], [], 0)[0]:
            return b""
        data = self._read(limit)
        self._ended = not data
        return data

    def input_ended(self) -> bool:
        """Nothing will come any more."""
        return self._ended and not self._record.has_more

    def wait_for_input(self) -> bool:
        """Block until there is input or its end; False if there is nothing to wait for."""
        if self._record.has_more:
            return True
        if self._source is None or self._ended:
            return False
        select.select([self._source], [], [], 0.1)
        return True

    def _read(self, limit: int) -> bytes:
        """The next bytes; none at the end."""
        if self._source is None:
            return b""
        try:
            data = os.read(self._source, limit)
        except OSError:
            return b""
        self._record.note(data)
        return data

    def _is_file(self) -> bool:
        return self._source is not None and stat.S_ISREG(os.fstat(self._source).st_mode)

    def _keep(self, text: bytes) -> None:
        self._kept.extend(_pieces(text))
        self._kept_bytes += len(text)
        while (excess := self._kept_bytes - KEPT_BYTES) > 0:
            oldest = self._kept.popleft()
            if len(oldest) > excess:
                self._kept.appendleft(oldest[excess:])
            self._kept_bytes -= min(len(oldest), excess)
            self.dropped_bytes += min(len(oldest), excess)


def _pieces(text: bytes) -> Iterator[bytes]:
    return (text[start : start + PIECE_BYTES] for start in range(0, len(text), PIECE_BYTES))


def _write_whole(target: int, text: bytes) -> None:
    view = memoryview(text)
    while view:
        try:
            view = view[os.write(target, view) :]
        except BlockingIOError:  # a descriptor that somebody made non-blocking
            select.select([], [target], [])
