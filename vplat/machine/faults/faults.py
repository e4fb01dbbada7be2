"""The faults that are planned for one machine, and what has become of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from vplat.errors import UsageError

from ..clock import NEVER
from ..rows import DUE, NOW
from ..services import DeviceServices
from .plan import (
    ANY_HART,
    AT_ONCE,
    FOR_EVER,
    NEVER_SAID,
    Fault,
    FaultKind,
    FaultsState,
    Phase,
    Planned,
    Strike,
    When,
)
from .services import FaultyServices
from .sudden import carry_out

if TYPE_CHECKING:
    from vplat.model import Peripheral
    from vplat.model.event import Sink

    from ..machine import Machine

ON_BUS_OR_TIME: Final = (FaultKind.FAIL, FaultKind.STALL)
ON_OUTPUTS: Final = (FaultKind.LOSE, FaultKind.DELAY)


class Faults:
    """``Part`` of a machine: plans faults, and lets them happen when their moments come."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._planned: list[Planned] = []
        self.strikes: list[Strike] = []
        """What has happened, in order."""
        self._passed: dict[int, tuple[int, int]] = {}
        self._gates: dict[str, int] = {}
        self._refusing: dict[str, tuple[int, ...]] = {}
        self._spared: dict[str, tuple[int, ...]] = {}
        self._holds: list[tuple[int, int]] = []
        self._taps: dict[tuple[str, str], list[Sink]] = {}
        self.is_untidy = False
        """Somebody is watched for a fault that is over; ``tidy`` puts an end to it."""

    def __getitem__(self, number: int) -> Planned:
        """A fault by the number that ``plan`` gave it."""
        return self._planned[number]

    @property
    def wait_for_harts(self) -> bool:
        """Something may yet come because of what a hart executes."""
        return bool(self._holds)

    # Planning, between two slices of a run.

    def plan(self, fault: Fault, when: When) -> int:
        """Let ``fault`` happen at ``when``; its number. ``UsageError`` if that is past."""
        machine = self._machine
        now = machine.turns[NOW]
        if NEVER_SAID != when.cycle <= now:
            raise UsageError(
                f"{fault.label}: a fault at cycle {when.cycle} comes too late, the run has come to "
                f"cycle {now}; choose a later one"
            )
        number = len(self._planned)
        self._planned.append(Planned(fault, when))
        if when.cycle != NEVER_SAID:
            machine.schedule_between(when.cycle, self.come, (number,))
        elif not when.event and when.address == NEVER_SAID:
            self.come(number)
        self.tidy()
        return number

    def come(self, number: int) -> None:
        """The moment of a fault has come."""
        planned = self._planned[number]
        if planned.phase is not Phase.WAITING:
            return
        if planned.fault.kind in AT_ONCE:
            self._strike(number, carry_out(self._machine, planned.fault))
            return
        self._planned[number] = dataclasses.replace(planned, phase=Phase.ARMED)
        if planned.fault.kind is FaultKind.STALL:
            self._stall_now(number)

    # What machine, devices and outputs ask.

    def reached(self, hart: int, address: int) -> None:
        """In a callback: a hart is about to execute an instruction that somebody waits for."""
        if (hart, address) not in self._holds:
            return
        machine = self._machine
        now = address, machine.harts[hart].instructions
        if self._passed.get(hart) == now:
            return  # it is issued again, or goes on after a debugger's stop
        self._passed[hart] = now
        with machine.accesses.on_behalf_of(hart):
            self._pass(lambda when: when.address == address and when.hart in (ANY_HART, hart))

    def due(self, device: str, now: int, cycles: int) -> int:
        """When a device is called that asks for it in ``cycles``."""
        for number, planned in self._armed(device, FaultKind.STALL):
            self._gate(number, planned.fault)
            break
        begin = max(now, self._gates.get(device, 0))
        return min(begin + cycles, NEVER)

    def refuses(self, device: str) -> bool:
        """Whether the bus refuses what the device accesses now."""
        machine = self._machine
        hart = machine.accesses.current
        retired = machine.harts[hart].instructions if hart >= 0 else 0
        moment = machine.clock.taken, hart, retired
        if self._refusing.get(device) == moment:
            return True
        if self._spared.get(device) == moment:
            return False
        for number, _ in self._armed(device, FaultKind.FAIL):
            if self._skips(number):
                break
            self._refusing[device] = moment
            self._strike(number, str(self._planned[number].fault))
            return True
        self._spared[device] = moment
        return False

    def deliver(self, device: int, output: int, level: int, harts: int) -> None:
        """A delayed event arrives."""
        subject = list(self._machine.devices.values())[device]
        name = list(subject.outputs)[output]
        for sink in self._taps.get((subject.name, name)) or subject.sinks(name):
            sink(level, harts)

    # Part.

    def snapshot(self) -> FaultsState:
        """What is planned, and what has happened."""
        passed = tuple((hart, *where) for hart, where in sorted(self._passed.items()))
        gates = tuple(sorted(self._gates.items()))
        return FaultsState(tuple(self._planned), tuple(self.strikes), passed, gates)

    def restore(self, state: FaultsState) -> None:
        """Go back to what ``snapshot`` gave."""
        if not (state.planned or self._planned or self._holds or self._taps):
            return
        self._planned, self.strikes = list(state.planned), list(state.strikes)
        self._passed = {hart: (address, retired) for hart, address, retired in state.passed}
        self._gates = dict(state.gates)
        self._refusing.clear()
        self._spared.clear()
        self.tidy()

    def tidy(self) -> None:
        """Between two slices: watch what there is to watch, and nothing else."""
        self.is_untidy = False
        self._hold({each.when for each in self._planned if each.phase is Phase.WAITING})
        live = [each for each in self._planned if each.phase is not Phase.OVER]
        outputs = {
            (each.fault.device, each.fault.name) for each in live if each.fault.kind in ON_OUTPUTS
        }
        events = {each.when.event for each in live if each.phase is Phase.WAITING}
        outputs |= {(owner, name) for owner, _, name in (each.partition(".") for each in events)}
        self._tap({each for each in outputs if each[1]})
        concerned = {each.fault.device for each in live if each.fault.kind in ON_BUS_OR_TIME}
        self._serve(concerned | self._gates.keys())

    # Inside.

    def _pass(self, means: Callable[[When], bool]) -> None:
        """Something has happened that ``means`` knows faults to wait for."""
        for number, planned in enumerate(self._planned):
            if planned.phase is Phase.WAITING and means(planned.when):
                if planned.passes < planned.when.passes:
                    self._planned[number] = dataclasses.replace(planned, passes=planned.passes + 1)
                else:
                    self.come(number)
                    self.is_untidy = True

    def _armed(self, device: str, *kinds: FaultKind) -> Iterator[tuple[int, Planned]]:
        for number, planned in enumerate(self._planned):
            fault = planned.fault
            if planned.phase is Phase.ARMED and fault.device == device and fault.kind in kinds:
                yield number, planned

    def _skips(self, number: int) -> bool:
        """Whether this occasion passes unharmed."""
        planned = self._planned[number]
        if planned.skipped >= planned.fault.skip:
            return False
        self._planned[number] = dataclasses.replace(planned, skipped=planned.skipped + 1)
        return True

    def _strike(self, number: int, sentence: str) -> None:
        planned = self._planned[number]
        strikes = planned.strikes + 1
        over = planned.fault.kind in AT_ONCE or strikes == planned.fault.times
        phase = Phase.OVER if over else planned.phase
        self._planned[number] = dataclasses.replace(planned, strikes=strikes, phase=phase)
        self.strikes.append(Strike(number, self._machine.now, sentence))
        self.is_untidy = self.is_untidy or over

    def _stall_now(self, number: int) -> None:
        """Stall a device that is at work; one that is not will be once it begins."""
        machine, fault = self._machine, self._planned[number].fault
        device = machine.devices[fault.device]
        if machine.clock.has_calls_of(device):
            late = NEVER if fault.cycles == FOR_EVER else fault.cycles
            machine.clock.postpone(device, late)
            machine.turns[DUE] = machine.clock.next_due
            self._gate(number, fault)

    def _gate(self, number: int, fault: Fault) -> None:
        begin = max(self._machine.now, self._gates.get(fault.device, 0))
        end = NEVER if fault.cycles == FOR_EVER else begin + fault.cycles
        self._gates[fault.device] = min(end, NEVER)
        self._strike(number, str(fault))

    # Watching.

    def _hold(self, whens: set[When]) -> None:
        wanted = [
            (hart, when.address)
            for when in whens
            if when.address != NEVER_SAID
            for hart in range(len(self._machine.harts))
            if when.hart in (ANY_HART, hart)
        ]
        before, self._holds = self._holds, wanted
        for hart, address in wanted:
            self._machine.holds.add(hart, address)
        for hart, address in before:
            self._machine.holds.drop(hart, address)

    def _tap(self, outputs: set[tuple[str, str]]) -> None:
        devices = self._machine.devices
        for owner, name in self._taps.keys() - outputs:
            devices[owner].reroute(name, self._taps.pop((owner, name)))
        for owner, name in sorted(outputs - self._taps.keys()):
            device = devices[owner]
            self._taps[owner, name] = device.reroute(name, [self._between(device, name)])

    def _between(self, device: Peripheral, name: str) -> Sink:
        def sink(level: int, harts: int) -> None:
            self._pass(lambda when: when.event == f"{device.name}.{name}")
            if not self._takes(device, name, level, harts):
                for each in self._taps[device.name, name]:
                    each(level, harts)

        return sink

    def _takes(self, device: Peripheral, name: str, level: int, harts: int) -> bool:
        """Whether an event does not arrive, or not now."""
        machine = self._machine
        for number, planned in self._armed(device.name, *ON_OUTPUTS):
            if planned.fault.name != name or self._skips(number):
                continue
            self._strike(number, str(planned.fault))
            if planned.fault.kind is FaultKind.DELAY:
                place = list(machine.devices).index(device.name), list(device.outputs).index(name)
                cycle = machine.now + planned.fault.cycles
                machine.schedule(cycle, self.deliver, (*place, level, harts))
            return True
        return False

    def _serve(self, concerned: set[str]) -> None:
        machine = self._machine
        for name, device in machine.devices.items():
            is_faulty = isinstance(device.platform, FaultyServices)
            if name in concerned and not is_faulty:
                device.platform = FaultyServices(machine, name, self)
            elif name not in concerned and is_faulty:
                device.platform = DeviceServices(machine, name)
