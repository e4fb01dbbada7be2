"""Addresses in one memory as a constraint problem: rectangles of moments by bytes."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd
from typing import TYPE_CHECKING

from .blocks import Block, Problem
from .buffers import Memory
from .first_fit import Packing, loads, stack
from .search import new_model, solve

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpSolver, IntervalVar, IntVar

EFFORT = 0.4
"""As ``search.solve`` counts it."""


class Grid:
    """Addresses in units that all of them are multiples of."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self.unit = gcd(*(each.alignment for each in blocks)) or 1

    def down(self, value: int) -> int:
        """Whole units in ``value``."""
        return value // self.unit

    def up(self, value: int) -> int:
        """Units that ``value`` touches."""
        return -(-value // self.unit)


def tighten(problem: Problem, memory: Memory, packing: Packing) -> tuple[Packing, bool]:
    """The addresses in one memory such that the highest byte in use is as low as possible.

    ``packing`` is the best so far. Also tells whether the result is the best one.
    """
    numbers = list(packing.addresses)
    least = memory.begin + int(loads(problem, numbers).max(initial=0))
    if packing.end <= least or all(problem.blocks[number].always for number in numbers):
        return packing, True
    model = _Peak(problem, memory, packing, least)
    found = solve(model.model, EFFORT)
    if found.solver is None:
        # Whether it found nothing at all or nothing below what there is, that stays the best.
        return packing, found.is_final
    better = model.packing(found.solver)
    return (better, found.is_final) if better.end <= packing.end else (packing, False)


class _Peak:
    """One memory whose blocks are known; its highest byte in use is to be as low as possible."""

    def __init__(self, problem: Problem, memory: Memory, packing: Packing, least: int) -> None:
        self.problem, self.model = problem, new_model()
        fixed = [number for number in packing.addresses if problem.blocks[number].always]
        self.fixed, bottom = stack(problem, memory, fixed)
        timed = [number for number in packing.addresses if number not in self.fixed]
        grid = Grid(problem.blocks[number] for number in timed)
        self.multiples: dict[int, IntVar] = {}
        end = self.model.new_int_var(grid.up(least), grid.up(packing.end), "")
        rectangles: list[tuple[IntervalVar, IntervalVar]] = []
        for number in timed:
            block = problem.blocks[number]
            step = block.alignment // grid.unit
            first = -(-bottom // block.alignment)
            last = max(first, (packing.end - block.bytes) // block.alignment)
            multiple = self.multiples[number] = self.model.new_int_var(first, last, "")
            self.model.add_hint(multiple, packing.addresses[number] // block.alignment)
            self.model.add(multiple * step + grid.up(block.bytes) <= end)
            for part in block.parts:
                low = grid.down(part.low)
                across = self.model.new_fixed_size_interval_var(
                    part.first, part.last - part.first + 1, ""
                )
                up = self.model.new_fixed_size_interval_var(
                    multiple * step + low, grid.up(part.high) - low, ""
                )
                rectangles.append((across, up))
        self.model.add_no_overlap_2d(*zip(*rectangles, strict=True))
        self.model.minimize(end)

    def packing(self, solver: CpSolver) -> Packing:
        """The solution."""
        addresses = dict(self.fixed)
        blocks = self.problem.blocks
        for number, multiple in self.multiples.items():
            addresses[number] = solver.value(multiple) * blocks[number].alignment
        end = max(address + blocks[number].bytes for number, address in addresses.items())
        return Packing(addresses, end)
