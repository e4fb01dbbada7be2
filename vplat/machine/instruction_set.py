"""Custom instructions and CSRs that a plugin gives to harts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from .isa import ExtraDecoder, Instruction


class HartPort(Protocol):
    """The hart that executes a custom instruction."""

    @property
    def index(self) -> int:
        """Which hart it is."""
        ...

    @property
    def cycles(self) -> int:
        """The hart's cycle, at the instruction being executed."""
        ...

    @property
    def instructions(self) -> int:
        """Instructions retired before the one being executed."""
        ...

    @property
    def device(self) -> Any:
        """The device that the board ties the set to; None for a set that needs none."""
        ...

    def read(self, register: int) -> int:
        """x``register``."""
        ...

    def write(self, register: int, value: int) -> None:
        """Set x``register``."""
        ...

    def load(self, address: int, size: int) -> int:
        """Load as the hart does; may stall or fault."""
        ...

    def store(self, address: int, size: int, value: int) -> None:
        """Store as the hart does; may stall or fault."""
        ...


Execute = Callable[[HartPort, Instruction], None]
"""Carries the instruction out; ``Stall`` issues it again later, ``AccessFault`` becomes a trap."""


Lasting = Callable[[Any, Instruction, int, int], int | None]
"""Of the set's device, an instruction and the values of its registers rs1 and rs2: what it writes
into rd, if that is all it does, and it does the same for as long as nobody does anything. Otherwise
None."""


@dataclasses.dataclass(frozen=True)
class CustomCsr:
    """A CSR beside the standard ones; ``write`` None makes it read-only.

    ``read`` and ``write`` may raise ``Stall`` and ``AccessFault``, as ``Execute`` does. A debugger
    does not look at a CSR whose read ``has_effects``.
    """

    number: int
    name: str
    read: Callable[[HartPort], int]
    write: Callable[[HartPort, int], None] | None = None
    has_effects: bool = False


@dataclasses.dataclass(frozen=True)
class InstructionSet:
    """A named set that boards list under ``harts.instructions``.

    It translates and holds nothing that changes: what its instructions and CSRs have to remember is
    the state of a device of kind ``device_kind``, which the board names beside the set. ``lasting``
    is for explaining what a hart polls.
    """

    name: str
    doc: str
    decode: ExtraDecoder
    execute: Execute
    csrs: Sequence[CustomCsr] = ()
    device_kind: str = ""
    lasting: Lasting | None = None


def no_instructions(_word: int) -> None:
    """The decoder of a set that consists of CSRs only."""
    return


def refuse(hart: HartPort, instruction: Instruction) -> None:
    """What carries out the instructions of such a set: never called."""
    raise NotImplementedError(instruction.mnemonic)
