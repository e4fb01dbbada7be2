"""The rules that devices declare beside their registers, held against one access."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from vplat.model import HART_PORT, Declared, Inert, Needed, OnlyIf, Peripheral, Touch, Untouched

from .naming import element_of, list_of

if TYPE_CHECKING:
    from .registers import Told

Stored = Mapping[str, AbstractSet[tuple[str, int]]]
"""By device, the registers that have been stored to, with the index of element or port."""


def breaches(device: Peripheral, register: Declared, kind: str, touch: Touch) -> Iterator[Told]:
    """What an access ("r" or "w") breaks whatever came before it."""
    name = element_of(device, register, touch.index)
    for rule in device.rules.values():
        if isinstance(rule, Untouched) and kind == "w" and rule.broken(device, register):
            state = f"{rule.state.name}.{rule.field.name}"
            now = rule.field.get(device.words[rule.state.name][0])
            sentence = f"a store to {name} while {state} is {now:#x}: {rule.because}"
            yield "write-while-busy", sentence, rule.section
        elif isinstance(rule, OnlyIf) and kind == "w":
            if rule.broken(device, register, touch):
                sentence = f"a store of {touch.value:#x} to {name}: {rule.because}"
                yield rule.breach, sentence, rule.section
        elif isinstance(rule, Inert) and rule.broken(register, kind):
            does = "a store to" if kind == "w" else "a load of"
            breach = "write-read-only" if rule.kind == "w" else "no-effect"
            yield breach, f"{does} {name} does nothing: {rule.because}", rule.section


def lacks(
    device: Peripheral,
    register: Declared,
    kind: str,
    touch: Touch,
    hart: int,
    stored: Stored,
) -> Iterator[Told]:
    """What ``hart`` has not stored before it starts the device with this access."""
    for rule in device.rules.values():
        if not isinstance(rule, Needed) or not rule.starts(register, kind, touch.value):
            continue
        port = touch.index if register.ports else hart
        by_port = dataclasses.replace(touch, index=port)
        if rule.given is not None and not rule.given(device, by_port):
            continue
        seen = stored.get(device.name, set())
        missing = [
            each.name
            for each in rule.registers
            if seen.isdisjoint(
                (key_of(each), slot) for slot in _slots(each, register, touch.index, port)
            )
        ]
        if missing:
            sentence = (
                f"{device.name} is started by {register.name}, but {list_of(missing)} "
                f"{'has' if len(missing) == 1 else 'have'} never been written: {rule.because}"
            )
            yield "start-without-set-up", sentence, rule.section


def key_of(register: Declared) -> str:
    """The name of the register whose words it shows."""
    return register.name if register.mirrors is None else register.mirrors.name


def _slots(needed: Declared, start: Declared, index: int, port: int) -> list[int]:
    """Which elements or ports of a register will do.

    Who starts a device through a port that all share has set it up there.
    """
    if needed.ports:
        shared = [window.port for window in needed.windows if window.port != HART_PORT]
        return [port, *shared]
    if needed.count and needed.count == start.count:
        return [index]
    return list(range(needed.words))
