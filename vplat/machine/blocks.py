"""Blocks of code the harts have run: decoded once, priced once, counted by the engine."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from .engine import Guard
from .isa import Decoder, Instruction, InterceptKind

Pricing = Callable[[Sequence[Instruction]], Sequence[int]]
"""The cycles each instruction of a block takes, by a timing table."""
Waits = Callable[[int, Sequence[Instruction]], Sequence[int]]
"""The cycles each instruction of a block at an address waits for memory."""

PAGE_SHIFT = 12


@dataclasses.dataclass(slots=True)
class Block:
    """Straight-line code as the engine runs it in one go.

    ``before`` maps the address of each instruction, and the address after the last, to the cycles
    and instructions that come before it. ``left_early`` counts how often the block was left before
    the instruction at an address, so that what did not run is not charged.
    """

    address: int
    code: bytes
    instructions: tuple[Instruction, ...]
    addresses: tuple[int, ...]
    cycles: int
    before: dict[int, tuple[int, int]]
    answered: tuple[int, ...]
    guarded: tuple[Guard, ...] = ()
    left_early: dict[tuple[int, int], int] = dataclasses.field(default_factory=dict)

    def instruction_at(self, address: int) -> Instruction | None:
        """The instruction that starts at ``address``."""
        try:
            return self.instructions[self.addresses.index(address)]
        except ValueError:
            return None


def answered_by_platform(instruction: Instruction) -> bool:
    """Whether the platform, not the engine, carries the instruction out.

    Load-reserved and store-conditional are among them: the engine's own store-conditional compares
    values, so that it succeeds after another hart has stored and restored one.
    """
    return instruction.intercept is not InterceptKind.NONE or instruction.mnemonic in (
        "lr.w",
        "sc.w",
    )


def guarded_by_platform(instruction: Instruction) -> bool:
    """Whether the platform carries the instruction out when an operand is a signalling NaN.

    The engine's minimum and maximum are those of IEEE 754-2008, where such an operand makes the
    result a NaN; RISC-V has had minimumNumber and maximumNumber since version 2.2 of F.
    """
    return instruction.legal and instruction.mnemonic.startswith(("fmin.", "fmax."))


class BlockTable:
    """Every block met so far, by its number."""

    def __init__(self, decoder: Decoder, price: Pricing) -> None:
        self._decoder, self._price = decoder, price
        self.blocks: list[Block] = []
        self._numbers: dict[tuple[int, int], int] = {}
        self.pages: set[int] = set()

    def __getitem__(self, number: int) -> Block:
        return self.blocks[number]

    def meet(self, address: int, code: bytes, waits: Waits) -> int:
        """Decode and price a block, unless it is known; its number.

        Where the code has changed since it was met, it is a new block. ``waits`` gives the cycles
        beyond a TCDM hit that each instruction's data access takes.
        """
        place = address, len(code)
        known = self._numbers.get(place)
        if known is not None and self.blocks[known].code == code:
            return known
        self._numbers[place] = number = len(self.blocks)
        self.blocks.append(self._build(address, code, waits))
        self.note_code(address, len(code))
        return number

    def note_code(self, address: int, length: int) -> None:
        """There is code that has been met at the ``length`` bytes from ``address`` on."""
        self.pages.update(range(address >> PAGE_SHIFT, (address + length - 1 >> PAGE_SHIFT) + 1))

    def is_code(self, address: int, length: int) -> bool:
        """Whether code was met on one of the pages of these bytes."""
        pages = range(address >> PAGE_SHIFT, (address + length - 1 >> PAGE_SHIFT) + 1)
        return any(page in self.pages for page in pages)

    def decode(self, word: int) -> Instruction:
        """One instruction, from the 32 bits at its address."""
        return self._decoder.decode(word)

    def _build(self, address: int, code: bytes, waits: Waits) -> Block:
        instructions = self._decoder.block(code, address)
        prices, waited = self._price(instructions), waits(address, instructions)
        costs = [price + wait for price, wait in zip(prices, waited, strict=True)]
        addresses, before, answered = [], {}, []
        guarded = []
        cycles = 0
        for count, (instruction, cost) in enumerate(zip(instructions, costs, strict=True)):
            addresses.append(address)
            before[address] = cycles, count
            if answered_by_platform(instruction):
                answered.append(address)
            elif guarded_by_platform(instruction):
                is_double = instruction.mnemonic.endswith("d")
                guarded.append(Guard(address, instruction.rs1, instruction.rs2, is_double))
            cycles += cost
            address += instruction.length
        before[address] = cycles, len(instructions)
        return Block(
            addresses[0] if addresses else address,
            code,
            instructions,
            tuple(addresses),
            cycles,
            before,
            tuple(answered),
            tuple(guarded),
        )
