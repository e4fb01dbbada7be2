"""The event-unit load of PULP cores: ``p.elw`` on RI5CY, ``cv.elw`` on CV32E40P.

A load that may take until an event comes. Beside being issued again after an interrupt it does what
``lw`` does on the same address (`pulp-cluster.md` section 1.5), where both encodings stand.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vplat.hookspecs import hookimpl
from vplat.machine.instruction_set import HartPort, InstructionSet
from vplat.machine.isa import Instruction, InstructionClass

NAMES: Final = {(0x03, 0b110): "p.elw", (0x0B, 0b011): "cv.elw"}
"""Mnemonics by major opcode and funct3."""


def decode(word: int) -> Instruction | None:
    """The instruction that ``word`` encodes, if it is one of the two."""
    name = NAMES.get((word & 0x7F, word >> 12 & 7))
    if name is None:
        return None
    rd, rs1 = word >> 7 & 31, word >> 15 & 31
    return Instruction(
        word=word,
        length=4,
        mnemonic=name,
        kind=InstructionClass.LOAD,
        rd=rd,
        rs1=rs1,
        imm=(word >> 20) - ((word >> 31) << 12),
        access_bytes=4,
        reads=(rs1,) if rs1 else (),
        writes=rd or -1,
    )


def execute(hart: HartPort, instruction: Instruction) -> None:
    """Load the word; the hart sleeps while the answer is not there."""
    address = hart.read(instruction.rs1) + instruction.imm & 0xFFFF_FFFF
    hart.write(instruction.rd, hart.load(address, 4))


@hookimpl
def vplat_instructions() -> Iterable[InstructionSet]:
    """The set called ``xpulp-elw``."""
    doc = "p.elw and cv.elw: a load that waits for an event"
    return [InstructionSet("xpulp-elw", doc, decode, execute)]
