"""Blocks: buffers that share a place, moved about as one, over time cut down to what matters."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from .buffers import Buffer, Memory


class Part(NamedTuple):
    """From the moment ``first`` to ``last``, bytes ``low`` up to ``high`` of a block are in use."""

    first: int
    last: int
    low: int
    high: int

    def meets(self, other: Part) -> bool:
        """Whether both are in use at one moment."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True)
class Block:
    """
    Buffers that lie at fixed distances from each other, ``offsets`` from the block's address.

    ``memories`` are those that all of them may be in. One that is ``always`` in use has one part.
    """

    buffers: tuple[Buffer, ...]
    offsets: tuple[int, ...]
    memories: tuple[str, ...]
    alignment: int
    parts: tuple[Part, ...]
    always: bool

    @property
    def bytes(self) -> int:
        """From its address to its end; at least 1, so that every block has a place of its own."""
        return max(part.high for part in self.parts)

    @property
    def padded(self) -> int:
        """Its bytes up to a multiple of its alignment."""
        return -(-self.bytes // self.alignment) * self.alignment

    @property
    def moved(self) -> int:
        """Bytes of traffic in a run."""
        return sum(each.moved for each in self.buffers)

    @property
    def duration(self) -> int:
        """Moments from the first to the last in which it is in use."""
        return self.parts[-1].last - self.parts[0].first + 1

    def meets(self, other: Block) -> bool:
        """Whether both are in use at one moment."""
        return any(one.meets(two) for one in self.parts for two in other.parts)


@dataclass(frozen=True)
class Problem:
    """
    What is to be placed. Moments are the steps in which lifetimes begin, ``steps`` of them.

    Nothing is lost by that: buffers that meet at all meet when the later one begins.
    """

    blocks: tuple[Block, ...]
    memories: tuple[Memory, ...]
    steps: tuple[int, ...]

    def cost(self, block: Block, memory: str) -> tuple[int, int]:
        """What it costs to have ``block`` there: in the memories' unit, then in preference."""
        per_byte = next(each.cost_per_byte for each in self.memories if each.name == memory)
        return block.moved * per_byte, block.memories.index(memory)

    def by_cost(self, block: Block) -> list[str]:
        """The memories that ``block`` may be in, the cheapest first."""
        return sorted(block.memories, key=lambda memory: self.cost(block, memory))


def problem_of(buffers: Sequence[Buffer], memories: Sequence[Memory]) -> Problem:
    """
    Group buffers into blocks.

    :raises ValueError: names that are not unique or unknown, a lifetime that ends before it begins,
        no memory that all buffers of a block may be in, an alignment that is no power of 2, or an
        offset that is no multiple of it
    """
    _check(buffers, memories)
    steps = tuple(sorted({each.lifetime[0] for each in buffers if each.lifetime})) or (0,)
    by_name = {each.name: each for each in buffers}
    groups: dict[str, list[tuple[Buffer, int]]] = {}
    for each in buffers:
        root, offset = _root(each, by_name)
        if offset % each.alignment:
            raise ValueError(f"buffer {each.name!r} cannot be {offset} bytes inside {root!r}")
        groups.setdefault(root, []).append((each, offset))
    blocks = tuple(_block(members, steps) for members in groups.values())
    return Problem(blocks, tuple(memories), steps)


def _check(buffers: Sequence[Buffer], memories: Sequence[Memory]) -> None:
    known = {each.name for each in memories}
    if len(known) < len(memories) or len({each.name for each in buffers}) < len(buffers):
        raise ValueError("two buffers, or two memories, have one name")
    for each in buffers:
        if not each.memories or not known.issuperset(each.memories):
            raise ValueError(f"buffer {each.name!r} may be in {each.memories}, there are {known}")
        if each.lifetime is not None and each.lifetime[0] > each.lifetime[1]:
            raise ValueError(f"buffer {each.name!r} ends before it begins: {each.lifetime}")
        if each.alignment < 1 or each.alignment & (each.alignment - 1):
            raise ValueError(f"buffer {each.name!r} is aligned to {each.alignment}, no power of 2")
        if each.bytes < 0 or each.offset < 0:
            raise ValueError(f"buffer {each.name!r} has a negative size or offset")
        if each.offset and not each.inside:
            raise ValueError(f"buffer {each.name!r} cannot be {each.offset} bytes inside nothing")


def _root(buffer: Buffer, by_name: Mapping[str, Buffer]) -> tuple[str, int]:
    """The buffer at whose address the block begins, and the distance from there."""
    offset, passed = 0, {buffer.name}
    while buffer.inside:
        offset += buffer.offset
        if buffer.inside not in by_name or buffer.inside in passed:
            raise ValueError(f"buffer {buffer.name!r} lies inside {buffer.inside!r}: no such place")
        buffer = by_name[buffer.inside]
        passed.add(buffer.name)
    return buffer.name, offset


def _block(members: Sequence[tuple[Buffer, int]], steps: Sequence[int]) -> Block:
    buffers = tuple(buffer for buffer, _ in members)
    shared = [
        name for name in buffers[0].memories if all(name in other.memories for other in buffers[1:])
    ]
    if not shared:
        names = ", ".join(repr(each.name) for each in buffers)
        raise ValueError(f"buffers {names} share a place, but there is no memory for all of them")
    return Block(
        buffers=buffers,
        offsets=tuple(offset for _, offset in members),
        memories=tuple(shared),
        alignment=max(each.alignment for each in buffers),
        parts=tuple(_parts(members, steps)),
        always=all(each.lifetime is None for each in buffers),
    )


def _parts(members: Sequence[tuple[Buffer, int]], steps: Sequence[int]) -> Iterable[Part]:
    """What of a block is in use when; what does not change from one moment to the next is one."""
    spans = [
        Part(*_moments(buffer, steps), offset, offset + max(buffer.bytes, 1))
        for buffer, offset in members
    ]
    if len(spans) == 1:
        return spans
    edges = sorted({each.first for each in spans} | {each.last + 1 for each in spans})
    parts: list[Part] = []
    for first, end in pairwise(edges):
        used = [each for each in spans if each.first <= first <= each.last]
        if used:
            low, high = min(each.low for each in used), max(each.high for each in used)
            parts.append(Part(first, end - 1, low, high))
    return parts


def _moments(buffer: Buffer, steps: Sequence[int]) -> tuple[int, int]:
    if buffer.lifetime is None:
        return 0, len(steps) - 1
    first, last = buffer.lifetime
    return bisect_left(steps, first), bisect_right(steps, last) - 1
