"""Each instruction of each extension, once or twice, with extreme operands."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from vplat.machine.isa import Instruction, InstructionClass, Isa, decode

# By an ISA that has the instructions: the encoding in hexadecimal, the assembly text, the
# instruction class, and the operands that are not absent or, for imm, not 0.
TABLES = {
    "rv32i_zicsr_zifencei": """
        12345537  lui a0, 0x12345                   alu                rd=10 imm=0x12345000
        ffffffb7  lui t6, 0xfffff                   alu                rd=31 imm=-4096
        80000197  auipc gp, 0x80000                 alu                rd=3 imm=-0x80000000
        7fe000ef  jal ra, .+2046                    jump               rd=1 imm=2046
        8000006f  jal zero, .-1048576               jump               rd=0 imm=-0x100000
        ffc280e7  jalr ra, -4(t0)                   jump_register      rd=1 rs1=5 imm=-4
        7eb50fe3  beq a0, a1, .+4094                branch             rs1=10 rs2=11 imm=4094
        80041063  bne s0, zero, .-4096              branch             rs1=8 rs2=0 imm=-4096
        0062c463  blt t0, t1, .+8                   branch             rs1=5 rs2=6 imm=8
        fe93dce3  bge t2, s1, .-8                   branch             rs1=7 rs2=9 imm=-8
        00d660e3  bltu a2, a3, .+2048               branch             rs1=12 rs2=13 imm=2048
        02f77063  bgeu a4, a5, .+32                 branch             rs1=14 rs2=15 imm=32
        80010503  lb a0, -2048(sp)                  load               rd=10 rs1=2 imm=-2048
        7ff41583  lh a1, 2047(s0)                   load               rd=11 rs1=8 imm=2047
        0041a603  lw a2, 4(gp)                      load               rd=12 rs1=3 imm=4
        00124683  lbu a3, 1(tp)                     load               rd=13 rs1=4 imm=1
        002e5703  lhu a4, 2(t3)                     load               rd=14 rs1=28 imm=2
        80a10023  sb a0, -2048(sp)                  store              rs1=2 rs2=10 imm=-2048
        7eb41fa3  sh a1, 2047(s0)                   store              rs1=8 rs2=11 imm=2047
        fffdae23  sw t6, -4(s11)                    store              rs1=27 rs2=31 imm=-4
        fff50513  addi a0, a0, -1                   alu                rd=10 rs1=10 imm=-1
        7ff62593  slti a1, a2, 2047                 alu                rd=11 rs1=12 imm=2047
        80073693  sltiu a3, a4, -2048               alu                rd=13 rs1=14 imm=-2048
        fff84793  xori a5, a6, -1                   alu                rd=15 rs1=16 imm=-1
        05596893  ori a7, s2, 0x55                  alu                rd=17 rs1=18 imm=85
        0ffa7993  andi s3, s4, 255                  alu                rd=19 rs1=20 imm=255
        01fb1a93  slli s5, s6, 31                   alu                rd=21 rs1=22 imm=31
        001c5b93  srli s7, s8, 1                    alu                rd=23 rs1=24 imm=1
        410d5c93  srai s9, s10, 16                  alu                rd=25 rs1=26 imm=16
        00c58533  add a0, a1, a2                    alu                rd=10 rs1=11 rs2=12
        40f706b3  sub a3, a4, a5                    alu                rd=13 rs1=14 rs2=15
        01289833  sll a6, a7, s2                    alu                rd=16 rs1=17 rs2=18
        015a29b3  slt s3, s4, s5                    alu                rd=19 rs1=20 rs2=21
        018bbb33  sltu s6, s7, s8                   alu                rd=22 rs1=23 rs2=24
        01bd4cb3  xor s9, s10, s11                  alu                rd=25 rs1=26 rs2=27
        01eede33  srl t3, t4, t5                    alu                rd=28 rs1=29 rs2=30
        4062dfb3  sra t6, t0, t1                    alu                rd=31 rs1=5 rs2=6
        0020e3b3  or t2, ra, sp                     alu                rd=7 rs1=1 rs2=2
        009271b3  and gp, tp, s1                    alu                rd=3 rs1=4 rs2=9
        0310000f  fence rw, w                       fence
        8330000f  fence.tso                         fence
        0000100f  fence.i                           fence_i
        00000073  ecall                             system
        00100073  ebreak                            system
        30200073  mret                              system
        10500073  wfi                               system
        30059573  csrrw a0, mstatus, a1             csr                rd=10 rs1=11 csr=0x300
        f14022f3  csrrs t0, mhartid, zero           csr                rd=5 rs1=0 csr=0xf14
        30433073  csrrc zero, mie, t1               csr                rd=0 rs1=6 csr=0x304
        305fd673  csrrwi a2, mtvec, 31              csr                rd=12 imm=31 csr=0x305
        30046073  csrrsi zero, mstatus, 8           csr                rd=0 imm=8 csr=0x300
        3440f6f3  csrrci a3, mip, 1                 csr                rd=13 imm=1 csr=0x344
        0100000f  pause                             fence
    """,
    "rv32im": """
        02c58533  mul a0, a1, a2                    mul                rd=10 rs1=11 rs2=12
        02f716b3  mulh a3, a4, a5                   mulh               rd=13 rs1=14 rs2=15
        0349a933  mulhsu s2, s3, s4                 mulh               rd=18 rs1=19 rs2=20
        037b3ab3  mulhu s5, s6, s7                  mulh               rd=21 rs1=22 rs2=23
        027342b3  div t0, t1, t2                    div                rd=5 rs1=6 rs2=7
        03eede33  divu t3, t4, t5                   div                rd=28 rs1=29 rs2=30
        03acec33  rem s8, s9, s10                   div                rd=24 rs1=25 rs2=26
        0230fdb3  remu s11, ra, gp                  div                rd=27 rs1=1 rs2=3
    """,
    "rv32ia": """
        1005a52f  lr.w a0, (a1)                     load_reserved      rd=10 rs1=11
        160322af  lr.w.aqrl t0, (t1)                load_reserved      rd=5 rs1=6
        18d7262f  sc.w a2, a3, (a4)                 store_conditional  rd=12 rs1=14 rs2=13
        1b08a7af  sc.w.rl a5, a6, (a7)              store_conditional  rd=15 rs1=17 rs2=16
        093a292f  amoswap.w s2, s3, (s4)            amo                rd=18 rs1=20 rs2=19
        056baaaf  amoadd.w.aq s5, s6, (s7)          amo                rd=21 rs1=23 rs2=22
        2063a2af  amoxor.w t0, t1, (t2)             amo                rd=5 rs1=7 rs2=6
        61df2e2f  amoand.w t3, t4, (t5)             amo                rd=28 rs1=30 rs2=29
        40a5afaf  amoor.w t6, a0, (a1)              amo                rd=31 rs1=11 rs2=10
        80d7262f  amomin.w a2, a3, (a4)             amo                rd=12 rs1=14 rs2=13
        a108a7af  amomax.w a5, a6, (a7)             amo                rd=15 rs1=17 rs2=16
        c19d2c2f  amominu.w s8, s9, (s10)           amo                rd=24 rs1=26 rs2=25
        e6112daf  amomaxu.w.aqrl s11, ra, (sp)      amo                rd=27 rs1=2 rs2=1
    """,
    "rv32i_zba_zbb_zbs": """
        20c5a533  sh1add a0, a1, a2                 alu                rd=10 rs1=11 rs2=12
        20f746b3  sh2add a3, a4, a5                 alu                rd=13 rs1=14 rs2=15
        2149e933  sh3add s2, s3, s4                 alu                rd=18 rs1=19 rs2=20
        40c5f533  andn a0, a1, a2                   alu                rd=10 rs1=11 rs2=12
        40f766b3  orn a3, a4, a5                    alu                rd=13 rs1=14 rs2=15
        4149c933  xnor s2, s3, s4                   alu                rd=18 rs1=19 rs2=20
        60059513  clz a0, a1                        alu                rd=10 rs1=11
        60169613  ctz a2, a3                        alu                rd=12 rs1=13
        60279713  cpop a4, a5                       alu                rd=14 rs1=15
        0ac5c533  min a0, a1, a2                    alu                rd=10 rs1=11 rs2=12
        0af756b3  minu a3, a4, a5                   alu                rd=13 rs1=14 rs2=15
        0b49e933  max s2, s3, s4                    alu                rd=18 rs1=19 rs2=20
        0b7b7ab3  maxu s5, s6, s7                   alu                rd=21 rs1=22 rs2=23
        60459513  sext.b a0, a1                     alu                rd=10 rs1=11
        60569613  sext.h a2, a3                     alu                rd=12 rs1=13
        0807c733  zext.h a4, a5                     alu                rd=14 rs1=15
        60c59533  rol a0, a1, a2                    alu                rd=10 rs1=11 rs2=12
        60f756b3  ror a3, a4, a5                    alu                rd=13 rs1=14 rs2=15
        61f9d913  rori s2, s3, 31                   alu                rd=18 rs1=19 imm=31
        2875d513  orc.b a0, a1                      alu                rd=10 rs1=11
        6986d613  rev8 a2, a3                       alu                rd=12 rs1=13
        48c59533  bclr a0, a1, a2                   alu                rd=10 rs1=11 rs2=12
        49f71693  bclri a3, a4, 31                  alu                rd=13 rs1=14 imm=31
        48c5d533  bext a0, a1, a2                   alu                rd=10 rs1=11 rs2=12
        48175693  bexti a3, a4, 1                   alu                rd=13 rs1=14 imm=1
        68c59533  binv a0, a1, a2                   alu                rd=10 rs1=11 rs2=12
        68271693  binvi a3, a4, 2                   alu                rd=13 rs1=14 imm=2
        28c59533  bset a0, a1, a2                   alu                rd=10 rs1=11 rs2=12
        28371693  bseti a3, a4, 3                   alu                rd=13 rs1=14 imm=3
    """,
    "rv32i_zicond": """
        0ec5d533  czero.eqz a0, a1, a2              alu                rd=10 rs1=11 rs2=12
        0ef776b3  czero.nez a3, a4, a5              alu                rd=13 rs1=14 rs2=15
    """,
    "rv32if": """
        ffc5a507  flw fa0, -4(a1)                   fp_load            rd=10 rs1=11 imm=-4
        7ff12fa7  fsw ft11, 2047(sp)                fp_store           rs1=2 rs2=31 imm=2047
        68c5f543  fmadd.s fa0, fa1, fa2, fa3        fp_fma             rd=10 rs1=11 rs2=12 rs3=13
        18209047  fmsub.s ft0, ft1, ft2, ft3, rtz   fp_fma             rd=0 rs1=1 rs2=2 rs3=3
        9924f44b  fnmsub.s fs0, fs1, fs2, fs3       fp_fma             rd=8 rs1=9 rs2=18 rs3=19
        f9eefe4f  fnmadd.s ft8, ft9, ft10, ft11     fp_fma             rd=28 rs1=29 rs2=30 rs3=31
        00c5f553  fadd.s fa0, fa1, fa2              fp_add             rd=10 rs1=11 rs2=12
        08f736d3  fsub.s fa3, fa4, fa5, rup         fp_add             rd=13 rs1=14 rs2=15
        1149f953  fmul.s fs2, fs3, fs4              fp_mul             rd=18 rs1=19 rs2=20
        197b7ad3  fdiv.s fs5, fs6, fs7              fp_div             rd=21 rs1=22 rs2=23
        580cfc53  fsqrt.s fs8, fs9                  fp_sqrt            rd=24 rs1=25
        20c58553  fsgnj.s fa0, fa1, fa2             fp_misc            rd=10 rs1=11 rs2=12
        20f716d3  fsgnjn.s fa3, fa4, fa5            fp_misc            rd=13 rs1=14 rs2=15
        2020a053  fsgnjx.s ft0, ft1, ft2            fp_misc            rd=0 rs1=1 rs2=2
        28c58553  fmin.s fa0, fa1, fa2              fp_misc            rd=10 rs1=11 rs2=12
        28f716d3  fmax.s fa3, fa4, fa5              fp_misc            rd=13 rs1=14 rs2=15
        c0059553  fcvt.w.s a0, fa1, rtz             fp_convert         rd=10 rs1=11
        c016f653  fcvt.wu.s a2, fa3                 fp_convert         rd=12 rs1=13
        e0078753  fmv.x.w a4, fa5                   fp_misc            rd=14 rs1=15
        a0c5a553  feq.s a0, fa1, fa2                fp_misc            rd=10 rs1=11 rs2=12
        a0f716d3  flt.s a3, fa4, fa5                fp_misc            rd=13 rs1=14 rs2=15
        a02082d3  fle.s t0, ft1, ft2                fp_misc            rd=5 rs1=1 rs2=2
        e0059553  fclass.s a0, fa1                  fp_misc            rd=10 rs1=11
        d005f553  fcvt.s.w fa0, a1                  fp_convert         rd=10 rs1=11
        d016a653  fcvt.s.wu fa2, a3, rdn            fp_convert         rd=12 rs1=13
        f0078753  fmv.w.x fa4, a5                   fp_misc            rd=14 rs1=15
    """,
    "rv32id": """
        ff85b507  fld fa0, -8(a1)                   fp_load            rd=10 rs1=11 imm=-8
        7ff13c27  fsd ft11, 2040(sp)                fp_store           rs1=2 rs2=31 imm=2040
        6ac5f543  fmadd.d fa0, fa1, fa2, fa3        fp_fma             rd=10 rs1=11 rs2=12 rs3=13
        1a20f047  fmsub.d ft0, ft1, ft2, ft3        fp_fma             rd=0 rs1=1 rs2=2 rs3=3
        9b24f44b  fnmsub.d fs0, fs1, fs2, fs3       fp_fma             rd=8 rs1=9 rs2=18 rs3=19
        fbeefe4f  fnmadd.d ft8, ft9, ft10, ft11     fp_fma             rd=28 rs1=29 rs2=30 rs3=31
        02c5f553  fadd.d fa0, fa1, fa2              fp_add             rd=10 rs1=11 rs2=12
        0af776d3  fsub.d fa3, fa4, fa5              fp_add             rd=13 rs1=14 rs2=15
        1349f953  fmul.d fs2, fs3, fs4              fp_mul             rd=18 rs1=19 rs2=20
        1b7b7ad3  fdiv.d fs5, fs6, fs7              fp_div             rd=21 rs1=22 rs2=23
        5a0cfc53  fsqrt.d fs8, fs9                  fp_sqrt            rd=24 rs1=25
        22c58553  fsgnj.d fa0, fa1, fa2             fp_misc            rd=10 rs1=11 rs2=12
        22f716d3  fsgnjn.d fa3, fa4, fa5            fp_misc            rd=13 rs1=14 rs2=15
        2220a053  fsgnjx.d ft0, ft1, ft2            fp_misc            rd=0 rs1=1 rs2=2
        2ac58553  fmin.d fa0, fa1, fa2              fp_misc            rd=10 rs1=11 rs2=12
        2af716d3  fmax.d fa3, fa4, fa5              fp_misc            rd=13 rs1=14 rs2=15
        4015f553  fcvt.s.d fa0, fa1                 fp_convert         rd=10 rs1=11
        42068653  fcvt.d.s fa2, fa3                 fp_convert         rd=12 rs1=13
        a2c5a553  feq.d a0, fa1, fa2                fp_misc            rd=10 rs1=11 rs2=12
        a2f716d3  flt.d a3, fa4, fa5                fp_misc            rd=13 rs1=14 rs2=15
        a22082d3  fle.d t0, ft1, ft2                fp_misc            rd=5 rs1=1 rs2=2
        e2059553  fclass.d a0, fa1                  fp_misc            rd=10 rs1=11
        c205f553  fcvt.w.d a0, fa1                  fp_convert         rd=10 rs1=11
        c216f653  fcvt.wu.d a2, fa3                 fp_convert         rd=12 rs1=13
        d2058553  fcvt.d.w fa0, a1                  fp_convert         rd=10 rs1=11
        d2168653  fcvt.d.wu fa2, a3                 fp_convert         rd=12 rs1=13
    """,
    "rv32ic": """
        1fe8      c.addi4spn a0, sp, 1020           alu                rd=10 rs1=2 imm=1020
        5e6c      c.lw a1, 124(a2)                  load               rd=11 rs1=12 imm=124
        c334      c.sw a3, 64(a4)                   store              rs1=14 rs2=13 imm=64
        0001      c.nop                             alu
        1d81      c.addi s11, -32                   alu                rd=27 rs1=27 imm=-32
        2ffd      c.jal .+2046                      jump               rd=1 imm=2046
        3001      c.jal .-2048                      jump               rd=1 imm=-2048
        4ffd      c.li t6, 31                       alu                rd=31 imm=31
        7101      c.addi16sp sp, -512               alu                rd=2 rs1=2 imm=-512
        617d      c.addi16sp sp, 496                alu                rd=2 rs1=2 imm=496
        7501      c.lui a0, 0xfffe0                 alu                rd=10 imm=-0x20000
        6085      c.lui ra, 1                       alu                rd=1 imm=4096
        807d      c.srli s0, 31                     alu                rd=8 rs1=8 imm=31
        8485      c.srai s1, 1                      alu                rd=9 rs1=9 imm=1
        9bfd      c.andi a5, -1                     alu                rd=15 rs1=15 imm=-1
        8d0d      c.sub a0, a1                      alu                rd=10 rs1=10 rs2=11
        8e35      c.xor a2, a3                      alu                rd=12 rs1=12 rs2=13
        8f5d      c.or a4, a5                       alu                rd=14 rs1=14 rs2=15
        8c65      c.and s0, s1                      alu                rd=8 rs1=8 rs2=9
        bffd      c.j .-2                           jump               imm=-2
        cd7d      c.beqz a0, .+254                  branch             rs1=10 imm=254
        f081      c.bnez s1, .-256                  branch             rs1=9 imm=-256
        01c2      c.slli gp, 16                     alu                rd=3 rs1=3 imm=16
        52fe      c.lwsp t0, 252(sp)                load               rd=5 rs1=2 imm=252
        8082      c.jr ra                           jump_register      rs1=1
        857e      c.mv a0, t6                       alu                rd=10 rs2=31
        9002      c.ebreak                          system
        9302      c.jalr t1                         jump_register      rd=1 rs1=6
        994e      c.add s2, s3                      alu                rd=18 rs1=18 rs2=19
        c17a      c.swsp t5, 128(sp)                store              rs1=2 rs2=30 imm=128
    """,
    "rv32ifc": """
        61c8      c.flw fa0, 4(a1)                  fp_load            rd=10 rs1=11 imm=4
        fc64      c.fsw fs1, 124(s0)                fp_store           rs1=8 rs2=9 imm=124
        707e      c.flwsp ft0, 252(sp)              fp_load            rd=0 rs1=2 imm=252
        fe7e      c.fswsp ft11, 60(sp)              fp_store           rs1=2 rs2=31 imm=60
    """,
    "rv32idc": """
        3de8      c.fld fa0, 248(a1)                fp_load            rd=10 rs1=11 imm=248
        a404      c.fsd fs1, 8(s0)                  fp_store           rs1=8 rs2=9 imm=8
        307e      c.fldsp ft0, 504(sp)              fp_load            rd=0 rs1=2 imm=504
        a27e      c.fsdsp ft11, 256(sp)             fp_store           rs1=2 rs2=31 imm=256
    """,
    "rv32is": """
        10200073  sret                              system
        12c58073  sfence.vma a1, a2                 system             rs1=11 rs2=12
    """,
}

# An ISA that has all of the other but what makes these instructions legal.
LACKING = {
    "rv32im": "rv32i",
    "rv32ia": "rv32i",
    "rv32i_zba_zbb_zbs": "rv32i",
    "rv32i_zicond": "rv32i",
    "rv32if": "rv32i",
    "rv32id": "rv32if",
    "rv32ic": "rv32i",
    "rv32ifc": "rv32ic",
    "rv32idc": "rv32ifc",
    "rv32is": "rv32iu",
}

OPERANDS = ("rd", "rs1", "rs2", "rs3", "imm", "csr")
EVERYTHING = Isa.parse("rv32imafdcb_zicsr_zifencei_zicond_su")


class Row(NamedTuple):
    """A line of a table."""

    isa: str
    word: int
    assembly: str
    kind: str
    operands: dict[str, int]

    @property
    def mnemonic(self) -> str:
        """Without the ordering bits that the assembler writes behind that of an atomic."""
        return re.sub(r"\.(aqrl|aq|rl)$", "", self.assembly.split(maxsplit=1)[0])


def row(isa: str, line: str) -> Row:
    word, assembly, kind, *rest = re.split(r"\s{2,}", line.strip())
    given = dict(pair.split("=") for pair in " ".join(rest).split())
    operands = {name: int(value, 0) for name, value in given.items()}
    return Row(isa, int(word, 16), assembly, kind, operands)


ROWS = [row(isa, line) for isa, table in TABLES.items() for line in table.strip().splitlines()]


def operands_of(instruction: Instruction) -> dict[str, int]:
    values = {name: int(getattr(instruction, name)) for name in OPERANDS}
    return {name: value for name, value in values.items() if value != (0 if name == "imm" else -1)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.assembly)
def test_an_instruction_is_decoded_where_its_extension_is(row: Row) -> None:
    for board in (Isa.parse(row.isa), EVERYTHING):
        instruction = decode(row.word, board)
        assert instruction.legal
        assert instruction.mnemonic == row.mnemonic
        assert instruction.kind == row.kind
        assert operands_of(instruction) == row.operands
        assert instruction.length == (2 if row.mnemonic.startswith("c.") else 4)
        assert instruction.word == row.word
        assert instruction.missing == ""


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row.isa in LACKING], ids=lambda row: row.assembly
)
def test_an_instruction_is_refused_by_name_where_its_extension_is_not(row: Row) -> None:
    instruction = decode(row.word, Isa.parse(LACKING[row.isa]))
    assert not instruction.legal
    assert instruction.kind is InstructionClass.ILLEGAL
    assert instruction.mnemonic == row.mnemonic
    assert operands_of(instruction) == row.operands
    assert decode(row.word, Isa.parse(f"{LACKING[row.isa]}_{instruction.missing}")).legal


def test_the_upper_half_of_a_fetch_is_no_part_of_a_16_bit_instruction() -> None:
    compressed = [row.word for row in ROWS if row.mnemonic.startswith("c.")]
    assert compressed
    for word in compressed:
        assert decode(0xABCD0000 | word, EVERYTHING) == decode(word, EVERYTHING)


def test_every_class_has_an_instruction() -> None:
    assert {row.kind for row in ROWS} == set(InstructionClass) - {InstructionClass.ILLEGAL}
