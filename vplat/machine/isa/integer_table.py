"""RV32I/E, M, A, Zicsr, Zifencei and the privileged instructions.

RISC-V unprivileged ISA manual: chapters "RV32I Base Integer Instruction Set", "RV32E", "M", "A",
"Zicsr", "Zifencei" and "Zihintpause"; encodings: chapter "RV32/64G Instruction Set Listings".
Privileged manual: chapter "Machine-Level ISA", section "Machine-Mode Privileged Instructions", and
chapter "Supervisor-Level ISA", section "Supervisor Instructions".
"""

from __future__ import annotations

from typing import Final

from vplat.machine.isa.encoding import (
    FUNCT3_MASK,
    OPCODE_MASK,
    RESERVED,
    X_RD,
    X_RS1,
    X_RS2,
    Encoding,
    b_immediate,
    five_bits_at_rs1,
    i_immediate,
    j_immediate,
    r_type,
    s_immediate,
    shift_type,
    u_immediate,
)
from vplat.machine.isa.instruction import InstructionClass, InterceptKind

LOAD: Final = 0x03
MISC_MEM: Final = 0x0F
OP_IMM: Final = 0x13
AUIPC: Final = 0x17
STORE: Final = 0x23
AMO: Final = 0x2F
OP: Final = 0x33
LUI: Final = 0x37
BRANCH: Final = 0x63
JALR: Final = 0x67
JAL: Final = 0x6F
SYSTEM: Final = 0x73

WORD_WIDTH: Final = 2
"""funct3 of a 4-byte AMO."""

NO_OPERANDS_MASK: Final = 0xFFFFFFFF
LOAD_RESERVED_MASK: Final = 0xF9F0707F
AMO_MASK: Final = 0xF800707F
"""funct5, funct3 and opcode: aq and rl (bits 26 and 25) are free."""
SFENCE_MASK: Final = 0xFE007FFF


def _upper_immediates() -> tuple[Encoding, ...]:
    return tuple(
        Encoding(
            mnemonic=mnemonic,
            match=opcode,
            mask=OPCODE_MASK,
            kind=InstructionClass.ALU,
            rd=X_RD,
            immediate=u_immediate,
        )
        for mnemonic, opcode in (("lui", LUI), ("auipc", AUIPC))
    )


def _jumps() -> tuple[Encoding, ...]:
    return (
        Encoding(
            mnemonic="jal",
            match=JAL,
            mask=OPCODE_MASK,
            kind=InstructionClass.JUMP,
            rd=X_RD,
            immediate=j_immediate,
        ),
        Encoding(
            mnemonic="jalr",
            match=JALR,
            mask=FUNCT3_MASK,
            kind=InstructionClass.JUMP_REGISTER,
            rd=X_RD,
            rs1=X_RS1,
            immediate=i_immediate,
        ),
    )


def _branches() -> tuple[Encoding, ...]:
    conditions = (("beq", 0), ("bne", 1), ("blt", 4), ("bge", 5), ("bltu", 6), ("bgeu", 7))
    return tuple(
        Encoding(
            mnemonic=mnemonic,
            match=funct3 << 12 | BRANCH,
            mask=FUNCT3_MASK,
            kind=InstructionClass.BRANCH,
            rs1=X_RS1,
            rs2=X_RS2,
            immediate=b_immediate,
        )
        for mnemonic, funct3 in conditions
    )


def _loads() -> tuple[Encoding, ...]:
    widths = (("lb", 0, 1), ("lh", 1, 2), ("lw", 2, 4), ("lbu", 4, 1), ("lhu", 5, 2))
    return tuple(
        Encoding(
            mnemonic=mnemonic,
            match=funct3 << 12 | LOAD,
            mask=FUNCT3_MASK,
            kind=InstructionClass.LOAD,
            rd=X_RD,
            rs1=X_RS1,
            immediate=i_immediate,
            access_bytes=access_bytes,
        )
        for mnemonic, funct3, access_bytes in widths
    )


def _stores() -> tuple[Encoding, ...]:
    return tuple(
        Encoding(
            mnemonic=mnemonic,
            match=funct3 << 12 | STORE,
            mask=FUNCT3_MASK,
            kind=InstructionClass.STORE,
            rs1=X_RS1,
            rs2=X_RS2,
            immediate=s_immediate,
            access_bytes=access_bytes,
        )
        for mnemonic, funct3, access_bytes in (("sb", 0, 1), ("sh", 1, 2), ("sw", 2, 4))
    )


def _register_immediate() -> tuple[Encoding, ...]:
    functions = (("addi", 0), ("slti", 2), ("sltiu", 3), ("xori", 4), ("ori", 6), ("andi", 7))
    arithmetic = tuple(
        Encoding(
            mnemonic=mnemonic,
            match=funct3 << 12 | OP_IMM,
            mask=FUNCT3_MASK,
            kind=InstructionClass.ALU,
            rd=X_RD,
            rs1=X_RS1,
            immediate=i_immediate,
        )
        for mnemonic, funct3 in functions
    )
    return (
        *arithmetic,
        shift_type("slli", funct3=1, funct7=0x00),
        shift_type("srli", funct3=5, funct7=0x00),
        shift_type("srai", funct3=5, funct7=0x20),
    )


def _register_register() -> tuple[Encoding, ...]:
    functions = (
        ("add", 0, 0x00),
        ("sub", 0, 0x20),
        ("sll", 1, 0x00),
        ("slt", 2, 0x00),
        ("sltu", 3, 0x00),
        ("xor", 4, 0x00),
        ("srl", 5, 0x00),
        ("sra", 5, 0x20),
        ("or", 6, 0x00),
        ("and", 7, 0x00),
    )
    return tuple(
        r_type(mnemonic, InstructionClass.ALU, opcode=OP, funct3=funct3, funct7=funct7)
        for mnemonic, funct3, funct7 in functions
    )


def _multiply_divide() -> tuple[Encoding, ...]:
    functions = (
        ("mul", InstructionClass.MUL, "zmmul"),
        ("mulh", InstructionClass.MULH, "zmmul"),
        ("mulhsu", InstructionClass.MULH, "zmmul"),
        ("mulhu", InstructionClass.MULH, "zmmul"),
        ("div", InstructionClass.DIV, "m"),
        ("divu", InstructionClass.DIV, "m"),
        ("rem", InstructionClass.DIV, "m"),
        ("remu", InstructionClass.DIV, "m"),
    )
    return tuple(
        r_type(mnemonic, kind, opcode=OP, funct3=funct3, funct7=0x01, extension=extension)
        for funct3, (mnemonic, kind, extension) in enumerate(functions)
    )


def _atomic(
    mnemonic: str, funct5: int, kind: InstructionClass, extension: str, mask: int = AMO_MASK
) -> Encoding:
    return Encoding(
        mnemonic=mnemonic,
        match=funct5 << 27 | WORD_WIDTH << 12 | AMO,
        mask=mask,
        kind=kind,
        extension=extension,
        rd=X_RD,
        rs1=X_RS1,
        rs2=None if mask == LOAD_RESERVED_MASK else X_RS2,
        access_bytes=4,
    )


def _atomics() -> tuple[Encoding, ...]:
    operations = (
        ("amoswap.w", 0x01),
        ("amoadd.w", 0x00),
        ("amoxor.w", 0x04),
        ("amoand.w", 0x0C),
        ("amoor.w", 0x08),
        ("amomin.w", 0x10),
        ("amomax.w", 0x14),
        ("amominu.w", 0x18),
        ("amomaxu.w", 0x1C),
    )
    return (
        _atomic("lr.w", 0x02, InstructionClass.LOAD_RESERVED, "zalrsc", LOAD_RESERVED_MASK),
        _atomic("sc.w", 0x03, InstructionClass.STORE_CONDITIONAL, "zalrsc"),
        *(
            _atomic(mnemonic, funct5, InstructionClass.AMO, "zaamo")
            for mnemonic, funct5 in operations
        ),
    )


def _fences() -> tuple[Encoding, ...]:
    """Base harts ignore the reserved fields of fence and fence.i, so any value is legal there.

    pause is the fence that Zihintpause gives a meaning; a hart without it runs it as a hint.
    """
    exact = (("fence.tso", 0x8330000F), ("pause", 0x0100000F))
    return (
        *(
            Encoding(
                mnemonic=mnemonic, match=match, mask=NO_OPERANDS_MASK, kind=InstructionClass.FENCE
            )
            for mnemonic, match in exact
        ),
        Encoding(mnemonic="fence", match=MISC_MEM, mask=FUNCT3_MASK, kind=InstructionClass.FENCE),
        Encoding(
            mnemonic="fence.i",
            match=0x1 << 12 | MISC_MEM,
            mask=FUNCT3_MASK,
            kind=InstructionClass.FENCE_I,
            extension="zifencei",
            intercept=InterceptKind.FENCE_I,
        ),
    )


def _csr_accesses() -> tuple[Encoding, ...]:
    registers = (("csrrw", 1), ("csrrs", 2), ("csrrc", 3))
    immediates = (("csrrwi", 5), ("csrrsi", 6), ("csrrci", 7))
    return tuple(
        Encoding(
            mnemonic=mnemonic,
            match=funct3 << 12 | SYSTEM,
            mask=FUNCT3_MASK,
            kind=InstructionClass.CSR,
            extension="zicsr",
            rd=X_RD,
            rs1=X_RS1 if funct3 < 4 else None,
            immediate=five_bits_at_rs1 if funct3 > 4 else None,
            has_csr=True,
            intercept=InterceptKind.CSR,
        )
        for mnemonic, funct3 in (*registers, *immediates)
    )


def _system() -> tuple[Encoding, ...]:
    """uret went with the N extension, which was never ratified; dret is of debug mode alone."""
    exact = (
        ("ecall", 0x00000073, "", InterceptKind.ECALL),
        ("ebreak", 0x00100073, "", InterceptKind.EBREAK),
        ("uret", 0x00200073, RESERVED, InterceptKind.NONE),
        ("sret", 0x10200073, "s", InterceptKind.SRET),
        ("wfi", 0x10500073, "", InterceptKind.WFI),
        ("mret", 0x30200073, "", InterceptKind.MRET),
        ("dret", 0x7B200073, RESERVED, InterceptKind.NONE),
    )
    return (
        *(
            Encoding(
                mnemonic=mnemonic,
                match=match,
                mask=NO_OPERANDS_MASK,
                kind=InstructionClass.SYSTEM,
                extension=extension,
                intercept=intercept,
            )
            for mnemonic, match, extension, intercept in exact
        ),
        Encoding(
            mnemonic="sfence.vma",
            match=0x12000073,
            mask=SFENCE_MASK,
            kind=InstructionClass.SYSTEM,
            extension="s",
            rs1=X_RS1,
            rs2=X_RS2,
            intercept=InterceptKind.SFENCE_VMA,
        ),
    )


def _custom_spaces() -> tuple[Encoding, ...]:
    """custom-0 to custom-3, the opcodes set aside for extensions that are not standard."""
    return tuple(
        Encoding(
            mnemonic="custom",
            match=opcode,
            mask=OPCODE_MASK,
            kind=InstructionClass.ILLEGAL,
            extension=RESERVED,
        )
        for opcode in (0x0B, 0x2B, 0x5B, 0x7B)
    )


INTEGER: Final[tuple[Encoding, ...]] = (
    *_upper_immediates(),
    *_jumps(),
    *_branches(),
    *_loads(),
    *_stores(),
    *_register_immediate(),
    *_register_register(),
    *_multiply_divide(),
    *_atomics(),
    *_fences(),
    *_csr_accesses(),
    *_system(),
    *_custom_spaces(),
)
