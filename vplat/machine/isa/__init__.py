"""The RISC-V instruction set as a board sees it: which instructions are legal, and of what class.

Nothing here executes an instruction: the engine does. This package tells the platform what the
engine is about to run, so that it can price a block, refuse what the board's harts lack, and stop
at the instructions it must answer itself.
"""

from __future__ import annotations

from vplat.machine.isa.block import decode_block
from vplat.machine.isa.decode import Decoder, ExtraDecoder, decode
from vplat.machine.isa.instruction import Instruction, InstructionClass, InterceptKind
from vplat.machine.isa.isa import Isa

__all__ = [
    "Decoder",
    "ExtraDecoder",
    "Instruction",
    "InstructionClass",
    "InterceptKind",
    "Isa",
    "decode",
    "decode_block",
]
