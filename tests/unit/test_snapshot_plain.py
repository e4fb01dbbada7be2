"""Values become JSON and come back; what does not fit is told, whatever it is."""

from __future__ import annotations

import dataclasses
import json
from collections import deque
from collections.abc import Mapping
from enum import Enum, IntEnum, StrEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.machine.snapshot.hints import Misfit, describe
from vplat.machine.snapshot.plain import decode, encode


class Colour(Enum):
    RED = "red"
    GREEN = "green"


class Level(IntEnum):
    LOW = 0
    HIGH = 1


class Kind(StrEnum):
    LOAD = "load"


class Spot(NamedTuple):
    at: int
    colour: Colour


@dataclasses.dataclass(slots=True)
class Job:
    number: int
    spots: list[Spot]
    output: tuple[int, bytes] | None
    done: bool = False
    by_name: Mapping[str, deque[int]] = dataclasses.field(default_factory=dict)


spots = st.builds(Spot, st.integers(), st.sampled_from(Colour))
jobs = st.builds(
    Job,
    st.integers(),
    st.lists(spots, max_size=3),
    st.none() | st.tuples(st.integers(), st.binary(max_size=8)),
    st.booleans(),
    st.dictionaries(st.text(max_size=3), st.lists(st.integers(), max_size=3).map(deque)),
)
loose = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.binary(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.integers() | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=20,
)


def there_and_back(value: object, hint: Any) -> Any:
    """``value`` out of the text of a file."""
    return decode(json.loads(json.dumps(encode(value, hint))), hint)


@given(jobs)
def test_a_data_class_with_all_that_is_in_it_comes_back(job: Job) -> None:
    found = there_and_back(job, Job)
    assert found == job
    assert type(found.by_name.get("x", deque())) is deque
    assert all(type(each) is Spot for each in found.spots)


@given(loose)
def test_a_value_whose_type_is_not_declared_comes_back(value: object) -> None:
    found = there_and_back(value, Any)
    assert found == value
    assert repr(found) == repr(value)


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ({3, 1, 2}, set[int]),
        (frozenset({"a"}), frozenset[str]),
        (deque([1, 2]), deque[int]),
        (bytearray(b"xy"), bytearray),
        ((1, 2, 3), tuple[int, ...]),
        (2.5, float),
        (7, float),
        (True, int | bool),
        (True, int),
        (Kind.LOAD, Kind),
        ({Kind.LOAD: (1, None)}, Mapping[Kind, tuple[int, int | None]]),
        ((), tuple[int, ...]),
        ([{1: "a"}], list[dict[int, str]]),
    ],
)
def test_each_kind_of_value_comes_back_as_what_it_was(value: object, hint: Any) -> None:
    found = there_and_back(value, hint)
    assert found == value
    assert type(found) is type(value)


def test_a_member_of_a_numbered_enumeration_may_stand_for_its_number() -> None:
    assert there_and_back((Level.HIGH, 5), tuple[int, ...]) == (1, 5)


@pytest.mark.parametrize("kind", [np.int8, np.uint32, np.float64])
def test_an_array_keeps_its_kind_and_shape(kind: type) -> None:
    array: npt.NDArray[Any] = np.arange(12).astype(kind).reshape(3, 4)
    found = there_and_back(array, npt.NDArray[kind])  # type: ignore[valid-type]
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)
    found[0, 0] = 7


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("text", int),
        (1, str),
        ([1, "a"], list[int]),
        ((1, 2), tuple[int, int, int]),
        (None, int),
        (object(), Any),
        (1j, int | str),
        (np.zeros(2, np.complex128), np.ndarray),
    ],
)
def test_a_value_of_another_type_than_declared_is_not_written(value: object, hint: Any) -> None:
    with pytest.raises(Misfit):
        encode(value, hint)


@pytest.mark.parametrize(
    "hint",
    [
        *(int, str, float, bytes, Colour, Job, Spot, Any, npt.NDArray[np.int8]),
        *(list[int], dict[str, Job], tuple[int, str], set[tuple[int, int]], int | None),
        Mapping[tuple[int, int], bytes],
    ],
)
@given(json_values)
def test_whatever_a_file_holds_is_a_value_of_the_type_or_a_misfit(hint: Any, data: object) -> None:
    try:
        found = decode(data, hint)
    except Misfit:
        return
    assert there_and_back(found, hint) == found


@pytest.mark.parametrize("hint", [float, Any, list[float], list[Any]])
def test_a_number_that_is_none_is_refused(hint: Any) -> None:
    data = float("nan") if hint in (float, Any) else [float("nan")]
    with pytest.raises(Misfit):
        decode(data, hint)


def test_the_words_for_a_type_differ_where_a_field_does() -> None:
    other = dataclasses.make_dataclass("Job", [("number", str)])
    assert describe(Job) != describe(other)
    assert "colour:Colour(RED,GREEN)" in describe(Job)
