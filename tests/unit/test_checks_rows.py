"""Rows of bytes: what they touch and share, against sets of addresses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vplat.model import Rows

BASE, SIZE = 0x1000, 0x100

some_rows = st.builds(
    Rows.of,
    st.integers(BASE, BASE + 200),
    st.integers(0, 30),
    st.integers(-45, 45),
    st.integers(0, 6),
)


def bytes_of(rows: Rows) -> set[int]:
    return {address for row in rows.each() for address in range(row, row + rows.length)}


@given(st.integers(BASE, BASE + 200), st.integers(0, 30), st.integers(-45, 45), st.integers(0, 6))
def test_rows_go_up_and_down_from_the_first_one(
    start: int, length: int, stride: int, count: int
) -> None:
    expected = {start + row * stride + offset for row in range(count) for offset in range(length)}
    rows = Rows.of(start, length, stride, count)
    assert bytes_of(rows) == expected
    assert bool(rows) == bool(expected)
    assert rows.stride >= 0
    if expected:
        assert (rows.start, rows.end) == (min(expected), max(expected) + 1)


@given(some_rows, st.integers(BASE - 300, BASE + 500), st.integers(0, 12))
def test_an_access_touches_rows_where_it_shares_a_byte(
    rows: Rows, address: int, length: int
) -> None:
    shared = bytes_of(rows) & set(range(address, address + length))
    assert rows.touches(address, length) == bool(shared)


@given(some_rows, some_rows)
def test_the_byte_that_rows_have_in_common_is_in_both(one: Rows, other: Rows) -> None:
    shared = bytes_of(one) & bytes_of(other)
    found = one.first_common(other)
    assert (found is None) == (not shared)
    assert found is None or found in shared


@given(some_rows, st.integers(0, 300), st.integers(1, SIZE))
def test_rows_in_memory_that_repeats_are_where_their_addresses_lead(
    rows: Rows, base: int, size: int
) -> None:
    expected = {base + (address - base) % size for address in bytes_of(rows)}
    found = [bytes_of(piece) for piece in rows.within(base, size)]
    assert set().union(*found) == expected


def test_a_question_about_billions_of_rows_is_no_work() -> None:
    many = Rows.of(0, 3, 7, 1 << 32)
    assert many.touches(7 * 0x1234_5678 + 2, 1)
    assert not many.touches(7 * 0x1234_5678 + 3, 4)
    assert many.first_common(Rows(7 * 0x1234_5678 + 3, 5)) == 7 * 0x1234_5679
