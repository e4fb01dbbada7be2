"""The console of a test: what the firmware printed, and what the test types."""

from __future__ import annotations

from collections.abc import Callable

from vplat.machine.console import ConsoleState


class TypedConsole:
    """``vplat.machine.console.Console``: output is kept, input is what ``type`` was given.

    Firmware that asks for input which nobody has typed waits, until ``end`` says that none will
    come.
    """

    def __init__(self) -> None:
        self._output = bytearray()
        self.typed = bytearray()
        """All input from the beginning on."""
        self.position = 0
        """How much of it was taken."""
        self.is_ended = False
        self.on_output: Callable[[], None] | None = None

    @property
    def text(self) -> str:
        """What the firmware printed, undecodable bytes replaced."""
        return self._output.decode("utf-8", errors="replace")

    def type(self, data: bytes) -> None:
        """Have ``data`` come in behind what was typed before."""
        self.typed += data

    def begin(self, typed: bytes, *, is_ended: bool = False) -> None:
        """Have been given ``typed`` and nothing else."""
        self.typed, self.is_ended = bytearray(typed), is_ended

    def print(self, text: bytes, stream: int) -> None:
        """Keep what the firmware prints."""
        self._output += text
        if self.on_output is not None:
            self.on_output()

    def receive(self, limit: int) -> bytes:
        """The next bytes that were typed."""
        data = bytes(self.typed[self.position : self.position + limit])
        self.position += len(data)
        return data

    def input_ended(self) -> bool:
        """Nothing more will be typed, and all of it is taken."""
        return self.is_ended and self.position >= len(self.typed)

    def wait_for_input(self) -> bool:
        """Nobody types while the firmware runs, so there is nothing to wait for."""
        return self.position < len(self.typed)

    def snapshot(self) -> ConsoleState:
        """Output and input so far."""
        return ConsoleState(bytes(self._output), 0, self.position, self.input_ended())

    def restore(self, state: ConsoleState) -> None:
        """Forget later output; later input is taken again."""
        self._output = bytearray(state.text)
        self.position = state.received
