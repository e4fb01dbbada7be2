"""Rules of use that a device declares beside its registers, for the driver checker to hold.

They say what the registers alone do not: which of them may not be touched while the device works,
and what must be written before it is started. A device does not check them itself, so they cost
nothing unless somebody asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DeclarationError
from .field import Field
from .register import Declared

if TYPE_CHECKING:
    from .peripheral import Peripheral


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


class Needed(Rule):
    """Firmware must have stored to these registers before it starts the device.

    ``start`` is a field, which starts when a store sets it, or a register, which starts with any
    store, or with ``by_load`` with any load.
    """

    def __init__(
        self,
        *registers: Declared,
        start: Field | Declared,
        because: str,
        section: str,
        by_load: bool = False,
    ) -> None:
        super().__init__(because, section)
        self.registers, self.by_load = registers, by_load
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


class Unchecked(Rule):
    """Registers whose fields do not tell what may be loaded and stored there."""

    def __init__(self, *registers: Declared, because: str, section: str) -> None:
        super().__init__(because, section)
        self.registers = registers
