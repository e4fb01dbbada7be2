"""Faults that a test plans for its platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vplat.errors import UsageError
from vplat.machine.bus import MemoryPlace
from vplat.machine.faults import FOR_EVER, Fault, FaultKind, When
from vplat.model.event import ALL_HARTS, Event
from vplat.session.moments import find_moment

from .edges import edge
from .moments import Moment, moment_of
from .names import address_of, device_of, hart_register_of, output_of, register_of
from .stopping import cycle_of, told_apart

if TYPE_CHECKING:
    from .platform import Platform

REGISTER_BITS = 32
FLOAT_BITS = 64


class PlannedFault:
    """A fault that a test has planned: ``strikes`` says how often it has done harm so far."""

    def __init__(self, platform: Platform, number: int, label: str) -> None:
        self._platform, self._number, self._label = platform, number, label
        self.is_undone = False
        """The test has gone back to where it had not been planned."""

    @property
    def strikes(self) -> int:
        """How often it has done harm, in the past that the machine has now."""
        if self.is_undone:
            return 0
        return self._platform.machine.faults[self._number].strikes

    def __repr__(self) -> str:
        return f"<fault: {self._label}>"


class FaultPlanner:
    """Plans faults: at once, or ``when`` a moment comes (never a text on the console).

    They are part of the run: it goes the same way each time, and a snapshot holds what is planned.
    Where the moment is a place, the fault comes before the hart executes what is there.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.planned: list[PlannedFault] = []

    def forget(self, count: int) -> None:
        """The machine was put to where only so many had been planned."""
        for planned in self.planned[count:]:
            planned.is_undone = True
        del self.planned[count:]

    @edge
    def flip_memory(
        self, where: int | str, bit: int = 0, *, when: Moment | int | str | None = None
    ) -> PlannedFault:
        """Change one bit of memory, counted from the lowest of the byte at ``where`` on."""
        begin, size = address_of(self._platform.firmware, where)
        address = begin + bit // 8
        machine = self._platform.machine
        if bit < 0 or (size and bit >= 8 * size):
            raise UsageError(f"{where} has bits 0 to {8 * size - 1}, there is no bit {bit}")
        if not isinstance(machine.bus.place_at(address), MemoryPlace):
            raise UsageError(f"there is no memory at {address:#010x}, nothing can flip there")
        shown = where if isinstance(where, str) else f"{where:#010x}"
        label = f"bit {bit} of {shown}"
        fault = Fault(FaultKind.FLIP_MEMORY, address=address, mask=1 << bit % 8, label=label)
        return self._plan(fault, when)

    @edge
    def flip_hart(
        self, hart: int, register: str, bit: int = 0, *, when: Moment | int | str | None = None
    ) -> PlannedFault:
        """Change one bit of a hart's register, like ``a0``."""
        number, index = hart_register_of(register), self._platform.harts[hart].index
        bits = REGISTER_BITS if number < REGISTER_BITS else FLOAT_BITS
        if number == 0:
            raise UsageError("register zero of a hart is always 0, it cannot flip; choose another")
        _check_bit(bit, bits, register)
        label = f"bit {bit} of {register} of hart {index}"
        fault = Fault(FaultKind.FLIP_HART, hart=index, number=number, mask=1 << bit, label=label)
        return self._plan(fault, when)

    @edge
    def flip_register(
        self, path: str, bit: int = 0, *, when: Moment | int | str | None = None
    ) -> PlannedFault:
        """Change one bit of a device's register or field, like ``ita.status.busy``."""
        device, register, index, field = register_of(self._platform.machine, path)
        low, bits = (0, REGISTER_BITS) if field is None else (field.low, field.width)
        _check_bit(bit, bits, path)
        label = path if bits == 1 else f"bit {bit} of {path}"
        fault = Fault(
            FaultKind.FLIP_DEVICE,
            device=device.name,
            name=register.name,
            number=index,
            mask=1 << low + bit,
            label=label,
        )
        return self._plan(fault, when)

    @edge
    def fail_transfer(
        self,
        device: str,
        *,
        when: Moment | int | str | None = None,
        skip: int = 0,
        times: int | None = 1,
    ) -> PlannedFault:
        """Refuse a device's accesses as a master of the bus, as if nothing answered.

        From ``when`` on, ``skip`` of the moments at which it moves bytes go well and the next
        ``times`` do not; None for all. An MCHAN moves a transfer at one moment, an iDMA or an Xdma
        a slice of it, ITA what a job reads or writes.
        """
        name = device_of(self._platform.machine, device).name
        fault = Fault(
            FaultKind.FAIL, device=name, skip=skip, times=_times(times), label=f"{name}'s accesses"
        )
        return self._plan(fault, when)

    @edge
    def lose_event(
        self,
        event: str,
        *,
        when: Moment | int | str | None = None,
        skip: int = 0,
        times: int | None = 1,
    ) -> PlannedFault:
        """Lose ``times`` pulses, or changes of level, of an output like ``mchan.finished``.

        The name of what the board wires it to (``event_unit.lines[8]``) means the same.
        """
        device, output = output_of(self._platform.machine, event)
        fault = Fault(
            FaultKind.LOSE,
            device=device.name,
            name=output,
            skip=skip,
            times=_times(times),
            label=f"{device.name}.{output}",
        )
        return self._plan(fault, when)

    @edge
    def delay_event(
        self,
        event: str,
        cycles: int,
        *,
        when: Moment | int | str | None = None,
        skip: int = 0,
        times: int | None = 1,
    ) -> PlannedFault:
        """Let ``times`` pulses, or changes of level, of an output arrive ``cycles`` later."""
        device, output = output_of(self._platform.machine, event)
        fault = Fault(
            FaultKind.DELAY,
            device=device.name,
            name=output,
            cycles=_cycles(cycles),
            skip=skip,
            times=_times(times),
            label=f"{device.name}.{output}",
        )
        return self._plan(fault, when)

    @edge
    def raise_event(
        self, event: str, *, hart: int | None = None, when: Moment | int | str | None = None
    ) -> PlannedFault:
        """Let an output like ``mchan.finished`` pulse for no reason, for one hart or for all."""
        device, output = output_of(self._platform.machine, event)
        label = f"{device.name}.{output}"
        if not isinstance(device.outputs[output], Event):
            raise UsageError(f"{label} is a level, which cannot pulse; choose an event")
        harts = ALL_HARTS if hart is None else 1 << self._platform.harts[hart].index
        fault = Fault(FaultKind.RAISE, device=device.name, name=output, mask=harts, label=label)
        return self._plan(fault, when)

    @edge
    def stall(
        self, device: str, cycles: int | None = None, *, when: Moment | int | str | None = None
    ) -> PlannedFault:
        """Let a device's time stand still for ``cycles``, None for ever: its work takes longer.

        A device that is idle is stalled once it has something to do.
        """
        name = device_of(self._platform.machine, device).name
        long = FOR_EVER if cycles is None else _cycles(cycles)
        return self._plan(Fault(FaultKind.STALL, device=name, cycles=long, label=name), when)

    def _plan(self, fault: Fault, when: Moment | int | str | None) -> PlannedFault:
        if fault.skip < 0:
            raise UsageError(f"{fault.label}: {fault.skip} occasions cannot pass; give 0 or more")
        number = self._platform.machine.faults.plan(fault, self._when(when))
        planned = PlannedFault(self._platform, number, str(fault))
        self.planned.append(planned)
        return planned

    def _when(self, value: Moment | int | str | None) -> When:
        if value is None:
            return When()
        machine, firmware = self._platform.machine, self._platform.firmware
        moment = told_apart(moment_of(value), machine, firmware)
        if moment.text:
            raise UsageError(
                f"a fault cannot wait for {moment}; run until then, and plan it for at once"
            )
        if moment.cycle is not None:
            if moment.cycle <= (now := cycle_of(machine)):
                raise UsageError(
                    f"a fault at cycle {moment.cycle} comes too late, the run has come to cycle "
                    f"{now}; choose a later one, or say no moment for at once"
                )
            return When(cycle=moment.cycle)
        if moment.event:
            device, output = output_of(machine, moment.event)
            return When(event=f"{device.name}.{output}", passes=moment.passes)
        address = find_moment(moment.name, firmware).address
        hart = -1 if moment.hart is None else self._platform.harts[moment.hart].index
        return When(address=address, hart=hart, passes=moment.passes)


def _check_bit(bit: int, bits: int, what: str) -> None:
    if not 0 <= bit < bits:
        raise UsageError(f"{what} has bits 0 to {bits - 1}, there is no bit {bit}")


def _times(times: int | None) -> int:
    if times is None:
        return FOR_EVER
    if times < 1:
        raise UsageError(f"a fault comes at least once, not {times} times; None is for ever")
    return times


def _cycles(cycles: int) -> int:
    if cycles < 1:
        raise UsageError(f"a fault of {cycles} cycles is none; give at least 1")
    return cycles
