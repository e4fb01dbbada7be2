"""Conditions of breakpoints, as gdb compiles them for the target: agent expressions.

So a breakpoint whose condition does not hold costs a call, and no stop. Opcodes and what they do:
appendix F of gdb's manual, "The GDB Agent Expression Mechanism".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

MOST_STEPS: Final = 10_000
MOST_VALUES: Final = 1_000
LONG: Final = 0xFFFF_FFFF_FFFF_FFFF
ReadMemory = Callable[[int, int], bytes]
"""``length`` bytes at an address; fewer where nothing answers."""
ReadRegister = Callable[[int], int]
"""The register of a number; ``KeyError`` if there is none."""


class BadExpression(Exception):  # noqa: N818 - says what the expression is
    """It cannot be evaluated."""


def evaluate(code: bytes, read_memory: ReadMemory, read_register: ReadRegister) -> int:
    """The value on top of the stack at its end; ``BadExpression`` if there is none."""
    return _Evaluation(code, read_memory, read_register).run()


def _signed(value: int, bits: int = 64) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _quotient(dividend: int, divisor: int) -> int:
    if divisor == 0:
        raise BadExpression("a division by zero")
    quotient = abs(dividend) // abs(divisor)
    return -quotient if (dividend < 0) != (divisor < 0) else quotient


def _remainder(dividend: int, divisor: int) -> int:
    return dividend - divisor * _quotient(dividend, divisor)


def _shift(value: int, by: int) -> int:
    return value >> min(by & LONG, 63)


BINARY: Final[dict[int, Callable[[int, int], int]]] = {
    0x02: lambda a, b: a + b,
    0x03: lambda a, b: a - b,
    0x04: lambda a, b: a * b,
    0x05: lambda a, b: _quotient(_signed(a), _signed(b)),
    0x06: _quotient,
    0x07: lambda a, b: _remainder(_signed(a), _signed(b)),
    0x08: _remainder,
    0x09: lambda a, b: a << b if b < 64 else 0,
    0x0A: lambda a, b: _shift(_signed(a), b),
    0x0B: _shift,
    0x0F: lambda a, b: a & b,
    0x10: lambda a, b: a | b,
    0x11: lambda a, b: a ^ b,
    0x13: lambda a, b: int(a == b),
    0x14: lambda a, b: int(_signed(a) < _signed(b)),
    0x15: lambda a, b: int(a < b),
}
"""Operations on the two topmost values, both unsigned; the second one was on top."""
LOADS: Final = {0x17: 1, 0x18: 2, 0x19: 4, 0x1A: 8}
CONSTANTS: Final = {0x22: 1, 0x23: 2, 0x24: 4, 0x25: 8}
IF_GOTO, GOTO, REGISTER, END = 0x20, 0x21, 0x26, 0x27
REORDERINGS: Final = frozenset((0x28, 0x29, 0x2B, 0x32, 0x33))


class _Evaluation:
    def __init__(self, code: bytes, read_memory: ReadMemory, read_register: ReadRegister) -> None:
        self._code, self._at = code, 0
        self._read_memory, self._read_register = read_memory, read_register
        self._stack: list[int] = []

    def run(self) -> int:
        for _ in range(MOST_STEPS):
            opcode = self._operand(1)
            if opcode == END:
                return self._pop()
            self._carry_out(opcode)
            if len(self._stack) > MOST_VALUES:
                break
        raise BadExpression("it does not come to an end")

    def _carry_out(self, opcode: int) -> None:
        if opcode in BINARY:
            second, first = self._pop(), self._pop()
            self._push(BINARY[opcode](first, second))
        elif opcode in LOADS:
            self._push(self._load(self._pop() & 0xFFFF_FFFF, LOADS[opcode]))
        elif opcode in CONSTANTS:
            self._push(self._operand(CONSTANTS[opcode]))
        elif opcode in (IF_GOTO, GOTO):
            target = self._operand(2)
            if opcode == GOTO or self._pop():
                self._at = target
        elif opcode == REGISTER:
            self._push(self._register(self._operand(2)))
        elif opcode in REORDERINGS:
            self._reorder(opcode)
        else:
            self._push(self._change(opcode, self._pop()))

    def _change(self, opcode: int, value: int) -> int:
        match opcode:
            case 0x0E:  # log_not
                return int(not value)
            case 0x12:  # bit_not
                return ~value
            case 0x16:  # ext
                return _signed(value, self._width())
            case 0x2A:  # zero_ext
                return value & (1 << self._width()) - 1
        raise BadExpression(f"opcode {opcode:#04x} is none for conditions")

    def _reorder(self, opcode: int) -> None:
        stack = self._stack
        match opcode:
            case 0x28:  # dup
                self._push(self._peek(0))
            case 0x29:  # pop
                self._pop()
            case 0x2B:  # swap
                self._peek(1)
                stack[-1], stack[-2] = stack[-2], stack[-1]
            case 0x32:  # pick
                self._push(self._peek(self._operand(1)))
            case 0x33:  # rot
                self._peek(2)
                stack[-3:] = [stack[-1], stack[-3], stack[-2]]

    def _width(self) -> int:
        bits = self._operand(1)
        if not 1 <= bits <= 64:
            raise BadExpression(f"no value has {bits} bits")
        return bits

    def _load(self, address: int, size: int) -> int:
        data = self._read_memory(address, size)
        if len(data) < size:
            raise BadExpression(f"nothing can be read at {address:#010x}")
        return int.from_bytes(data, "little")

    def _register(self, number: int) -> int:
        try:
            return self._read_register(number)
        except KeyError:
            raise BadExpression(f"there is no register {number}") from None

    def _operand(self, size: int) -> int:
        operand = self._code[self._at : self._at + size]
        if len(operand) < size:
            raise BadExpression("it is cut off")
        self._at += size
        return int.from_bytes(operand, "big")

    def _peek(self, depth: int) -> int:
        if depth >= len(self._stack):
            raise BadExpression("its stack is empty")
        return self._stack[-1 - depth]

    def _pop(self) -> int:
        self._peek(0)
        return self._stack.pop()

    def _push(self, value: int) -> None:
        self._stack.append(value & LONG)
