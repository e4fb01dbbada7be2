"""What is to be placed and where: buffers with lifetimes, memories, and the placement made of them.

Time is counted in steps: a step is a layer where homes of tensors are placed, and a part of a phase
where L1 is. Both ends of a lifetime are included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from vplat.machine.board import Board, MemorySpec

HOME_ALIGNMENT = 64
"""Bytes: homes of tensors begin at multiples of a word of the widest DMA port."""


@dataclass(frozen=True)
class Memory:
    """
    One memory, ``size`` bytes at the address ``base``.

    The first ``reserved`` bytes belong to somebody else (code, stacks). ``cost_per_byte`` is what a
    byte of traffic costs there, in any unit that all memories share.
    """

    name: str
    base: int
    size: int
    reserved: int = 0
    cost_per_byte: int = 0

    @property
    def begin(self) -> int:
        """The first address that may be used."""
        return self.base + self.reserved

    @property
    def end(self) -> int:
        """One past the last address."""
        return self.base + self.size

    @property
    def room(self) -> int:
        """Bytes that may be used; 0 where more is reserved than there is."""
        return max(0, self.size - self.reserved)


@dataclass(frozen=True)
class Buffer:
    """
    Bytes that need a place from the step ``lifetime[0]`` to ``lifetime[1]``, or always (``None``).

    ``memories`` are names, the preferred one first. ``traffic`` is how many bytes are moved to and
    from it in a run, which its memory's cost is multiplied by; ``None`` for once its bytes.

    A buffer that names another one in ``inside`` lies ``offset`` bytes from the beginning of that
    one, whatever the lifetimes: a result that is computed in place, a slice, a part of a
    concatenation. ``offset`` is a multiple of ``alignment``, a power of 2. The place is
    free for third buffers while none of those that share it is alive.
    """

    name: str
    bytes: int
    memories: tuple[str, ...]
    lifetime: tuple[int, int] | None = None
    alignment: int = HOME_ALIGNMENT
    traffic: int | None = None
    inside: str = ""
    offset: int = 0

    @property
    def moved(self) -> int:
        """Bytes of traffic in a run."""
        return self.bytes if self.traffic is None else self.traffic

    def is_alive(self, step: int) -> bool:
        """Whether it needs its place in ``step``."""
        return self.lifetime is None or self.lifetime[0] <= step <= self.lifetime[1]


@dataclass(frozen=True)
class Placed:
    """A buffer at its place; ``address`` is absolute."""

    buffer: Buffer
    memory: str
    address: int

    @property
    def end(self) -> int:
        """One past its last address."""
        return self.address + self.buffer.bytes


@dataclass(frozen=True)
class Placement:
    """
    A place for every buffer, in the order in which they were given: ``placement["x"].address``.

    ``is_optimal`` says that nothing cheaper, and with these memories nothing smaller, is possible.
    ``cost`` is the sum of traffic by the cost of the memory that each buffer is in.
    """

    placed: tuple[Placed, ...]
    memories: tuple[Memory, ...]
    cost: int
    is_optimal: bool

    @cached_property
    def _by_name(self) -> Mapping[str, Placed]:
        return {each.buffer.name: each for each in self.placed}

    def __getitem__(self, name: str) -> Placed:
        return self._by_name[name]

    def inside(self, memory: str) -> tuple[Placed, ...]:
        """What lies in ``memory``."""
        return tuple(each for each in self.placed if each.memory == memory)

    def peak(self, memory: str) -> int:
        """Bytes of ``memory`` in use, from its first usable address to the highest one in use."""
        begin = next(each.begin for each in self.memories if each.name == memory)
        return max((each.end - begin for each in self.inside(memory)), default=0)


def memories_of(board: Board, reserved: Mapping[str, int] | None = None) -> tuple[Memory, ...]:
    """
    The board's memories that can hold tensors, the nearest first: L1, then by wait states.

    A byte of traffic costs a memory's wait states. ``reserved`` are bytes by the memory's name.
    """
    taken = reserved or {}
    specs: Sequence[MemorySpec] = sorted(
        (each for each in board.memories if each.writable),
        key=lambda each: (each.wait_states, -each.size),
    )
    return tuple(
        Memory(each.name, each.base, each.size, taken.get(each.name, 0), each.wait_states)
        for each in specs
    )
