"""Which panels and columns there is room for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.tui.columns import GAP, Column, fit
from vplat.tui.layout import Arrangement, Wish, arrange, share_out
from vplat.tui.panel import Panel, Place

wishes = st.lists(
    st.builds(
        Wish,
        least=st.integers(1, 8),
        rows=st.integers(1, 30),
        rank=st.integers(0, 5),
        urgent=st.booleans(),
    ),
    max_size=6,
)
columns = st.lists(
    st.builds(
        lambda least, more, rank: (least, least + more, rank),
        st.integers(1, 20),
        st.integers(0, 40),
        st.integers(0, 9),
    ),
    max_size=8,
).map(lambda found: [Column(f"{at}", *each) for at, each in enumerate(found)])


@given(wishes, st.integers(0, 80), st.booleans())
def test_nobody_gets_less_than_the_least_and_nothing_is_given_twice(
    asked: list[Wish], height: int, fill: bool
) -> None:
    rows = share_out(asked, height, fill=fill)
    assert sum(rows) <= height
    first = min(asked, key=lambda wish: wish.rank, default=None)
    for got, wish in zip(rows, asked, strict=True):
        assert got == 0 or got >= (min(3, wish.least) if wish is first else wish.least)
    if fill and any(rows):
        assert sum(rows) == height


def test_rows_go_to_those_who_come_first() -> None:
    asked = [Wish(3, 10, 0), Wish(3, 10, 2), Wish(3, 10, 1)]
    assert share_out(asked, 8, fill=False) == [4, 0, 4]


def test_the_first_makes_do_with_what_there_is() -> None:
    asked = [Wish(2, 2, 1), Wish(9, 12, 0)]
    assert share_out(asked, 10, fill=True) == [0, 10]
    assert share_out(asked, 4, fill=True) == [0, 4]
    assert share_out(asked, 2, fill=True) == [0, 0]


def test_an_urgent_wish_is_fulfilled_before_others_get_more_than_their_least() -> None:
    asked = [Wish(3, 11, 0, urgent=True), Wish(3, 9, 1), Wish(3, 9, 2)]
    assert share_out(asked, 20, fill=False) == [11, 5, 4]


def test_the_last_one_gets_what_nobody_wants() -> None:
    asked = [Wish(3, 4, 0), Wish(3, 4, 1)]
    assert share_out(asked, 20, fill=True) == [4, 16]
    assert share_out(asked, 20, fill=False) == [4, 4]


@given(columns, st.integers(0, 200))
def test_columns_keep_their_bounds_and_fit(asked: list[Column], width: int) -> None:
    widths = fit(asked, width)
    bounds = {column.name: column for column in asked}
    assert sum(widths.values()) + GAP * max(len(widths) - 1, 0) <= width or not widths
    assert all(bounds[name].least <= cells <= bounds[name].most for name, cells in widths.items())


def test_the_column_of_the_highest_rank_goes_first() -> None:
    asked = [Column("a", 5, 5, 1), Column("b", 5, 9, 0), Column("c", 5, 5, 2)]
    assert list(fit(asked, 19)) == ["a", "b", "c"]
    assert fit(asked, 18) == {"a": 5, "b": 9}
    assert fit(asked, 11) == {"b": 9}


MAIN = Panel("main", lambda snapshot: "", lambda snapshot: 9, 2, place=Place.MAIN)
LEFT = Panel("left", lambda snapshot: "", lambda snapshot: 4, 1)
RIGHT = Panel("right", lambda snapshot: "", lambda snapshot: 6, 2)
FOOT = Panel("foot", lambda snapshot: "", lambda snapshot: 5, 1, place=Place.FOOT)
PANELS = [MAIN, LEFT, RIGHT, FOOT]
ROWS = {"main": 9, "left": 4, "right": 6, "foot": 5}


def names(arrangement: Arrangement) -> list[list[list[str]]]:
    """By stack and band."""
    return [
        [[box.panel.name for box in band] for band in stack.bands] for stack in arrangement.stacks
    ]


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (80, 21, [[["main"], ["left", "right"], ["foot"]]]),
        (200, 50, [[["main"], ["foot"]], [["left"], ["right"]]]),
        (60, 30, [[["main"], ["left"], ["right"], ["foot"]]]),
        (80, 6, [[["main"], ["left", "right"]]]),
        (80, 3, [[["main"]]]),
        (80, 2, [[]]),
    ],
)
def test_the_places_of_panels_follow_the_terminals_size(
    width: int, height: int, expected: list[list[list[str]]]
) -> None:
    assert names(arrange(PANELS, ROWS, width, height, fill=True)) == expected


def test_small_terminals_have_titles_in_place_of_frames() -> None:
    assert arrange(PANELS, ROWS, 80, 24, fill=True).boxed
    assert not arrange(PANELS, ROWS, 80, 12, fill=True).boxed
    assert not arrange(PANELS, ROWS, 39, 24, fill=True).boxed


@given(st.integers(1, 300), st.integers(0, 100), st.booleans())
def test_bands_are_as_wide_as_the_terminal_and_no_higher(
    width: int, height: int, fill: bool
) -> None:
    arrangement = arrange(PANELS, ROWS, width, height, fill=fill)
    assert sum(stack.width for stack in arrangement.stacks) == width
    for stack in arrangement.stacks:
        assert all(sum(box.width for box in band) == stack.width for band in stack.bands)
        assert sum(band[0].height for band in stack.bands) <= height
