"""Registers and fields as sentences have them."""

from __future__ import annotations

from collections.abc import Sequence

from vplat.model import Declared, Peripheral


def element_of(device: Peripheral, register: Declared, index: int) -> str:
    """``copier.slots[1]``."""
    return f"{device.name}.{register.element_name(index)}"


def fields_of(register: Declared, mask: int) -> str:
    """The fields with bits in ``mask``: ``done and failed``."""
    if register.is_word:
        return "it"
    return list_of([field.name for field in register.fields.values() if field.mask & mask])


def list_of(names: Sequence[str]) -> str:
    """``a, b and c``; of at least one."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
