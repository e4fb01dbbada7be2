"""Placement without a search: memories by what they save, addresses by first fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from .blocks import Block, Problem
from .buffers import Memory

Loads: TypeAlias = npt.NDArray[np.int64]
"""Bytes in use at each moment."""


@dataclass(frozen=True)
class Packing:
    """Addresses in one memory, by the block's number, and one past the highest byte in use."""

    addresses: dict[int, int]
    end: int


@dataclass(frozen=True)
class Layout:
    """The memory of each block, and how each memory is packed. It may need more than there is."""

    memories: tuple[str, ...]
    packings: Mapping[str, Packing]

    def overflow(self, memory: Memory) -> int:
        """Bytes that are missing in ``memory``; 0 if it is large enough."""
        return max(0, self.packings[memory.name].end - memory.end)

    def numbers(self, memory: str) -> list[int]:
        """The blocks in ``memory``."""
        return [number for number, name in enumerate(self.memories) if name == memory]


ORDERS: Final[Sequence[Callable[[Block], tuple[int, ...]]]] = (
    lambda block: (-block.bytes, block.parts[0].first),
    lambda block: (-block.bytes * block.duration, block.parts[0].first),
    lambda block: (-block.duration, -block.bytes),
    lambda block: (block.parts[0].first, -block.bytes),
    lambda block: (-block.parts[-1].last, -block.bytes),
)
"""In which first fit takes the blocks; the best result counts."""


def first_fit(problem: Problem) -> Layout:
    """
    A layout by greed; what fits nowhere lies beyond the end of its last memory.

    Blocks that have no choice, then those with the most traffic a byte, choose their memory first.
    Within a memory those that are always in use lie at its beginning, the others where they fit, in
    the best of several orders.
    """
    names = _assign(problem)
    packings: dict[str, Packing] = {}
    stale = {each.name for each in problem.memories}
    while stale:
        for memory in problem.memories:
            if memory.name in stale:
                numbers = [number for number, name in enumerate(names) if name == memory.name]
                packings[memory.name] = pack(problem, memory, numbers)
        stale = set()
        for memory in problem.memories:
            missing = packings[memory.name].end - memory.end
            for number in _spilled(problem, memory.name, names, missing):
                stale |= {memory.name, after := _after(problem, number, memory.name)}
                names[number] = after
    return Layout(tuple(names), packings)


def loads(problem: Problem, numbers: Iterable[int]) -> Loads:
    """Bytes that these blocks use at each moment, wherever they are: less will not do."""
    total = np.zeros(len(problem.steps), np.int64)
    for number in numbers:
        for part in problem.blocks[number].parts:
            total[part.first : part.last + 1] += part.high - part.low
    return total


def pack(problem: Problem, memory: Memory, numbers: Sequence[int]) -> Packing:
    """Addresses for these blocks in ``memory``, which may turn out too small."""
    blocks = problem.blocks
    fixed = [number for number in numbers if blocks[number].always]
    addresses, bottom = stack(problem, memory, fixed)
    timed = [number for number in numbers if not blocks[number].always]
    meeting = _meeting(problem, timed)
    best = Packing(addresses, bottom)
    for trial, order in enumerate(ORDERS if timed else ()):
        tried = _in_order(
            problem, bottom, sorted(timed, key=lambda number: order(blocks[number])), meeting
        )
        if not trial or tried.end < best.end:
            best = Packing(addresses | tried.addresses, max(tried.end, bottom))
    return best


def stack(problem: Problem, memory: Memory, numbers: Sequence[int]) -> tuple[dict[int, int], int]:
    """Blocks that are always in use, side by side from the memory's beginning; and their end."""
    blocks = problem.blocks
    order = sorted(numbers, key=lambda number: (-blocks[number].alignment, -blocks[number].bytes))
    addresses: dict[int, int] = {}
    address = memory.begin
    for number in order:
        addresses[number] = _aligned(address, blocks[number].alignment)
        address = addresses[number] + blocks[number].bytes
    return addresses, address


def _assign(problem: Problem) -> list[str]:
    """The cheapest memory of each block that has room for it, fragmentation left aside."""
    room = {each.name: each.room for each in problem.memories}
    used = {each.name: np.zeros(len(problem.steps), np.int64) for each in problem.memories}
    names = [""] * len(problem.blocks)

    def urgency(number: int) -> tuple[float, ...]:
        block = problem.blocks[number]
        first, *others = problem.by_cost(block)
        saved = problem.cost(block, others[0])[0] - problem.cost(block, first)[0] if others else 0
        return len(block.memories), -saved / block.bytes, -block.bytes, number

    for number in sorted(range(len(problem.blocks)), key=urgency):
        block = problem.blocks[number]
        load = loads(problem, [number])
        choices = problem.by_cost(block)
        fitting = (name for name in choices if int((used[name] + load).max()) <= room[name])
        names[number] = next(fitting, choices[-1])
        used[names[number]] += load
    return names


def _spilled(problem: Problem, memory: str, names: Sequence[str], missing: int) -> list[int]:
    """Blocks in ``memory`` that save the least there and may go elsewhere, ``missing`` bytes."""

    def saved(number: int) -> tuple[float, int]:
        block = problem.blocks[number]
        more = problem.cost(block, _after(problem, number, memory))[0]
        return (more - problem.cost(block, memory)[0]) / block.bytes, number

    movable = [
        number
        for number, name in enumerate(names)
        if name == memory and problem.by_cost(problem.blocks[number])[-1] != memory
    ]
    chosen: list[int] = []
    for number in sorted(movable, key=saved):
        if missing <= 0:
            break
        chosen.append(number)
        missing -= problem.blocks[number].bytes
    return chosen


def _after(problem: Problem, number: int, memory: str) -> str:
    """The next cheapest memory of a block."""
    choices = problem.by_cost(problem.blocks[number])
    return choices[choices.index(memory) + 1]


def _meeting(problem: Problem, numbers: Sequence[int]) -> dict[int, list[int]]:
    """For each of these blocks the others that may be in use at the same moment."""
    firsts = np.array([problem.blocks[number].parts[0].first for number in numbers])
    lasts = np.array([problem.blocks[number].parts[-1].last for number in numbers])
    found: dict[int, list[int]] = {}
    for place, number in enumerate(numbers):
        together = (firsts <= lasts[place]) & (firsts[place] <= lasts)
        together[place] = False
        found[number] = [numbers[int(each)] for each in np.flatnonzero(together)]
    return found


def _in_order(
    problem: Problem, bottom: int, order: Sequence[int], meeting: Mapping[int, Sequence[int]]
) -> Packing:
    addresses: dict[int, int] = {}
    end = bottom
    for number in order:
        block = problem.blocks[number]
        taken = sorted(
            refused
            for other in meeting[number]
            if other in addresses
            for refused in _refused(block, problem.blocks[other], addresses[other])
        )
        address = _aligned(bottom, block.alignment)
        for low, high in taken:
            if low < address < high:
                address = _aligned(high, block.alignment)
        addresses[number] = address
        end = max(end, address + block.bytes)
    return Packing(addresses, end)


def _refused(block: Block, other: Block, address: int) -> Iterable[tuple[int, int]]:
    """Open ranges of addresses at which ``block`` would meet ``other``, which is at ``address``."""
    for mine in block.parts:
        for its in other.parts:
            if mine.meets(its):
                yield address + its.low - mine.high, address + its.high - mine.low


def _aligned(address: int, alignment: int) -> int:
    return -(-address // alignment) * alignment
