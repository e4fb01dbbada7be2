"""What holds for every word and every ISA."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vplat.machine.isa import (
    Decoder,
    InstructionClass,
    InterceptKind,
    Isa,
    decode,
    decode_block,
)

EXTENSIONS = (
    "m",
    "a",
    "f",
    "d",
    "c",
    "zicsr",
    "zifencei",
    "zba",
    "zbb",
    "zbs",
    "zicond",
    "zca",
    "zcf",
    "zcd",
    "zmmul",
    "u",
    "s",
)
MEMORY = {
    InstructionClass.LOAD,
    InstructionClass.STORE,
    InstructionClass.FP_LOAD,
    InstructionClass.FP_STORE,
    InstructionClass.AMO,
    InstructionClass.LOAD_RESERVED,
    InstructionClass.STORE_CONDITIONAL,
}
OPCODES = (
    *(0x03, 0x07, 0x0F, 0x13, 0x17, 0x23, 0x27, 0x2F, 0x33, 0x37, 0x43, 0x47, 0x4B, 0x4F, 0x53),
    *(0x63, 0x67, 0x6F, 0x73, 0x0B, 0x2B, 0x5B, 0x7B),
)


def with_opcode(opcode: int, rest: int) -> int:
    return rest & ~0x7F | opcode


# Random words rarely have a function code that means something, so half of them get an opcode that
# does, and half of those a small funct7 and rs2.
any_word = st.integers(0, 0xFFFFFFFF)
words = (
    any_word
    | st.integers(0, 0xFFFF)
    | st.builds(with_opcode, st.sampled_from(OPCODES), any_word)
    | st.builds(with_opcode, st.sampled_from(OPCODES), st.integers(0, 0x1FFFFF))
)
isas = st.builds(
    lambda base, names: Isa.parse("_".join([f"rv32{base}", *sorted(names)])),
    st.sampled_from("ie"),
    st.sets(st.sampled_from(EXTENSIONS)),
)


@given(words, isas)
def test_every_word_decodes(word: int, isa: Isa) -> None:
    instruction = decode(word, isa)
    assert instruction.length == (4 if word & 3 == 3 else 2)
    assert instruction.word == word & ((1 << 8 * instruction.length) - 1)
    assert instruction.mnemonic


@given(words, isas)
def test_legality_class_and_interception_agree(word: int, isa: Isa) -> None:
    instruction = decode(word, isa)
    illegal = not instruction.legal
    assert (instruction.kind is InstructionClass.ILLEGAL) is illegal
    assert (instruction.intercept is InterceptKind.ILLEGAL) is illegal
    assert instruction.intercept is not InterceptKind.CUSTOM
    assert (instruction.kind in MEMORY) is instruction.is_memory
    assert (instruction.csr >= 0) or instruction.kind is not InstructionClass.CSR


@given(words, isas)
def test_registers_in_use_are_operands(word: int, isa: Isa) -> None:
    instruction = decode(word, isa)
    sources = {instruction.rs1, instruction.rs2, instruction.rs3}
    assert set(instruction.reads) <= sources - {0, -1}
    assert set(instruction.float_reads) <= sources - {-1}
    assert instruction.writes in (-1, instruction.rd)
    assert instruction.float_writes in (-1, instruction.rd)
    assert -1 in (instruction.writes, instruction.float_writes)
    assert instruction.writes != 0
    if isa.has("e"):
        assert max((*instruction.reads, instruction.writes)) < 16


@given(words, isas)
def test_a_hart_without_16_bit_instructions_has_none(word: int, isa: Isa) -> None:
    instruction = decode(word, isa)
    assert instruction.length == 4 or isa.has("zca") or not instruction.legal


@given(words, isas, st.sampled_from(EXTENSIONS))
def test_one_more_extension_makes_nothing_illegal(word: int, isa: Isa, added: str) -> None:
    before = decode(word, isa)
    after = decode(word, Isa(isa.extensions | Isa.parse(f"rv32i_{added}").extensions - {"i"}))
    if before.legal:
        assert (after.legal, after.kind, after.mnemonic) == (True, before.kind, before.mnemonic)


@given(words, isas)
def test_the_extension_that_is_missing_makes_a_word_legal(word: int, isa: Isa) -> None:
    instruction = decode(word, isa)
    if instruction.missing == "i":
        assert decode(word, Isa(isa.extensions - {"e"} | {"i"})).legal
    elif instruction.missing:
        wider = Isa(isa.extensions | {instruction.missing})
        assert decode(word, wider).legal or decode(word, wider).missing == "i"


@given(words, isas)
def test_a_decoder_that_remembers_says_the_same(word: int, isa: Isa) -> None:
    decoder = Decoder(isa)
    assert decoder.decode(word) == decoder.decode(word) == decode(word, isa)


@given(st.binary(max_size=64), st.integers(0, 0xFFFFFFFE), isas)
def test_a_block_covers_its_code_but_for_a_cut_instruction(
    code: bytes, address: int, isa: Isa
) -> None:
    block = decode_block(code, address, isa)
    covered = sum(instruction.length for instruction in block)
    encoded = b"".join(each.word.to_bytes(each.length, "little") for each in block)
    assert encoded == code[:covered]
    rest = code[covered:]
    assert len(rest) < 2 or (len(rest) < 4 and rest[0] & 3 == 3)
