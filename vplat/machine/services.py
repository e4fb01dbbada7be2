"""What the machine does for one device, and for the host interfaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vplat.model import NOBODY, Bus, Culprit, HartCounters, MemoryPort, Peripheral, Rank

from .board_file.targets import HARTS, MACHINE, Target, parse_target
from .csr import MIP_EXTERNAL, MIP_SOFTWARE, MIP_TIMER
from .rows import COLUMNS, PC

if TYPE_CHECKING:
    from .machine import Machine

HART_LINES = {"software": MIP_SOFTWARE, "timer": MIP_TIMER, "external": MIP_EXTERNAL}
FIRST_FAST_LINE = 16


class DeviceServices:
    """``vplat.model.Platform`` for the device called ``name``."""

    def __init__(self, machine: Machine, name: str) -> None:
        self._machine, self._name = machine, name

    @property
    def bus(self) -> Bus:
        """The memory system."""
        watches = self._machine.accesses.watches
        return self._machine.bus if watches is None else watches.bus_of(self._name)

    def memory_port(self, address: int, width: int, rank: Rank) -> MemoryPort:
        """A way into a memory, beside those of others."""
        return self._machine.interconnect.port(self._name, address, width, rank)

    def arbitrate(self, address: int, rank: Rank, longest_wait: int) -> None:
        """Who is served first at the banks of a memory."""
        self._machine.interconnect.arbitrate(address, rank, longest_wait)

    @property
    def now(self) -> int:
        """The current cycle."""
        return self._machine.now

    def after(self, cycles: int, behaviour: Callable[..., None], *arguments: int) -> None:
        """Schedule ``behaviour``."""
        self._machine.schedule(self._machine.now + cycles, behaviour, arguments)

    def cancel(self, behaviour: Callable[..., None]) -> None:
        """Drop pending calls of ``behaviour``."""
        self._machine.cancel(behaviour)

    def stretch(self, cycles: int) -> None:
        """Prolong the access being served."""
        self._machine.stretch(cycles)

    def wake(self, hart: int) -> None:
        """Let a stalled hart issue its access again."""
        if 0 <= hart < len(self._machine.harts):
            self._machine.harts[hart].wake(self._machine.now)

    def request_interrupt(self, hart: int, number: int | None) -> None:
        """Ask a hart to take an interrupt."""
        if 0 <= hart < len(self._machine.harts):
            now = self._machine.now
            self._machine.harts[hart].request_interrupt(number, self._name, now)

    def start_hart(self, hart: int, address: int) -> None:
        """Let a halted hart fetch."""
        if 0 <= hart < len(self._machine.harts):
            self._machine.start_hart(hart, address)

    def halt_hart(self, hart: int) -> None:
        """Stop a hart."""
        if 0 <= hart < len(self._machine.harts):
            self._machine.halt_hart(hart)

    def place(self, address: int) -> str:
        """What answers at an address."""
        return self._machine.bus.name_of(address)

    def hart_counters(self, hart: int) -> HartCounters:
        """What a hart has done."""
        return self._machine.counting.of(hart)

    def activities(self, device: str) -> Mapping[str, int]:
        """What another device has accounted for."""
        known = self._machine.devices.get(device)
        return {} if known is None else known.activities

    def is_asleep(self, hart: int) -> bool:
        """Whether a hart's clock is gated."""
        known = 0 <= hart < len(self._machine.harts)
        return not known or not self._machine.harts[hart].runs

    def print(self, text: bytes, stream: int) -> None:
        """Show output."""
        self._machine.console.print(text, stream)

    def receive(self, limit: int) -> bytes:
        """Take input."""
        return self._machine.console.receive(limit)

    @property
    def input_ended(self) -> bool:
        """No input will come."""
        return self._machine.console.input_ended()

    def finish(self, status: int) -> None:
        """End the run."""
        self._machine.finish(status)

    @property
    def culprit(self) -> Culprit:
        """The hart whose access is served, and where."""
        hart = self._machine.accesses.current
        return (
            Culprit(hart, self._machine.engine.rows[hart * COLUMNS + PC]) if hart >= 0 else NOBODY
        )

    def report(self, device: str, rule: str, sentence: str, culprit: Culprit | None = None) -> None:
        """Record a finding."""
        if culprit is None or self._machine.accesses.current >= 0:
            self._machine.report(device, rule, sentence)
        else:
            self._machine.report_at(device, rule, sentence, culprit.hart, culprit.pc)


class HostServices:
    """``vplat.machine.host.guest.Guest``: the machine as semihosting and HTIF see it."""

    def __init__(self, machine: Machine, command_line: str) -> None:
        self._machine = machine
        self.command_line = command_line

    @property
    def _bus(self) -> Bus:
        watches = self._machine.accesses.watches
        return self._machine.bus if watches is None else watches.bus_of("host")

    @property
    def now(self) -> int:
        """The current cycle."""
        return self._machine.now

    @property
    def clock_hz(self) -> int:
        """Cycles a second at the operating point."""
        return self._machine.hertz

    @property
    def heap(self) -> tuple[int, int]:
        """Unknown: the linker script says it."""
        return 0, 0

    @property
    def stack(self) -> tuple[int, int]:
        """Unknown: the linker script says it."""
        return 0, 0

    def read(self, address: int, length: int) -> bytes:
        """Bytes of guest memory."""
        return self._bus.read(address, length)

    def write(self, address: int, data: bytes) -> None:
        """Store into guest memory."""
        self._bus.write(address, data)

    def print(self, text: bytes, stream: int) -> None:
        """Show output."""
        self._machine.console.print(text, stream)

    def receive(self, limit: int) -> bytes:
        """Take input."""
        return self._machine.console.receive(limit)

    def input_ended(self) -> bool:
        """No input will come."""
        return self._machine.console.input_ended()

    def finish(self, status: int) -> None:
        """End the run."""
        self._machine.finish(status)

    def crash(self, reason: str) -> None:
        """The firmware gave up."""
        self._machine.crash(reason, self._machine.last_trap())

    def report(self, rule: str, sentence: str) -> None:
        """Record a finding."""
        self._machine.report("host", rule, sentence)


def wire(machine: Machine, device: Peripheral, output: str, text: str) -> None:
    """Connect a device's output to a target ("event_unit.lines[8]", "harts.timer")."""
    target = parse_target(text)
    if target.owner == HARTS:
        device.connect(output, _hart_line(machine, hart_line_bit(target)))
    elif target.owner == MACHINE:
        device.connect(output, lambda level, harts: machine.fetch_anew(None))
    else:
        sink = machine.devices[target.owner].input(target.line, target.index or 0)
        device.connect(output, sink)


def hart_line_bit(target: Target) -> int:
    """The bit in mip of a hart's interrupt line."""
    return HART_LINES[target.line] if target.index is None else FIRST_FAST_LINE + target.index


def _hart_line(machine: Machine, bit: int) -> Callable[[int, int], None]:
    def drive(level: int, harts: int) -> None:
        for hart in machine.harts:
            if harts >> hart.index & 1:
                hart.set_line(bit, level, machine.now)

    return drive
