"""Rules that follow from a device's registers, and those that it declares beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from vplat.model import RC, RO, W1C, Declared, Needed, Observer, Peripheral, Unchecked, Untouched
from vplat.model.plan import mask_of

WORD: Final = 0xFFFF_FFFF
Told = Iterator[tuple[str, str, str]]
"""Rule, sentence and section of the specification."""


class RulesState(NamedTuple):
    """What has been seen of a run: see ``RegisterRules``."""

    loaded: Mapping[tuple[str, str, int, int], int]
    stored: Mapping[str, frozenset[str]]
    saw_beginning: bool


class RegisterRules(Observer):
    """Looks at every access of firmware to a register of a device.

    What it finds it reports as the device does its own findings, each once for the place in the
    firmware that it comes from.
    """

    def __init__(self) -> None:
        self._loaded: dict[tuple[str, str, int, int], int] = {}
        """What each hart has loaded last, by device, register and element."""
        self._stored: dict[str, set[str]] = {}
        """The registers of each device that have been stored to."""
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
        found: list[tuple[str, str, str]] = []
        if _is_unchecked(device, register):
            pass
        elif kind == "w":
            found += [
                *_read_only(device, register, index, old, value),
                *self._carried_along(device, register, index, old, value, hart),
                *_untouched(device, register, index),
            ]
        else:
            found += _write_only(device, register, index)
            self._loaded[device.name, register.name, index, hart] = value
        found += self._needed(device, register, kind, value)
        if kind == "w":
            self._stored.setdefault(device.name, set()).add(register.name)
        for rule, sentence, section in found:
            where = section or device.specification
            device.report(rule, f"{sentence} ({where})" if where else sentence)

    def _carried_along(
        self, device: Peripheral, register: Declared, index: int, old: int, value: int, hart: int
    ) -> Told:
        """A read-modify-write that takes flags along which a store of 1 clears."""
        flags = mask_of(register, W1C)
        loaded = self._loaded.pop((device.name, register.name, index, hart), 0)
        carried = loaded & value & flags
        changed = (loaded ^ value) & ~flags & mask_of(register, *WRITABLE)
        if carried and carried == loaded & flags and changed and old & carried:
            sentence = (
                f"a store to {_name(device, register, index)} changes "
                f"{_fields(register, changed)} and writes back the {_fields(register, carried)} "
                "that was loaded, which clears it; write zeros to flags that a 1 clears"
            )
            yield "w1c-read-modify-write", sentence, ""

    def _needed(self, device: Peripheral, register: Declared, kind: str, value: int) -> Told:
        for rule in device.rules.values():
            if not isinstance(rule, Needed) or not rule.starts(register, kind, value):
                continue
            stored = self._stored.get(device.name, set())
            missing = [each.name for each in rule.registers if each.name not in stored]
            if missing and self._saw_beginning:
                sentence = (
                    f"{device.name} is started by {register.name}, but {_list(missing)} "
                    f"{'has' if len(missing) == 1 else 'have'} never been written: {rule.because}"
                )
                yield "start-without-set-up", sentence, rule.section


WRITABLE: Final = tuple(access for access in type(RO) if access.writable)


def _read_only(device: Peripheral, register: Declared, index: int, old: int, value: int) -> Told:
    """A store to what cannot be stored to; zeros and what is there already do no harm."""
    name = _name(device, register, index)
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
        told = f"a store to {name} sets {_fields(register, fixed)}, which is read-only"
        yield "write-read-only", f"{told}; write zeros there", ""
    reserved = new & ~fixed & WORD
    if reserved:
        told = f"a store to {name} sets reserved bits ({reserved:#x})"
        yield "write-reserved", f"{told}; write zeros there, they may get a meaning", ""


def _write_only(device: Peripheral, register: Declared, index: int) -> Told:
    if device.reacts_to("read", register):
        return
    if not any(field.access.readable for field in register.fields.values()):
        name = _name(device, register, index)
        yield "read-write-only", f"a load of {name}, which is write-only, gives zeros", ""


def _untouched(device: Peripheral, register: Declared, index: int) -> Told:
    for rule in device.rules.values():
        if isinstance(rule, Untouched) and rule.broken(device, register):
            state = f"{rule.state.name}.{rule.field.name}"
            sentence = (
                f"a store to {_name(device, register, index)} while {state} is "
                f"{rule.field.get(device.words[rule.state.name][0]):#x}: {rule.because}"
            )
            yield "write-while-busy", sentence, rule.section


def _is_unchecked(device: Peripheral, register: Declared) -> bool:
    rules = device.rules.values()
    return any(isinstance(rule, Unchecked) and register in rule.registers for rule in rules)


def _name(device: Peripheral, register: Declared, index: int) -> str:
    return f"{device.name}.{register.element_name(index)}"


def _fields(register: Declared, mask: int) -> str:
    names = [field.name for field in register.fields.values() if field.mask & mask]
    return _list(names) if not register.is_word else "it"


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
