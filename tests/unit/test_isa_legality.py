"""Reserved encodings are illegal, hints are legal."""

from __future__ import annotations

import pytest

from vplat.machine.isa import InstructionClass, InterceptKind, Isa, decode

EVERYTHING = Isa.parse("rv32imafdcb_zicsr_zifencei_zicond_su")
ALL_ONES = 0xFFFFFFFF


@pytest.mark.parametrize(
    ("word", "mnemonic"),
    [
        pytest.param(0x0000, "c.unimp", id="the all-zero halfword"),
        pytest.param(0x0004, "c.addi4spn", id="c.addi4spn a1, sp, 0"),
        pytest.param(0x8000, "illegal", id="quadrant 0, funct3 4"),
        pytest.param(0x6081, "c.lui", id="c.lui ra, 0"),
        pytest.param(0x6001, "c.lui", id="c.lui zero, 0"),
        pytest.param(0x6101, "c.addi16sp", id="c.addi16sp sp, 0"),
        pytest.param(0x4002, "c.lwsp", id="c.lwsp zero, 0(sp)"),
        pytest.param(0x8002, "c.jr", id="c.jr zero"),
        pytest.param(0x1082, "illegal", id="c.slli ra, 32"),
        pytest.param(0x9005, "illegal", id="c.srli s0, 33"),
        pytest.param(0x9405, "illegal", id="c.srai s0, 33"),
        pytest.param(0x9C01, "illegal", id="c.subw s0, s0"),
        pytest.param(0x9C21, "illegal", id="c.addw s0, s0"),
        pytest.param(0x9C41, "illegal", id="c.mul s0, s0"),
        pytest.param(0x9C61, "illegal", id="c.zext.b s0"),
        pytest.param(ALL_ONES, "illegal", id="all ones"),
        pytest.param(0x0000001F, "illegal", id="the prefix of a 48-bit instruction"),
        pytest.param(0x0000003F, "illegal", id="the prefix of a 64-bit instruction"),
        pytest.param(0x0000B003 | 10 << 7, "illegal", id="ld"),
        pytest.param(0x00006003, "illegal", id="lwu"),
        pytest.param(0x00007003, "illegal", id="load, funct3 7"),
        pytest.param(0x00003023, "illegal", id="sd"),
        pytest.param(0x00002063, "illegal", id="branch, funct3 2"),
        pytest.param(0x00003063, "illegal", id="branch, funct3 3"),
        pytest.param(0x00001067, "illegal", id="jalr, funct3 1"),
        pytest.param(0x02051513, "illegal", id="slli a0, a0, 32"),
        pytest.param(0x02055513, "illegal", id="srli a0, a0, 32"),
        pytest.param(0x42055513, "illegal", id="srai a0, a0, 32"),
        pytest.param(0x62055513, "illegal", id="rori a0, a0, 32"),
        pytest.param(0x4A051513, "illegal", id="bclri a0, a0, 32"),
        pytest.param(0x0000001B, "illegal", id="addiw"),
        pytest.param(0x0000003B, "illegal", id="addw"),
        pytest.param(0x04C58533, "illegal", id="add with funct7 2"),
        pytest.param(0x42C58533, "illegal", id="sub with funct7 0x21"),
        pytest.param(0x1015A52F, "illegal", id="lr.w with rs2 = 1"),
        pytest.param(0x1005B52F, "illegal", id="lr.d"),
        pytest.param(0x0005952F, "illegal", id="amoadd.h"),
        pytest.param(0x0005B52F, "illegal", id="amoadd.d"),
        pytest.param(0x2805A52F, "illegal", id="amocas.w"),
        pytest.param(0x0000200F, "illegal", id="cbo.inval"),
        pytest.param(0x00200073, "uret", id="uret"),
        pytest.param(0x7B200073, "dret", id="dret"),
        pytest.param(0x70200073, "illegal", id="mnret"),
        pytest.param(0x000000F3, "illegal", id="ecall with rd = 1"),
        pytest.param(0x00108073, "illegal", id="ebreak with rs1 = 1"),
        pytest.param(0x302000F3, "illegal", id="mret with rd = 1"),
        pytest.param(0x12C580F3, "illegal", id="sfence.vma with rd = 1"),
        pytest.param(0x00004073, "illegal", id="system, funct3 4"),
        pytest.param(0x00C5D553, "fadd.s", id="fadd.s, rounding mode 5"),
        pytest.param(0x00C5E553, "fadd.s", id="fadd.s, rounding mode 6"),
        pytest.param(0x68C5D543, "fmadd.s", id="fmadd.s, rounding mode 5"),
        pytest.param(0xC0056553, "fcvt.w.s", id="fcvt.w.s, rounding mode 6"),
        pytest.param(0x42056553, "fcvt.d.s", id="fcvt.d.s, rounding mode 6"),
        pytest.param(0x04C5F553, "illegal", id="fadd.h"),
        pytest.param(0x06C5F553, "illegal", id="fadd.q"),
        pytest.param(0x6CC5F543, "illegal", id="fmadd.h"),
        pytest.param(0x58157553, "illegal", id="fsqrt.s with rs2 = 1"),
        pytest.param(0xE0159553, "illegal", id="fclass.s with rs2 = 1"),
        pytest.param(0xE005A553, "illegal", id="fclass.s, funct3 2"),
        pytest.param(0x20C5B553, "illegal", id="fsgnj.s, funct3 3"),
        pytest.param(0xC025F553, "illegal", id="fcvt.l.s"),
        pytest.param(0xD025F553, "illegal", id="fcvt.s.l"),
        pytest.param(0xE2058553, "illegal", id="fmv.x.d"),
        pytest.param(0x40059553, "illegal", id="fcvt.s.s"),
        pytest.param(0x00001007, "illegal", id="flh"),
        pytest.param(0x00004007, "illegal", id="flq"),
        pytest.param(0x0000000B, "custom", id="custom-0"),
        pytest.param(0xFFFFF02B, "custom", id="custom-1"),
        pytest.param(0x1234565B, "custom", id="custom-2"),
        pytest.param(0xFFFFFFFB, "custom", id="custom-3"),
    ],
)
def test_a_reserved_encoding_is_illegal_on_every_hart(word: int, mnemonic: str) -> None:
    instruction = decode(word, EVERYTHING)
    assert not instruction.legal
    assert instruction.kind is InstructionClass.ILLEGAL
    assert instruction.intercept is InterceptKind.ILLEGAL
    assert instruction.mnemonic == mnemonic
    assert instruction.missing == ""
    assert instruction.ends_block
    assert not instruction.is_memory
    assert instruction.reads == instruction.float_reads == ()
    assert instruction.writes == instruction.float_writes == -1


@pytest.mark.parametrize(
    ("word", "mnemonic"),
    [
        pytest.param(0x00000013, "addi", id="nop"),
        pytest.param(0x00500013, "addi", id="addi zero, zero, 5"),
        pytest.param(0x00002013, "slti", id="slti zero, zero, 0"),
        pytest.param(0x00001037, "lui", id="lui zero, 1"),
        pytest.param(0x01F01013, "slli", id="slli zero, zero, 31, of semihosting"),
        pytest.param(0x40705013, "srai", id="srai zero, zero, 7, of semihosting"),
        pytest.param(0x00200033, "add", id="add zero, zero, sp"),
        pytest.param(0x02C58033, "mul", id="mul zero, a1, a2"),
        pytest.param(0x0000000F, "fence", id="fence with empty sets"),
        pytest.param(0xF310000F, "fence", id="fence with a reserved fm"),
        pytest.param(0x0FF5858F, "fence", id="fence with registers"),
        pytest.param(0x0105100F, "fence.i", id="fence.i with reserved fields"),
        pytest.param(0x0001, "c.nop", id="c.nop"),
        pytest.param(0x1005, "c.nop", id="c.nop -31"),
        pytest.param(0x0081, "c.addi", id="c.addi ra, 0"),
        pytest.param(0x4005, "c.li", id="c.li zero, 1"),
        pytest.param(0x6005, "c.lui", id="c.lui zero, 1"),
        pytest.param(0x8006, "c.mv", id="c.mv zero, ra"),
        pytest.param(0x9006, "c.add", id="c.add zero, ra"),
        pytest.param(0x0006, "c.slli", id="c.slli zero, 1"),
        pytest.param(0x0082, "c.slli", id="c.slli ra, 0"),
        pytest.param(0x0002, "c.slli", id="c.slli zero, 0"),
        pytest.param(0x8001, "c.srli", id="c.srli s0, 0"),
        pytest.param(0x8401, "c.srai", id="c.srai s0, 0"),
        pytest.param(0xC0001073, "csrrw", id="unimp, a write to a read-only CSR"),
        pytest.param(0xFFF02573, "csrrs", id="a CSR that nothing defines"),
        pytest.param(0x6002, "c.flwsp", id="c.flwsp ft0, 0(sp)"),
        pytest.param(0x2002, "c.fldsp", id="c.fldsp ft0, 0(sp)"),
        pytest.param(0x42059553, "fcvt.d.s", id="fcvt.d.s, an exact conversion with rtz"),
    ],
)
def test_hints_and_ignored_fields_are_legal(word: int, mnemonic: str) -> None:
    instruction = decode(word, EVERYTHING)
    assert instruction.legal
    assert instruction.mnemonic == mnemonic
    assert instruction.writes in (-1, *range(1, 32))


@pytest.mark.parametrize("rounding_mode", [0, 1, 2, 3, 4, 7])
def test_five_rounding_modes_and_the_dynamic_one_are_legal(rounding_mode: int) -> None:
    assert decode(0x00C58553 | rounding_mode << 12, EVERYTHING).legal


@pytest.mark.parametrize(
    ("word", "legal"),
    [
        pytest.param(0x00F707B3, True, id="add a5, a4, a5"),
        pytest.param(0x01070833, False, id="add a6, a4, a6"),
        pytest.param(0x00080013, False, id="addi zero, a6, 0"),
        pytest.param(0x01002023, False, id="sw a6, 0(zero)"),
        pytest.param(0x30085073, True, id="csrwi mstatus, 16"),
        pytest.param(0x00000817, False, id="auipc a6, 0"),
        pytest.param(0x8802, False, id="c.jr a6"),
        pytest.param(0x87C2, False, id="c.mv a5, a6"),
        pytest.param(0x87BE, True, id="c.mv a5, a5"),
        pytest.param(0x01082807, False, id="flw fa6, 16(a6)"),
        pytest.param(0x01072807, True, id="flw fa6, 16(a4)"),
    ],
)
def test_rv32e_has_sixteen_x_registers_and_all_f_registers(word: int, legal: bool) -> None:
    instruction = decode(word, Isa.parse("rv32emafc_zicsr"))
    assert instruction.legal is legal
    assert instruction.missing == ("" if legal else "i")


def test_pause_is_a_fence_on_a_hart_without_zihintpause() -> None:
    without, having = Isa.parse("rv32i"), Isa.parse("rv32i_zihintpause")
    assert decode(0x0100000F, without) == decode(0x0100000F, having)
    assert decode(0x0100000F, without).kind is InstructionClass.FENCE


@pytest.mark.parametrize(
    ("isa", "word", "missing"),
    [
        ("rv32imafc", 0x02C5F553, "d"),
        ("rv32imac", 0x00C5F553, "f"),
        ("rv32imac", 0x61C8, "zcf"),
        ("rv32ima", 0x0001, "zca"),
        ("rv32i_zmmul", 0x027342B3, "m"),
        ("rv32i_zalrsc", 0x056BAAAF, "zaamo"),
        ("rv32i_zaamo", 0x1005A52F, "zalrsc"),
        ("rv32i_zicsr", 0x0000100F, "zifencei"),
        ("rv32i_zifencei", 0x30059573, "zicsr"),
        ("rv32imac_u", 0x10200073, "s"),
    ],
)
def test_a_refusal_names_the_extension_that_is_missing(isa: str, word: int, missing: str) -> None:
    assert decode(word, Isa.parse(isa)).missing == missing


@pytest.mark.parametrize(
    ("isa", "word"),
    [("rv32i_zmmul", 0x02C58533), ("rv32i_zalrsc", 0x1005A52F), ("rv32i_zaamo", 0x056BAAAF)],
)
def test_a_part_of_an_extension_brings_its_own_instructions(isa: str, word: int) -> None:
    assert decode(word, Isa.parse(isa)).legal


def test_a_hart_with_zca_and_f_but_without_zcf_has_no_compressed_float_loads() -> None:
    assert not decode(0x61C8, Isa.parse("rv32if_zca")).legal
    assert decode(0x0001, Isa.parse("rv32if_zca")).legal
