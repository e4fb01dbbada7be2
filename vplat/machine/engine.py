"""What the machine asks of whatever executes instructions, and what it is asked in turn."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, IntEnum
from typing import Any, NamedTuple, Protocol

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

    ``number`` is what the machine knows the block by: 0, 1, 2, … as they are met. ``accesses`` and
    ``unit_cycles`` are what it asks of banked memory and of the unit that harts share.
    """

    number: int
    cycles: int
    instructions: int
    answered: Sequence[int] = ()
    guarded: Sequence[Guard] = ()
    accesses: int = 0
    unit_cycles: int = 0


class MetBlock(NamedTuple):
    """A block that has been met: ``size`` bytes from ``address`` on."""

    address: int
    size: int
    cost: BlockCost


@dataclasses.dataclass(frozen=True, slots=True)
class Registers:
    """The registers of one hart that the engine keeps; floats as 64 bits, status is mstatus.FS."""

    general: tuple[int, ...]
    floats: tuple[int, ...]
    float_csr: int
    float_status: int


@dataclasses.dataclass(frozen=True, slots=True)
class EngineState:
    """What an engine knows beside ``rows`` and ``turns``, between two turns.

    ``counts`` holds, for each hart, the runs of each block as 64-bit numbers. ``located`` maps the
    addresses that ``locate`` was said of to its other arguments. ``answered`` and ``guarded`` are
    the instructions that the machine carries out. ``left`` are the rests of scripted steps by hart
    and address.
    """

    registers: tuple[Registers, ...]
    counts: tuple[bytes, ...]
    located: Mapping[int, tuple[int, int]]
    answered: frozenset[int]
    guarded: frozenset[Guard]
    left: Mapping[tuple[int, int], int]


class Client(Protocol):
    """The machine, from the engine's point of view."""

    def meet_block(self, hart: int, address: int, size: int) -> BlockCost | None:
        """A hart is about to run a block nobody has run, or not since code changed.

        None stops the hart in front of it.
        """
        ...

    def answer(self, hart: int, address: int) -> None:
        """Carry out the instruction at ``address`` in the engine's place."""
        ...

    def reached(self, hart: int, address: int) -> bool:
        """A hart is about to execute an instruction that ``hold`` was said of; True stops it."""
        ...

    def load(self, hart: int, address: int, size: int) -> int:
        """A hart loads from where devices are, or from a watched page."""
        ...

    def store(self, hart: int, address: int, size: int, value: int) -> None:
        """A hart stores to where devices are, or to a watched page."""
        ...

    def passed(self, hart: int, address: int, ra: int, sp: int, t0: int, s0: int) -> None:
        """A hart enters the block at ``address``, the first one at or after ``SAMPLE``.

        The registers are those by which its call frames are found.
        """
        ...

    def stepped(self, steps: bytes) -> None:
        """Harts went from function to function, as ``Engine.tell_steps`` says."""
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

    def map_memory(
        self,
        base: int,
        memory: npt.NDArray[np.uint8],
        *,
        writable: bool,
        written: npt.NDArray[np.uint8],
    ) -> None:
        """Let every hart reach ``memory`` at ``base``; both are whole pages.

        ``written`` has a byte for each page, which becomes 1 when a hart stores there.
        """
        ...

    def map_devices(self, base: int, size: int) -> None:
        """Hand every access to these pages to the client."""
        ...

    def watch(self, page: int, *, loads: bool, stores: bool) -> None:
        """Hand these accesses to a page of mapped memory to the client, which carries them out.

        It replaces what was said of the page before; not to be said inside a callback.
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

    def hold(self, hart: int, address: int) -> None:
        """From now on, ask the client before the hart executes the instruction at ``address``.

        Where it says so, the hart leaves its turn in front of the instruction, and its row says how
        it is held. Neither this nor ``release`` may be said inside a callback.
        """
        ...

    def release(self, hart: int, address: int) -> None:
        """Take ``hold`` back; nothing of it stays."""
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

    def falls(self, hart: int) -> Sequence[int]:
        """How many runs of each block came from the code in front of it, by the block's number.

        Empty unless the engine was built to count that.
        """
        ...

    def tell_steps(self) -> None:
        """Tell the client, if the engine was built for that, of the steps not yet told.

        A step is four numbers of 64 bits: the cycle at which a hart entered another function, the
        hart, and the numbers of the blocks it came from (-1 for none) and went to.
        """
        ...

    def note_stores(self) -> None:
        """From now on, mark the next store to each page in ``written`` of ``map_memory``."""
        ...

    def snapshot(self) -> EngineState:
        """All that the engine has to remember; between two turns."""
        ...

    def restore(self, state: EngineState, blocks: Sequence[MetBlock], known: int) -> None:
        """Go back to ``state``, when ``known`` blocks and then ``blocks`` had been met.

        The engine has met the known ones. Memory holds what it held then, and translations that no
        longer fit were forgotten; ``rows`` and ``turns`` are left alone.
        """
        ...

    def close(self) -> None:
        """Release what the engine holds of the host."""
        ...


EngineFactory = Callable[[int, Client], Any]
"""Builds an ``Engine`` of so many harts for a client."""
