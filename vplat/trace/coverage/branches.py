"""What coverage needs beyond the counts of blocks: whether branches were taken."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from vplat.machine.isa import InstructionClass
from vplat.model import Observer

from ..executed import Executed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vplat.machine.blocks import Block
    from vplat.machine.machine import Machine

INTERRUPT: Final = 1 << 31


class Branches(Observer):
    """How often code has run and branches were not taken, from the moment on at which it is made.

    The engine counts how often a block was entered from the code in front of it. Where that is a
    branch, it was not taken. An interrupt right behind a branch hides where the branch led; it
    shows in what the hart is going to return to.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._hidden: Counter[int] = Counter()
        self._runs_before = Executed.of(machine).total_runs()
        self._falls_before = [list(machine.engine.falls(hart.index)) for hart in machine.harts]

    def hart_trapped(self, hart: int, cycle: int, cause: int, pc: int, value: int) -> None:
        """A hart takes an interrupt before the instruction at ``pc``."""
        block = self._machine.harts[hart].block
        if cause & INTERRUPT and block is not None and pc == _end(block):
            self._hidden[pc] += 1

    def runs(self) -> dict[int, int]:
        """How often the instruction at each address has retired, on all harts together."""
        before = self._runs_before
        runs = Executed.of(self._machine).total_runs()
        return {address: count - before.get(address, 0) for address, count in runs.items()}

    def not_taken(self) -> Mapping[int, int]:
        """By the address of a branch, how often a hart went on behind it."""
        machine = self._machine
        blocks = machine.blocks.blocks
        into = Counter(self._hidden)
        for hart, before in zip(machine.harts, self._falls_before, strict=True):
            for number, times in enumerate(machine.engine.falls(hart.index)):
                earlier = before[number] if number < len(before) else 0
                into[blocks[number].address] += times - earlier
        return {address: into[end] for address, end in _branches(blocks)}


def _branches(blocks: list[Block]) -> Iterator[tuple[int, int]]:
    """The branches that blocks end with, and where the code behind each begins."""
    for block in blocks:
        if block.instructions and block.instructions[-1].kind is InstructionClass.BRANCH:
            yield block.addresses[-1], _end(block)


def _end(block: Block) -> int:
    return block.address + len(block.code)
