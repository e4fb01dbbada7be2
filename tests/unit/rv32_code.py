"""Instructions for tests, made from their encodings as a hart fetches them."""

from __future__ import annotations

from vplat.machine.isa import Decoder, Instruction, Isa

DECODER = Decoder(Isa.parse("rv32imafc_zicsr_zifencei"))

X0, T0, T1, A0, A1 = 0, 5, 6, 10, 11


def decoded(word: int) -> Instruction:
    return DECODER.decode(word)


def i_type(opcode: int, funct3: int, rd: int, rs1: int, imm: int) -> Instruction:
    return decoded((imm & 0xFFF) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode)


def r_type(opcode: int, funct3: int, funct7: int, rd: int, rs1: int, rs2: int) -> Instruction:
    return decoded(funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode)


def lw(rd: int, offset: int, rs1: int) -> Instruction:
    return i_type(0x03, 2, rd, rs1, offset)


def sw(rs2: int, rs1: int) -> Instruction:
    return r_type(0x23, 2, 0, 0, rs1, rs2)


def flw(rd: int, rs1: int) -> Instruction:
    return i_type(0x07, 2, rd, rs1, 0)


def addi(rd: int, rs1: int, imm: int) -> Instruction:
    return i_type(0x13, 0, rd, rs1, imm)


def lui(rd: int, upper: int) -> Instruction:
    return decoded(upper << 12 | rd << 7 | 0x37)


def load_constant(rd: int, value: int) -> list[Instruction]:
    """lui and addi, as `li` expands."""
    return [lui(rd, (value + 0x800) >> 12 & 0xFFFFF), addi(rd, rd, value)]


def auipc(rd: int) -> Instruction:
    return decoded(rd << 7 | 0x17)


def multiply(funct3: int, rd: int, rs1: int, rs2: int) -> Instruction:
    """mul, mulh, mulhsu, mulhu, div, divu, rem, remu by funct3."""
    return r_type(0x33, funct3, 1, rd, rs1, rs2)


def fadd(rd: int, rs1: int, rs2: int) -> Instruction:
    return r_type(0x53, 7, 0, rd, rs1, rs2)


def jal(offset: int) -> Instruction:
    return decoded((offset >> 1 & 0x3FF) << 21 | 0x6F)


def jalr(rs1: int) -> Instruction:
    return i_type(0x67, 0, 0, rs1, 0)


def branch(funct3: int, rs1: int, rs2: int, offset: int) -> Instruction:
    """beq, bne, -, -, blt, bge, bltu, bgeu by funct3."""
    high = (offset >> 12 & 1) << 6 | offset >> 5 & 0x3F
    low = offset & 0x1E | offset >> 11 & 1
    return decoded(high << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | low << 7 | 0x63)


def read_csr(rd: int, number: int) -> Instruction:
    return decoded(number << 20 | 2 << 12 | rd << 7 | 0x73)


def fence() -> Instruction:
    return decoded(0x0F)


def ecall() -> Instruction:
    return decoded(0x73)
