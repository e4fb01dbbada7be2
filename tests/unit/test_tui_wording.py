"""Numbers and foreign text in the live view."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.tui.wording import clean, count, last_lines, percent, plural, quantity


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "J", "0 J"),
        (1.2345e-3, "s", "1.23 ms"),
        (12.345e-6, "J", "12.3 µJ"),
        (999.4e-9, "J", "999 nJ"),
        (999.6e-9, "J", "1.00 µJ"),
        (9.996, "W", "10.0 W"),
        (425e6, "Hz", "425 MHz"),
        (1e30, "Hz", "1000000000000 EHz"),
        (1e-18, "J", "0.00 fJ"),
    ],
)
def test_a_quantity_has_three_digits_and_a_prefix(value: float, unit: str, text: str) -> None:
    assert quantity(value, unit) == text


@given(st.floats(1e-14, 1e17))
def test_a_quantity_says_its_value_to_half_of_its_last_digit(value: float) -> None:
    number, unit = quantity(value, "J").split(" ")
    factors = dict(zip("fpnµm kMGTP", range(-15, 18, 3), strict=True))
    factor = 10.0 ** (0 if unit == "J" else factors[unit[0]])
    assert float(number) * factor == pytest.approx(value, rel=0.0051)
    assert len(number.replace(".", "")) == 3


def test_small_counts_have_all_their_digits() -> None:
    assert [count(9_999), count(10_000), count(12_345_678)] == ["9999", "10.0 k", "12.3 M"]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (1e-9, "<1 %"), (0.014, "1 %"), (0.5, "50 %"), (0.999, "99 %"), (1, "100 %")],
)
def test_only_nothing_is_0_and_only_all_is_100_per_cent(share: float, text: str) -> None:
    assert percent(share) == text


def test_one_finding_is_no_plural() -> None:
    assert [plural(1, "finding"), plural(2, "finding")] == ["1 finding", "2 findings"]


@pytest.mark.parametrize(
    "hostile",
    ["\x1b[31mred\x1b[0m", "\x1b]0;title\x07red", "\x1b]8;;http://x\x1b\\red", "r\x07e\x00d\x1b"],
)
def test_a_name_cannot_steer_the_terminal(hostile: str) -> None:
    assert clean(hostile) == "red"


@given(st.text())
def test_what_is_cleaned_is_one_printable_line(text: str) -> None:
    assert all(character.isprintable() for character in clean(text))


@given(st.text(st.characters(categories=("L", "N", "P"))))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("printed", "lines"),
    [
        ("", ()),
        ("one\ntwo\nthree\nfour\n", ("two", "three", "four")),
        ("half a li", ("half a li",)),
        ("\n\n", ("", "")),
        (" 10 %\r 20 %\r100 %\n", ("100 %",)),
        ("overwritten\rlong", ("longwritten",)),
        ("typo\b\bing\b\b\b\b\b\b\b\bgone\n", ("gone",)),
        ("a\tb\n", ("a       b",)),
        ("\x1b[1;32mPASS\x1b[m dma\r\n", ("PASS dma",)),
        ("x" * 50, ("x" * 40,)),
    ],
)
def test_the_consoles_last_lines_are_those_a_terminal_would_show(
    printed: str, lines: tuple[str, ...]
) -> None:
    assert last_lines(printed, 3, 40) == lines


@given(st.text(st.characters(max_codepoint=0x17F)), st.integers(1, 5), st.integers(1, 30))
def test_the_consoles_lines_are_printable_and_bounded(text: str, limit: int, columns: int) -> None:
    lines = last_lines(text, limit, columns)
    assert len(lines) <= limit
    assert all(re.fullmatch(r"[^\x00-\x1f\x7f]*", line) for line in lines)
    assert all(len(line) <= columns for line in lines)
