"""Blocks of code the harts have run: decoded once, priced once, counted by the engine."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from .engine import BlockCost, Guard
from .isa import Decoder, Instruction, InterceptKind
from .odd_jumps import WORD_BYTES, alignment, is_odd
from .pricing import FirstRun, Seen, Timing

Look = Callable[[int, Sequence[Instruction]], Sequence[Seen]]
"""What there is to see in the block at an address before it first runs."""
Demand = tuple[int, int]
"""What an instruction asks for: accesses to banked memory, cycles of the unit that harts share."""

PAGE_SHIFT = 12


@dataclasses.dataclass(slots=True)
class Block:
    """Straight-line code as the engine runs it in one go.

    ``before`` maps the address of each instruction, and the address after the last, to the cycles
    and instructions that come before it. ``left_early`` counts how often the block was left before
    the instruction at an address, so that what did not run is not charged. ``demands`` has an entry
    for each instruction, or none if the block asks for nothing that harts share.
    """

    address: int
    code: bytes
    instructions: tuple[Instruction, ...]
    addresses: tuple[int, ...]
    cycles: int
    before: dict[int, tuple[int, int]]
    answered: tuple[int, ...]
    guarded: tuple[Guard, ...] = ()
    demands: tuple[Demand, ...] = ()
    left_early: dict[tuple[int, int], int] = dataclasses.field(default_factory=dict)

    def demand_from(self, index: int) -> Demand:
        """What the instructions from ``index`` on ask for together."""
        rest = self.demands[index:]
        return sum(each[0] for each in rest), sum(each[1] for each in rest)

    def cost(self, number: int) -> BlockCost:
        """The block as the engine is told of it."""
        accesses, unit_cycles = self.demand_from(0)
        return BlockCost(
            *(number, self.cycles, len(self.instructions), self.answered, self.guarded),
            *(accesses, unit_cycles),
        )

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

    def __init__(self, decoder: Decoder, timing: Timing) -> None:
        self._decoder, self._timing = decoder, timing
        self._whole_words = alignment(decoder.isa) == WORD_BYTES
        self.blocks: list[Block] = []
        self._numbers: dict[tuple[int, int], int] = {}
        self.pages: set[int] = set()
        self._extents: dict[int, set[tuple[int, int]]] = {}
        """By page, where code has ever been met."""

    def __getitem__(self, number: int) -> Block:
        return self.blocks[number]

    def meet(self, address: int, code: bytes, look: Look) -> int:
        """Decode and price a block, unless it is known; its number.

        Where the code has changed since it was met, it is a new block.
        """
        place = address, len(code)
        known = self._numbers.get(place)
        if known is not None and self.blocks[known].code == code:
            return known
        self._numbers[place] = number = len(self.blocks)
        instructions = self._decoder.block(code, address)
        seen = look(address, instructions)
        price = self._timing.price(FirstRun(address, instructions, seen))
        demands = list(zip((each.accesses for each in seen), price.unit_cycles, strict=True))
        block = _build(
            address, code, instructions, price.cycles, demands, whole_words=self._whole_words
        )
        self.blocks.append(block)
        self.note_code(address, len(code))
        return number

    def note_code(self, address: int, length: int) -> None:
        """There is code that has been met at the ``length`` bytes from ``address`` on."""
        for page in range(address >> PAGE_SHIFT, (address + length - 1 >> PAGE_SHIFT) + 1):
            self.pages.add(page)
            self._extents.setdefault(page, set()).add((address, address + length))

    def overlaps_code(self, address: int, length: int) -> bool:
        """Whether code was ever met at any of these bytes, which lie on one page."""
        extents = self._extents.get(address >> PAGE_SHIFT, ())
        return any(begin < address + length and address < end for begin, end in extents)

    def go_back(self, blocks: Sequence[Block]) -> int:
        """Know these blocks and no others; how many of them, from the first on, were known."""
        pairs = enumerate(zip(self.blocks, blocks, strict=False))
        shorter = min(len(self.blocks), len(blocks))
        known = next((number for number, (mine, block) in pairs if mine is not block), shorter)
        if known < len(self.blocks) or known < len(blocks):
            self.blocks[known:] = blocks[known:]
            self._numbers = {
                (each.address, len(each.code)): number for number, each in enumerate(self.blocks)
            }
        return known

    def is_code(self, address: int, length: int) -> bool:
        """Whether code was met on one of the pages of these bytes."""
        pages = range(address >> PAGE_SHIFT, (address + length - 1 >> PAGE_SHIFT) + 1)
        if len(pages) > len(self.pages):
            return any(page in pages for page in self.pages)
        return any(page in self.pages for page in pages)

    def decode(self, word: int) -> Instruction:
        """One instruction, from the 32 bits at its address."""
        return self._decoder.decode(word)

    def rebuild(
        self, address: int, code: bytes, costs: Sequence[int], demands: Sequence[Demand] = ()
    ) -> Block:
        """A block whose instructions are known to take ``costs`` cycles; the table stays as it is.

        ``ValueError`` if ``code`` has not so many instructions.
        """
        instructions = self._decoder.block(code, address)
        return _build(address, code, instructions, costs, demands, whole_words=self._whole_words)


def _build(
    address: int,
    code: bytes,
    instructions: tuple[Instruction, ...],
    costs: Sequence[int],
    demands: Sequence[Demand],
    *,
    whole_words: bool,
) -> Block:
    addresses, before, answered = [], {}, []
    guarded = []
    cycles = 0
    for count, (instruction, cost) in enumerate(zip(instructions, costs, strict=True)):
        addresses.append(address)
        before[address] = cycles, count
        if answered_by_platform(instruction) or (whole_words and is_odd(instruction)):
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
        tuple(demands) if any(demand != (0, 0) for demand in demands) else (),
    )
