"""Memories for all buffers as a constraint problem, with addresses where that is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .blocks import Problem
from .buffers import Memory
from .first_fit import Layout, Packing, pack, stack
from .packing import Grid, tighten
from .search import Found, new_model, solve

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpSolver, IntervalVar, IntVar, LinearExprT

MEMORIES_EFFORT = 0.4
ADDRESSES_EFFORT = 0.8
"""Of the two searches, as ``search.solve`` counts it."""


@dataclass(frozen=True)
class Chosen:
    """A layout that fits, or None; ``is_cheapest`` says that none costs less."""

    layout: Layout | None
    is_cheapest: bool


def choose(problem: Problem, start: Layout, *, fits: bool) -> Chosen:
    """
    The cheapest choice of memories with addresses; ``start`` is a first guess, which may not fit.

    Mostly it is enough to choose memories by what is in use at each moment, for then first fit
    finds addresses. Where it does not, both are searched together.
    """
    memories = _Memories(problem)
    if fits:
        memories.begin_with(start)
    found = solve(memories.model, MEMORIES_EFFORT)
    if found.solver is None and found.is_final:
        return Chosen(None, is_cheapest=False)
    if found.solver is not None:
        layout = _packed(problem, memories.names(found.solver))
        if not any(layout.overflow(memory) for memory in problem.memories):
            return Chosen(layout, memories.is_cheapest(found))
    addresses = _Addresses(problem)
    if fits:
        addresses.begin_with(start)
    found = solve(addresses.model, ADDRESSES_EFFORT)
    if found.solver is None:
        return Chosen(None, is_cheapest=False)
    return Chosen(addresses.layout(found.solver), addresses.is_cheapest(found))


def _packed(problem: Problem, names: Sequence[str]) -> Layout:
    """Addresses for blocks whose memories are known."""
    packings: dict[str, Packing] = {}
    for memory in problem.memories:
        numbers = [number for number, name in enumerate(names) if name == memory.name]
        packing = pack(problem, memory, numbers)
        if packing.end > memory.end:
            packing, _ = tighten(problem, memory, packing)
        packings[memory.name] = packing
    return Layout(tuple(names), packings)


class _Memories:
    """A literal for each memory that a block may be in; what is in use at a moment must fit."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.model = problem, new_model()
        self.grid = Grid(problem.blocks)
        self.chosen: list[dict[str, IntVar]] = []
        for block in problem.blocks:
            literals = {name: self.model.new_bool_var("") for name in block.memories}
            self.model.add_exactly_one(literals.values())
            self.chosen.append(literals)
        self.bottoms = {memory.name: self._bottom(memory) for memory in problem.memories}
        for memory in problem.memories:
            self._limit_load(memory)
        # Cost first, then how far blocks are from the memories that they prefer.
        self.weight = 1 + sum(len(block.memories) for block in problem.blocks)
        self.model.minimize(self._cost())

    def numbers(self, memory: Memory, *, always: bool) -> list[int]:
        """The blocks that may be in ``memory``."""
        return [
            number
            for number, block in enumerate(self.problem.blocks)
            if memory.name in block.memories and block.always == always
        ]

    def _bottom(self, memory: Memory) -> IntVar:
        """Where blocks may begin, in units, above those that are always in use."""
        blocks = self.problem.blocks
        numbers = self.numbers(memory, always=True)
        coarsest = max((blocks[number].alignment for number in numbers), default=1)
        begin = self.grid.up(-(-memory.begin // coarsest) * coarsest)
        bottom = self.model.new_int_var(begin, max(begin, self.grid.up(memory.end)), "")
        used = sum(
            self.grid.up(blocks[number].padded) * self.chosen[number][memory.name]
            for number in numbers
        )
        self.model.add(bottom == begin + used)
        return bottom

    def _limit_load(self, memory: Memory) -> None:
        users: dict[int, dict[int, int]] = {}
        for number in self.numbers(memory, always=False):
            for part in self.problem.blocks[number].parts:
                size = self.grid.up(part.high) - self.grid.down(part.low)
                for moment in range(part.first, part.last + 1):
                    users.setdefault(moment, {})[number] = size
        for moment, used in users.items():
            after = users.get(moment + 1, {})
            if used.items() <= after.items():
                continue  # whatever fits at the next moment fits at this one
            load = sum(size * self.chosen[number][memory.name] for number, size in used.items())
            self.model.add(self.bottoms[memory.name] + load <= self.grid.up(memory.end))

    def _cost(self) -> LinearExprT:
        terms = []
        for block, literals in zip(self.problem.blocks, self.chosen, strict=True):
            for name, literal in literals.items():
                cost, rank = self.problem.cost(block, name)
                terms.append((cost * self.weight + rank) * literal)
        return sum(terms)

    def begin_with(self, start: Layout) -> None:
        """Let the search begin at a layout that fits."""
        for literals, here in zip(self.chosen, start.memories, strict=True):
            for name, literal in literals.items():
                self.model.add_hint(literal, name == here)

    def names(self, solver: CpSolver) -> list[str]:
        """The memory of each block."""
        return [
            next(name for name, literal in literals.items() if solver.boolean_value(literal))
            for literals in self.chosen
        ]

    def is_cheapest(self, found: Found) -> bool:
        """Whether no solution costs less, preference aside."""
        return found.value // self.weight <= found.bound // self.weight


class _Addresses(_Memories):
    """Addresses too, of the blocks that are not always in use."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.multiples: dict[tuple[int, str], IntVar] = {}
        for memory in problem.memories:
            self._fill(memory)

    def _fill(self, memory: Memory) -> None:
        rectangles: list[tuple[IntervalVar, IntervalVar]] = []
        for number in self.numbers(memory, always=False):
            block, literal = self.problem.blocks[number], self.chosen[number][memory.name]
            least = -(-memory.begin // block.alignment)
            most = (memory.end - block.bytes) // block.alignment
            if most < least:
                self.model.add(literal == 0)
                continue
            multiple = self.model.new_int_var(least, most, "")
            self.multiples[number, memory.name] = multiple
            address = multiple * (block.alignment // self.grid.unit)
            self.model.add(address >= self.bottoms[memory.name]).only_enforce_if(literal)
            for part in block.parts:
                low = self.grid.down(part.low)
                duration, height = part.last - part.first + 1, self.grid.up(part.high) - low
                interval = self.model.new_optional_fixed_size_interval_var
                rectangles.append(
                    (
                        interval(part.first, duration, literal, ""),
                        interval(address + low, height, literal, ""),
                    )
                )
        if rectangles:
            self.model.add_no_overlap_2d(*zip(*rectangles, strict=True))

    def begin_with(self, start: Layout) -> None:
        """Let the search begin at a layout that fits."""
        super().begin_with(start)
        for (number, memory), multiple in self.multiples.items():
            if start.memories[number] == memory:
                address = start.packings[memory].addresses[number]
                alignment = self.problem.blocks[number].alignment
                self.model.add_hint(multiple, address // alignment)

    def layout(self, solver: CpSolver) -> Layout:
        """The solution."""
        names = self.names(solver)
        packings: dict[str, Packing] = {}
        for memory in self.problem.memories:
            numbers = [number for number, name in enumerate(names) if name == memory.name]
            fixed = [number for number in numbers if self.problem.blocks[number].always]
            addresses, end = stack(self.problem, memory, fixed)
            for number in numbers:
                if number in addresses:
                    continue
                block = self.problem.blocks[number]
                multiple = solver.value(self.multiples[number, memory.name])
                addresses[number] = multiple * block.alignment
                end = max(end, addresses[number] + block.bytes)
            packings[memory.name] = Packing(addresses, end)
        return Layout(tuple(names), packings)
