"""The machine as the host interfaces see it."""

from __future__ import annotations

from typing import Final, Protocol

STDOUT: Final = 0
"""The stream of what firmware writes to its standard output."""

STDERR: Final = -2
"""The stream of what firmware writes to its standard error."""

HOST_INPUT: Final = "the host's input"
"""How the reason ends with which a call stalls that waits for the host's input."""


class Guest(Protocol):
    """What semihosting and HTIF ask of the machine that runs the firmware."""

    @property
    def now(self) -> int:
        """Cycles since the run began, as the hart that makes the call counts them."""
        ...

    @property
    def clock_hz(self) -> int:
        """Cycles in a simulated second; at least 1."""
        ...

    @property
    def command_line(self) -> str:
        """The program's name and arguments, separated by blanks."""
        ...

    @property
    def heap(self) -> tuple[int, int]:
        """The heap's base and limit (the address after its last byte); 0 where unknown."""
        ...

    @property
    def stack(self) -> tuple[int, int]:
        """The stack's base (the address it grows down from) and limit; 0 where unknown."""
        ...

    def read(self, address: int, length: int) -> bytes:
        """``length`` bytes from ``address``; ``AccessFault`` when nothing answers."""
        ...

    def write(self, address: int, data: bytes) -> None:
        """Store ``data`` at ``address``; ``AccessFault`` when nothing answers.

        Such a store is the host's, not a hart's: ``Htif.stored`` is not told of it.
        """
        ...

    def print(self, text: bytes, stream: int) -> None:
        """Show what firmware printed on ``STDOUT`` or ``STDERR``."""
        ...

    def receive(self, limit: int) -> bytes:
        """Take up to ``limit`` bytes of the host's input; none when nothing is there now."""
        ...

    def input_ended(self) -> bool:
        """The host's input is at its end: ``receive`` never has anything again."""
        ...

    def finish(self, status: int) -> None:
        """End the run with the firmware's own exit status, an unsigned 32-bit number."""
        ...

    def crash(self, reason: str) -> None:
        """End the run: the firmware declared itself broken."""
        ...

    def report(self, rule: str, sentence: str) -> None:
        """Tell the developer what the firmware did wrong; ``rule`` names the kind of finding."""
        ...
