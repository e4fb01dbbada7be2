"""F and D, as RV32 encodes them.

RISC-V unprivileged ISA manual, chapters "F Extension for Single-Precision Floating-Point" and "D
Extension for Double-Precision Floating-Point". The conversions to and from 64-bit integers, and
fmv.x.d with fmv.d.x, are of RV64 and so reserved here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vplat.machine.isa.encoding import (
    F_RD,
    F_RS1,
    F_RS2,
    F_RS3,
    FUNCT3_MASK,
    FUNCT7_MASK,
    FUNCT12_MASK,
    X_RD,
    X_RS1,
    Encoding,
    RegisterField,
    i_immediate,
    s_immediate,
)
from vplat.machine.isa.instruction import InstructionClass

LOAD_FP: Final = 0x07
STORE_FP: Final = 0x27
OP_FP: Final = 0x53

FUSED_MASK: Final = 0x0600007F
"""fmt and opcode; funct3 is the rounding mode."""
ROUNDED_MASK: Final = 0xFE00007F
ROUNDED_UNARY_MASK: Final = 0xFFF0007F


@dataclass(frozen=True, slots=True)
class Format:
    """A floating-point format: its suffix, its extension, its fmt field and its width."""

    suffix: str
    extension: str
    code: int
    access_bytes: int
    memory_funct3: int
    load: str
    store: str


SINGLE: Final = Format("s", "f", 0, 4, 2, "flw", "fsw")
DOUBLE: Final = Format("d", "d", 1, 8, 3, "fld", "fsd")


def _memory(format_: Format) -> tuple[Encoding, ...]:
    return (
        Encoding(
            mnemonic=format_.load,
            match=format_.memory_funct3 << 12 | LOAD_FP,
            mask=FUNCT3_MASK,
            kind=InstructionClass.FP_LOAD,
            extension=format_.extension,
            rd=F_RD,
            rs1=X_RS1,
            immediate=i_immediate,
            access_bytes=format_.access_bytes,
        ),
        Encoding(
            mnemonic=format_.store,
            match=format_.memory_funct3 << 12 | STORE_FP,
            mask=FUNCT3_MASK,
            kind=InstructionClass.FP_STORE,
            extension=format_.extension,
            rs1=X_RS1,
            rs2=F_RS2,
            immediate=s_immediate,
            access_bytes=format_.access_bytes,
        ),
    )


def _fused(format_: Format) -> tuple[Encoding, ...]:
    opcodes = (("fmadd", 0x43), ("fmsub", 0x47), ("fnmsub", 0x4B), ("fnmadd", 0x4F))
    return tuple(
        Encoding(
            mnemonic=f"{name}.{format_.suffix}",
            match=format_.code << 25 | opcode,
            mask=FUSED_MASK,
            kind=InstructionClass.FP_FMA,
            extension=format_.extension,
            rd=F_RD,
            rs1=F_RS1,
            rs2=F_RS2,
            rs3=F_RS3,
            rounding=True,
        )
        for name, opcode in opcodes
    )


def _arithmetic(format_: Format) -> tuple[Encoding, ...]:
    functions = (
        ("fadd", 0x00, InstructionClass.FP_ADD),
        ("fsub", 0x04, InstructionClass.FP_ADD),
        ("fmul", 0x08, InstructionClass.FP_MUL),
        ("fdiv", 0x0C, InstructionClass.FP_DIV),
    )
    binary = tuple(
        Encoding(
            mnemonic=f"{name}.{format_.suffix}",
            match=(funct7 | format_.code) << 25 | OP_FP,
            mask=ROUNDED_MASK,
            kind=kind,
            extension=format_.extension,
            rd=F_RD,
            rs1=F_RS1,
            rs2=F_RS2,
            rounding=True,
        )
        for name, funct7, kind in functions
    )
    return (
        *binary,
        _rounded_unary(
            f"fsqrt.{format_.suffix}",
            InstructionClass.FP_SQRT,
            format_.extension,
            funct12=(0x2C | format_.code) << 5,
        ),
    )


def _rounded_unary(
    mnemonic: str,
    kind: InstructionClass,
    extension: str,
    *,
    funct12: int,
    rd: RegisterField = F_RD,
    rs1: RegisterField = F_RS1,
) -> Encoding:
    return Encoding(
        mnemonic=mnemonic,
        match=funct12 << 20 | OP_FP,
        mask=ROUNDED_UNARY_MASK,
        kind=kind,
        extension=extension,
        rd=rd,
        rs1=rs1,
        rounding=True,
    )


def _selections(format_: Format) -> tuple[Encoding, ...]:
    """Sign injection, minimum and maximum, comparison: two operands and no rounding."""
    functions = (
        ("fsgnj", 0x10, 0, F_RD),
        ("fsgnjn", 0x10, 1, F_RD),
        ("fsgnjx", 0x10, 2, F_RD),
        ("fmin", 0x14, 0, F_RD),
        ("fmax", 0x14, 1, F_RD),
        ("fle", 0x50, 0, X_RD),
        ("flt", 0x50, 1, X_RD),
        ("feq", 0x50, 2, X_RD),
    )
    return tuple(
        Encoding(
            mnemonic=f"{name}.{format_.suffix}",
            match=(funct7 | format_.code) << 25 | funct3 << 12 | OP_FP,
            mask=FUNCT7_MASK,
            kind=InstructionClass.FP_MISC,
            extension=format_.extension,
            rd=rd,
            rs1=F_RS1,
            rs2=F_RS2,
        )
        for name, funct7, funct3, rd in functions
    )


def _integer_conversions(format_: Format) -> tuple[Encoding, ...]:
    suffix = format_.suffix
    functions = (
        (f"fcvt.w.{suffix}", 0x60, 0, X_RD, F_RS1),
        (f"fcvt.wu.{suffix}", 0x60, 1, X_RD, F_RS1),
        (f"fcvt.{suffix}.w", 0x68, 0, F_RD, X_RS1),
        (f"fcvt.{suffix}.wu", 0x68, 1, F_RD, X_RS1),
    )
    return tuple(
        _rounded_unary(
            mnemonic,
            InstructionClass.FP_CONVERT,
            format_.extension,
            funct12=(funct7 | format_.code) << 5 | rs2,
            rd=rd,
            rs1=rs1,
        )
        for mnemonic, funct7, rs2, rd, rs1 in functions
    )


def _unrounded_unary(
    mnemonic: str,
    extension: str,
    funct7: int,
    funct3: int,
    rd: RegisterField = X_RD,
    rs1: RegisterField = F_RS1,
) -> Encoding:
    return Encoding(
        mnemonic=mnemonic,
        match=funct7 << 25 | funct3 << 12 | OP_FP,
        mask=FUNCT12_MASK,
        kind=InstructionClass.FP_MISC,
        extension=extension,
        rd=rd,
        rs1=rs1,
    )


def _of_format(format_: Format) -> tuple[Encoding, ...]:
    return (
        *_memory(format_),
        *_fused(format_),
        *_arithmetic(format_),
        *_selections(format_),
        *_integer_conversions(format_),
        _unrounded_unary(f"fclass.{format_.suffix}", format_.extension, 0x70 | format_.code, 1),
    )


FLOATING_POINT: Final[tuple[Encoding, ...]] = (
    *_of_format(SINGLE),
    *_of_format(DOUBLE),
    _unrounded_unary("fmv.x.w", "f", 0x70, 0),
    _unrounded_unary("fmv.w.x", "f", 0x78, 0, F_RD, X_RS1),
    _rounded_unary("fcvt.s.d", InstructionClass.FP_CONVERT, "d", funct12=0x401),
    _rounded_unary("fcvt.d.s", InstructionClass.FP_CONVERT, "d", funct12=0x420),
)
