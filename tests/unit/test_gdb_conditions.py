"""Agent expressions: what gdb compiles the conditions of breakpoints to."""

from __future__ import annotations

import contextlib
import operator
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.gdb.conditions import BadExpression, evaluate

WORDS = st.integers(0, (1 << 64) - 1)
MEMORY = bytes(range(256))
REGISTERS = {2: 0x1000_0000, 3940: 5}
END = bytes((0x27,))


def value(code: bytes) -> int:
    return evaluate(code, lambda at, size: MEMORY[at : at + size], REGISTERS.__getitem__)


def constant(number: int) -> bytes:
    return b"\x25" + number.to_bytes(8, "big")


def signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


@given(
    WORDS,
    WORDS,
    st.sampled_from(
        [
            (0x02, operator.add),
            (0x03, operator.sub),
            (0x04, operator.mul),
            (0x0F, operator.and_),
            (0x10, operator.or_),
            (0x11, operator.xor),
            (0x13, operator.eq),
            (0x15, operator.lt),
        ]
    ),
)
def test_operations_on_unsigned_numbers_wrap_at_64_bits(
    first: int, second: int, chosen: tuple[int, Callable[[int, int], int]]
) -> None:
    opcode, meaning = chosen
    code = constant(first) + constant(second) + bytes((opcode,)) + END
    assert value(code) == int(meaning(first, second)) & (1 << 64) - 1


@given(WORDS, WORDS.filter(bool))
def test_division_rounds_towards_zero_as_in_c(first: int, second: int) -> None:
    operands = constant(first) + constant(second)
    assert value(operands + b"\x06" + END) == first // second
    assert value(operands + b"\x08" + END) == first % second
    quotient = signed(value(operands + b"\x05" + END))
    remainder = signed(value(operands + b"\x07" + END))
    a, b = signed(first), signed(second)
    if (a, b) != (-(1 << 63), -1):
        assert quotient == (abs(a) // abs(b)) * (1 if (a < 0) == (b < 0) else -1)
        assert a == b * quotient + remainder


@given(WORDS, st.integers(1, 64))
def test_a_number_is_extended_with_its_sign_or_with_zeros(number: int, bits: int) -> None:
    low = number & (1 << bits) - 1
    assert value(constant(number) + bytes((0x2A, bits)) + END) == low
    extended = low - (1 << bits) if low >> (bits - 1) else low
    assert value(constant(number) + bytes((0x16, bits)) + END) == extended & (1 << 64) - 1


@given(WORDS, st.integers(0, 80))
def test_shifts_take_any_distance(number: int, by: int) -> None:
    operands = constant(number) + b"\x22" + bytes((by,))
    assert value(operands + b"\x09" + END) == (number << by) & (1 << 64) - 1
    assert value(operands + b"\x0b" + END) == (number >> by if by < 64 else number >> 63)
    assert value(operands + b"\x0a" + END) == (signed(number) >> min(by, 63)) & (1 << 64) - 1


def test_registers_and_memory_are_read_least_significant_byte_first() -> None:
    assert value(b"\x26\x0f\x64" + END) == 5
    assert value(b"\x22\x10\x19" + END) == 0x1312_1110
    assert value(b"\x22\x10\x1a" + END) == 0x1716_1514_1312_1110


def test_the_stack_is_reordered() -> None:
    numbers = b"\x22\x01\x22\x02\x22\x03"
    assert value(numbers + b"\x2b" + END) == 2
    assert value(numbers + b"\x32\x02" + END) == 1
    assert value(numbers + b"\x33" + END) == 2
    assert value(numbers + b"\x29\x28\x02" + END) == 4


def test_a_jump_is_taken_where_the_top_is_not_zero() -> None:
    either = b"\x22%c\x20\x00\x08\x22\x07\x27\x22\x09\x27"
    assert value(either % 1) == 9
    assert value(either % 0) == 7


def test_logical_not_and_complement() -> None:
    assert value(b"\x22\x05\x0e" + END) == 0
    assert value(b"\x22\x00\x0e" + END) == 1
    assert value(b"\x22\x00\x12" + END) == (1 << 64) - 1


@pytest.mark.parametrize(
    "code",
    [
        b"",
        b"\x27",
        b"\x02\x27",
        b"\x25\x00",
        b"\x21\x00\x00",
        b"\x22\x00\x22\x00\x06\x27",
        b"\x26\xff\xff\x27",
        b"\x24\xff\xff\xff\xff\x19\x27",
        b"\x22\x00\x16\x00\x27",
        b"\xfe\x27",
        b"\x22\x00\x28\x21\x00\x02",
    ],
)
def test_what_makes_no_sense_is_refused(code: bytes) -> None:
    with pytest.raises(BadExpression):
        value(code)


@given(st.binary(max_size=60))
def test_any_bytes_come_to_a_value_or_are_refused(code: bytes) -> None:
    with contextlib.suppress(BadExpression):
        assert 0 <= value(code) < 1 << 64
