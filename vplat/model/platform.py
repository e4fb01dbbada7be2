"""What a peripheral may ask of the machine it sits in."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, Protocol

from .memory_port import MemoryPort, Rank


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


@dataclasses.dataclass(frozen=True)
class HartCounters:
    """What a hart has done, at the instruction that it executes now.

    ``cycles`` is its own time, sleep included. ``by_class`` counts the retired instructions of each
    class, by the names that timing tables have ("load", "mul"). ``accesses`` are those to the
    memory whose banks harts share: estimated, a block is taken to access what it did the first
    time.
    """

    cycles: int
    instructions: int
    by_class: Mapping[str, int]
    accesses: int = 0


class Culprit(NamedTuple):
    """Who does something: a hart, and the address of its instruction. -1 and 0 for nobody."""

    hart: int
    pc: int


NOBODY: Final = Culprit(-1, 0)


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

    def memory_port(self, address: int, width: int, rank: Rank) -> MemoryPort:
        """The device's own way, ``width`` bytes a cycle, into the memory at ``address``."""
        ...

    def arbitrate(self, address: int, rank: Rank, longest_wait: int) -> None:
        """From now on the devices that do not take turns with the harts at the banks of the memory
        at ``address`` have ``rank``. Whoever comes second there is served after ``longest_wait``
        refusals in a row at the latest; 0: there is no such limit."""
        ...

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

    def place(self, address: int) -> str:
        """The memory or the register at an address of the bus, by name.

        '' where nothing is, or only what answers wherever nothing else does.
        """
        ...

    def hart_counters(self, hart: int) -> HartCounters:
        """What a hart of the platform has done so far.

        Another hart than the one whose access is served may be ahead or behind by up to a turn.
        """
        ...

    def activities(self, device: str) -> Mapping[str, int]:
        """What another device has accounted for so far; nothing if there is none of that name."""
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

    @property
    def culprit(self) -> Culprit:
        """Whose access is being served."""
        ...

    def report(self, device: str, rule: str, sentence: str, culprit: Culprit | None = None) -> None:
        """Tell the developer what the firmware did wrong; ``rule`` names the kind of finding.

        Where no access is being served, ``culprit`` is whose doing it is.
        """
        ...
