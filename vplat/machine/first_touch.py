"""What the first run of a block tells of its instructions: memory, divisions, jumps.

An engine that called back for every load and store would be ten times slower. So the place of each
access is worked out once, when a hart is about to run the block for the first time: from the
registers it has then, through the additions and constants in the block. What depends on a value
loaded in the block stays unknown and counts as a TCDM hit. The figure is therefore an estimate:
exact for code whose accesses always go to the same memory, as those to stacks, globals and buffers
do. The same holds for the operands of divisions, and for where jumps to registers lead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Protocol

from .isa import Instruction, InstructionClass
from .pricing import UNSEEN, Seen

WORD: Final = 0xFFFF_FFFF
WORD_BYTES: Final = 4
FOLLOWED: Final = {
    "mv": int.__add__,
    "addi": int.__add__,
    "addi16sp": int.__add__,
    "addi4spn": int.__add__,
    "add": int.__add__,
    "sub": int.__sub__,
    "and": int.__and__,
    "andi": int.__and__,
    "or": int.__or__,
    "ori": int.__or__,
    "xor": int.__xor__,
    "xori": int.__xor__,
    "slli": int.__lshift__,
    "srli": int.__rshift__,
}
"""What leaves a value that follows from its operands, the second of which may be a constant."""
Register = Callable[[int], int]
"""The value that a register has when the block begins."""


class DataMemory(NamedTuple):
    """What answers at an address: how long an access waits, and whether harts share its banks."""

    wait_states: int
    banked: bool


class Memory(Protocol):
    """The address map, as far as it matters here."""

    def data_memory(self, address: int | None) -> DataMemory:
        """What answers a load or store; None is an address that nobody knows."""
        ...

    def splits(self, target: int) -> bool:
        """Whether a 4-byte instruction that is not on a word boundary begins at ``target``."""
        ...


class Known:
    """What is known of the registers while a block is followed; each is read only if it matters."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._values: dict[int, int | None] = {}

    def __getitem__(self, number: int) -> int | None:
        if number not in self._values:
            self._values[number] = self._register(number)
        return self._values[number]

    def __setitem__(self, number: int, value: int | None) -> None:
        self._values[number] = value


def first_look(
    address: int, instructions: Sequence[Instruction], register: Register, memory: Memory
) -> list[Seen]:
    """What there is to see in the block at ``address``, begun with ``register``."""
    known = Known(register)
    seen = []
    for instruction in instructions:
        seen.append(_look(address, instruction, known, memory))
        if instruction.writes > 0:
            known[instruction.writes] = _result(address, instruction, known)
        address += instruction.length
    return seen


def _look(address: int, instruction: Instruction, known: Known, memory: Memory) -> Seen:
    if instruction.is_memory:
        return _access(instruction, known, memory)
    match instruction.kind:
        case InstructionClass.DIV:
            return Seen(operands=(known[instruction.rs1], known[instruction.rs2]))
        case InstructionClass.BRANCH | InstructionClass.JUMP:
            target = address + instruction.imm & WORD
            return Seen(target=target, split_target=memory.splits(target))
        case InstructionClass.JUMP_REGISTER:
            base = known[instruction.rs1]
            if base is None:
                return UNSEEN
            target = base + instruction.imm & WORD & ~1
            return Seen(target=target, split_target=memory.splits(target))
    return UNSEEN


def _access(instruction: Instruction, known: Known, memory: Memory) -> Seen:
    base = known[instruction.rs1]
    place = None if base is None else base + instruction.imm & WORD
    found = memory.data_memory(place)
    size = instruction.access_bytes
    crosses = place is not None and place % size != 0 and place % WORD_BYTES + size > WORD_BYTES
    # An AMO keeps its bank for the store that follows the load.
    twice = crosses or instruction.kind is InstructionClass.AMO
    return Seen(found.wait_states, crosses, found.banked * (1 + twice))


def _result(address: int, instruction: Instruction, known: Known) -> int | None:
    """What an address computation leaves in its register; None for everything else."""
    name = instruction.mnemonic.removeprefix("c.")
    if name in ("lui", "li"):
        return instruction.imm & WORD
    if name == "auipc":
        return address + instruction.imm & WORD
    if name not in FOLLOWED:
        return None
    first = known[instruction.rs1] if instruction.rs1 >= 0 else 0
    second = known[instruction.rs2] if instruction.rs2 >= 0 else instruction.imm & WORD
    if first is None or second is None:
        return None
    return FOLLOWED[name](first, second) & WORD
