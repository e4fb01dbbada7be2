"""From a fetched word to an `Instruction`.

RISC-V unprivileged ISA manual: section "Base Instruction-Length Encoding" for the length; the
tables beside this module name the chapters of what they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from vplat.errors import PluginError
from vplat.machine.isa.bit_table import BIT_MANIPULATION
from vplat.machine.isa.compressed_table import COMPRESSED, QUADRANT_MASK
from vplat.machine.isa.encoding import BASE, OPCODE_MASK, RESERVED, Encoding, RegisterField
from vplat.machine.isa.float_table import FLOATING_POINT
from vplat.machine.isa.index import EncodingIndex
from vplat.machine.isa.instruction import Instruction, InstructionClass, InterceptKind
from vplat.machine.isa.integer_table import INTEGER
from vplat.machine.isa.isa import Isa

ExtraDecoder = Callable[[int], Instruction | None]
"""Recognises instructions of a plugin: gets the word, cut to the instruction's length."""

FULL_LENGTH_ENCODINGS: Final = (*INTEGER, *BIT_MANIPULATION, *FLOATING_POINT)
_FULL_LENGTH: Final = EncodingIndex(FULL_LENGTH_ENCODINGS, OPCODE_MASK)
_COMPRESSED: Final = EncodingIndex(COMPRESSED, QUADRANT_MASK)

FLOATING_POINT_CSRS: Final = (0x001, 0x002, 0x003)
"""fflags, frm and fcsr."""
RESERVED_ROUNDING_MODES: Final = (5, 6)
REGISTERS_OF_E: Final = 16
CACHED_WORDS: Final = 1 << 16


class Decoder:
    """Decodes for one ISA, and remembers what it has decoded.

    `extra` decoders are asked, in order, about words that nothing legal matches; the first answer
    counts, and is marked to be intercepted as `CUSTOM`.
    """

    def __init__(self, isa: Isa, extra: Sequence[ExtraDecoder] = ()) -> None:
        self.isa: Final = isa
        self.extra: Final = tuple(extra)
        self._remembered = lru_cache(maxsize=CACHED_WORDS)(self._decode)

    def decode(self, word: int) -> Instruction:
        """The instruction at the start of `word`, a 32-bit little-endian fetch.

        Of a 16-bit instruction only the low half is looked at. Any word decodes: what is not an
        instruction of this ISA comes back as not `legal`. Raises `PluginError` only for an extra
        decoder whose answer contradicts the word.
        """
        if word & 3 == 3:
            return self._remembered(word & 0xFFFFFFFF)
        return self._remembered(word & 0xFFFF)

    def walk(self, code: bytes, address: int) -> Iterator[tuple[int, Instruction]]:
        """Consecutive instructions of `code`, each with its address; the first is at `address`.

        It goes on behind jumps and illegal instructions, and stops before an instruction whose
        bytes are not all in `code`.
        """
        offset = 0
        while offset + 2 <= len(code):
            instruction = self.decode(int.from_bytes(code[offset : offset + 4], "little"))
            end = offset + instruction.length
            if end > len(code):
                return
            yield address + offset, instruction
            offset = end

    def block(self, code: bytes, address: int = 0) -> tuple[Instruction, ...]:
        """The instructions of `walk`, without their addresses."""
        return tuple(instruction for _, instruction in self.walk(code, address))

    def _decode(self, word: int) -> Instruction:
        index = _FULL_LENGTH if word & 3 == 3 else _COMPRESSED
        refused: Instruction | None = None
        for encoding in index.candidates(word):
            if word & encoding.mask == encoding.match:
                instruction = _instruction(encoding, word, self.isa)
                if instruction.legal:
                    return instruction
                refused = refused or instruction
        return self._custom(word) or refused or _undefined(word)

    def _custom(self, word: int) -> Instruction | None:
        for recognise in self.extra:
            found = recognise(word)
            if found is not None:
                _check_custom(found, word)
                return replace(found, intercept=InterceptKind.CUSTOM)
        return None


def decode(word: int, isa: Isa, extra: Sequence[ExtraDecoder] = ()) -> Instruction:
    """What `Decoder(isa, extra)` decodes `word` to; remembers nothing."""
    return Decoder(isa, extra).decode(word)


def _length(word: int) -> int:
    """Longer encodings than 32 bits are not in use: such a word is a 4-byte illegal instruction."""
    return 4 if word & 3 == 3 else 2


def _undefined(word: int) -> Instruction:
    return Instruction(
        word=word,
        length=_length(word),
        mnemonic="illegal",
        kind=InstructionClass.ILLEGAL,
        legal=False,
        intercept=InterceptKind.ILLEGAL,
    )


def _check_custom(found: Instruction, word: int) -> None:
    if not found.legal or found.kind is InstructionClass.ILLEGAL:
        raise PluginError(
            f"the extra decoder of '{found.mnemonic}' calls 0x{word:08x} illegal: "
            f"it must return None for what it does not recognise."
        )
    if found.length != _length(word):
        raise PluginError(
            f"the extra decoder of '{found.mnemonic}' gives 0x{word:08x} a length of "
            f"{found.length} bytes, but its two low bits say {_length(word)}: correct the decoder."
        )


def _index_of(field: RegisterField | None, word: int) -> int:
    return -1 if field is None else (word >> field.shift & field.mask) + field.base


def _instruction(encoding: Encoding, word: int, isa: Isa) -> Instruction:
    """`word`, which matches `encoding`, as this ISA sees it."""
    rd, rs1 = _index_of(encoding.rd, word), _index_of(encoding.rs1, word)
    rs2, rs3 = _index_of(encoding.rs2, word), _index_of(encoding.rs3, word)
    csr = word >> 20 if encoding.has_csr else -1
    refusal = _refusal(encoding, word, isa)
    legal = refusal is None
    reads, float_reads = _sources(encoding, (rs1, rs2, rs3)) if legal else ((), ())
    writes = legal and encoding.rd is not None
    floating = encoding.rd is not None and encoding.rd.floating
    immediate = 0 if encoding.immediate is None else encoding.immediate(word)
    intercept = _intercept(encoding, csr, isa) if legal else InterceptKind.ILLEGAL
    if encoding.mnemonic == "slti" and rd == rs1 == 0 and immediate:
        intercept = InterceptKind.MARK
    return Instruction(
        word=word,
        length=_length(word),
        mnemonic=encoding.mnemonic,
        kind=encoding.kind if legal else InstructionClass.ILLEGAL,
        legal=legal,
        rd=rd,
        rs1=rs1,
        rs2=rs2,
        rs3=rs3,
        imm=immediate,
        csr=csr,
        access_bytes=encoding.access_bytes if legal else 0,
        reads=reads,
        writes=rd if writes and rd > 0 and not floating else -1,
        float_reads=float_reads,
        float_writes=rd if writes and floating else -1,
        intercept=intercept,
        missing=refusal or "",
    )


def _refusal(encoding: Encoding, word: int, isa: Isa) -> str | None:
    """None if the word is legal, else the extension it misses; "" if none would help."""
    if encoding.extension == RESERVED or (encoding.nonzero and not word & encoding.nonzero):
        return ""
    if encoding.rounding and word >> 12 & 7 in RESERVED_ROUNDING_MODES:
        return ""
    if encoding.extension != BASE and encoding.extension not in isa.extensions:
        return encoding.extension
    if "e" in isa.extensions and _needs_upper_registers(encoding, word):
        return "i"
    return None


def _needs_upper_registers(encoding: Encoding, word: int) -> bool:
    fields = (encoding.rd, encoding.rs1, encoding.rs2)
    return any(
        not field.floating and _index_of(field, word) >= REGISTERS_OF_E
        for field in fields
        if field is not None
    )


def _sources(
    encoding: Encoding, indices: tuple[int, int, int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The x and the f registers read, each once; x0 is left out."""
    integers: dict[int, None] = {}
    floats: dict[int, None] = {}
    for field, index in zip((encoding.rs1, encoding.rs2, encoding.rs3), indices, strict=True):
        if field is not None and field.floating:
            floats[index] = None
        elif index > 0:
            integers[index] = None
    return tuple(integers), tuple(floats)


def _intercept(encoding: Encoding, csr: int, isa: Isa) -> InterceptKind:
    """The engine itself keeps the floating-point CSRs, where the board has F."""
    if csr in FLOATING_POINT_CSRS and "f" in isa.extensions:
        return InterceptKind.NONE
    return encoding.intercept
