"""What a peripheral may ask of the machine it sits in, and what watches it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .event import Event, Line
    from .peripheral import Peripheral
    from .register import Declared


class AccessFault(Exception):  # noqa: N818 - the field's word: the access faults, vplat does not fail
    """Nothing answers at an address, or the device refuses the access.

    The machine turns it into the access-fault exception of the hart, or hands it to the device that
    mastered the bus. ``address`` is filled in by the bus.
    """

    def __init__(self, message: str, *, address: int = 0) -> None:
        super().__init__(message)
        self.message, self.address = message, address


class Stall(Exception):  # noqa: N818 - not an error: the hart waits
    """Raised by a behaviour whose answer is not ready: the hart sleeps until ``wake(hart)``.

    Then the same load or store is issued again. ``reason`` is a few words for people ("barrier 0").
    """

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class Bus(Protocol):
    """The memory system as a master sees it. An address nothing answers raises ``AccessFault``."""

    def read(self, address: int, length: int) -> bytes:
        """``length`` bytes from ``address``."""
        ...

    def write(self, address: int, data: bytes) -> None:
        """Store ``data`` at ``address``."""
        ...


class Platform(Protocol):
    """The machine, from a peripheral's point of view."""

    @property
    def bus(self) -> Bus: ...

    @property
    def now(self) -> int:
        """The cycle of the access or of the due behaviour that is running."""
        ...

    def after(self, cycles: int, behaviour: Callable[..., None], *arguments: int) -> None:
        """Call ``behaviour(*arguments)`` in ``cycles`` cycles; it is a bound method."""
        ...

    def cancel(self, behaviour: Callable[..., None]) -> None:
        """Forget every pending call of ``behaviour``."""
        ...

    def stretch(self, cycles: int) -> None:
        """Make the access being served take ``cycles`` more cycles for its hart."""
        ...

    def wake(self, hart: int) -> None:
        """Let a hart that stalled issue its access again."""
        ...

    def request_interrupt(self, hart: int, number: int | None) -> None:
        """Ask a hart to take interrupt ``number``, or withdraw the request."""
        ...

    def start_hart(self, hart: int, address: int) -> None:
        """Let a halted hart run from ``address``."""
        ...

    def halt_hart(self, hart: int) -> None:
        """Stop fetching instructions on a hart."""
        ...

    def is_asleep(self, hart: int) -> bool:
        """The hart's clock is gated: it stalls, waits for an interrupt, or is halted."""
        ...

    def print(self, text: bytes, stream: int) -> None:
        """Show what firmware printed. Streams are joined line by line."""
        ...

    def receive(self, limit: int) -> bytes:
        """Up to ``limit`` bytes of the host's input that have not been taken yet."""
        ...

    @property
    def input_ended(self) -> bool:
        """The host's input is at its end, or there is none: ``receive`` brings nothing any more."""
        ...

    def finish(self, status: int) -> None:
        """End the run with the firmware's own exit status."""
        ...

    def report(self, device: str, rule: str, sentence: str) -> None:
        """Tell the developer what the firmware did wrong; ``rule`` names the kind of finding."""
        ...


class Observer(Protocol):
    """Whoever watches devices: a trace, a checker, a coverage recorder."""

    def access(
        self,
        device: Peripheral,
        register: Declared,
        index: int,
        kind: str,
        old: int,
        value: int,
        hart: int,
    ) -> None:
        """Firmware read (``kind`` "r") or wrote ("w") a register, which held ``old`` before."""
        ...

    def activity(self, device: Peripheral, what: str, amount: int) -> None:
        """The device accounted for work done."""
        ...

    def event(self, device: Peripheral, event: Event | Line, level: int, harts: int) -> None:
        """An output of the device pulsed or changed."""
        ...
