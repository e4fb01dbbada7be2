"""The harts of a test's platform."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vplat.errors import UsageError
from vplat.machine.hart import HartState
from vplat.machine.holding import standing
from vplat.model.field import no_such

from .edges import edge
from .names import FLOAT, GENERAL, REGISTERS, hart_register_of

if TYPE_CHECKING:
    from vplat.machine.hart import Hart as MachineHart

    from .platform import Platform

FIRST_FLOAT = 32


class Hart:
    """One hart: where it stands, what it does, and its registers: ``hart.a0``, ``hart["x10"]``.

    Floating-point registers (``hart.fa0``) are their bits.
    """

    __slots__ = ("_platform", "index")
    _platform: Platform
    index: int

    def __init__(self, platform: Platform, index: int) -> None:
        object.__setattr__(self, "_platform", platform)
        object.__setattr__(self, "index", index)

    @property
    def _hart(self) -> MachineHart:
        return self._platform.machine.harts[self.index]

    @property
    def pc(self) -> int:
        """The address of the instruction that it executes next."""
        return self._hart.pc

    @property
    def function(self) -> str:
        """The function that it is in; '' where the firmware does not say."""
        found = self._platform.firmware.symbols.function(self.pc)
        return "" if found is None else found.name

    @property
    def line(self) -> str:
        """The source line that it is at, as FILE:LINE; '' without debug information."""
        return self._platform.firmware.lines.describe(self.pc) or ""

    @property
    def state(self) -> str:
        """``running``, ``stalled`` (a device lets it wait), ``waiting`` (in wfi), ``halted``."""
        return self._hart.state.value

    @property
    def waits_for(self) -> str:
        """What it sleeps for, and what is missing; '' while it runs."""
        if self._hart.state is HartState.RUNNING:
            return ""
        devices = self._platform.machine.devices.values()
        explained = [text for device in devices if (text := device.explain_wait(self.index))]
        return "; ".join(explained) or self._hart.reason

    @property
    def cycles(self) -> int:
        """Its own time, sleep included."""
        return standing(self._platform.machine, self.index).cycles

    @property
    def instructions(self) -> int:
        """How many it has retired."""
        return standing(self._platform.machine, self.index).instructions

    @edge
    def __getitem__(self, register: str) -> int:
        return self._read(hart_register_of(register))

    @edge
    def __setitem__(self, register: str, value: int) -> None:
        self._write(hart_register_of(register), value)

    def __getattr__(self, name: str) -> int:
        __tracebackhide__ = True
        if name not in REGISTERS:
            raise AttributeError(f"a hart has {no_such('register', name, REGISTERS)}")
        return self._read(REGISTERS[name])

    def __setattr__(self, name: str, value: int) -> None:
        __tracebackhide__ = True
        if name not in REGISTERS:
            raise AttributeError(f"a hart has {no_such('register', name, REGISTERS)}")
        self._write(REGISTERS[name], value)

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *GENERAL, *FLOAT]

    def __repr__(self) -> str:
        place = self.function or f"{self.pc:#010x}"
        where = f"{place} at {self.line}" if self.line else place
        waits = f", waits for {self.waits_for}" if self.waits_for else ""
        return f"<hart {self.index}: {self.state} in {where}{waits}>"

    def _read(self, number: int) -> int:
        engine = self._platform.machine.engine
        if number < FIRST_FLOAT:
            return engine.read_register(self.index, number)
        return engine.read_float_register(self.index, number - FIRST_FLOAT)

    def _write(self, number: int, value: int) -> None:
        engine = self._platform.machine.engine
        if number < FIRST_FLOAT:
            engine.write_register(self.index, number, value & 0xFFFF_FFFF)
        else:
            engine.write_float_register(self.index, number - FIRST_FLOAT, value & (1 << 64) - 1)


class Harts:
    """All harts of a platform, by number."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def __len__(self) -> int:
        return len(self._platform.machine.harts)

    def __iter__(self) -> Iterator[Hart]:
        return (Hart(self._platform, index) for index in range(len(self)))

    @edge
    def __getitem__(self, index: int) -> Hart:
        if not 0 <= index < len(self):
            raise UsageError(f"there is no hart {index}: the board has harts 0 to {len(self) - 1}")
        return Hart(self._platform, index)
