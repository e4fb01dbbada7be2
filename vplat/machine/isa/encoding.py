"""How an instruction is laid out in its word: the vocabulary of the encoding tables.

Field positions: RISC-V unprivileged ISA manual, chapter "RV32I Base Integer Instruction Set",
section "Immediate Encoding Variants", and the chapters of the extensions that each table names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vplat.machine.isa.instruction import InstructionClass, InterceptKind

BASE: Final = ""
"""The extension of instructions that every base has."""
RESERVED: Final = "reserved"
"""The extension of words that are illegal on every hart."""

Immediate = Callable[[int], int]


@dataclass(frozen=True, slots=True)
class RegisterField:
    """Where a register index stands: `(word >> shift & mask) + base`.

    A register that the encoding implies has a mask of 0.
    """

    shift: int
    mask: int = 31
    base: int = 0
    floating: bool = False


X_RD: Final = RegisterField(7)
X_RS1: Final = RegisterField(15)
X_RS2: Final = RegisterField(20)
F_RD: Final = RegisterField(7, floating=True)
F_RS1: Final = RegisterField(15, floating=True)
F_RS2: Final = RegisterField(20, floating=True)
F_RS3: Final = RegisterField(27, floating=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """One line of a table: a word is of this instruction if `word & mask == match`.

    Beyond that match, a word is reserved if its bits under `nonzero` are all 0, or if
    `rounding` is set and its rm field (bits 14..12) is 5 or 6. `extension` is the one that makes
    it legal, `BASE` for those every hart has, `RESERVED` for words with a name but no legal use.
    """

    mnemonic: str
    match: int
    mask: int
    kind: InstructionClass
    extension: str = BASE
    rd: RegisterField | None = None
    rs1: RegisterField | None = None
    rs2: RegisterField | None = None
    rs3: RegisterField | None = None
    immediate: Immediate | None = None
    has_csr: bool = False
    access_bytes: int = 0
    rounding: bool = False
    nonzero: int = 0
    intercept: InterceptKind = InterceptKind.NONE

    def __post_init__(self) -> None:
        if self.match & ~self.mask:
            raise ValueError(f"{self.mnemonic}: match has bits outside of mask")


def signed(value: int, bits: int) -> int:
    """`value`, a two's complement number of that many bits, as an int."""
    sign = 1 << (bits - 1)
    return (value ^ sign) - sign


def i_immediate(word: int) -> int:
    return signed(word >> 20, 12)


def s_immediate(word: int) -> int:
    return signed((word >> 20 & 0xFE0) | (word >> 7 & 0x1F), 12)


def b_immediate(word: int) -> int:
    high = (word >> 19 & 0x1000) | (word << 4 & 0x800)
    return signed(high | (word >> 20 & 0x7E0) | (word >> 7 & 0x1E), 13)


def u_immediate(word: int) -> int:
    return signed(word & 0xFFFFF000, 32)


def j_immediate(word: int) -> int:
    high = (word >> 11 & 0x100000) | (word & 0xFF000)
    return signed(high | (word >> 9 & 0x800) | (word >> 20 & 0x7FE), 21)


def five_bits_at_rs2(word: int) -> int:
    """A shift amount or a bit number."""
    return word >> 20 & 31


def five_bits_at_rs1(word: int) -> int:
    """The zimm of a CSR instruction."""
    return word >> 15 & 31


OPCODE_MASK: Final = 0x0000007F
FUNCT3_MASK: Final = 0x0000707F
FUNCT7_MASK: Final = 0xFE00707F
"""R type: funct7, funct3 and opcode."""
FUNCT12_MASK: Final = 0xFFF0707F
"""R type whose rs2 field belongs to the function code."""


def r_type(
    mnemonic: str,
    kind: InstructionClass,
    *,
    opcode: int,
    funct3: int,
    funct7: int,
    extension: str = BASE,
) -> Encoding:
    """An instruction on three x registers."""
    return Encoding(
        mnemonic=mnemonic,
        match=funct7 << 25 | funct3 << 12 | opcode,
        mask=FUNCT7_MASK,
        kind=kind,
        extension=extension,
        rd=X_RD,
        rs1=X_RS1,
        rs2=X_RS2,
    )


def shift_type(mnemonic: str, *, funct3: int, funct7: int, extension: str = BASE) -> Encoding:
    """An OP-IMM instruction with a 5-bit amount.

    On RV32 bit 25 is of the function code: a set shamt[5] is reserved (manual, RV32I, "Integer
    Register-Immediate Instructions").
    """
    return Encoding(
        mnemonic=mnemonic,
        match=funct7 << 25 | funct3 << 12 | 0x13,
        mask=FUNCT7_MASK,
        kind=InstructionClass.ALU,
        extension=extension,
        rd=X_RD,
        rs1=X_RS1,
        immediate=five_bits_at_rs2,
    )


def unary_type(
    mnemonic: str, *, opcode: int, funct3: int, funct12: int, extension: str
) -> Encoding:
    """An instruction from one x register to another."""
    return Encoding(
        mnemonic=mnemonic,
        match=funct12 << 20 | funct3 << 12 | opcode,
        mask=FUNCT12_MASK,
        kind=InstructionClass.ALU,
        extension=extension,
        rd=X_RD,
        rs1=X_RS1,
    )
