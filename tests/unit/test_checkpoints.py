"""Snapshots along a run: which is nearest, what they take, and which goes first."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.machine_samples import machine
from vplat.engines.script import Work
from vplat.machine.board import PAGE
from vplat.machine.checkpoints import FURTHER_BYTES, Checkpoint, Checkpoints
from vplat.machine.position import Position
from vplat.machine.snapshot.state import MachineState
from vplat.machine.tape import Mark

EMPTY = machine({0: [Work(1)]}).snapshot()


def position(at: int) -> Position:
    """After so many instructions."""
    return Position(at, 0, 0)


def state(pages: dict[int, bytes]) -> MachineState:
    """A state whose memory holds these pages."""
    return dataclasses.replace(EMPTY, memories={"ram": pages})


def checkpoint(at: int, pages: dict[int, bytes] | None = None) -> Checkpoint:
    """One after so many instructions and cycles."""
    return Checkpoint(position(at), at, state({} if pages is None else pages), Mark(0, 0, 0))


def kept(checkpoints: Checkpoints) -> list[int]:
    """The cycles of those that are there."""
    return [each.cycle for each in reversed(list(checkpoints.back_from(position(1 << 60))))]


def page(number: int) -> bytes:
    """A page that no other is."""
    return number.to_bytes(4, "little") * (PAGE // 4)


def test_the_nearest_is_the_last_that_is_not_later() -> None:
    checkpoints = Checkpoints(1 << 30)
    for at in (0, 10, 20):
        checkpoints.add(checkpoint(at))
    found = [checkpoints.before(position(at)).cycle for at in (0, 9, 10, 15, 20, 99)]
    assert found == [0, 0, 10, 10, 20, 20]
    assert [each.cycle for each in checkpoints.back_from(position(20))] == [10, 0]
    assert checkpoints.first.cycle == 0


def test_of_two_at_one_moment_the_later_one_counts() -> None:
    checkpoints = Checkpoints(1 << 30)
    checkpoints.add(checkpoint(5, {0: page(1)}))
    checkpoints.add(checkpoint(5, {0: page(2)}))
    assert checkpoints.before(position(5)).state.memories["ram"][0] == page(2)


def test_one_that_comes_out_of_order_takes_its_place() -> None:
    checkpoints = Checkpoints(1 << 30)
    for at in (0, 30, 10, 20):
        checkpoints.add(checkpoint(at))
    assert kept(checkpoints) == [0, 10, 20, 30]


def test_what_is_cut_is_gone_and_what_is_cleared_takes_nothing() -> None:
    checkpoints = Checkpoints(1 << 30)
    for at in (0, 10, 20, 30):
        checkpoints.add(checkpoint(at, {0: page(at)}))
    checkpoints.cut(position(15))
    assert kept(checkpoints) == [0, 10]
    checkpoints.clear()
    assert checkpoints.held_bytes == 0


def test_pages_that_several_share_are_counted_once() -> None:
    checkpoints = Checkpoints(1 << 30)
    shared, other = page(1), page(2)
    first: dict[int, bytes] = {0: shared}
    checkpoints.add(checkpoint(0, first))
    alone = checkpoints.held_bytes
    checkpoints.add(checkpoint(1, first))
    checkpoints.add(checkpoint(2, {0: shared, 1: other}))
    further = checkpoints.held_bytes - alone - PAGE
    assert further == 2 * (alone - PAGE)
    assert alone - PAGE >= FURTHER_BYTES


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=30), st.integers(0, 30))
def test_what_they_take_is_what_those_that_are_left_take(
    writes: list[tuple[int, int]], left: int
) -> None:
    checkpoints, pages = Checkpoints(1 << 30), {number: page(number) for number in range(10)}
    contents: dict[int, bytes] = {}
    expected: list[dict[int, bytes]] = []
    for at, (number, content) in enumerate(writes):
        contents = contents | {number: pages[content]} if content else contents
        expected.append(contents)
        checkpoints.add(checkpoint(at, contents))
    checkpoints.cut(position(left - 1))
    distinct = {id(each) for held in expected[:left] for each in held.values()}
    counts = sum(map(len, EMPTY.engine.counts))
    rest = len(expected[:left]) * (FURTHER_BYTES + counts)
    assert checkpoints.held_bytes == PAGE * len(distinct) + rest


@given(st.integers(3, 20), st.integers(20, 120))
def test_a_full_budget_keeps_the_first_and_the_last_and_thins_out_the_past(
    room: int, count: int
) -> None:
    each: Any = Checkpoints(1 << 30)
    each.add(checkpoint(0))
    budget = room * each.held_bytes
    checkpoints = Checkpoints(budget)
    for at in range(count):
        checkpoints.add(checkpoint(at))
        assert checkpoints.held_bytes <= budget
    cycles = kept(checkpoints)
    assert len(cycles) == min(room, count)
    assert cycles[0] == 0
    assert cycles[-1] == count - 1
    gaps = [later - earlier for earlier, later in itertools.pairwise(cycles)]
    newest, oldest = gaps[len(gaps) // 2 :], gaps[: len(gaps) // 2]
    assert sum(newest) / len(newest) <= sum(oldest) / max(len(oldest), 1) or not oldest
