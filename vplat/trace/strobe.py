"""What a store leaves in a register, worked out from the register's declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vplat.model import Access

if TYPE_CHECKING:
    from vplat.model import Declared

WORD: Final = 0xFFFF_FFFF
WORD_BYTES: Final = 4


def stored_lanes(address: int, size: int) -> int:
    """Ones at the bits of its word that a store of ``size`` bytes reaches; all if that is odd."""
    if size not in (1, 2):
        return WORD
    return ((1 << 8 * size) - 1 << 8 * (address % WORD_BYTES)) & WORD


def after_store(register: Declared, old: int, value: int, lanes: int) -> int:
    """The word after a store of ``value`` (zero outside ``lanes``), before it sets anything off."""
    taken = cleared = raised = 0
    for field in register.fields.values():
        if field.access in (Access.RW, Access.WO):
            taken |= field.mask
        elif field.access is Access.W1C:
            cleared |= field.mask
        elif field.access is Access.W1S:
            raised |= field.mask
    for field in register.fields.values():
        if field.access in (Access.RO, Access.RC):
            taken &= ~field.mask
    return (old & ~(taken & lanes) | value & taken) & ~(value & cleared) | value & raised
