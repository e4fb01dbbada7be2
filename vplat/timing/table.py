"""A timing table: how many cycles each instruction of a block takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

from vplat.machine.cost_table import Cost, CostTable, Figure, weakest
from vplat.machine.isa import Instruction, InstructionClass
from vplat.machine.pricing import FirstRun, InstructionCache, Price, Seen

from .pipeline import Need, Pipeline
from .sections import (
    read_branches,
    read_classes,
    read_divider,
    read_early,
    read_fetch,
    read_misaligned,
    read_mnemonics,
    read_slow_csrs,
    read_traits,
)

FOLDER: Final = Path(__file__).parent
KEYS: Final = (
    *("doc", "instructions", "mnemonics", "branches", "operands", "csrs"),
    *("divider", "memory", "registers", "fetch"),
)
ALWAYS_TAKEN: Final = ("beq", "bge", "bgeu")
"""Branches that are taken whenever both their operands are the same register."""
MOST_ROUNDS: Final = 4
"""Rounds of a loop after which it takes the same time in each, but for rare ones that alternate."""


class TimingTable:
    """The cycles of one kind of hart. ``lines`` has the figure and the source of each line.

    It is the machine's ``Timing``. The tables that vplat brings are documented in
    ``docs/timing.md``.
    """

    def __init__(self, table: CostTable) -> None:
        """Raises ``BoardError`` about the first line that is missing or wrong."""
        table.section(known=KEYS)
        self.doc = table.text("doc")
        self.place = table.place
        self._classes = read_classes(table)
        self._mnemonics = read_mnemonics(table)
        self._taken, self._split_target = read_branches(table)
        self._early = read_early(table)
        self._slow_csrs, self._slow_csr_cycles = read_slow_csrs(table)
        self._divider = read_divider(table)
        self._traits, self._misaligned = read_traits(table), read_misaligned(table)
        fetch = read_fetch(table)
        self._line_buffer = fetch[0] if fetch is not None else None
        self.cache: InstructionCache | None = fetch[1] if fetch is not None else None
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

    def price(self, run: FirstRun) -> Price:
        """What each instruction of a block takes, waits for operands and memory included.

        The block is taken to begin with every register ready and nothing in flight, unless it is a
        loop of its own: that is priced as it runs once it has come round a few times.
        """
        pairs = list(zip(run.instructions, run.seen, strict=True))
        needs = [self._need(each, seen) for each, seen in pairs]
        if needs and self._line_buffer is not None:
            needs[-1] = self._with_transfer(run, needs[-1])
        pipeline = Pipeline(self._traits)
        cycles = _round(pipeline, run.instructions, needs)
        for _ in range(MOST_ROUNDS if _loops(run) else 0):
            before, cycles = cycles, _round(pipeline, run.instructions, needs)
            if cycles == before:
                break
        return Price(cycles, [need.unit_cycles for need in needs])

    def _need(self, instruction: Instruction, seen: Seen) -> Need:
        kind = instruction.kind
        need = self._mnemonics.get(instruction.mnemonic) or self._classes[kind]
        if instruction.is_memory:
            return self._with_memory(need, seen)
        match kind:
            case InstructionClass.DIV if self._divider is not None:
                return self._divider.need(instruction, seen.operands) or need
            case InstructionClass.BRANCH if is_taken(instruction):
                cycles = self._taken + self._split_target * seen.split_target
                return Need(cycles, cycles)
            case InstructionClass.JUMP | InstructionClass.JUMP_REGISTER:
                late = self._split_target * seen.split_target
                early = self._early if kind is InstructionClass.JUMP_REGISTER else 0
                return Need(need.cycles + late, need.result + late, 0, early)
            case InstructionClass.CSR if instruction.csr in self._slow_csrs:
                return Need(self._slow_csr_cycles, self._slow_csr_cycles)
        return need

    def _with_memory(self, need: Need, seen: Seen) -> Need:
        """An access that crosses into another word is two; each waits for the memory."""
        late = seen.wait_states
        if seen.crosses:
            late += self._misaligned + seen.wait_states
        held = 0 if self._traits.loads_in_flight else late
        return dataclasses.replace(need, cycles=need.cycles + held, result=need.result + late)

    def _with_transfer(self, run: FirstRun, need: Need) -> Need:
        """What the last instruction waits for the line that it leads to."""
        last, seen = run.instructions[-1], run.seen[-1]
        leads_away = last.kind in (InstructionClass.JUMP, InstructionClass.JUMP_REGISTER) or (
            last.kind is InstructionClass.BRANCH and is_taken(last)
        )
        if not leads_away or self._line_buffer is None:
            return need
        at = run.address + sum(each.length for each in run.instructions[:-1])
        late = self._line_buffer.transfer_cycles(at, last, seen.target)
        return dataclasses.replace(need, cycles=need.cycles + late, result=need.result + late)


def is_taken(branch: Instruction) -> bool:
    """Whether a branch is priced as taken.

    It is known where a register is compared with itself; otherwise backward branches, which close
    loops, count as taken and forward ones as not taken.
    """
    if branch.rs1 == branch.rs2 >= 0:
        return branch.mnemonic in ALWAYS_TAKEN
    return branch.imm < 0


def _loops(run: FirstRun) -> bool:
    """The block ends by going back to its own beginning."""
    if not run.instructions or run.seen[-1].target != run.address:
        return False
    last = run.instructions[-1]
    return last.kind is not InstructionClass.BRANCH or is_taken(last)


def _round(
    pipeline: Pipeline, instructions: Sequence[Instruction], needs: Sequence[Need]
) -> list[int]:
    return [
        pipeline.issue(instruction, need)
        for instruction, need in zip(instructions, needs, strict=True)
    ]
