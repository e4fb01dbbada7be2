"""Custom instructions and CSRs that a plugin gives to harts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Protocol

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


@dataclasses.dataclass(frozen=True)
class CustomCsr:
    """A CSR beside the standard ones; ``write`` None makes it read-only."""

    number: int
    name: str
    read: Callable[[HartPort], int]
    write: Callable[[HartPort, int], None] | None = None


@dataclasses.dataclass(frozen=True)
class InstructionSet:
    """A named set that boards list under ``harts.instructions``."""

    name: str
    doc: str
    decode: ExtraDecoder
    execute: Execute
    csrs: Sequence[CustomCsr] = ()
