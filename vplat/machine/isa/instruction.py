"""What the platform knows of one instruction."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final


class InstructionClass(StrEnum):
    """What prices an instruction: timing and energy tables have a line for each class.

    The values are the names in lower case, as the tables write them.
    """

    ALU = auto()
    LOAD = auto()
    STORE = auto()
    MUL = auto()
    MULH = auto()
    DIV = auto()
    BRANCH = auto()
    JUMP = auto()
    JUMP_REGISTER = auto()
    CSR = auto()
    FENCE = auto()
    FENCE_I = auto()
    AMO = auto()
    LOAD_RESERVED = auto()
    STORE_CONDITIONAL = auto()
    FP_LOAD = auto()
    FP_STORE = auto()
    FP_ADD = auto()
    FP_MUL = auto()
    FP_FMA = auto()
    FP_DIV = auto()
    FP_SQRT = auto()
    FP_MISC = auto()
    """Compare, sign injection, minimum and maximum, classify, and moves to and from x registers."""
    FP_CONVERT = auto()
    SYSTEM = auto()
    """ecall, ebreak, wfi, returns from traps, sfence.vma."""
    ILLEGAL = auto()
    """Whatever the hart refuses: reserved encodings and those of extensions it lacks."""


class InterceptKind(StrEnum):
    """Why the engine must stop before an instruction and let the platform carry it out."""

    NONE = auto()
    CSR = auto()
    """Any CSR instruction but one on fflags, frm or fcsr of a hart with F."""
    MRET = auto()
    SRET = auto()
    SFENCE_VMA = auto()
    WFI = auto()
    FENCE_I = auto()
    EBREAK = auto()
    ECALL = auto()
    """The engine reports this one of itself, as a trap."""
    ILLEGAL = auto()
    MARK = auto()
    """A hint that begins or ends a region of interest; see `vplat.machine.regions`."""
    CUSTOM = auto()
    """An instruction that one of the extra decoders recognised."""


BLOCK_ENDS: Final = frozenset(
    {
        InstructionClass.BRANCH,
        InstructionClass.JUMP,
        InstructionClass.JUMP_REGISTER,
        InstructionClass.CSR,
        InstructionClass.FENCE_I,
        InstructionClass.SYSTEM,
        InstructionClass.ILLEGAL,
    }
)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One decoded instruction; it does not depend on the address it stands at.

    Registers are indices 0..31, or -1 where the instruction has no such operand; registers that
    the encoding implies count as operands (`c.lwsp` has rs1 = 2). Whether an index is of the x or
    of the f registers shows in which of `reads`, `writes`, `float_reads` and `float_writes` it is.
    """

    word: int
    """The encoding: 32 bits, or 16 where `length` is 2."""
    length: int
    """Bytes, 2 or 4, by the two low bits of the encoding."""
    mnemonic: str
    """The canonical one; "custom" in a custom opcode space, "illegal" for what nothing defines.

    An illegal instruction keeps the mnemonic and operands that a more capable hart gives it.
    """
    kind: InstructionClass
    """`ILLEGAL` if and only if the instruction is not `legal`."""
    legal: bool = True
    rd: int = -1
    rs1: int = -1
    rs2: int = -1
    rs3: int = -1
    imm: int = 0
    """Sign-extended; the whole 32-bit value of `lui` and `auipc`, the zimm of CSR instructions."""
    csr: int = -1
    """The CSR number of a CSR instruction, else -1."""
    access_bytes: int = 0
    """How many bytes of memory it accesses; 0 if none."""
    reads: tuple[int, ...] = ()
    """The x registers it reads, without x0, each once, in the order rs1, rs2."""
    writes: int = -1
    """The x register it writes; -1 if none or x0."""
    float_reads: tuple[int, ...] = ()
    """The f registers it reads, each once."""
    float_writes: int = -1
    """The f register it writes; -1 if none."""
    intercept: InterceptKind = InterceptKind.NONE
    missing: str = ""
    """The extension that would make an illegal instruction legal; empty for a reserved encoding."""

    @property
    def is_memory(self) -> bool:
        """Whether it accesses memory: loads, stores, AMOs, load-reserved, store-conditional."""
        return self.access_bytes > 0

    @property
    def ends_block(self) -> bool:
        """Whether a basic block ends with it.

        Control may leave after it, or what follows must be fetched anew. The engine goes on past
        some of these (`wfi`) within one of its blocks, so this does not bound such a block.
        """
        return self.kind in BLOCK_ENDS
