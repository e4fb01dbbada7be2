"""The Xdma instructions, with which a Snitch core drives the cluster's DMA.

They have the major opcode custom-1 (0x2B) and funct3 0; funct7 tells them apart
(`snitch-ita-cluster.md` section 5). All they change is the state of the DMA.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from vplat.hookspecs import hookimpl
from vplat.machine.instruction_set import HartPort, InstructionSet
from vplat.machine.isa import Instruction, InstructionClass

OPCODE: Final = 0x2B
Carry = Callable[[HartPort, Instruction], None]


class Form(NamedTuple):
    """One instruction: its name, which operands it has, and what it does."""

    name: str
    carry_out: Carry
    first: bool = True
    second: bool = False
    result: bool = False


def set_source(hart: HartPort, instruction: Instruction) -> None:
    """``dmsrc``."""
    hart.device.set_source(hart.read(instruction.rs1), hart.read(instruction.rs2))


def set_destination(hart: HartPort, instruction: Instruction) -> None:
    """``dmdst``."""
    hart.device.set_destination(hart.read(instruction.rs1), hart.read(instruction.rs2))


def set_strides(hart: HartPort, instruction: Instruction) -> None:
    """``dmstr``."""
    hart.device.set_strides(hart.read(instruction.rs1), hart.read(instruction.rs2))


def set_repetitions(hart: HartPort, instruction: Instruction) -> None:
    """``dmrep``."""
    hart.device.set_repetitions(hart.read(instruction.rs1))


def copy(hart: HartPort, instruction: Instruction) -> None:
    """``dmcpyi`` and ``dmcpy``: they wait while the DMA's queue is full."""
    length = hart.read(instruction.rs1)
    hart.write(instruction.rd, hart.device.copy(hart.index, length, _selector(hart, instruction)))


def status(hart: HartPort, instruction: Instruction) -> None:
    """``dmstati`` and ``dmstat``."""
    hart.write(instruction.rd, hart.device.status(_selector(hart, instruction)))


def lasting(device: Any, instruction: Instruction, _first: int, second: int) -> int | None:
    """``dmstati`` and ``dmstat`` only look; the others do something."""
    if FORMS[instruction.word >> 25].carry_out is not status:
        return None
    answer: int = device.status(instruction.imm if instruction.rs2 < 0 else second)
    return answer


def _selector(hart: HartPort, instruction: Instruction) -> int:
    """The second operand, which is a register or an immediate."""
    return instruction.imm if instruction.rs2 < 0 else hart.read(instruction.rs2)


FORMS: Final = (
    Form("dmsrc", set_source, second=True),
    Form("dmdst", set_destination, second=True),
    Form("dmcpyi", copy, result=True),
    Form("dmcpy", copy, second=True, result=True),
    Form("dmstati", status, first=False, result=True),
    Form("dmstat", status, first=False, second=True, result=True),
    Form("dmstr", set_strides, second=True),
    Form("dmrep", set_repetitions),
)
"""By funct7."""


def decode(word: int) -> Instruction | None:
    """The instruction that ``word`` encodes, if it is one of the set."""
    funct7 = word >> 25
    if word & 0x7F != OPCODE or word >> 12 & 7 or funct7 >= len(FORMS):
        return None
    form = FORMS[funct7]
    rd, rs1, rs2 = word >> 7 & 31, word >> 15 & 31, word >> 20 & 31
    sources = [rs1] * form.first + [rs2] * form.second
    return Instruction(
        word=word,
        length=4,
        mnemonic=form.name,
        kind=InstructionClass.ALU,
        rd=rd if form.result else -1,
        rs1=rs1 if form.first else -1,
        rs2=rs2 if form.second else -1,
        imm=0 if form.second else rs2,
        reads=tuple(dict.fromkeys(each for each in sources if each)),
        writes=rd if form.result and rd else -1,
    )


def execute(hart: HartPort, instruction: Instruction) -> None:
    """Do what the instruction does to the DMA."""
    FORMS[instruction.word >> 25].carry_out(hart, instruction)


@hookimpl
def vplat_instructions() -> Iterable[InstructionSet]:
    """The set called ``xdma``."""
    doc = "dmsrc, dmdst, dmstr, dmrep, dmcpy, dmcpyi, dmstat and dmstati: copies by the DMA"
    return [InstructionSet("xdma", doc, decode, execute, device_kind="snitch_dma", lasting=lasting)]
