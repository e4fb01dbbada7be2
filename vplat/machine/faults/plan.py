"""What a fault is, and when it comes: plain data, as a snapshot has it."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Final

FOR_EVER: Final = -1
"""Cycles that never end, or times without number."""
ANY_HART: Final = -1
NEVER_SAID: Final = -1


class FaultKind(Enum):
    """What goes wrong."""

    FLIP_MEMORY = "flip memory"
    """The bits of ``mask`` change in the byte at ``address``."""
    FLIP_HART = "flip hart"
    """The bits of ``mask`` change in x``number`` of ``hart``, from 32 on in f``number - 32``."""
    FLIP_DEVICE = "flip device"
    """The bits of ``mask`` change in word ``number`` of the register ``name`` of ``device``."""
    RAISE = "raise"
    """The output ``name`` of ``device`` pulses for the harts of ``mask``, for no reason."""
    FAIL = "fail"
    """What ``device`` accesses as a master of the bus is refused."""
    LOSE = "lose"
    """A pulse, or a change of a level, of the output ``name`` of ``device`` arrives nowhere."""
    DELAY = "delay"
    """It arrives ``cycles`` later."""
    STALL = "stall"
    """For ``cycles`` the time of ``device`` stands still: its work takes so much longer."""


AT_ONCE: Final = (
    *(FaultKind.FLIP_MEMORY, FaultKind.FLIP_HART, FaultKind.FLIP_DEVICE),
    FaultKind.RAISE,
)
"""What happens when the moment has come. The others then wait for the device to do something."""


@dataclasses.dataclass(frozen=True)
class Fault:
    """One fault; its kind says which of the fields it has.

    Where it waits for the device, ``skip`` of the occasions pass unharmed, and then ``times`` do
    not. Occasions are pulses and changes of an output, or moments at which a device masters the
    bus: an MCHAN does so once a transfer, an iDMA or an Xdma once a slice of one.
    """

    kind: FaultKind
    device: str = ""
    name: str = ""
    hart: int = ANY_HART
    address: int = 0
    number: int = 0
    mask: int = 0
    cycles: int = 0
    skip: int = 0
    times: int = 1
    label: str = ""
    """What it concerns, in words, as whoever plans it calls it."""

    def __str__(self) -> str:
        match self.kind:
            case FaultKind.LOSE:
                return f"{self.label} is lost"
            case FaultKind.DELAY:
                return f"{self.label} is delayed by {self.cycles} cycles"
            case FaultKind.STALL:
                long = "for ever" if self.cycles == FOR_EVER else f"for {self.cycles} cycles"
                return f"{self.label} stalls {long}"
            case FaultKind.RAISE:
                return f"{self.label} pulses for no reason"
            case FaultKind.FAIL:
                return f"the bus refuses {self.label}"
            case _:
                return f"{self.label} flips"


@dataclasses.dataclass(frozen=True)
class When:
    """When a fault comes: at ``cycle``, before ``hart`` executes ``address``, or at an event.

    ``event`` is an output as "device.output". The address and the event must come ``passes`` times
    before. With none of the three it comes at once.
    """

    cycle: int = NEVER_SAID
    address: int = NEVER_SAID
    hart: int = ANY_HART
    event: str = ""
    passes: int = 0


class Phase(Enum):
    """How far a planned fault has come."""

    WAITING = "waiting"
    """Its moment has not come."""
    ARMED = "armed"
    """It has, and now the device has to do something."""
    OVER = "over"


@dataclasses.dataclass(frozen=True)
class Planned:
    """A fault and how far it has come; ``strikes`` is how often it has done harm."""

    fault: Fault
    when: When
    phase: Phase = Phase.WAITING
    passes: int = 0
    skipped: int = 0
    strikes: int = 0


@dataclasses.dataclass(frozen=True)
class Strike:
    """A fault has done harm: which of those planned, at which cycle, and in words."""

    number: int
    cycle: int
    sentence: str


@dataclasses.dataclass(frozen=True)
class FaultsState:
    """All that ``Faults`` has to remember.

    ``passed`` says of each hart at which address, and after how many instructions, it was seen
    last; ``gates`` up to which cycle the time of a device stands still.
    """

    planned: tuple[Planned, ...] = ()
    strikes: tuple[Strike, ...] = ()
    passed: tuple[tuple[int, int, int], ...] = ()
    gates: tuple[tuple[str, int], ...] = ()
