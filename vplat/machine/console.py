"""Where the firmware's output goes and its input comes from."""

from __future__ import annotations

import dataclasses
from typing import Protocol


class Console(Protocol):
    """The host's side of the console."""

    def print(self, text: bytes, stream: int) -> None:
        """Show what firmware printed; streams below zero are error output."""
        ...

    def receive(self, limit: int) -> bytes:
        """Take up to ``limit`` bytes of input that is there now."""
        ...

    def input_ended(self) -> bool:
        """No input will come any more."""
        ...

    def wait_for_input(self) -> bool:
        """Block until input is there or at its end; False if neither can be waited for."""
        ...


@dataclasses.dataclass(frozen=True)
class ConsoleState:
    """What a console has shown and given so far.

    ``text`` is what is kept of the output, ``dropped_bytes`` came before it. ``received`` bytes of
    the input were taken; ``ended`` says that its end was seen.
    """

    text: bytes
    dropped_bytes: int
    received: int
    ended: bool


class InputRecord:
    """What was taken of an input, so that it can be taken again."""

    def __init__(self) -> None:
        self._taken = bytearray()
        self.position = 0
        """Bytes taken so far."""

    @property
    def has_more(self) -> bool:
        """Something that was taken before is to be taken again."""
        return self.position < len(self._taken)

    def take_again(self, limit: int) -> bytes:
        """Up to ``limit`` bytes that were taken before."""
        data = bytes(self._taken[self.position : self.position + limit])
        self.position += len(data)
        return data

    def note(self, data: bytes) -> None:
        """``data`` has been taken for the first time."""
        self._taken += data
        self.position += len(data)

    def go_to(self, position: int) -> int:
        """Have ``position`` bytes taken; how many of them this input has not given yet."""
        self.position = min(position, len(self._taken))
        return position - self.position


class RecordingConsole:
    """Keeps output in ``text`` and gives ``typed`` as input: for tests and embedding."""

    def __init__(self, typed: bytes = b"") -> None:
        self.text = b""
        self.typed = typed
        self._record = InputRecord()

    def snapshot(self) -> ConsoleState:
        """Output and input so far."""
        return ConsoleState(self.text, 0, self._record.position, self.input_ended())

    def restore(self, state: ConsoleState) -> None:
        """Forget later output, and give later input again."""
        self.text = state.text
        missing = self._record.go_to(state.received)
        self._record.note(self.typed[:missing])
        self.typed = self.typed[missing:]

    def print(self, text: bytes, stream: int) -> None:
        """Append to ``text``."""
        self.text += text

    def receive(self, limit: int) -> bytes:
        """The next bytes of ``typed``."""
        if self._record.has_more:
            return self._record.take_again(limit)
        taken, self.typed = self.typed[:limit], self.typed[limit:]
        self._record.note(taken)
        return taken

    def input_ended(self) -> bool:
        """All of ``typed`` is taken."""
        return not self.typed and not self._record.has_more

    def wait_for_input(self) -> bool:
        """There is nothing to wait for: all input is there from the start."""
        return not self.input_ended()
