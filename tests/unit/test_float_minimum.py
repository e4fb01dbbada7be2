"""minimumNumber and maximumNumber on bits."""

from __future__ import annotations

import math
import struct

from hypothesis import given
from hypothesis import strategies as st

from vplat.machine.float_minimum import is_nan, is_signalling, maximum, minimum

SINGLES = st.integers(0, 0xFFFF_FFFF)
DOUBLES = st.integers(0, 0xFFFF_FFFF_FFFF_FFFF)
BOX = 0xFFFF_FFFF << 32


def value(bits: int, width: int) -> float:
    """The number that ``bits`` encode."""
    whole, floating = {32: ("<I", "<f"), 64: ("<Q", "<d")}[width]
    return float(struct.unpack(floating, struct.pack(whole, bits))[0])


@given(SINGLES)
def test_nans_are_those_of_the_host(bits: int) -> None:
    assert is_nan(bits, 32) == math.isnan(value(bits, 32))


@given(DOUBLES, DOUBLES)
def test_numbers_are_ordered_as_the_host_orders_them(first: int, second: int) -> None:
    if is_nan(first, 64) or is_nan(second, 64):
        return
    low, invalid = minimum(first, second, 64)
    high, _ = maximum(first, second, 64)
    assert not invalid
    assert {low, high} == {first, second}
    assert value(low, 64) <= value(high, 64)


@given(SINGLES, SINGLES)
def test_the_order_of_the_operands_does_not_matter(first: int, second: int) -> None:
    assert minimum(first, second, 32) == minimum(second, first, 32)
    assert maximum(first, second, 32) == maximum(second, first, 32)


@given(SINGLES)
def test_a_nan_gives_way_to_a_number(bits: int) -> None:
    one = 0x3F80_0000
    if is_nan(bits, 32):
        assert minimum(bits, one, 32) == (BOX | one, is_signalling(bits, 32))


def test_minus_zero_is_below_zero() -> None:
    assert minimum(0, 0x8000_0000, 32) == (BOX | 0x8000_0000, False)
    assert maximum(0, 0x8000_0000, 32) == (BOX, False)


def test_two_nans_make_the_canonical_one() -> None:
    assert maximum(0xFFFF_FFFF, 0x7F80_0001, 32) == (BOX | 0x7FC0_0000, True)
    assert minimum(0x7FF8_0000_0000_0001, 0xFFF8_0000_0000_0000, 64) == (0x7FF8 << 48, False)


def test_the_quiet_bit_tells_which_nan_signals() -> None:
    assert is_signalling(0x7F80_0001, 32)
    assert not is_signalling(0x7FC0_0001, 32)
    assert not is_signalling(0x7F80_0000, 32)
    assert is_signalling(0x7FF0_0000_0000_0001, 64)
