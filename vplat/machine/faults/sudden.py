"""What happens at once: bits flip in memory and in registers, and events come for no reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..bus import MemoryPlace
from .plan import Fault, FaultKind

if TYPE_CHECKING:
    from ..machine import Machine

FIRST_FLOAT: Final = 32


def carry_out(machine: Machine, fault: Fault) -> str:
    """Do it; a sentence, of a flip with what was there before and what is there now."""
    match fault.kind:
        case FaultKind.RAISE:
            device = machine.devices[fault.device]
            device.emit(device.outputs[fault.name], 1, fault.mask)
            return str(fault)
        case FaultKind.FLIP_MEMORY:
            old, new, digits = *_flip_memory(machine, fault), 2
        case FaultKind.FLIP_HART:
            old, new, digits = *_flip_hart(machine, fault), 8
        case _:
            old, new, digits = *_flip_device(machine, fault), 8
    return f"{fault.label} flips: {old:#0{digits + 2}x} -> {new:#0{digits + 2}x}"


def _flip_memory(machine: Machine, fault: Fault) -> tuple[int, int]:
    place = machine.bus.place_at(fault.address)
    if not isinstance(place, MemoryPlace):
        return 0, 0
    offset = place.offset(fault.address)
    old = int(place.data[offset])
    place.put(offset, bytes([old ^ fault.mask]))
    if machine.bus.on_write is not None:  # it may be code
        machine.bus.on_write(fault.address, 1)
    return old, old ^ fault.mask


def _flip_hart(machine: Machine, fault: Fault) -> tuple[int, int]:
    engine = machine.engine
    if fault.number >= FIRST_FLOAT:
        number = fault.number - FIRST_FLOAT
        old = engine.read_float_register(fault.hart, number)
        engine.write_float_register(fault.hart, number, old ^ fault.mask)
        return old, old ^ fault.mask
    old = engine.read_register(fault.hart, fault.number)
    engine.write_register(fault.hart, fault.number, old ^ fault.mask)
    return old, old ^ fault.mask


def _flip_device(machine: Machine, fault: Fault) -> tuple[int, int]:
    words = machine.devices[fault.device].words[fault.name]
    old = words[fault.number]
    words[fault.number] = old ^ fault.mask
    return old, words[fault.number]
