"""The decoder beside the GNU assembler and disassembler, which know the ISA from another source."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from vplat.machine.isa import Decoder, Instruction, InstructionClass, Isa
from vplat.machine.isa.compressed_table import COMPRESSED
from vplat.machine.isa.decode import FULL_LENGTH_ENCODINGS

EVERY_INSTRUCTION = Path(__file__).with_name("every_instruction.s")
FULL_MARCH = "rv32imafdc_zicsr_zifencei_zba_zbb_zbs_zihintpause"

# In the tables, but not an instruction that the assembler takes from FULL_MARCH: Zicond came to it
# with version 2.41; the others are names for words that no hart may run.
NOT_ASSEMBLED = {"czero.eqz", "czero.nez", "uret", "dret", "c.unimp", "custom"}

NAME = re.compile(r"\b[a-z]+[0-9]*\b")
NUMBER = re.compile(r"(?:^|,)(-?(?:0x[0-9a-f]+|\d+))(?:\(|$)")
TARGET = re.compile(r"([0-9a-f]+) <.*>")
SAVED = [f"s{number}" for number in range(2, 12)]
ARGUMENTS = [f"a{number}" for number in range(8)]
INTEGER_REGISTERS = [
    *("zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1"),
    *(*ARGUMENTS, *SAVED, "t3", "t4", "t5", "t6"),
]
FLOAT_REGISTERS = [
    *(*(f"ft{number}" for number in range(8)), "fs0", "fs1"),
    *(f"f{name}" for name in (*ARGUMENTS, *SAVED)),
    *("ft8", "ft9", "ft10", "ft11"),
]
SHIFTS = ("slli", "srli", "srai", "rori", "bclri", "bexti", "binvi", "bseti")
COMPRESSED_SHIFTS = ("c.slli", "c.srli", "c.srai")


class Line(NamedTuple):
    """One line of a disassembly; `mnemonic` is empty for what it does not know."""

    address: int
    word: int
    length: int
    mnemonic: str
    operands: str


def tool(name: str) -> str:
    path = shutil.which(f"riscv64-unknown-elf-{name}")
    if path is None:
        pytest.fail(
            f"riscv64-unknown-elf-{name} is not on PATH: install the package "
            f"gcc-riscv64-unknown-elf, or the RISC-V GNU toolchain from its sources."
        )
    return path


def disassembly(source: str, march: str, folder: Path) -> list[Line]:
    """`source`, assembled for `march` and disassembled without aliases."""
    program = str(folder / "words.o")
    abi = "ilp32e" if march.startswith("rv32e") else "ilp32"
    assemble = [tool("as"), f"-march={march}", f"-mabi={abi}", "-o", program]
    subprocess.run(assemble, input=source, text=True, check=True)
    listing = subprocess.run(
        [tool("objdump"), "-d", "-z", "-M", "no-aliases", program],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    rows = [row.split("\t") for row in listing.splitlines() if re.match(r" *[0-9a-f]+:\t", row)]
    return [line_of(*row) for row in rows]


def line_of(address: str, encoding: str, mnemonic: str, operands: str = "", *_: str) -> Line:
    known = not mnemonic.startswith((".", "0x"))
    digits = encoding.replace(" ", "")
    return Line(
        address=int(address.strip(" :"), 16),
        word=int(digits, 16),
        length=len(digits) // 2,
        # The ordering bits of an atomic are operands to the decoder.
        mnemonic=re.sub(r"\.(aqrl|aq|rl)$", "", mnemonic.strip()) if known else "",
        operands=operands.split("#", maxsplit=1)[0].strip(),
    )


def used_registers(instruction: Instruction) -> set[str]:
    """By ABI name, without `zero` and the link register that c.jal and c.jalr imply."""
    integers = {*instruction.reads, instruction.writes} - {-1}
    floats = {*instruction.float_reads, instruction.float_writes} - {-1}
    names = {INTEGER_REGISTERS[index] for index in integers}
    return names | {FLOAT_REGISTERS[index] for index in floats}


def same_registers(line: Line, instruction: Instruction) -> bool:
    names = NAME.findall(TARGET.sub("", line.operands))
    written = {name for name in names if name in {*INTEGER_REGISTERS[1:], *FLOAT_REGISTERS}}
    implied = {"ra"} if line.mnemonic in ("c.jal", "c.jalr") else set()
    return written | implied == used_registers(instruction) | implied


def same_immediate(line: Line, instruction: Instruction) -> bool:
    if instruction.kind in (InstructionClass.BRANCH, InstructionClass.JUMP):
        target = TARGET.search(line.operands)
        assert target is not None, line
        return (int(target[1], 16) - line.address - instruction.imm) % (1 << 32) == 0
    number = NUMBER.search(line.operands)
    written = int(number[1], 0) if number else 0
    if line.mnemonic in ("lui", "auipc", "c.lui"):
        return written == instruction.imm >> 12 & 0xFFFFF
    return instruction.kind is InstructionClass.FENCE or written == instruction.imm


Excuse = Callable[[Line, Instruction], bool]

# Where the two differ and the manual is on the decoder's side.
EXCUSES: dict[str, Excuse] = {
    "on RV32 a set shamt[5] is reserved; objdump takes RV64's 6-bit amounts": (
        lambda line, ours: (
            not ours.legal
            and (
                (line.mnemonic in SHIFTS and line.word >> 25 & 1 == 1)
                or (line.mnemonic in COMPRESSED_SHIFTS and line.word >> 12 & 1 == 1)
            )
        )
    ),
    "rounding modes 5 and 6 are reserved; objdump prints them as 'unknown'": (
        lambda line, ours: (
            not ours.legal
            and line.mnemonic == ours.mnemonic
            and line.operands.endswith("unknown")
            and line.word >> 12 & 7 in (5, 6)
        )
    ),
    "a compressed shift by 0 is a hint of the same name; objdump has RV128's name for it": (
        lambda line, ours: ours.legal and ours.imm == 0 and line.mnemonic == f"{ours.mnemonic}64"
    ),
    "c.addi to x0 is called c.nop": (
        lambda line, ours: line.mnemonic == "c.addi" and ours.mnemonic == "c.nop"
    ),
    "objdump has a name for the all-zero halfword, which is defined to be illegal": (
        lambda line, ours: line.word == 0 and not ours.legal
    ),
    "c.addi16sp with an immediate of 0 is reserved": (
        lambda line, ours: line.word == 0x6101 and not ours.legal
    ),
    "uret was never ratified, and dret is legal in debug mode alone": (
        lambda line, ours: line.mnemonic in ("uret", "dret") and not ours.legal
    ),
    "harts ignore the reserved fields of fences; objdump wants them to be 0": (
        lambda line, ours: not line.mnemonic and ours.mnemonic in ("fence", "fence.i")
    ),
    "pause is a fence, which objdump calls by that name without Zihintpause": (
        lambda line, ours: line.mnemonic == "fence" and ours.mnemonic == "pause"
    ),
    "RV32E has 16 x registers; objdump prints them all": (
        lambda line, ours: (
            ours.missing == "i"
            and not {*NAME.findall(line.operands)}.isdisjoint(INTEGER_REGISTERS[16:])
        )
    ),
    "exact conversions have a rounding mode too; objdump wants it to be 0": (
        lambda line, ours: (
            not line.mnemonic
            and ours.mnemonic in ("fcvt.d.s", "fcvt.d.w", "fcvt.d.wu")
            and line.word >> 12 & 7 in (1, 2, 3, 4, 7)
        )
    ),
}


def differ(line: Line, instruction: Instruction) -> bool:
    known = line.mnemonic != ""
    if line.length != instruction.length or known != instruction.legal:
        return True
    if not known:
        return False
    return not (
        line.mnemonic == instruction.mnemonic
        and same_registers(line, instruction)
        and same_immediate(line, instruction)
    )


def disagreements(lines: Iterable[Line], decoder: Decoder) -> list[tuple[Line, Instruction]]:
    pairs = ((line, decoder.decode(line.word)) for line in lines)
    return [
        (line, ours)
        for line, ours in pairs
        if differ(line, ours) and not any(excuse(line, ours) for excuse in EXCUSES.values())
    ]


def as_source(words: Iterable[int]) -> str:
    return "".join(f".insn {4 if word & 3 == 3 else 2}, {word:#x}\n" for word in words)


def test_a_missing_toolchain_is_a_failure_that_names_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(pytest.fail.Exception, match="install the package gcc-riscv64-unknown-elf"):
        tool("as")


def test_every_instruction_is_decoded_as_it_was_assembled(tmp_path: Path) -> None:
    source = EVERY_INSTRUCTION.read_text()
    assembled = re.findall(r"^ +([a-z]\S*)", source, re.MULTILINE)
    lines = disassembly(source, FULL_MARCH, tmp_path)
    decoder = Decoder(Isa.parse(f"{FULL_MARCH}_s"))
    decoded = [decoder.decode(line.word).mnemonic for line in lines]
    assert decoded == [re.sub(r"\.(aqrl|aq|rl)$", "", mnemonic) for mnemonic in assembled]
    assert disagreements(lines, decoder) == []
    known = {encoding.mnemonic for encoding in (*FULL_LENGTH_ENCODINGS, *COMPRESSED)}
    assert known - set(decoded) == NOT_ASSEMBLED


@pytest.mark.parametrize(
    "march",
    [
        FULL_MARCH,
        "rv32imafc_zicsr_zifencei",
        "rv32imac_zicsr_zifencei",
        "rv32ima_zicsr_zifencei",
        "rv32i_zicsr_zbb",
    ],
)
def test_any_operands_are_decoded_as_the_disassembler_does(march: str, tmp_path: Path) -> None:
    random = np.random.default_rng(32)
    words = [
        encoding.match | (int(rest) & ~encoding.mask)
        for encoding in FULL_LENGTH_ENCODINGS
        for rest in random.integers(0, 1 << 32, 24)
    ]
    lines = disassembly(as_source(words), march, tmp_path)
    assert [line.word for line in lines] == words
    assert disagreements(lines, Decoder(Isa.parse(f"{march}_s"))) == []


@pytest.mark.parametrize(
    "march", ["rv32ic_zicsr", "rv32ifc_zicsr", "rv32ifdc_zicsr", "rv32i_zicsr", "rv32ec_zicsr"]
)
def test_every_halfword_is_decoded_as_the_disassembler_does(march: str, tmp_path: Path) -> None:
    words = [word for word in range(1 << 16) if word & 3 != 3]
    lines = disassembly(as_source(words), march, tmp_path)
    assert [line.word for line in lines] == words
    assert disagreements(lines, Decoder(Isa.parse(march))) == []


def test_random_words_are_legal_where_the_disassembler_knows_them(tmp_path: Path) -> None:
    random = np.random.default_rng(64)
    drawn = (int(word) | 3 for word in random.integers(0, 1 << 32, 60_000))
    # A word that ends in five ones begins an instruction of more than 32 bits.
    words = [word for word in drawn if word & 0x1F != 0x1F]
    lines = disassembly(as_source(words), FULL_MARCH, tmp_path)
    assert [line.word for line in lines] == words
    assert disagreements(lines, Decoder(Isa.parse(f"{FULL_MARCH}_s"))) == []
