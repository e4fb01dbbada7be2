"""A timing table: how many cycles each instruction of a block takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from vplat.machine.cost_table import Cost, CostTable, Figure, Unit, weakest
from vplat.machine.isa import Instruction, InstructionClass

from .constants import divisor_zeros

FOLDER: Final = Path(__file__).parent
KEYS: Final = ("doc", "instructions", "branches", "operands", "csrs", "divider")

# An instruction that took no time would let a loop run for ever within one turn.
CYCLES: Final = Unit("cycles", least=1, most=10_000, whole=True)
EXTRA_CYCLES: Final = Unit("cycles", most=10_000, whole=True)
RESULT: Final = Unit("result", least=1, most=10_000, whole=True)
CSR_NUMBER: Final = Unit("CSR number", most=0xFFF, whole=True)

FLOAT_REGISTERS: Final = 32
"""f0 follows x31 where both kinds of register share one numbering."""
ALWAYS_TAKEN: Final = ("beq", "bge", "bgeu")
"""Branches that are taken whenever both their operands are the same register."""


class TimingTable:
    """The cycles of one kind of hart. ``lines`` has the figure and the source of each line.

    The tables that vplat brings are documented in ``docs/timing.md``.
    """

    def __init__(self, table: CostTable) -> None:
        """Raises ``BoardError`` about the first line that is missing or wrong."""
        table.section(known=KEYS)
        self.doc = table.text("doc")
        self.place = table.place
        classes = table.section("instructions", known=tuple(InstructionClass))
        self._cycles, self._result = {}, {}
        for kind in InstructionClass:
            cost = table.cost("instructions", kind, unit=CYCLES, besides=("result",))
            self._cycles[kind] = int(cost.amount)
            self._result[kind] = _result(table, kind, classes, cost)
        table.section("branches", known=("taken",))
        self._taken = int(table.cost("branches", "taken", unit=CYCLES).amount)
        table.section("operands", known=("jump_register",))
        early = table.cost("operands", "jump_register", unit=EXTRA_CYCLES)
        self._early = int(early.amount)
        self._slow_csrs, self._slow_csr_cycles = _slow_csrs(table)
        self._known_divisor = _known_divisor(table)
        self.lines: Mapping[str, Cost] = MappingProxyType(table.lines)

    @classmethod
    def load(cls, name: str | Path) -> TimingTable:
        """A table of vplat by its name ("ri5cy"), or a file that ends in .toml.

        Raises ``BoardError``.
        """
        return cls(CostTable.load(name, FOLDER, "timing table"))

    @property
    def figure(self) -> Figure:
        """The class of a sum of cycles that any line may have gone into."""
        return weakest(line.figure for line in self.lines.values())

    def price(self, instructions: Sequence[Instruction]) -> list[int]:
        """The cycles of each instruction of a block, waits for its operands included.

        The block is taken to begin with every register ready, and nothing outside it counts. This
        is the machine's ``Pricing``.
        """
        zeros = self._divisor_zeros(instructions)
        ready: dict[int, int] = {}
        costs, now = [], 0
        for index, each in enumerate(instructions):
            start = now
            early = self._early if each.kind is InstructionClass.JUMP_REGISTER else 0
            for register in _reads(each):
                if register in ready:
                    start = max(start, ready[register] + early)
            cycles = self._own_cycles(each, zeros.get(index))
            held = cycles - self._cycles[each.kind]
            for register in _writes(each):
                ready[register] = start + self._result[each.kind] + held
            costs.append(start + cycles - now)
            now = start + cycles
        return costs

    def _own_cycles(self, instruction: Instruction, divisor_zeros: int | None) -> int:
        kind = instruction.kind
        if kind is InstructionClass.BRANCH and is_taken(instruction):
            return self._taken
        if kind is InstructionClass.CSR and instruction.csr in self._slow_csrs:
            return self._slow_csr_cycles
        if divisor_zeros is not None and self._known_divisor is not None:
            return self._known_divisor + divisor_zeros
        return self._cycles[kind]

    def _divisor_zeros(self, instructions: Sequence[Instruction]) -> dict[int, int]:
        return {} if self._known_divisor is None else divisor_zeros(instructions)


def is_taken(branch: Instruction) -> bool:
    """Whether a branch is priced as taken.

    It is known where a register is compared with itself; otherwise backward branches, which close
    loops, count as taken and forward ones as not taken.
    """
    if branch.rs1 == branch.rs2 >= 0:
        return branch.mnemonic in ALWAYS_TAKEN
    return branch.imm < 0


def _reads(instruction: Instruction) -> Iterator[int]:
    yield from instruction.reads
    for register in instruction.float_reads:
        yield FLOAT_REGISTERS + register


def _writes(instruction: Instruction) -> Iterator[int]:
    if instruction.writes >= 0:
        yield instruction.writes
    if instruction.float_writes >= 0:
        yield FLOAT_REGISTERS + instruction.float_writes


def _result(
    table: CostTable, kind: InstructionClass, classes: Mapping[str, object], cost: Cost
) -> int:
    """From the first cycle of an instruction to the first in which its result can be used."""
    line = classes[kind]
    if not isinstance(line, dict) or "result" not in line:
        return int(cost.amount)
    result = table.number(("instructions", kind), RESULT)
    if result < cost.amount:
        problem = f"has a result before its {cost.amount:g} cycles are over; raise result"
        raise table.refuse(("instructions", kind), problem)
    return int(result)


def _slow_csrs(table: CostTable) -> tuple[frozenset[int], int]:
    """The CSRs whose accesses take longer than others, and how long; none if there is no line."""
    if not table.has("csrs"):
        return frozenset(), 0
    keys = ("csrs", "slow")
    table.section("csrs", known=("slow",))
    cost = table.cost(*keys, unit=CYCLES, besides=("registers",))
    registers = table.section(*keys).get("registers")
    numbers: set[int] = set()
    for pair in registers if isinstance(registers, list) and registers else [None]:
        match pair:
            case [first, last] if (
                CSR_NUMBER.accepts(first) and CSR_NUMBER.accepts(last) and first <= last
            ):
                numbers.update(range(int(first), int(last) + 1))
            case _:
                problem = "must have registers = [[first, last], ...], CSR numbers up to 0xfff"
                raise table.refuse(keys, problem)
    return frozenset(numbers), int(cost.amount)


def _known_divisor(table: CostTable) -> int | None:
    """Cycles of a division, one more for each leading zero of the divisor; None if not given."""
    if not table.has("divider"):
        return None
    table.section("divider", known=("known_divisor",))
    return int(table.cost("divider", "known_divisor", unit=CYCLES).amount)
