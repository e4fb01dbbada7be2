"""How long a division takes whose operands are known: serial dividers go by their leading zeros."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from vplat.machine.isa import Instruction

from .pipeline import Need

WORD_BITS: Final = 32
WORD: Final = (1 << WORD_BITS) - 1
SIGN: Final = 1 << WORD_BITS - 1
SIGNED: Final = ("div", "rem")
Operands = tuple[int | None, int | None]
"""Dividend and divisor, as far as they are known."""


@dataclass(frozen=True, slots=True)
class ByDivisor:
    """A divider that takes a cycle for each leading zero of the divisor, on top of ``cycles``.

    For a negative divisor of a signed division it is one for each leading one, on top of
    ``negative``; None if nobody knows.
    """

    cycles: int
    negative: int | None

    def need(self, instruction: Instruction, operands: Operands) -> Need | None:
        """What the division takes; None where too little is known."""
        divisor = operands[1]
        if divisor is None:
            return None
        on_top, counted = self.cycles, divisor
        if instruction.mnemonic in SIGNED and divisor & SIGN:
            if self.negative is None:
                return None
            on_top, counted = self.negative, divisor ^ WORD
        cycles = on_top + leading_zeros(counted)
        return Need(cycles, cycles)


@dataclass(frozen=True, slots=True)
class ByQuotient:
    """A divider of its own that works a cycle for each place that the divisor is shifted up by.

    ``quotient`` is a division whose operands are equally long, ``no_quotient`` one whose dividend
    is shorter than the divisor.
    """

    quotient: Need
    no_quotient: Need

    def need(self, instruction: Instruction, operands: Operands) -> Need | None:
        """What the division takes; None where too little is known."""
        dividend, divisor = operands
        if dividend is None or divisor is None:
            return None
        if instruction.mnemonic in SIGNED:
            # Of a negative dividend the complement is looked at, one place further up.
            dividend = (dividend ^ WORD) << 1 & WORD if dividend & SIGN else dividend
            divisor = divisor ^ WORD if divisor & SIGN else divisor
        zeros = leading_zeros(divisor)
        places = zeros - leading_zeros(dividend) if zeros < WORD_BITS else WORD_BITS
        if places < 0:
            return self.no_quotient
        least = self.quotient
        unit_cycles = least.unit_cycles + places if least.unit_cycles else 0
        return Need(least.cycles, least.result + places, unit_cycles)


class Divider(Protocol):
    """Either of the two."""

    def need(self, instruction: Instruction, operands: Operands) -> Need | None:
        """What the division takes; None where too little is known."""
        ...


def leading_zeros(word: int) -> int:
    """Of 32 bits, 0 to 32."""
    return WORD_BITS - word.bit_length()
