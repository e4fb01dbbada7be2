"""What of a run a trace keeps: patterns, and windows of time."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.errors import UsageError
from vplat.trace.selection import Selection
from vplat.trace.tracing import Tracing

OWNERS = ["ita", "event_unit", "mchan", "harts[0]", "harts[1]"]


def takes(pattern: str, path: str) -> bool:
    return Selection([pattern]).takes([path])


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("ita", "ita"),
        ("ita", "ita.status"),
        ("ita", "ita.status.busy"),
        ("ita", "ita+0x120"),
        ("ita.*", "ita.status.busy"),
        ("ita.status", "ita.status.busy"),
        ("*.status", "ita.status"),
        ("event_unit.barrier_*[0]", "event_unit.barrier_trigger[0]"),
        ("event_unit.barrier_trigger", "event_unit.barrier_trigger[3].harts"),
        ("harts[?]", "harts[7].sleep"),
        ("harts[3]", "harts[3].load"),
        ("*", "anything"),
    ],
)
def test_a_pattern_takes_what_it_names_and_all_below(pattern: str, path: str) -> None:
    assert takes(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("ita", "italic.status"),
        ("ita.stat", "ita.status"),
        ("harts[3]", "harts[30].sleep"),
        ("harts[12]", "harts[1].sleep"),
        ("ita.?", "ita.status"),
        ("status", "ita.status"),
        ("ita.status", "ITA.status"),
    ],
)
def test_a_pattern_takes_nothing_else(pattern: str, path: str) -> None:
    assert not takes(pattern, path)


def test_without_patterns_everything_is_taken() -> None:
    assert Selection().takes(["anything"])


def test_one_of_several_patterns_and_of_several_paths_is_enough() -> None:
    selection = Selection(["ita", "harts[1]"])
    assert selection.takes(["mchan.cmd", "harts[1].store"])
    assert not selection.takes(["mchan.cmd", "harts[0].store"])


@given(
    st.text("ab.*?", min_size=1, max_size=6).filter(str.strip),
    st.text("ab.", min_size=1, max_size=8),
)
def test_a_pattern_without_brackets_takes_what_a_shell_would_and_what_is_below(
    pattern: str, path: str
) -> None:
    heads = [path[:end] for end, each in enumerate(path) if each == "."]
    assert takes(pattern, path) == any(fnmatchcase(each, pattern) for each in [path, *heads])


@pytest.mark.parametrize("pattern", ["ita", "ita.*", "*.status", "harts[1].sleep", "harts[*]", "*"])
def test_a_pattern_that_can_match_something_is_accepted(pattern: str) -> None:
    Selection([pattern]).check(OWNERS)


def test_a_pattern_for_a_device_that_does_not_exist_is_refused_with_the_closest_one() -> None:
    with pytest.raises(UsageError, match=r"matches 'itta\.\*'; did you mean 'ita'\?"):
        Selection(["itta.*"]).check(OWNERS)
    with pytest.raises(UsageError, match="there are ita, event_unit, mchan"):
        Selection(["zzzzzzzz"]).check(OWNERS)


def test_an_empty_pattern_is_refused() -> None:
    with pytest.raises(UsageError, match="pattern of a trace is empty"):
        Selection([" "])


def test_a_window_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UsageError, match="begin at cycle 9 and to end at cycle 9"):
        Tracing(begin=9, end=9)
