"""What names in a test stand for: devices, registers, events, symbols. Unknown ones are refused
with the closest that there is."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from vplat.errors import UsageError
from vplat.machine.elf import Firmware, display_path
from vplat.model.field import no_such

if TYPE_CHECKING:
    from vplat.machine.machine import Machine
    from vplat.model import Peripheral
    from vplat.model.field import Field
    from vplat.model.register import Declared

PATH: Final = re.compile(r"(\w+)\.(\w+)(?:\[(\d+)\])?(?:\.(\w+))?")
SYMBOL: Final = re.compile(r"(.+?)(?:\s*\+\s*(0[xX][0-9a-fA-F]+|\d+))?")
GENERAL: Final = (
    *("zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1"),
    *(f"a{number}" for number in range(8)),
    *(f"s{number}" for number in range(2, 12)),
    *(f"t{number}" for number in range(3, 7)),
)
FLOAT: Final = (
    *(f"ft{number}" for number in range(8)),
    *("fs0", "fs1"),
    *(f"fa{number}" for number in range(8)),
    *(f"fs{number}" for number in range(2, 12)),
    *(f"ft{number}" for number in range(8, 12)),
)
REGISTERS: Final = {
    **{name: number for number, name in enumerate((*GENERAL, *FLOAT))},
    **{f"x{number}": number for number in range(32)},
    **{f"f{number}": 32 + number for number in range(32)},
    "fp": 8,
}
"""Registers of a hart by name; those from 32 on are floating-point ones."""


class RegisterPlace(NamedTuple):
    """A register of a device, or a field of one; ``word`` is its place in an array."""

    device: Peripheral
    register: Declared
    word: int
    field: Field | None


def device_of(machine: Machine, name: str) -> Peripheral:
    """A device of the board."""
    if name not in machine.devices:
        problem = no_such("device", name, machine.devices)
        raise UsageError(f"board {machine.board.name} has {problem}")
    return machine.devices[name]


def output_of(machine: Machine, name: str) -> tuple[Peripheral, str]:
    """The output called ``device.output``, or the one that the board wires to that target."""
    for spec in machine.board.devices:
        for output, targets in spec.events.items():
            if name in targets:
                return machine.devices[spec.name], output
    owner, _, output = name.partition(".")
    device = device_of(machine, owner)
    if output not in device.outputs:
        raise UsageError(f"{owner} has {no_such('event', output, device.outputs)}")
    return device, output


def register_of(machine: Machine, path: str) -> RegisterPlace:
    """What ``ita.status``, ``dma.channel[2]`` or ``ita.status.busy`` stands for."""
    found = PATH.fullmatch(path)
    if found is None:
        raise UsageError(f"{path!r} is no register; write it like ita.status or ita.status.busy")
    device = device_of(machine, found[1])
    if found[2] not in device.words:
        raise UsageError(f"{found[1]} has {no_such('register', found[2], device.words)}")
    register, index = device.registers[found[2]], int(found[3] or 0)
    count = len(device.words[found[2]])
    if index >= count or (found[3] is None and count > 1):
        raise UsageError(
            f"{found[1]}.{found[2]} has {count} words; write {found[1]}.{found[2]}[0] to "
            f"[{count - 1}]"
        )
    if found[4] is None:
        return RegisterPlace(device, register, index, None)
    if found[4] not in register.fields:
        problem = no_such("field", found[4], register.fields)
        raise UsageError(f"{found[1]}.{found[2]} has {problem}")
    return RegisterPlace(device, register, index, register.fields[found[4]])


def address_of(firmware: Firmware, where: int | str) -> tuple[int, int]:
    """The address of a symbol, ``symbol+4`` or a number, and the bytes that are known to be there;
    0 if nobody knows."""
    if isinstance(where, int):
        return where, 0
    found = SYMBOL.fullmatch(where.strip())
    name, distance = (found[1], int(found[2] or "0", 0)) if found else (where, 0)
    symbol = firmware.symbols.find(where.strip()) or firmware.symbols.find(name)
    if symbol is None:
        names = sorted({each.name for each in firmware.symbols})
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "nm lists those that there are"
        raise UsageError(f"{display_path(firmware.path)} has no symbol {name!r}; {hint}")
    if symbol.name == where.strip():
        distance = 0
    return symbol.address + distance, max(symbol.size - distance, 0)


def hart_register_of(name: str) -> int:
    """The number of a hart's register."""
    if name not in REGISTERS:
        raise UsageError(f"a hart has {no_such('register', name, REGISTERS)}")
    return REGISTERS[name]
