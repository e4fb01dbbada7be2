"""Rules that follow from a device's registers, and those that it declares beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from vplat.model import RC, RO, W1C, Declared, Observer, Peripheral, Touch, Unchecked
from vplat.model.plan import mask_of

from .declared import breaches, key_of, lacks
from .naming import element_of, fields_of

WORD: Final = 0xFFFF_FFFF
WRITABLE: Final = tuple(access for access in type(RO) if access.writable)
Told = tuple[str, str, str]
"""Rule, sentence and section of the specification; '' for the whole of what the device names."""


class RulesState(NamedTuple):
    """What has been seen of a run: see ``RegisterRules``."""

    loaded: Mapping[tuple[str, str, int, int], int]
    stored: Mapping[str, frozenset[tuple[str, int]]]
    saw_beginning: bool


class RegisterRules(Observer):
    """Looks at every access of firmware to a register of a device.

    What it finds it reports as the device does its own findings.
    """

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, str, int, int], int] = {}
        """What each hart has loaded last, by device, register and element."""
        self._stored: dict[str, set[tuple[str, int]]] = {}
        """The registers of each device that have been stored to, with the element or the port."""
        self._saw_beginning = True

    def snapshot(self) -> RulesState:
        """What has been seen so far."""
        stored = {name: frozenset(each) for name, each in self._stored.items()}
        return RulesState(dict(self._loaded), stored, self._saw_beginning)

    def restore(self, state: RulesState) -> None:
        """Go back to what ``snapshot`` gave."""
        self._loaded = dict(state.loaded)
        self._stored = {name: set(each) for name, each in state.stored.items()}
        self._saw_beginning = state.saw_beginning

    def begin_late(self) -> None:
        """What was stored before is not known, so nothing can be said to be missing."""
        self._loaded, self._stored, self._saw_beginning = {}, {}, False

    def access(
        self,
        device: Peripheral,
        register: Declared,
        index: int,
        kind: str,
        old: int,
        value: int,
        hart: int,
    ) -> None:
        """Hold every rule against the access."""
        found: list[Told] = []
        if not _is_unchecked(device, register):
            if kind == "w":
                found += _read_only(device, register, index, old, value)
            else:
                found += _write_only(device, register, index)
        if kind == "w":
            found += self._carried_along(device, register, index, old, value, hart)
        else:
            self._loaded[device.name, register.name, index, hart] = value
        if device.rules:
            touch = Touch(index, old, value)
            found += breaches(device, register, kind, touch)
            if self._saw_beginning:
                found += lacks(device, register, kind, touch, hart, self._stored)
        if kind == "w":
            self._stored.setdefault(device.name, set()).add((key_of(register), index))
        for rule, sentence, section in found:
            where = section or device.specification
            device.report(rule, f"{sentence} ({where})" if where else sentence)

    def _carried_along(
        self, device: Peripheral, register: Declared, index: int, old: int, value: int, hart: int
    ) -> Iterator[Told]:
        """A read-modify-write that takes flags along which a store of 1 clears."""
        flags = mask_of(register, W1C)
        loaded = self._loaded.pop((device.name, register.name, index, hart), 0)
        carried = loaded & value & flags
        if not carried or carried != loaded & flags or not old & carried:
            return
        name = element_of(device, register, index)
        changed = (loaded ^ value) & ~flags & mask_of(register, *WRITABLE)
        added = value & flags & ~loaded
        if changed:
            sentence = (
                f"a store to {name} changes {fields_of(register, changed)} and writes back the "
                f"{fields_of(register, carried)} that was loaded, which clears it; write zeros to "
                "flags that a 1 clears"
            )
            yield "w1c-read-modify-write", sentence, ""
        elif added and loaded & ~flags and not (loaded ^ value) & ~flags:
            # What no store changes has come back with it: it is no list of flags to clear.
            sentence = (
                f"a store to {name} clears {added:#x} of {fields_of(register, added)} and with it "
                f"{carried:#x}, which was loaded and is written back; store ones to those flags "
                "alone that are to be cleared"
            )
            yield "w1c-read-modify-write", sentence, ""


def _read_only(
    device: Peripheral, register: Declared, index: int, old: int, value: int
) -> Iterator[Told]:
    """A store to what cannot be stored to; zeros and what is there already do no harm."""
    name = element_of(device, register, index)
    fields = register.fields.values()
    serves = device.reacts_to("write", register)
    if not any(field.access.writable for field in fields):
        if not serves:
            yield "write-read-only", f"a store to {name}, which is read-only, has no effect", ""
        return
    writable = mask_of(register, *WRITABLE)
    new = value & ~old & ~writable
    fixed = new & mask_of(register, RO, RC)
    if fixed:
        told = f"a store to {name} sets {fields_of(register, fixed)}, which is read-only"
        yield "write-read-only", f"{told}; write zeros there", ""
    reserved = new & ~fixed & WORD
    if reserved:
        told = f"a store to {name} sets reserved bits ({reserved:#x})"
        yield "write-reserved", f"{told}; write zeros there, they may get a meaning", ""


def _write_only(device: Peripheral, register: Declared, index: int) -> Iterator[Told]:
    if device.reacts_to("read", register):
        return
    if not any(field.access.readable for field in register.fields.values()):
        name = element_of(device, register, index)
        yield "read-write-only", f"a load of {name}, which is write-only, gives zeros", ""


def _is_unchecked(device: Peripheral, register: Declared) -> bool:
    rules = device.rules.values()
    return any(isinstance(rule, Unchecked) and register in rule.registers for rule in rules)
