"""Jumps that would lead to between two words, on harts that fetch whole words only.

The engine takes them, since it has compressed instructions, and writes the link register on the
way. Those whose offset says that they may go astray are left to the machine; of the others, which
go astray because of a register, the machine learns when the hart arrives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .isa import Instruction, InstructionClass, Isa

WORD: Final = 0xFFFF_FFFF
SIGN: Final = 1 << 31
WORD_BYTES: Final = 4
HALF_WORD_BYTES: Final = 2
COMPRESSED: Final = ("c", "zca")
JUMPS: Final = (InstructionClass.BRANCH, InstructionClass.JUMP, InstructionClass.JUMP_REGISTER)
Register = Callable[[int], int]


def alignment(isa: Isa) -> int:
    """Every instruction of ``isa`` begins at a multiple of so many bytes."""
    return HALF_WORD_BYTES if any(isa.has(each) for each in COMPRESSED) else WORD_BYTES


def is_odd(instruction: Instruction) -> bool:
    """Whether it is a jump or branch by no whole number of words."""
    return instruction.kind in JUMPS and instruction.imm % WORD_BYTES > 1


def destination(instruction: Instruction, pc: int, register: Register) -> int:
    """Where a jump or branch at ``pc`` leads, be it to the next instruction."""
    if instruction.kind is InstructionClass.JUMP_REGISTER:
        return register(instruction.rs1) + instruction.imm & WORD & ~1
    if instruction.kind is InstructionClass.BRANCH and not _is_taken(instruction, register):
        return pc + instruction.length & WORD
    return pc + instruction.imm & WORD


def _is_taken(branch: Instruction, register: Register) -> bool:
    first, second = register(branch.rs1), register(branch.rs2)
    # Comparing signed numbers is comparing them with their signs turned round.
    signed = (first ^ SIGN) < (second ^ SIGN)
    match branch.mnemonic:
        case "beq" | "bne":
            holds = first == second
        case "blt" | "bge":
            holds = signed
        case _:
            holds = first < second
    return holds != (branch.mnemonic in ("bne", "bge", "bgeu"))


def why_misaligned(target: int) -> str:
    """What is wrong with a jump, in words."""
    return f"a jump to {target:#010x}, where no instruction can begin"
