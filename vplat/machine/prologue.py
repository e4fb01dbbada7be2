"""Frame rules read off the code itself, for functions without call frame information.

Compilers open a function by lowering sp and storing what they must preserve, and close it by
loading that back and raising sp again. Following just these instructions from the start of the
function up to a pc tells where the caller's registers are. Encodings: the RISC-V unprivileged
specification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from vplat.machine.frame_rule import (
    FRAME_POINTER,
    RETURN_ADDRESS,
    STACK_POINTER,
    FrameRule,
    Recovery,
)

ReadWord = Callable[[int], int | None]

SCAN_LIMIT = 8192
_OPENING_SIZE = 256
_PRESERVED = frozenset({RETURN_ADDRESS, 8, 9, *range(18, 28)})


class _Step(NamedTuple):
    """One instruction as far as frames care: ``what`` is one of the words below."""

    what: str
    register: int = 0
    number: int = 0


_OTHER = _Step("other")
_LEAVE = _Step("leave")  # nothing falls through: ret, a jump, a tail call
_UNKNOWN_STACK = _Step("stack")  # sp is set from something else


@dataclass
class _Frame:
    """What is known between two instructions: ``depth`` is the CFA minus sp."""

    depth: int = 0
    saved: dict[int, int] = field(default_factory=dict)
    pointer_below: int | None = None  # the CFA minus s0, once s0 is the frame pointer
    by_pointer: bool = False

    def copy(self) -> _Frame:
        return _Frame(self.depth, dict(self.saved), self.pointer_below, self.by_pointer)


def scan(start: int, pc: int, read_word: ReadWord) -> FrameRule | None:
    """The rule at ``pc`` in the function at ``start``, or None when it cannot be told.

    A rule without a saved return address is that of a leaf: it is still in ra.
    """
    if not start <= pc:
        return None
    end = pc if pc - start <= SCAN_LIMIT else start + _OPENING_SIZE
    frame = _Frame()
    body = frame.copy()  # the frame between prologue and epilogue
    for step in _steps(start, end, read_word):
        if step is _LEAVE:
            frame = body.copy()
        elif _follow(step, frame):
            body = frame.copy()
    if frame.by_pointer and frame.pointer_below is None:
        return None
    by_pointer = frame.by_pointer and FRAME_POINTER in frame.saved
    return FrameRule(
        cfa_register=FRAME_POINTER if by_pointer else STACK_POINTER,
        cfa_offset=(frame.pointer_below or 0) if by_pointer else frame.depth,
        saved={each: (Recovery.AT_CFA, offset) for each, offset in frame.saved.items()},
    )


def _follow(step: _Step, frame: _Frame) -> bool:
    """Apply ``step`` to ``frame``; True when it belongs to the prologue."""
    what, register, number = step
    if what == "move" and number < 0:
        frame.depth -= number
        return True
    if what == "move":
        frame.depth = max(frame.depth - number, 0)
        frame.by_pointer = False
    elif what == "store" and register in _PRESERVED and register not in frame.saved:
        if number < frame.depth:
            frame.saved[register] = number - frame.depth
            return True
    elif what == "load" and frame.saved.get(register) == number - frame.depth:
        del frame.saved[register]
    elif what == "point":
        frame.pointer_below = frame.depth - number
        return True
    elif step is _UNKNOWN_STACK:
        frame.by_pointer = True
        return True
    return False


def _steps(start: int, end: int, read_word: ReadWord) -> Iterator[_Step]:
    address = start
    while address < end:
        low = _halfword(address, read_word)
        if low is None:
            return
        if low & 3 != 3:
            yield _compressed(low)
            address += 2
            continue
        high = _halfword(address + 2, read_word)
        if high is None:
            return
        yield _full(high << 16 | low)
        address += 4


def _halfword(address: int, read_word: ReadWord) -> int | None:
    word = read_word(address & ~3)
    return None if word is None else word >> (8 * (address & 2)) & 0xFFFF


def _full(word: int) -> _Step:
    opcode, rd, funct3 = word & 0x7F, word >> 7 & 31, word >> 12 & 7
    rs1, rs2 = word >> 15 & 31, word >> 20 & 31
    immediate = _signed(word >> 20, 12)
    if opcode == 0x13 and funct3 == 0 and rs1 == STACK_POINTER and rd == STACK_POINTER:
        return _Step("move", number=immediate)
    if opcode == 0x13 and funct3 == 0 and rs1 == STACK_POINTER and rd == FRAME_POINTER:
        return _Step("point", number=immediate)
    if opcode == 0x23 and funct3 == 2 and rs1 == STACK_POINTER:
        return _Step("store", rs2, _signed(word >> 25 << 5 | rd, 12))
    if opcode == 0x03 and funct3 == 2 and rs1 == STACK_POINTER and rd != STACK_POINTER:
        return _Step("load", rd, immediate)
    if opcode in (0x67, 0x6F) and rd == 0:
        return _LEAVE
    if rd == STACK_POINTER and opcode in (0x03, 0x13, 0x17, 0x33, 0x37):
        return _UNKNOWN_STACK
    return _OTHER


def _compressed(half: int) -> _Step:
    quadrant, funct3, rd = half & 3, half >> 13, half >> 7 & 31
    sign = half >> 12 & 1
    if quadrant == 0:
        return _compressed_point(half) if funct3 == 0 and half >> 2 & 7 == 0 else _OTHER
    if quadrant == 1:
        if funct3 == 0 and rd == STACK_POINTER:  # c.addi
            return _Step("move", number=_signed(sign << 5 | half >> 2 & 31, 6))
        if funct3 == 3 and rd == STACK_POINTER:  # c.addi16sp
            return _Step("move", number=_stack_immediate(half))
        return _LEAVE if funct3 == 5 else _OTHER  # c.j
    if funct3 == 2 and rd != STACK_POINTER:  # c.lwsp
        return _Step("load", rd, (half >> 2 & 3) << 6 | sign << 5 | (half >> 4 & 7) << 2)
    if funct3 == 6:  # c.swsp
        return _Step("store", half >> 2 & 31, (half >> 7 & 3) << 6 | (half >> 9 & 15) << 2)
    if funct3 == 4 and half >> 2 & 31:  # c.mv, c.add
        return _UNKNOWN_STACK if rd == STACK_POINTER else _OTHER
    return _LEAVE if funct3 == 4 and not sign else _OTHER  # c.jr


def _compressed_point(half: int) -> _Step:
    """c.addi4spn s0, sp, number: bits 5:4, 9:6, 2 and 3 of the number from bit 12 down."""
    number = (
        (half >> 11 & 3) << 4 | (half >> 7 & 15) << 6 | (half >> 6 & 1) << 2 | (half >> 5 & 1) << 3
    )
    return _Step("point", number=number) if number else _OTHER


def _stack_immediate(half: int) -> int:
    """The number of c.addi16sp: bits 9, 4, 6, 8:7 and 5 from bit 12 and bits 6 to 2."""
    return _signed(
        (half >> 12 & 1) << 9
        | (half >> 6 & 1) << 4
        | (half >> 5 & 1) << 6
        | (half >> 3 & 3) << 7
        | (half >> 2 & 1) << 5,
        10,
    )


def _signed(value: int, width: int) -> int:
    value &= (1 << width) - 1
    return value - (1 << width) if value >> (width - 1) else value
