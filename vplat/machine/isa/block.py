"""Straight-line code, decoded in one go."""

from __future__ import annotations

from collections.abc import Sequence

from vplat.machine.isa.decode import Decoder, ExtraDecoder
from vplat.machine.isa.instruction import Instruction
from vplat.machine.isa.isa import Isa


def decode_block(
    code: bytes, address: int, isa: Isa, extra: Sequence[ExtraDecoder] = ()
) -> tuple[Instruction, ...]:
    """The consecutive instructions of `code`, the first of which stands at `address`.

    A translation block of the engine is decoded whole: decoding goes on behind a jump or an illegal
    instruction. A last instruction that is cut off is left out, so the lengths add up to less than
    `len(code)` then. Keep a `Decoder` and call its `block` to decode many blocks.
    """
    return Decoder(isa, extra).block(code, address)
