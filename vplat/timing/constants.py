"""What a block alone tells of the values in its registers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from vplat.machine.isa import Instruction, InstructionClass

WORD_BITS: Final = 32
WORD: Final = (1 << WORD_BITS) - 1
SIGN: Final = 1 << WORD_BITS - 1
SIGNED_DIVISIONS: Final = ("div", "rem")


def divisor_zeros(instructions: Sequence[Instruction]) -> dict[int, int]:
    """Leading zeros, 0..32, of each divisor that the block itself loads, by the division's index.

    A signed division by a negative number is left out: what a divider does with its sign differs.
    """
    if not any(each.kind is InstructionClass.DIV for each in instructions):
        return {}
    values = {0: 0}
    zeros = {}
    for index, each in enumerate(instructions):
        if each.kind is InstructionClass.DIV and each.rs2 in values:
            divisor = values[each.rs2]
            if divisor < SIGN or each.mnemonic not in SIGNED_DIVISIONS:
                zeros[index] = WORD_BITS - divisor.bit_length()
        if each.writes >= 0:
            value = _value(each, values)
            values.pop(each.writes, None)
            if value is not None:
                values[each.writes] = value & WORD
    return zeros


def _value(instruction: Instruction, values: dict[int, int]) -> int | None:
    """What the instruction writes, where that follows from the registers known."""
    match instruction.mnemonic:
        case "lui" | "c.lui" | "c.li":
            return instruction.imm
        case "addi" | "c.addi" if instruction.rs1 in values:
            return values[instruction.rs1] + instruction.imm
        case "c.mv":
            return values.get(instruction.rs2)
    return None
