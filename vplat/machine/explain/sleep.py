"""What ends the sleep of a hart, who would bring it, and what has come and is held back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ..board_file.targets import HARTS, parse_target
from ..csr import MIP_EXTERNAL, MIP_SOFTWARE, MIP_TIMER, MSTATUS_MIE
from ..hart import Hart, HartState
from ..services import hart_line_bit
from .explanation import DeviceReport, Held, Raiser
from .work import describe_work, due_of

if TYPE_CHECKING:
    from ..machine import Machine

INTERRUPTS: Final = {
    MIP_SOFTWARE: ("machine software interrupt", "MS"),
    MIP_TIMER: ("machine timer interrupt", "MT"),
    MIP_EXTERNAL: ("machine external interrupt", "ME"),
}
"""By bit of mip and mie: in words, and the beginning of the names of the bits."""


def busy_devices(machine: Machine) -> tuple[DeviceReport, ...]:
    """The devices that are at work, or will be."""
    found = (
        DeviceReport(name, device.doing(), due_of(machine, device))
        for name, device in machine.devices.items()
    )
    return tuple(each for each in found if each.doing or each.due >= 0)


def explain_sleep(machine: Machine, hart: Hart) -> str:
    """What the hart waits for, as the devices that concern themselves with it say."""
    if hart.state is HartState.WAITING:
        enabled = hart.csrs.mie
        text = f"interrupts enabled in mie {enabled:#010x}, pending in mip {hart.lines:#010x}"
        return text if enabled else f"{text}; none is enabled"
    told = (device.explain_wait(hart.index) for device in machine.devices.values())
    return "; ".join(part for part in told if part)


def missing_harts(machine: Machine, hart: Hart) -> tuple[int, ...]:
    """The harts that have to do something before this one goes on."""
    found: dict[int, None] = {}
    for device in machine.devices.values():
        awaited = device.awaited(hart.index) if hart.state is HartState.STALLED else None
        if awaited is not None:
            found |= dict.fromkeys(awaited.harts)
    return tuple(found)


def raisers(machine: Machine, hart: Hart) -> tuple[Raiser, ...]:
    """The events that would end the hart's sleep, and who would bring each of them."""
    if hart.state is HartState.WAITING:
        return tuple(_interrupt_raisers(machine, hart))
    return tuple(_line_raisers(machine, hart)) if hart.state is HartState.STALLED else ()


def _interrupt_raisers(machine: Machine, hart: Hart) -> Iterator[Raiser]:
    for bit in range(32):
        if hart.csrs.mie >> bit & 1 and not hart.lines >> bit & 1:
            outputs = [
                (name, output)
                for name, output, target in _wires(machine)
                if (parsed := parse_target(target)).owner == HARTS and hart_line_bit(parsed) == bit
            ]
            yield from _from_outputs(machine, f"the {_words(bit)}", outputs)


def _line_raisers(machine: Machine, hart: Hart) -> Iterator[Raiser]:
    for name, device in machine.devices.items():
        awaited = device.awaited(hart.index)
        for line in () if awaited is None else awaited.lines:
            outputs = [
                (owner, output)
                for owner, output, target in _wires(machine)
                if (parsed := parse_target(target)).owner == name
                and (parsed.line, parsed.index or 0) == (line.input, line.index)
            ]
            yield from _from_outputs(machine, line.name, outputs)


def _from_outputs(machine: Machine, event: str, outputs: list[tuple[str, str]]) -> Iterator[Raiser]:
    if not outputs:
        yield Raiser(event, "")
    for name, output in outputs:
        device = machine.devices[name]
        due = due_of(machine, device)
        yield Raiser(event, f"{name}.{output}", device.doing(), due, describe_work(machine, device))


def _wires(machine: Machine) -> Iterator[tuple[str, str, str]]:
    """Every wire of the board: a device, its output, and where that leads."""
    for spec in machine.board.devices:
        for output, targets in spec.events.items():
            for target in targets:
                yield spec.name, output, target


def _words(bit: int) -> str:
    if bit in INTERRUPTS:
        return INTERRUPTS[bit][0]
    return f"fast interrupt {bit - 16}" if bit >= 16 else f"interrupt {bit}"


def _bit_name(register: str, bit: int) -> str:
    name = INTERRUPTS[bit][1] + ("IE" if register == "mie" else "IP") if bit in INTERRUPTS else bit
    return f"{register}.{name}" if isinstance(name, str) else f"{register}[{bit}]"


def held_back(machine: Machine, hart: Hart) -> Iterator[Held]:
    """Interrupts and events that have come for the hart and do not reach it."""
    if hart.state is HartState.HALTED:
        return
    closed = not hart.csrs.mstatus & MSTATUS_MIE and hart.privilege == 3
    for bit in range(32):
        if not hart.lines >> bit & 1:
            continue
        what = f"the {_words(bit)} ({_bit_name('mip', bit)})"
        if not hart.csrs.mie >> bit & 1:
            also = ", and mstatus.MIE is 0" if closed else ""
            yield Held(what, f"{_bit_name('mie', bit)}, which is 0{also}")
        elif closed:
            yield Held(what, "mstatus.MIE, which is 0")
    if hart.request is not None and closed:
        number, device = hart.request
        yield Held(f"interrupt {number} of {device}", "mstatus.MIE, which is 0")
    for each in machine.devices.values():
        yield from (Held(found.what, found.by) for found in each.withheld(hart.index))
