"""Threads and what is to become of them, as gdb writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.gdb.actions import parse_actions
from vplat.gdb.thread_ids import Malformed, parse_harts, thread_name
from vplat.machine.debug import Resume

HARTS = 8


@given(st.integers(0, 300), st.booleans())
def test_a_hart_is_understood_by_the_name_it_was_given(hart: int, with_process: bool) -> None:
    assert parse_harts(thread_name(hart, with_process=with_process), 301) == [hart]


@pytest.mark.parametrize(
    ("text", "harts"),
    [
        ("p1.-1", list(range(HARTS))),
        ("-1", list(range(HARTS))),
        ("p1", list(range(HARTS))),
        ("p-1.-1", list(range(HARTS))),
        ("0", [0]),
        ("p1.0", [0]),
        ("8", [7]),
    ],
)
def test_threads_of_every_form(text: str, harts: list[int]) -> None:
    assert parse_harts(text, HARTS) == harts


@pytest.mark.parametrize("text", ["", "9", "p1.9", "p", "p1.", "x", "1.1", "--1", "-2", "1;2"])
def test_what_is_no_thread_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_harts(text, HARTS)


@pytest.mark.parametrize(
    ("text", "resume"),
    [
        ("c", Resume()),
        ("c:p1.-1", Resume()),
        ("s:p1.3;c", Resume({2: None})),
        ("s:3;c:-1", Resume({2: None})),
        ("s:p1.3", Resume({2: None}, frozenset({2}))),
        ("c:p1.3", Resume({}, frozenset({2}))),
        ("r1c008000,1c008010:p1.3;c", Resume({2: range(0x1C00_8000, 0x1C00_8010)})),
        ("r1c008000,1c008000:p1.3;c", Resume({2: None})),
        ("S05:p1.3;C00", Resume({2: None})),
        ("s", Resume(dict.fromkeys(range(HARTS)))),
        ("c:p1.3;s", Resume({hart: None for hart in range(HARTS) if hart != 2})),
    ],
)
def test_the_first_action_that_fits_a_thread_is_its_own(text: str, resume: Resume) -> None:
    assert parse_actions(text, HARTS) == resume


@pytest.mark.parametrize("text", ["", "c;", "x", "s:p1.99", "r1000:p1.1", "C:p1.1", "c:p1.1:2"])
def test_actions_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_actions(text, HARTS)


@given(st.text(max_size=30))
def test_any_text_is_an_action_or_refused(text: str) -> None:
    try:
        resume = parse_actions(text, HARTS)
    except Malformed:
        return
    assert set(resume.steps) <= set(range(HARTS))
