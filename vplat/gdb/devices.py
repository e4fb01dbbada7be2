"""Device registers by name, with their fields, for ``monitor``. Looking changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from vplat.errors import UsageError
from vplat.machine.bus import DevicePlace
from vplat.machine.machine import Machine
from vplat.model.field import no_such
from vplat.model.register import Declared
from vplat.model.window import HART_PORT

from .memory import peek_register

NAME: Final = re.compile(
    r"(?P<device>\w+)(?:\.(?P<register>\w+)(?:\[(?P<index>\d+)\])?(?:\.(?P<field>\w+))?)?"
)
MOST_ROWS: Final = 64
"""Registers of an array that are listed when the whole device is."""


class Place(NamedTuple):
    """One register of a device on the bus."""

    address: int
    place: DevicePlace
    register: Declared
    element: int


def show(machine: Machine, name: str, hart: int) -> str:
    """What ``ita``, ``ita.status``, ``dma.channel[2]`` or ``ita.status.busy`` hold.

    Where each hart has a register of its own, that of ``hart``.
    """
    found = NAME.fullmatch(name)
    if found is None:
        raise UsageError(f"{name!r} is no device.register, like ita.status")
    places = list(find(machine, found["device"], found["register"], found["index"]))
    if found["register"] is None:
        return _device(machine, found["device"], places, hart)
    if found["field"] is None:
        return "\n".join(line for place in places for line in _detailed(place, hart))
    return "\n".join(_field(place, found["field"], hart) for place in places)


def find(
    machine: Machine, device: str, register: str | None, index: str | None = None
) -> Iterator[Place]:
    """The registers of that name, each where it appears first; all of a device for None."""
    known = machine.devices[device].words
    if register is not None and register not in known:
        raise UsageError(f"{device} has {no_such('register', register, known)}")
    seen = set()
    for place in machine.bus.places:
        if not isinstance(place, DevicePlace) or place.port.device.name != device:
            continue
        for declared, number, window, offset in place.port.device.elements():
            wanted = register in (None, declared.name) and index in (None, str(number))
            if window is place.port.window and wanted and (declared.name, number) not in seen:
                seen.add((declared.name, number))
                yield Place(place.base + offset, place, declared, number)
    if register is not None and index is not None and not seen:
        count = machine.devices[device].registers[register].count
        raise UsageError(f"{device}.{register} has no element {index}: there are {count or 1}")


def value_of(place: Place, hart: int) -> int:
    """What the register holds."""
    return peek_register(place.place.port, place.register, place.element, hart)


def _device(machine: Machine, name: str, places: list[Place], hart: int) -> str:
    device = machine.devices[name]
    doc = (type(device).__doc__ or "").strip().partition("\n")[0]
    lines = [f"{name} ({device.kind}): {doc}"]
    places = sorted(places, key=lambda each: each.address)
    doing = device.doing()
    if doing:
        lines.append(f"  {doing}")
    width = max((len(each.register.element_name(each.element)) for each in places), default=0)
    for each in places:
        if each.element >= MOST_ROWS:
            continue
        value = value_of(each, hart)
        fields = "" if each.register.is_word else each.register.describe(value)
        shown = each.register.element_name(each.element).ljust(width)
        lines.append(f"  {each.address:#010x} {shown} {value:#010x}  {fields}".rstrip())
    return "\n".join(lines)


def _detailed(place: Place, hart: int) -> Iterator[str]:
    value, register = value_of(place, hart), place.register
    name = f"{place.place.port.device.name}.{register.element_name(place.element)}"
    own = f" of hart {hart}" if _is_own(place) else ""
    doc = register.element_doc(place.element)
    yield f"{name} {value:#010x} at {place.address:#010x}{own}: {doc}"
    if type(place.place.port.device).reacts_to("read", register):
        yield "  (a load may answer something else: the device works it out)"
    if register.is_word:
        return
    for field in register.fields.values():
        bits = f"[{field.high}]" if field.high == field.low else f"[{field.high}:{field.low}]"
        got = field.get(value)
        named = field.describe(got).partition("=")[2] if field.values is not None else f"{got:#x}"
        yield f"  {bits:>7} {field.name} = {named or hex(got)}  {field.access.value}: {field.doc}"


def _field(place: Place, name: str, hart: int) -> str:
    if name not in place.register.fields:
        raise UsageError(
            f"{place.place.port.device.name}.{place.register.name} has "
            f"{no_such('field', name, place.register.fields)}"
        )
    field = place.register.fields[name]
    whole = f"{place.place.port.device.name}.{place.register.element_name(place.element)}.{name}"
    value = field.get(value_of(place, hart))
    named = f" ({field.describe(value)})" if field.values is not None else ""
    return f"{whole} = {value:#x}{named}"


def _is_own(place: Place) -> bool:
    return bool(place.register.ports) and place.place.port.window.port == HART_PORT
