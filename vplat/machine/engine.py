"""What the machine asks of whatever executes instructions, and what it is asked in turn."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from enum import Enum, IntEnum
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt


class Reason(IntEnum):
    """Why ``Engine.run`` came back."""

    DUE = 0
    """A device's call is due; every hart has reached it."""
    EXIT = 1
    """A hart left its turn early: ``Engine.exit`` says how."""
    ATTENTION = 2
    """The machine had asked to look at a hart before its turn."""
    SLICE = 3
    """``RETURN_AT`` is reached."""
    IDLE = 4
    """No hart can run and nothing is due."""


class ExitKind(Enum):
    """How a hart left its turn."""

    STOPPED = "stopped"
    """The machine asked for it, inside a callback."""
    EXCEPTION = "exception"
    """The engine met a synchronous exception; ``number`` is its cause."""
    FAULT = "fault"
    """Code was to be fetched from ``address``, which is no memory; ``number`` is the cause."""


@dataclasses.dataclass(frozen=True, slots=True)
class Exit:
    """How a hart left its turn, at the instruction its ``NEXT_PC`` points to."""

    kind: ExitKind
    number: int = 0
    address: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Guard:
    """A float instruction that the machine answers where an operand is a signalling NaN.

    The operands are f``first`` and f``second``.
    """

    address: int
    first: int
    second: int
    is_double: bool


@dataclasses.dataclass(frozen=True, slots=True)
class BlockCost:
    """What running a block adds, and what in it the machine answers itself: always, or guarded.

    ``number`` is what the machine knows the block by: 0, 1, 2, … as they are met.
    """

    number: int
    cycles: int
    instructions: int
    answered: Sequence[int] = ()
    guarded: Sequence[Guard] = ()


class Client(Protocol):
    """The machine, from the engine's point of view."""

    def meet_block(self, hart: int, address: int, size: int) -> BlockCost:
        """A hart is about to run a block nobody has run, or not since code changed."""
        ...

    def answer(self, hart: int, address: int) -> None:
        """Carry out the instruction at ``address`` in the engine's place."""
        ...

    def load(self, hart: int, address: int, size: int) -> int:
        """A hart loads from where devices are, or from a watched page."""
        ...

    def store(self, hart: int, address: int, size: int, value: int) -> None:
        """A hart stores to where devices are, or to a watched page."""
        ...


class Engine(Protocol):
    """Executes the instructions of all harts, in turns.

    ``rows`` and ``turns`` are laid out as ``vplat.machine.rows`` says.
    """

    rows: memoryview
    turns: memoryview

    def reserve(self, base: int, size: int) -> None:
        """Whole pages that nothing else uses, for the engine's own purposes; to be said first."""
        ...

    def map_memory(self, base: int, memory: npt.NDArray[np.uint8], *, writable: bool) -> None:
        """Let every hart reach ``memory`` at ``base``; both are whole pages."""
        ...

    def map_devices(self, base: int, size: int) -> None:
        """Hand every access to these pages to the client."""
        ...

    def watch_stores(self, page: int) -> None:
        """Hand every store to this page of mapped memory to the client, which carries it out.

        To be asked for before the first turn.
        """
        ...

    def run(self, turn_cycles: int, solo_cycles: int) -> tuple[Reason, int]:
        """Give turns until the machine is needed; the hart concerned, or -1.

        A round of turns is ``turn_cycles`` long, or ``solo_cycles`` while only one hart runs.
        """
        ...

    def exit(self, hart: int) -> Exit:
        """How the hart left its turn, after ``Reason.EXIT``."""
        ...

    def stop(self, hart: int) -> None:
        """Inside a callback: leave the turn, with ``NEXT_PC`` on the instruction being executed."""
        ...

    def locate(self, address: int, base: int, offset: int) -> None:
        """From now on, give the exact ``PC`` in callbacks for the load or store at ``address``.

        ``PC`` and ``ADDRESS`` are set before it is executed; it accesses what is at ``offset`` from
        x``base``. To be said again where the code has changed.
        """
        ...

    def answer(self, address: int) -> None:
        """From now on, let the client answer the instruction at ``address``."""
        ...

    def forget_code(self, hart: int | None = None) -> None:
        """Code may have changed: one hart, or every hart, must fetch it anew."""
        ...

    def forget_range(self, begin: int, end: int) -> None:
        """The code from ``begin`` up to ``end`` has changed, for every hart."""
        ...

    def read_register(self, hart: int, number: int) -> int:
        """x``number`` of the hart."""
        ...

    def write_register(self, hart: int, number: int, value: int) -> None:
        """Set x``number`` of the hart."""
        ...

    def read_float_register(self, hart: int, number: int) -> int:
        """The 64 bits of f``number`` of the hart; a single-precision value is in the low 32."""
        ...

    def write_float_register(self, hart: int, number: int, bits: int) -> None:
        """Set the 64 bits of f``number`` of the hart."""
        ...

    def read_csr(self, hart: int, number: int) -> int:
        """A CSR that the engine itself keeps: fflags, frm, fcsr."""
        ...

    def write_csr(self, hart: int, number: int, value: int) -> None:
        """Set a CSR that the engine itself keeps."""
        ...

    def float_status(self, hart: int) -> int:
        """mstatus.FS as the engine has it: 0 off, 1 initial, 2 clean, 3 dirty."""
        ...

    def set_float_status(self, hart: int, value: int) -> None:
        """Set mstatus.FS."""
        ...

    def jump(self, hart: int, address: int) -> None:
        """Go on at ``address``: inside a callback at once, otherwise in the hart's next turn."""
        ...

    def counts(self, hart: int) -> Sequence[int]:
        """How often the hart has entered each block, by the block's number."""
        ...

    def close(self) -> None:
        """Release what the engine holds of the host."""
        ...


EngineFactory = Callable[[int, Client], Any]
"""Builds an ``Engine`` of so many harts for a client."""
