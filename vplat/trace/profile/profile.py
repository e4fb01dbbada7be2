"""A profile: what each instruction has cost, summed by function and by line."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from vplat.machine.isa import InstructionClass

from ..executed import Executed

if TYPE_CHECKING:
    from vplat.machine.machine import Machine

    from ..prices import CodePrices
    from .profiler import Profiler

UNKNOWN: Final = "?"
"""The function of code that no symbol names, and the file of code without a line."""

WORD: Final = 0xFFFF_FFFF
JUMPS: Final = (InstructionClass.JUMP, InstructionClass.JUMP_REGISTER)
NOWHERE: Final = 0
"""The address of a hart that has never begun to fetch."""


@dataclasses.dataclass(frozen=True)
class Cost:
    """What code has cost: active cycles, instructions, joules, and the cycles harts slept in it.

    ``joules`` are those of the harts: their cycles, instructions, fetches and data accesses.
    """

    cycles: int = 0
    instructions: int = 0
    joules: float = 0.0
    asleep: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.cycles + other.cycles,
            self.instructions + other.instructions,
            self.joules + other.joules,
            self.asleep + other.asleep,
        )


@dataclasses.dataclass(frozen=True)
class Function:
    """A function of the firmware; ``line`` 0 and ``file`` "?" where it has no debug information."""

    name: str
    address: int
    file: str = UNKNOWN
    line: int = 0


@dataclasses.dataclass(frozen=True)
class Spot:
    """A line of the source in a function: one that is inlined has its own file."""

    function: Function
    file: str
    line: int


@dataclasses.dataclass(frozen=True)
class Call:
    """A call instruction: where it is, how often it ran, and whom it calls if it says so itself."""

    spot: Spot
    address: int
    runs: int
    target: Function | None


class Profile:
    """Exact figures of a run: they add up to the harts' own.

    ``unattributed`` are active cycles that belong to no instruction: what harts lost to one another
    at banks of the memory and at units that they share.
    """

    def __init__(self, machine: Machine, profiler: Profiler, prices: CodePrices) -> None:
        self._machine = machine
        self._functions: dict[int, Function] = {}
        self._spots: dict[int, Spot] = {}
        self.executed = Executed.of(machine)
        self.harts = len(machine.harts)
        self._rows = self.executed.addresses
        cycles = self.executed.cycles.copy()
        asleep = np.zeros_like(cycles)
        self._add(cycles, profiler.waited)
        self._elsewhere = self._add(asleep, profiler.slept)
        self._cycles, self._asleep = cycles, asleep
        self._sleep_joules = prices.sleep_cycle
        each = np.array([prices.instruction[i.kind] for i in self.executed.instructions])
        self._joules = (
            self.executed.runs * each.reshape(-1, 1)
            + cycles * prices.active_cycle
            + asleep * prices.sleep_cycle
        )

    def by_spot(self, harts: Iterable[int] | None = None) -> dict[Spot, Cost]:
        """Costs by line and function, of some harts or of all together."""
        sums: dict[Spot, Cost] = {}
        for address, cost in self._costs(harts):
            spot = self.spot(address)
            sums[spot] = sums.get(spot, Cost()) + cost
        return sums

    def by_function(self, harts: Iterable[int] | None = None) -> dict[Function, Cost]:
        """Costs by function, of some harts or of all together."""
        sums: dict[Function, Cost] = {}
        for address, cost in self._costs(harts):
            function = self.function(address)
            sums[function] = sums.get(function, Cost()) + cost
        return sums

    def calls(self) -> list[Call]:
        """Every call instruction that has run, by address."""
        found = []
        totals = self.executed.runs.sum(axis=1).tolist()
        rows = zip(self._rows, self.executed.instructions, totals, strict=True)
        for address, instruction, runs in rows:
            if not runs or instruction.kind not in JUMPS or instruction.writes < 0:
                continue
            target = None
            if instruction.kind is InstructionClass.JUMP:
                target = self.function(address + instruction.imm & WORD)
            found.append(Call(self.spot(address), address, runs, target))
        return found

    def function(self, address: int) -> Function:
        """The function that holds ``address``."""
        firmware = self._machine.firmware
        symbol = firmware.symbols.function(address) if firmware is not None else None
        start = symbol.address if symbol is not None else -1
        if start not in self._functions:
            name = symbol.name if symbol is not None else UNKNOWN
            file, line = self._line(start) if symbol is not None else (UNKNOWN, 0)
            self._functions[start] = Function(name, max(start, 0), file, line)
        return self._functions[start]

    def spot(self, address: int) -> Spot:
        """The line that the instruction at ``address`` comes from."""
        if address not in self._spots:
            self._spots[address] = Spot(self.function(address), *self._line(address))
        return self._spots[address]

    def active_cycles(self, hart: int) -> int:
        """What the instructions of a hart have taken."""
        return int(self._cycles[:, hart].sum())

    def unattributed(self, hart: int, active_cycles: int) -> int:
        """What remains of a hart's active cycles."""
        return active_cycles - self.active_cycles(hart)

    def _costs(self, harts: Iterable[int] | None) -> Iterable[tuple[int, Cost]]:
        """The costs of each instruction that has run, and of where harts slept beside those."""
        chosen = list(range(self.harts) if harts is None else harts)
        columns = (self._cycles, self.executed.runs, self._joules, self._asleep)
        sums = [column[:, chosen].sum(axis=1).tolist() for column in columns]
        for address, cycles, runs, joules, asleep in zip(self._rows, *sums, strict=True):
            if cycles or runs or asleep:
                yield address, Cost(cycles, runs, joules, asleep)
        for (hart, address), cycles in self._elsewhere.items():
            if hart in chosen:
                yield address, Cost(0, 0, cycles * self._sleep_joules, cycles)

    def _add(
        self, into: npt.NDArray[np.int64], what: Mapping[tuple[int, int], int]
    ) -> dict[tuple[int, int], int]:
        """Add cycles by hart and address; what is left where no instruction has run.

        Where code has changed they go to the last that was there.
        """
        position = {address: row for row, address in enumerate(self._rows)}
        left = {}
        for (hart, address), cycles in what.items():
            row = position.get(address)
            if row is not None:
                into[row, hart] += cycles
            elif address != NOWHERE:
                left[hart, address] = cycles
        return left

    def _line(self, address: int) -> tuple[str, int]:
        firmware = self._machine.firmware
        source = firmware.lines.lookup(address) if firmware is not None else None
        if source is None:
            return UNKNOWN, 0
        return str(source.file.path), source.line
