"""What a developer is told when firmware crashes: where, why, and who called whom."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

from vplat.machine.elf import Firmware
from vplat.machine.machine import Machine
from vplat.machine.outcome import Trap

CAUSES: Final[Mapping[int, str]] = {
    0: "instruction address misaligned",
    1: "instruction access fault",
    2: "illegal instruction",
    3: "breakpoint",
    4: "load address misaligned",
    5: "load access fault",
    6: "store address misaligned",
    7: "store access fault",
    8: "environment call from U mode",
    11: "environment call from M mode",
}
"""Exception codes (privileged specification, table 3.6)."""
REGISTER_NAMES: Final = (
    *("zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1"),
    *(f"a{n}" for n in range(8)),
    *(f"s{n}" for n in range(2, 12)),
    *(f"t{n}" for n in range(3, 7)),
)


@dataclasses.dataclass(frozen=True)
class Place:
    """An address in the firmware: function with offset, and source line, as far as known."""

    address: int
    function: str = ""
    line: str = ""

    @classmethod
    def of(cls, firmware: Firmware | None, address: int, look_up: int | None = None) -> Place:
        """The place of ``address``; ``look_up`` is the address to look for when that differs."""
        if firmware is None:
            return cls(address)
        at = address if look_up is None else look_up
        known = firmware.symbols.function(at) is not None
        function = firmware.symbols.name(at) if known else ""
        return cls(address, function, firmware.lines.describe(at) or "")

    def __str__(self) -> str:
        text = f"{self.address:#010x}"
        if self.function:
            text += f" in {self.function}"
        return text + (f" at {self.line}" if self.line else "")


@dataclasses.dataclass(frozen=True)
class CrashReport:
    """A crash in words and numbers."""

    message: str
    hart: int
    cause: str
    place: Place
    value: int
    detail: str
    registers: Mapping[str, int]
    backtrace: tuple[Place, ...]
    cycle: int
    hints: tuple[str, ...] = ()
    """What probably lies behind it, in sentences."""
    source: str = ""
    """The text of the source line."""

    @classmethod
    def of(cls, machine: Machine, message: str, trap: Trap) -> CrashReport:
        """The report on ``trap``."""
        from vplat.machine.explain.fault import crash_hints
        from vplat.machine.explain.where import Where

        firmware = machine.firmware
        return cls(
            message=message,
            hart=trap.hart,
            cause=CAUSES.get(trap.cause, f"exception {trap.cause}"),
            place=Place.of(firmware, trap.pc),
            value=trap.value,
            detail=trap.detail,
            registers=dict(zip(REGISTER_NAMES, trap.registers, strict=True)),
            backtrace=_backtrace(machine, trap),
            cycle=trap.cycle,
            hints=crash_hints(machine, trap),
            source=Where.of(firmware, trap.pc).text,
        )

    def as_json(self) -> dict[str, Any]:
        """Plain data, for ``--json``."""
        return dataclasses.asdict(self)

    def lines(self) -> list[str]:
        """The report as text, a line each."""
        detail = f": {self.detail}" if self.detail else ""
        lines = [
            f"hart {self.hart}: {self.cause} at cycle {self.cycle}{detail}",
            f"  pc    {self.place}",
            f"  mtval {self.value:#010x}",
        ]
        lines[2:2] = [f"        {self.source}"] if self.source else []
        lines += [f"  {sentence}" for sentence in self.hints]
        lines += [f"  #{depth} {place}" for depth, place in enumerate(self.backtrace)]
        named = [f"{name:>4} {value:08x}" for name, value in self.registers.items()]
        lines += ["  " + "  ".join(named[row : row + 4]) for row in range(0, 32, 4)]
        return [*lines, f"  {self.message}"]


def _backtrace(machine: Machine, trap: Trap) -> tuple[Place, ...]:
    firmware = machine.firmware
    if firmware is None:
        return ()

    def read_word(address: int) -> int | None:
        return machine.peek_word(address) if machine.board.memory_at(address) else None

    frames = firmware.unwinder.frames(trap.pc, trap.registers, read_word)
    return tuple(Place.of(firmware, frame.pc, frame.place) for frame in frames)
