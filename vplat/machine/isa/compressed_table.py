"""C, the 16-bit instructions, as RV32 encodes them.

RISC-V unprivileged ISA manual, chapter "C Extension for Compressed Instructions", section "RVC
Instruction Set Listings" with its reserved and hint code points, and chapter "Zc*" for the split
into Zca, Zcf and Zcd.
"""

from __future__ import annotations

from typing import Final

from vplat.machine.isa.encoding import RESERVED, Encoding, Immediate, RegisterField, signed
from vplat.machine.isa.instruction import InstructionClass, InterceptKind

QUADRANT_MASK: Final = 0xE003
"""funct3 and the quadrant."""
FULL_REGISTER: Final = 0x0F80
"""The bits of a 5-bit rd or rs1."""
SECOND_REGISTER: Final = 0x007C
"""The bits of a 5-bit rs2."""
SIX_BIT_IMMEDIATE: Final = 0x107C

RD: Final = RegisterField(7)
RS1: Final = RegisterField(7)
RS2: Final = RegisterField(2)
F_RD: Final = RegisterField(7, floating=True)
F_RS2: Final = RegisterField(2, floating=True)
SHORT_RD_OR_RS1: Final = RegisterField(7, 7, 8)
SHORT_RD_OR_RS2: Final = RegisterField(2, 7, 8)
F_SHORT_RD_OR_RS2: Final = RegisterField(2, 7, 8, floating=True)
RETURN_ADDRESS: Final = RegisterField(0, 0, 1)
STACK_POINTER: Final = RegisterField(0, 0, 2)


def _scattered(*pieces: tuple[int, int, int], bits: int = 0) -> Immediate:
    """An immediate put together from (lowest bit in the word, width, lowest bit in the value).

    It is signed, of that many `bits`, unless `bits` is 0.
    """
    placed = tuple((source, (1 << width) - 1, target) for source, width, target in pieces)

    def immediate(word: int) -> int:
        value = 0
        for source, mask, target in placed:
            value |= (word >> source & mask) << target
        return signed(value, bits) if bits else value

    return immediate


_stack_address = _scattered((11, 2, 4), (7, 4, 6), (6, 1, 2), (5, 1, 3))
_stack_adjustment = _scattered((12, 1, 9), (6, 1, 4), (5, 1, 6), (3, 2, 7), (2, 1, 5), bits=10)
_six_bits = _scattered((12, 1, 5), (2, 5, 0), bits=6)
_upper_six_bits = _scattered((12, 1, 17), (2, 5, 12), bits=18)
_shift_amount = _scattered((2, 5, 0))
_jump_offset = _scattered(
    (12, 1, 11),
    (11, 1, 4),
    (9, 2, 8),
    (8, 1, 10),
    (7, 1, 6),
    (6, 1, 7),
    (3, 3, 1),
    (2, 1, 5),
    bits=12,
)
_branch_offset = _scattered((12, 1, 8), (10, 2, 3), (5, 2, 6), (3, 2, 1), (2, 1, 5), bits=9)

_WORD_OFFSET: Final = _scattered((10, 3, 3), (6, 1, 2), (5, 1, 6))
_DOUBLE_OFFSET: Final = _scattered((10, 3, 3), (5, 2, 6))
_WORD_STACK_LOAD: Final = _scattered((12, 1, 5), (4, 3, 2), (2, 2, 6))
_DOUBLE_STACK_LOAD: Final = _scattered((12, 1, 5), (5, 2, 3), (2, 3, 6))
_WORD_STACK_STORE: Final = _scattered((9, 4, 2), (7, 2, 6))
_DOUBLE_STACK_STORE: Final = _scattered((10, 3, 3), (7, 3, 6))


def _alu(
    mnemonic: str,
    match: int,
    mask: int,
    *,
    rd: RegisterField | None = None,
    rs1: RegisterField | None = None,
    rs2: RegisterField | None = None,
    immediate: Immediate | None = None,
    nonzero: int = 0,
) -> Encoding:
    return Encoding(
        mnemonic=mnemonic,
        match=match,
        mask=mask,
        kind=InstructionClass.ALU,
        extension="zca",
        rd=rd,
        rs1=rs1,
        rs2=rs2,
        immediate=immediate,
        nonzero=nonzero,
    )


def _load(
    mnemonic: str,
    match: int,
    extension: str,
    rd: RegisterField,
    rs1: RegisterField,
    immediate: Immediate,
    nonzero: int = 0,
) -> Encoding:
    return Encoding(
        mnemonic=mnemonic,
        match=match,
        mask=QUADRANT_MASK,
        kind=InstructionClass.FP_LOAD if rd.floating else InstructionClass.LOAD,
        extension=extension,
        rd=rd,
        rs1=rs1,
        immediate=immediate,
        access_bytes=8 if extension == "zcd" else 4,
        nonzero=nonzero,
    )


def _store(
    mnemonic: str,
    match: int,
    extension: str,
    rs2: RegisterField,
    rs1: RegisterField,
    immediate: Immediate,
) -> Encoding:
    return Encoding(
        mnemonic=mnemonic,
        match=match,
        mask=QUADRANT_MASK,
        kind=InstructionClass.FP_STORE if rs2.floating else InstructionClass.STORE,
        extension=extension,
        rs1=rs1,
        rs2=rs2,
        immediate=immediate,
        access_bytes=8 if extension == "zcd" else 4,
    )


def _memory() -> tuple[Encoding, ...]:
    """c.lwsp with rd = x0 is reserved; f0 is a register like any other."""
    short, floating = SHORT_RD_OR_RS2, F_SHORT_RD_OR_RS2
    base, stack = SHORT_RD_OR_RS1, STACK_POINTER
    return (
        _load("c.fld", 0x2000, "zcd", floating, base, _DOUBLE_OFFSET),
        _load("c.lw", 0x4000, "zca", short, base, _WORD_OFFSET),
        _load("c.flw", 0x6000, "zcf", floating, base, _WORD_OFFSET),
        _store("c.fsd", 0xA000, "zcd", floating, base, _DOUBLE_OFFSET),
        _store("c.sw", 0xC000, "zca", short, base, _WORD_OFFSET),
        _store("c.fsw", 0xE000, "zcf", floating, base, _WORD_OFFSET),
        _load("c.fldsp", 0x2002, "zcd", F_RD, stack, _DOUBLE_STACK_LOAD),
        _load("c.lwsp", 0x4002, "zca", RD, stack, _WORD_STACK_LOAD, FULL_REGISTER),
        _load("c.flwsp", 0x6002, "zcf", F_RD, stack, _WORD_STACK_LOAD),
        _store("c.fsdsp", 0xA002, "zcd", F_RS2, stack, _DOUBLE_STACK_STORE),
        _store("c.swsp", 0xC002, "zca", RS2, stack, _WORD_STACK_STORE),
        _store("c.fswsp", 0xE002, "zcf", F_RS2, stack, _WORD_STACK_STORE),
    )


def _immediates() -> tuple[Encoding, ...]:
    """Order matters: c.nop and c.addi16sp are code points of c.addi and c.lui."""
    short = SHORT_RD_OR_RS1
    return (
        Encoding(
            mnemonic="c.unimp",
            match=0,
            mask=0xFFFF,
            kind=InstructionClass.ILLEGAL,
            extension=RESERVED,
        ),
        _alu(
            "c.addi4spn",
            0x0000,
            QUADRANT_MASK,
            rd=SHORT_RD_OR_RS2,
            rs1=STACK_POINTER,
            immediate=_stack_address,
            nonzero=0x1FE0,
        ),
        _alu("c.nop", 0x0001, QUADRANT_MASK | FULL_REGISTER, immediate=_six_bits),
        _alu("c.addi", 0x0001, QUADRANT_MASK, rd=RD, rs1=RS1, immediate=_six_bits),
        _alu("c.li", 0x4001, QUADRANT_MASK, rd=RD, immediate=_six_bits),
        _alu(
            "c.addi16sp",
            0x6101,
            QUADRANT_MASK | FULL_REGISTER,
            rd=STACK_POINTER,
            rs1=STACK_POINTER,
            immediate=_stack_adjustment,
            nonzero=SIX_BIT_IMMEDIATE,
        ),
        _alu(
            "c.lui",
            0x6001,
            QUADRANT_MASK,
            rd=RD,
            immediate=_upper_six_bits,
            nonzero=SIX_BIT_IMMEDIATE,
        ),
        _alu("c.andi", 0x8801, 0xEC03, rd=short, rs1=short, immediate=_six_bits),
    )


def _shifts() -> tuple[Encoding, ...]:
    """A set shamt[5], bit 12, is not an RV32 shift; an amount of 0 is a hint."""
    short = SHORT_RD_OR_RS1
    return (
        _alu("c.srli", 0x8001, 0xFC03, rd=short, rs1=short, immediate=_shift_amount),
        _alu("c.srai", 0x8401, 0xFC03, rd=short, rs1=short, immediate=_shift_amount),
        _alu("c.slli", 0x0002, 0xF003, rd=RD, rs1=RS1, immediate=_shift_amount),
    )


def _register_register() -> tuple[Encoding, ...]:
    functions = (("c.sub", 0x8C01), ("c.xor", 0x8C21), ("c.or", 0x8C41), ("c.and", 0x8C61))
    short = tuple(
        _alu(
            mnemonic,
            match,
            0xFC63,
            rd=SHORT_RD_OR_RS1,
            rs1=SHORT_RD_OR_RS1,
            rs2=SHORT_RD_OR_RS2,
        )
        for mnemonic, match in functions
    )
    return (
        *short,
        _alu("c.mv", 0x8002, 0xF003, rd=RD, rs2=RS2, nonzero=SECOND_REGISTER),
        _alu("c.add", 0x9002, 0xF003, rd=RD, rs1=RS1, rs2=RS2, nonzero=SECOND_REGISTER),
    )


def _control(
    mnemonic: str,
    match: int,
    mask: int,
    kind: InstructionClass,
    *,
    rd: RegisterField | None = None,
    rs1: RegisterField | None = None,
    immediate: Immediate | None = None,
    nonzero: int = 0,
    intercept: InterceptKind = InterceptKind.NONE,
) -> Encoding:
    return Encoding(
        mnemonic=mnemonic,
        match=match,
        mask=mask,
        kind=kind,
        extension="zca",
        rd=rd,
        rs1=rs1,
        immediate=immediate,
        nonzero=nonzero,
        intercept=intercept,
    )


def _control_transfers() -> tuple[Encoding, ...]:
    """Order matters: c.ebreak is a code point of c.jalr."""
    jump, register = InstructionClass.JUMP, InstructionClass.JUMP_REGISTER
    branch = InstructionClass.BRANCH
    link, short = RETURN_ADDRESS, SHORT_RD_OR_RS1
    return (
        _control("c.jal", 0x2001, QUADRANT_MASK, jump, rd=link, immediate=_jump_offset),
        _control("c.j", 0xA001, QUADRANT_MASK, jump, immediate=_jump_offset),
        _control("c.beqz", 0xC001, QUADRANT_MASK, branch, rs1=short, immediate=_branch_offset),
        _control("c.bnez", 0xE001, QUADRANT_MASK, branch, rs1=short, immediate=_branch_offset),
        _control(
            "c.ebreak",
            0x9002,
            0xFFFF,
            InstructionClass.SYSTEM,
            intercept=InterceptKind.EBREAK,
        ),
        _control("c.jr", 0x8002, 0xF07F, register, rs1=RS1, nonzero=FULL_REGISTER),
        _control("c.jalr", 0x9002, 0xF07F, register, rd=link, rs1=RS1, nonzero=FULL_REGISTER),
    )


COMPRESSED: Final[tuple[Encoding, ...]] = (
    *_memory(),
    *_immediates(),
    *_shifts(),
    *_control_transfers(),
    *_register_register(),
)
