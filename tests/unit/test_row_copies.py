"""Rows that are copied, cut and timed at once against the same rows one after the other."""

from __future__ import annotations

import dataclasses
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from vplat.machine.board import PAGE, MemorySpec, Span
from vplat.machine.bus import Bus, DevicePlace, memory_places
from vplat.model import AccessFault
from vplat.model.row_copy import RowCopy, can_cut, copy_rows, cut
from vplat.model.transfer import BurstFlow, Refusals, beats, copy, split

DEVICE = 5 * PAGE
"""The device lies between two pages of the memory before and after it."""
END = 13 * PAGE
MEMORIES = (
    MemorySpec("one", PAGE, 3 * PAGE, aliases=(Span(8 * PAGE, 3 * PAGE),)),
    MemorySpec("fixed", 4 * PAGE, PAGE, writable=False),
    MemorySpec("two", 6 * PAGE, 2 * PAGE),
    MemorySpec("small", 11 * PAGE, 64, aliases=(Span(11 * PAGE + 64, 320),)),
)


class Listener:
    """A port that notes all accesses, answers with their number and refuses some offsets."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, ...]] = []

    def load(self, offset: int, size: int, hart: int) -> int:
        """A load."""
        self.heard.append((offset, size, hart))
        if offset % 64 >= 56:
            raise AccessFault("refused")
        return len(self.heard) & (1 << 8 * size) - 1

    def store(self, offset: int, size: int, value: int, hart: int) -> None:
        """A store."""
        self.heard.append((offset, size, value, hart))
        if offset % 64 >= 48:
            raise AccessFault("refused")


class World:
    """A bus with everything on it, and what it has told."""

    def __init__(self, code: range) -> None:
        self.listener = Listener()
        self.told: list[tuple[int, int]] = []
        device = DevicePlace(DEVICE, DEVICE + PAGE // 2, self.listener, 0)  # type: ignore[arg-type]
        self.places = memory_places(MEMORIES)
        for place in self.places:
            place.data[:] = [(index * 7 + (index >> 8)) & 0xFF for index in range(len(place.data))]
            place.written[:] = 0
        self.bus = Bus(self.places, [device])
        self.code = code
        self.bus.on_write = self.hear

    def hear(self, address: int, length: int) -> None:
        """A write to code is something; every other one is not."""
        if self.concerns(address, length):
            self.told.append((address, length))

    def concerns(self, address: int, length: int) -> bool:
        """Whether a write is one to code."""
        return address < self.code.stop and self.code.start < address + length

    def state(self) -> list[object]:
        """Everything that a copy can change."""
        memories = [(bytes(place.data), bytes(place.written)) for place in self.places]
        return [memories, self.listener.heard, self.told]


addresses = st.builds(
    lambda page, offset: max(0, page * PAGE + offset),
    st.integers(0, 13),
    st.integers(-80, 80) | st.integers(0, PAGE),
)
strides = st.integers(-200, 200) | st.sampled_from([-PAGE, 64, 64, PAGE, PAGE + 8, 2 * PAGE])
copies = st.builds(
    RowCopy,
    addresses,
    addresses,
    st.integers(1, 130) | st.sampled_from([64, PAGE]),
    st.integers(1, 12),
    strides,
    strides,
)


def fits(rows: RowCopy) -> bool:
    """Whether no address is below 0."""
    return rows.within(1 << 32)


@settings(max_examples=400, deadline=None)
@given(copies.filter(fits), st.integers(0, END), st.integers(1, PAGE), st.booleans())
def test_rows_copied_at_once_leave_what_rows_one_after_the_other_leave(
    rows: RowCopy, code: int, size: int, knows_code: bool
) -> None:
    at_once, one_by_one = (World(range(code, code + size)) for _ in range(2))
    if knows_code:
        at_once.bus.concerns = at_once.concerns
    found, expected = Refusals(), Refusals()
    copy_rows(at_once.bus, rows, found)
    for source, destination, length in rows.runs():
        copy(one_by_one.bus, source, destination, length, expected)
    assert dataclasses.astuple(found) == dataclasses.astuple(expected)
    assert at_once.state() == one_by_one.state()


def test_rows_from_one_memory_to_another_are_copied_at_once() -> None:
    world = World(range(0))
    assert world.bus.copy_rows(RowCopy(PAGE + 5, 6 * PAGE + 9, 64, 20, 70, 128))


def test_pages_between_rows_do_not_count_as_written() -> None:
    world = World(range(0))
    assert world.bus.copy_rows(RowCopy(6 * PAGE, PAGE + 2 * PAGE + 8, 16, 2, 16, -2 * PAGE))
    assert bytes(world.places[0].written) == b"\1\0\1"


def test_rows_that_a_row_before_them_changes_are_not_copied_at_once() -> None:
    world = World(range(0))
    before = world.state()
    assert not world.bus.copy_rows(RowCopy(PAGE, 8 * PAGE + 64, 64, 4, 64, 64))
    assert world.state() == before


@settings(max_examples=300, deadline=None)
@given(copies, st.sampled_from([0, 256, PAGE]), st.sampled_from([0, 128, PAGE]))
def test_rows_cut_at_once_are_cut_like_each_row(rows: RowCopy, first: int, second: int) -> None:
    if not can_cut(rows, first, second) or not (first or second):
        return
    expected = [
        (source + offset, destination + offset, piece, not offset)
        for source, destination, length in rows.runs()
        for offset, piece in _split(length, (source, first), (destination, second))
    ]
    pieces = cut(rows, first, second)
    assert list(zip(*(column.tolist() for column in pieces), strict=True)) == expected
    reads = [beats(source, length, 64) for source, _, length, _ in expected]
    writes = [beats(destination, length, 8) for _, destination, length, _ in expected]
    assert pieces.read_beats(64).tolist() == reads
    assert pieces.write_beats(8).tolist() == writes


def _split(length: int, *sides: tuple[int, int]) -> list[tuple[int, int]]:
    """``split`` where each side has a boundary of its own."""
    ends = {0, length}
    for address, boundary in sides:
        if boundary:
            ends.update(offset for offset, _ in split(length, boundary, address))
    cuts = sorted(ends)
    return [(begin, end - begin) for begin, end in itertools.pairwise(cuts)]


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), min_size=1, max_size=12),
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), min_size=1, max_size=12),
    st.tuples(st.integers(0, 30), st.integers(0, 9), st.integers(0, 9)),
)
def test_bursts_together_take_what_they_take_one_by_one(
    outstanding: int,
    first: list[tuple[int, int]],
    second: list[tuple[int, int]],
    times: tuple[int, int, int],
) -> None:
    ready, before, after = times
    together, apart = BurstFlow(outstanding), BurstFlow(outstanding)
    for start, bursts in ((0, first), (ready, second)):
        ends, moved = [], []
        for words, pause in bursts:
            apart.request_free += pause
            ends.append(apart.burst(start, words, before, after))
            moved.append(apart.data_free)
        assert together.bursts(start, bursts, before, after) == (moved[0], ends[-1])
        assert together == apart
