"""Blocks, what the engine must intercept, register use, and the decoders of plugins."""

from __future__ import annotations

import pytest

from vplat.errors import PluginError
from vplat.machine.isa import (
    Decoder,
    Instruction,
    InstructionClass,
    InterceptKind,
    Isa,
    decode,
    decode_block,
)

BOARD = Isa.parse("rv32imafc_zicsr_zifencei_u")
CUSTOM_0 = 0x0000000B


def little_endian(*words: int) -> bytes:
    return b"".join(word.to_bytes(4 if word & 3 == 3 else 2, "little") for word in words)


def copying_dma(word: int) -> Instruction | None:
    """A plugin's decoder of one instruction in custom-0."""
    if word & 0xFE00707F != CUSTOM_0:
        return None
    return Instruction(word=word, length=4, mnemonic="dmcpy", kind=InstructionClass.ALU, rd=5)


def test_a_block_is_its_consecutive_instructions() -> None:
    code = little_endian(0x1141, 0x00A12023, 0x0001, 0x00B50463)
    block = decode_block(code, 0x1C008080, BOARD)
    assert [each.mnemonic for each in block] == ["c.addi", "sw", "c.nop", "beq"]
    assert sum(each.length for each in block) == len(code)
    assert Decoder(BOARD).block(code, 0x1C008080) == block


def test_a_walk_gives_each_instruction_its_address() -> None:
    code = little_endian(0x0001, 0x00000013, 0x0001)
    walk = Decoder(BOARD).walk(code, 0x1C008080)
    assert [address for address, _ in walk] == [0x1C008080, 0x1C008082, 0x1C008086]


def test_a_block_goes_on_behind_jumps_and_illegal_instructions() -> None:
    block = decode_block(little_endian(0x0000006F, 0x0000, 0x10500073, 0x0001), 0, BOARD)
    assert [each.mnemonic for each in block] == ["jal", "c.unimp", "wfi", "c.nop"]


@pytest.mark.parametrize("kept", range(4))
def test_an_instruction_that_is_cut_off_is_left_out(kept: int) -> None:
    code = little_endian(0x0001) + little_endian(0x00A12023)[:kept]
    assert [each.mnemonic for each in decode_block(code, 0, BOARD)] == ["c.nop"]


@pytest.mark.parametrize("code", [b"", b"\x01"])
def test_code_shorter_than_an_instruction_is_an_empty_block(code: bytes) -> None:
    assert decode_block(code, 0, BOARD) == ()


@pytest.mark.parametrize(
    ("word", "intercept"),
    [
        (0x30059573, InterceptKind.CSR),
        (0xF14022F3, InterceptKind.CSR),
        (0xC00025F3, InterceptKind.CSR),
        (0x00002573, InterceptKind.CSR),
        (0x00402573, InterceptKind.CSR),
        (0x00102573, InterceptKind.NONE),
        (0x00205073, InterceptKind.NONE),
        (0x00359573, InterceptKind.NONE),
        (0x30200073, InterceptKind.MRET),
        (0x10500073, InterceptKind.WFI),
        (0x0000100F, InterceptKind.FENCE_I),
        (0x00100073, InterceptKind.EBREAK),
        (0x9002, InterceptKind.EBREAK),
        (0x00000073, InterceptKind.ECALL),
        (0x10200073, InterceptKind.ILLEGAL),
        (0x12000073, InterceptKind.ILLEGAL),
        (0x02C5F553, InterceptKind.ILLEGAL),
        (0x0000, InterceptKind.ILLEGAL),
        (CUSTOM_0, InterceptKind.ILLEGAL),
        (0x00000013, InterceptKind.NONE),
        (0x0FF0000F, InterceptKind.NONE),
        (0x1005A52F, InterceptKind.NONE),
        (0x00008067, InterceptKind.NONE),
    ],
)
def test_the_platform_answers_what_the_engine_would_get_wrong(
    word: int, intercept: InterceptKind
) -> None:
    assert decode(word, BOARD).intercept is intercept


@pytest.mark.parametrize("csr", [0x001, 0x002, 0x003])
def test_floating_point_csrs_are_intercepted_on_a_board_without_f(csr: int) -> None:
    access = csr << 20 | 0x2573
    assert decode(access, Isa.parse("rv32imac")).intercept is InterceptKind.CSR
    assert decode(access, Isa.parse("rv32imaf")).intercept is InterceptKind.NONE


@pytest.mark.parametrize(
    ("word", "intercept"),
    [(0x10200073, InterceptKind.SRET), (0x12C58073, InterceptKind.SFENCE_VMA)],
)
def test_supervisor_instructions_are_intercepted_on_a_board_with_s(
    word: int, intercept: InterceptKind
) -> None:
    assert decode(word, Isa.parse("rv32imac_s")).intercept is intercept


@pytest.mark.parametrize(
    ("word", "ends"),
    [
        pytest.param(0x00B50463, True, id="beq"),
        pytest.param(0x0000006F, True, id="jal"),
        pytest.param(0x00008067, True, id="jalr"),
        pytest.param(0x8082, True, id="c.jr"),
        pytest.param(0xA001, True, id="c.j"),
        pytest.param(0xC001, True, id="c.beqz"),
        pytest.param(0x00000073, True, id="ecall"),
        pytest.param(0x9002, True, id="c.ebreak"),
        pytest.param(0x30200073, True, id="mret"),
        pytest.param(0x30059573, True, id="csrrw"),
        pytest.param(0x0000100F, True, id="fence.i"),
        pytest.param(0xFFFFFFFF, True, id="illegal"),
        pytest.param(0x0FF0000F, False, id="fence"),
        pytest.param(0x0041A603, False, id="lw"),
        pytest.param(0x1005A52F, False, id="lr.w"),
        pytest.param(0x00C58533, False, id="add"),
    ],
)
def test_a_basic_block_ends_where_control_may_leave(word: int, ends: bool) -> None:
    assert decode(word, BOARD).ends_block is ends


@pytest.mark.parametrize(
    ("word", "access_bytes"),
    [
        pytest.param(0x80010503, 1, id="lb"),
        pytest.param(0x7FF41583, 2, id="lh"),
        pytest.param(0xFFFDAE23, 4, id="sw"),
        pytest.param(0xFFC5A507, 4, id="flw"),
        pytest.param(0xFF85B507, 8, id="fld"),
        pytest.param(0x3DE8, 8, id="c.fld"),
        pytest.param(0x5E6C, 4, id="c.lw"),
        pytest.param(0x1005A52F, 4, id="lr.w"),
        pytest.param(0x18D7262F, 4, id="sc.w"),
        pytest.param(0x056BAAAF, 4, id="amoadd.w"),
        pytest.param(0x00C58533, 0, id="add"),
        pytest.param(0x0FF0000F, 0, id="fence"),
    ],
)
def test_an_access_has_a_width(word: int, access_bytes: int) -> None:
    instruction = decode(word, Isa.parse("rv32imafdc"))
    assert instruction.access_bytes == access_bytes
    assert instruction.is_memory is (access_bytes > 0)


@pytest.mark.parametrize(
    ("word", "reads", "writes", "float_reads", "float_writes"),
    [
        pytest.param(0x00C58533, (11, 12), 10, (), -1, id="add a0, a1, a2"),
        pytest.param(0x00B58533, (11,), 10, (), -1, id="add a0, a1, a1"),
        pytest.param(0x00000013, (), -1, (), -1, id="nop"),
        pytest.param(0x0041A603, (3,), 12, (), -1, id="lw a2, 4(gp)"),
        pytest.param(0xFFFDAE23, (27, 31), -1, (), -1, id="sw t6, -4(s11)"),
        pytest.param(0x30059573, (11,), 10, (), -1, id="csrrw a0, mstatus, a1"),
        pytest.param(0x305FD673, (), 12, (), -1, id="csrrwi a2, mtvec, 31"),
        pytest.param(0x056BAAAF, (23, 22), 21, (), -1, id="amoadd.w.aq s5, s6, (s7)"),
        pytest.param(0xFFC5A507, (11,), -1, (), 10, id="flw fa0, -4(a1)"),
        pytest.param(0x0005A007, (11,), -1, (), 0, id="flw ft0, 0(a1)"),
        pytest.param(0x7FF12FA7, (2,), -1, (31,), -1, id="fsw ft11, 2047(sp)"),
        pytest.param(0x68C5F543, (), -1, (11, 12, 13), 10, id="fmadd.s fa0, fa1, fa2, fa3"),
        pytest.param(0xA0C5A553, (), 10, (11, 12), -1, id="feq.s a0, fa1, fa2"),
        pytest.param(0xF0078753, (15,), -1, (), 14, id="fmv.w.x fa4, a5"),
        pytest.param(0x52FE, (2,), 5, (), -1, id="c.lwsp t0, 252(sp)"),
        pytest.param(0x2FFD, (), 1, (), -1, id="c.jal .+2046"),
        pytest.param(0x9302, (6,), 1, (), -1, id="c.jalr t1"),
        pytest.param(0x994E, (18, 19), 18, (), -1, id="c.add s2, s3"),
        pytest.param(0x857E, (31,), 10, (), -1, id="c.mv a0, t6"),
        pytest.param(0x61C8, (11,), -1, (), 10, id="c.flw fa0, 4(a1)"),
    ],
)
def test_register_use_is_told_by_register_file(
    word: int, reads: object, writes: int, float_reads: object, float_writes: int
) -> None:
    instruction = decode(word, BOARD)
    assert (instruction.reads, instruction.writes) == (reads, writes)
    assert (instruction.float_reads, instruction.float_writes) == (float_reads, float_writes)


def test_an_extra_decoder_adds_an_instruction_that_is_intercepted() -> None:
    assert not decode(CUSTOM_0, BOARD).legal
    instruction = decode(CUSTOM_0, BOARD, (copying_dma,))
    assert (instruction.mnemonic, instruction.legal) == ("dmcpy", True)
    assert instruction.intercept is InterceptKind.CUSTOM
    assert decode_block(little_endian(CUSTOM_0), 0, BOARD, (copying_dma,)) == (instruction,)
    assert not decode(CUSTOM_0 | 1 << 12, BOARD, (copying_dma,)).legal


def test_the_first_extra_decoder_that_knows_a_word_has_it() -> None:
    def other(word: int) -> Instruction | None:
        return Instruction(word=word, length=4, mnemonic="other", kind=InstructionClass.LOAD)

    assert decode(CUSTOM_0, BOARD, (copying_dma, other)).mnemonic == "dmcpy"
    assert decode(CUSTOM_0, BOARD, (other, copying_dma)).mnemonic == "other"


def test_extra_decoders_are_not_asked_about_what_is_legal() -> None:
    asked: list[int] = []
    decoder = Decoder(BOARD, (asked.append,))
    decoder.block(little_endian(0x00C58533, 0x0001, 0x02C5F553, 0x0000), 0)
    assert asked == [0x02C5F553, 0x0000]


def test_an_extra_decoder_may_give_a_meaning_to_an_extension_the_board_lacks() -> None:
    def double(word: int) -> Instruction | None:
        return Instruction(word=word, length=4, mnemonic="fadd.d", kind=InstructionClass.FP_ADD)

    assert decode(0x02C5F553, BOARD, (double,)).legal


def test_a_decoder_asks_once_about_a_word_it_has_seen() -> None:
    asked: list[int] = []
    decoder = Decoder(BOARD, (asked.append,))
    assert decoder.decode(CUSTOM_0) is decoder.decode(CUSTOM_0)
    assert decoder.decode(0xFFFF0000) is decoder.decode(0)
    assert asked == [CUSTOM_0, 0]


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (
            Instruction(word=0, length=2, mnemonic="dmcpy", kind=InstructionClass.ALU),
            "'dmcpy' gives 0x0000000b a length of 2 bytes, but its two low bits say 4",
        ),
        (
            Instruction(
                word=0, length=4, mnemonic="dmcpy", kind=InstructionClass.ILLEGAL, legal=False
            ),
            "'dmcpy' calls 0x0000000b illegal: it must return None",
        ),
    ],
)
def test_an_answer_that_contradicts_the_word_is_an_error_of_the_plugin(
    answer: Instruction, complaint: str
) -> None:
    with pytest.raises(PluginError, match=complaint):
        decode(CUSTOM_0, BOARD, (lambda word: answer,))
