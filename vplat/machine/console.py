"""Where the firmware's output goes and its input comes from."""

from __future__ import annotations

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


class RecordingConsole:
    """Keeps output in ``text`` and gives ``typed`` as input: for tests and embedding."""

    def __init__(self, typed: bytes = b"") -> None:
        self.text = b""
        self.typed = typed

    def print(self, text: bytes, stream: int) -> None:
        """Append to ``text``."""
        self.text += text

    def receive(self, limit: int) -> bytes:
        """The next bytes of ``typed``."""
        taken, self.typed = self.typed[:limit], self.typed[limit:]
        return taken

    def input_ended(self) -> bool:
        """All of ``typed`` is taken."""
        return not self.typed

    def wait_for_input(self) -> bool:
        """There is nothing to wait for: all input is there from the start."""
        return bool(self.typed)
