"""What integer instructions compute, for following a hart without running it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ..isa import Instruction

WORD: Final = 0xFFFF_FFFF
SIGN: Final = 1 << 31
Operation = Callable[[int, int], int]


def signed(value: int) -> int:
    """A word in two's complement."""
    return (value ^ SIGN) - SIGN


def _divide(first: int, second: int) -> int:
    """``div``: by zero -1, and the one overflow wraps (unprivileged specification, chapter M)."""
    if second == 0:
        return WORD
    dividend, divisor = signed(first), signed(second)
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


def _remainder(first: int, second: int) -> int:
    """``rem``: by zero the dividend; its sign is the dividend's."""
    if second == 0:
        return first
    dividend = signed(first)
    left = abs(dividend) % abs(signed(second))
    return -left if dividend < 0 else left


OPERATIONS: Final[Mapping[str, Operation]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "sll": lambda a, b: a << (b & 31),
    "slt": lambda a, b: int(signed(a) < signed(b)),
    "sltu": lambda a, b: int(a < b),
    "xor": lambda a, b: a ^ b,
    "srl": lambda a, b: a >> (b & 31),
    "sra": lambda a, b: signed(a) >> (b & 31),
    "or": lambda a, b: a | b,
    "and": lambda a, b: a & b,
    "mul": lambda a, b: a * b,
    "mulh": lambda a, b: signed(a) * signed(b) >> 32,
    "mulhsu": lambda a, b: signed(a) * b >> 32,
    "mulhu": lambda a, b: a * b >> 32,
    "div": _divide,
    "divu": lambda a, b: a // b if b else WORD,
    "rem": _remainder,
    "remu": lambda a, b: a % b if b else a,
}
"""By mnemonic, of two words; the result is to be cut to a word."""
BRANCHES: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "beq": lambda a, b: a == b,
    "bne": lambda a, b: a != b,
    "blt": lambda a, b: signed(a) < signed(b),
    "bge": lambda a, b: signed(a) >= signed(b),
    "bltu": lambda a, b: a < b,
    "bgeu": lambda a, b: a >= b,
}
"""By mnemonic: whether the branch is taken."""
ATOMIC: Final[Mapping[str, Operation]] = {
    "amoswap.w": lambda _, b: b,
    "amoadd.w": lambda a, b: a + b,
    "amoxor.w": lambda a, b: a ^ b,
    "amoand.w": lambda a, b: a & b,
    "amoor.w": lambda a, b: a | b,
    "amomin.w": lambda a, b: min(a, b, key=signed),
    "amomax.w": lambda a, b: max(a, b, key=signed),
    "amominu.w": min,
    "amomaxu.w": max,
}
"""By mnemonic, of what memory holds and of the register: what memory holds then."""
_IMMEDIATE: Final = {
    "addi": "add",
    "slti": "slt",
    "sltiu": "sltu",
    "xori": "xor",
    "ori": "or",
    "andi": "and",
    "slli": "sll",
    "srli": "srl",
    "srai": "sra",
}
_COMPRESSED: Final = {
    "c.nop": "addi",
    "c.li": "addi",
    "c.addi16sp": "addi",
    "c.addi4spn": "addi",
    "c.mv": "add",
    "c.lwsp": "lw",
    "c.swsp": "sw",
    "c.beqz": "beq",
    "c.bnez": "bne",
    "c.j": "jal",
    "c.jr": "jalr",
}


def base_name(instruction: Instruction) -> str:
    """The mnemonic of the instruction of 4 bytes that a compressed one stands for.

    An operand that the short form lacks is then x0.
    """
    name = instruction.mnemonic
    return _COMPRESSED.get(name, name.removeprefix("c."))


def computation(instruction: Instruction) -> tuple[str, bool]:
    """The operation of ``OPERATIONS``, and whether its second operand is the immediate.

    '' for an instruction that computes nothing of two operands.
    """
    name = base_name(instruction)
    if name in _IMMEDIATE:
        return _IMMEDIATE[name], True
    return (name if name in OPERATIONS else ""), False


def compute(operation: str, first: int, second: int) -> int:
    """The word that an operation of ``OPERATIONS`` gives."""
    return OPERATIONS[operation](first & WORD, second & WORD) & WORD
