"""Zba, Zbb, Zbs and Zicond, as RV32 encodes them.

RISC-V unprivileged ISA manual, chapters "B Extension for Bit Manipulation" and "Zicond Extension
for Integer Conditional Operations".
"""

from __future__ import annotations

from typing import Final

from vplat.machine.isa.encoding import Encoding, r_type, shift_type, unary_type
from vplat.machine.isa.instruction import InstructionClass
from vplat.machine.isa.integer_table import OP, OP_IMM


def _register_register(extension: str, *functions: tuple[str, int, int]) -> tuple[Encoding, ...]:
    """From (mnemonic, funct3, funct7)."""
    return tuple(
        r_type(
            mnemonic,
            InstructionClass.ALU,
            opcode=OP,
            funct3=funct3,
            funct7=funct7,
            extension=extension,
        )
        for mnemonic, funct3, funct7 in functions
    )


def _immediate(extension: str, *functions: tuple[str, int, int]) -> tuple[Encoding, ...]:
    """From (mnemonic, funct3, funct7)."""
    return tuple(
        shift_type(mnemonic, funct3=funct3, funct7=funct7, extension=extension)
        for mnemonic, funct3, funct7 in functions
    )


def _unary(*functions: tuple[str, int, int]) -> tuple[Encoding, ...]:
    """Zbb's, from (mnemonic, funct3, funct12)."""
    return tuple(
        unary_type(mnemonic, opcode=OP_IMM, funct3=funct3, funct12=funct12, extension="zbb")
        for mnemonic, funct3, funct12 in functions
    )


BIT_MANIPULATION: Final[tuple[Encoding, ...]] = (
    *_register_register("zba", ("sh1add", 2, 0x10), ("sh2add", 4, 0x10), ("sh3add", 6, 0x10)),
    *_register_register(
        "zbb",
        ("andn", 7, 0x20),
        ("orn", 6, 0x20),
        ("xnor", 4, 0x20),
        ("min", 4, 0x05),
        ("minu", 5, 0x05),
        ("max", 6, 0x05),
        ("maxu", 7, 0x05),
        ("rol", 1, 0x30),
        ("ror", 5, 0x30),
    ),
    *_immediate("zbb", ("rori", 5, 0x30)),
    *_unary(
        ("clz", 1, 0x600),
        ("ctz", 1, 0x601),
        ("cpop", 1, 0x602),
        ("sext.b", 1, 0x604),
        ("sext.h", 1, 0x605),
        ("orc.b", 5, 0x287),
        ("rev8", 5, 0x698),
    ),
    unary_type("zext.h", opcode=OP, funct3=4, funct12=0x080, extension="zbb"),
    *_register_register(
        "zbs", ("bclr", 1, 0x24), ("bext", 5, 0x24), ("binv", 1, 0x34), ("bset", 1, 0x14)
    ),
    *_immediate(
        "zbs", ("bclri", 1, 0x24), ("bexti", 5, 0x24), ("binvi", 1, 0x34), ("bseti", 1, 0x14)
    ),
    *_register_register("zicond", ("czero.eqz", 5, 0x07), ("czero.nez", 7, 0x07)),
)
