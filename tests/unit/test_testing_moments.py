"""Moments and numbers of cycles as tests write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import vplat.testing
from vplat.errors import UsageError
from vplat.testing import Moment, at, at_cycle, on_console, on_event
from vplat.testing.moments import FACTORS, cycles_of, moment_of


@given(st.integers(0, 1 << 60), st.sampled_from(sorted(FACTORS)))
def test_a_number_of_cycles_may_have_a_unit_and_underscores(number: int, unit: str) -> None:
    assert cycles_of(f"{number:_}{unit}") == number * FACTORS[unit]
    assert cycles_of(number) == number
    assert moment_of(f"{number}{unit}") == at_cycle(number * FACTORS[unit])


@given(st.text().filter(lambda text: not text.strip()[:1].isdecimal()))
def test_any_other_text_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UsageError, match="is no number of cycles; write it like 10_000 or 10M"):
        cycles_of(text)


def test_texts_stand_for_moments() -> None:
    assert moment_of("main") == Moment(name="main")
    assert moment_of("console: ready") == on_console("ready")
    assert moment_of(at("main", hart=3, passes=2)) == Moment(name="main", hart=3, passes=2)
    assert [str(each) for each in (at_cycle(5), on_event("a.b", passes=1), at("f", hart=2))] == [
        "cycle 5",
        "a.b, time 2,",
        "f on hart 2",
    ]
    assert str(on_console("x")) == "'x' on the console"


@pytest.mark.parametrize("wrong", ["", " ", -1, True, None, 1.5])
def test_what_is_no_moment_is_refused(wrong: int) -> None:
    with pytest.raises(UsageError, match="is no moment of a run; give a cycle, a function"):
        moment_of(wrong)


def test_the_kit_offers_what_it_lists() -> None:
    assert {"Bench", "ScriptedMachine", "Load", "at", "Platform"} <= set(dir(vplat.testing))
    for name in vplat.testing.MODULES:
        assert getattr(vplat.testing, name) is not None
    with pytest.raises(AttributeError, match=r"module 'vplat.testing' has no attribute 'Benhc'"):
        _ = vplat.testing.Benhc
