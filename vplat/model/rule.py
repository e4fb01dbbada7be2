"""Rules of use that a device declares beside its registers, for the driver checker to hold.

They say what the registers alone do not: which of them may not be touched while the device works,
what must be written before it is started, what must be given back. A device does not check them
itself, so they cost nothing unless somebody asks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import DeclarationError
from .field import Field
from .register import Declared

if TYPE_CHECKING:
    from .peripheral import Peripheral


@dataclasses.dataclass(frozen=True)
class Touch:
    """An access: the index of the element or of the port, the word before it, that on the bus."""

    index: int
    old: int
    value: int


Given = Callable[[Any, Touch], Any]
"""A test on the device and the access, which holds if it gives anything but 0."""


class Rule:
    """A rule of a device, named ``section`` where the specification states it."""

    name: str

    def __init__(self, because: str, section: str) -> None:
        """``because`` ends the sentence of a finding: what the hardware does, or does not do."""
        self.because, self.section = because, section

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name


class Untouched(Rule):
    """Firmware must not store to these registers while a field of the device is not zero."""

    def __init__(self, *registers: Declared, while_set: Field, because: str, section: str) -> None:
        super().__init__(because, section)
        if while_set.register is None:
            raise DeclarationError(f"the field {while_set.name!r} of a rule is in no register")
        self.registers, self.field, self.state = registers, while_set, while_set.register

    def broken(self, device: Peripheral, register: Declared) -> bool:
        """Whether a store to ``register`` now breaks it."""
        return register in self.registers and bool(self.field.get(device.words[self.state.name][0]))


class OnlyIf(Rule):
    """Firmware must store to these registers only if ``given`` holds; ``breach`` is it if not."""

    def __init__(
        self, *registers: Declared, given: Given, breach: str, because: str, section: str
    ) -> None:
        super().__init__(because, section)
        self.registers, self.given, self.breach = registers, given, breach

    def broken(self, device: Peripheral, register: Declared, touch: Touch) -> bool:
        """Whether a store breaks it."""
        return register in self.registers and not self.given(device, touch)


class Needed(Rule):
    """Firmware must have stored to these registers before it starts the device.

    ``start`` is a field, which starts when a store sets it, or a register, which starts with any
    store, or with ``by_load`` with any load. With ``given`` they are needed only where that holds.
    Of registers with as many elements or ports as ``start``, the same element's or port's is meant.
    """

    def __init__(
        self,
        *registers: Declared,
        start: Field | Declared,
        because: str,
        section: str,
        by_load: bool = False,
        given: Given | None = None,
    ) -> None:
        super().__init__(because, section)
        self.registers, self.by_load, self.given = registers, by_load, given
        self.mask = start.mask if isinstance(start, Field) else None
        register = start.register if isinstance(start, Field) else start
        if register is None:
            raise DeclarationError("the field that starts a device is in no register")
        self.start = register

    def starts(self, register: Declared, kind: str, value: int) -> bool:
        """Whether an access ("r" or "w", of ``value``) to ``register`` starts the device."""
        if register is not self.start or kind != ("r" if self.by_load else "w"):
            return False
        return self.mask is None or bool(value & self.mask)


class Inert(Rule):
    """Registers that do nothing when they are loaded or stored to, though somebody may think so.

    With a ``kind`` of "r" or "w" that holds for loads or stores alone.
    """

    def __init__(self, *registers: Declared, because: str, section: str, kind: str = "rw") -> None:
        super().__init__(because, section)
        self.registers, self.kind = registers, kind

    def broken(self, register: Declared, kind: str) -> bool:
        """Whether somebody counts on one of them."""
        return kind in self.kind and register in self.registers


class HandedBack(Rule):
    """What a load of ``taken`` gives out, a number, is taken until bit number of ``by`` is stored.

    What is still taken at the end of a run has been forgotten.
    """

    def __init__(self, *, taken: Declared, by: Field, because: str, section: str) -> None:
        super().__init__(because, section)
        if by.register is None:
            raise DeclarationError(f"the field {by.name!r} of a rule is in no register")
        self.taken, self.field, self.by = taken, by, by.register


class Lent(Rule):
    """Memory that the device was given (``Peripheral.borrow``) is its own ``until`` something.

    ``until`` says in a few words how a driver finds out: it loads from a device, an instruction
    asks (``Peripheral.was_asked``), or it is woken or interrupted.
    """

    def __init__(self, *, until: str, section: str) -> None:
        super().__init__(until, section)

    @property
    def until(self) -> str:
        """What a driver waits for."""
        return self.because


class Unchecked(Rule):
    """Registers whose fields do not tell what may be loaded and stored there."""

    def __init__(self, *registers: Declared, because: str, section: str) -> None:
        super().__init__(because, section)
        self.registers = registers
