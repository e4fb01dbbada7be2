"""Memories recorded by page and put back, against copies of the whole of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vplat.machine.board import PAGE, MemorySpec, Span
from vplat.machine.bus import Bus, MemoryPlace, memory_places
from vplat.machine.snapshot.memory import Contents, Memories

RAM, ROM = 0x1000_0000, 0x2000_0000
SIZES = {RAM: 4 * PAGE, ROM: 2 * PAGE}
SPECS = (
    MemorySpec("ram", RAM, SIZES[RAM], aliases=(Span(0x1800_0000, SIZES[RAM]),)),
    MemorySpec("rom", ROM, SIZES[ROM], writable=False, contents={8: (1, 2)}),
)
writes = st.tuples(
    st.sampled_from([RAM, 0x1800_0000]),
    st.integers(0, SIZES[RAM] - 1),
    st.binary(min_size=1, max_size=20) | st.just(bytes(64)) | st.just(b"z" * (PAGE + 9)),
)
steps = st.lists(writes | st.just("record") | st.integers(0, 5), max_size=25)


class Memory:
    """Two memories, as a bus writes to them."""

    def __init__(self) -> None:
        self.places = memory_places(SPECS)
        self.bus = Bus(self.places, ())
        self.asked = 0
        self.memories = Memories(self.places, self.ask)

    def ask(self) -> None:
        """Somebody is to note stores anew."""
        self.asked += 1

    @property
    def contents(self) -> list[bytes]:
        """All that there is."""
        return [self.place(name).data.tobytes() for name in ("ram", "rom")]

    def place(self, name: str) -> MemoryPlace:
        """Where a memory answers first."""
        return next(place for place in self.places if place.memory.name == name)


@given(steps)
def test_what_was_recorded_is_what_memories_hold_again(
    steps: list[tuple[int, int, bytes] | str | int],
) -> None:
    memory = Memory()
    records: list[tuple[Contents, list[bytes]]] = []
    for step in steps:
        if isinstance(step, tuple):
            base, offset, data = step
            memory.bus.write(base + offset, data[: SIZES[RAM] - offset])
        elif isinstance(step, str):
            records.append((memory.memories.record(), memory.contents))
        elif step < len(records):
            recorded, contents = records[step]
            before = memory.contents
            changed = memory.memories.put_back(recorded)
            assert memory.contents == contents
            assert {(name, number) for name, number, _ in changed} == differing(before, contents)
            for name, number, page in changed:
                old = before[("ram", "rom").index(name)]
                assert page == old[number * PAGE : (number + 1) * PAGE]


def differing(before: list[bytes], after: list[bytes]) -> set[tuple[str, int]]:
    """The pages that are not the same."""
    return {
        (name, number)
        for name, old, new in zip(("ram", "rom"), before, after, strict=True)
        for number in range(len(old) // PAGE)
        if old[number * PAGE : (number + 1) * PAGE] != new[number * PAGE : (number + 1) * PAGE]
    }


def test_only_pages_that_hold_something_take_room() -> None:
    memory = Memory()
    memory.bus.write(RAM + PAGE, b"something")
    recorded = memory.memories.record()
    assert set(recorded["ram"]) == {1}
    assert set(recorded["rom"]) == {0}
    memory.bus.write(RAM + PAGE, bytes(9))
    assert not memory.memories.record()["ram"]


def test_two_records_share_what_has_not_changed() -> None:
    memory = Memory()
    memory.bus.write(RAM, b"first")
    memory.bus.write(RAM + 2 * PAGE, b"second")
    first = memory.memories.record()
    memory.bus.write(RAM, b"other")
    second = memory.memories.record()
    assert second["ram"][2] is first["ram"][2]
    assert second["ram"][0] is not first["ram"][0]
    assert second["rom"] is first["rom"]


def test_a_page_that_was_written_as_it_was_stays_the_same_object() -> None:
    memory = Memory()
    memory.bus.write(RAM, b"same")
    first = memory.memories.record()
    memory.bus.write(RAM, b"same")
    assert memory.memories.record()["ram"][0] is first["ram"][0]


def test_stores_are_noted_anew_only_after_some_were_noted() -> None:
    memory = Memory()
    memory.memories.record()
    asked = memory.asked
    memory.memories.record()
    assert memory.asked == asked
    memory.bus.write(RAM, b"x")
    memory.memories.record()
    assert memory.asked == asked + 1


def test_every_way_of_writing_marks_the_pages_it_touches() -> None:
    memory = Memory()
    place = memory.place("ram")
    ways: tuple[Callable[[], None], ...] = (
        lambda: memory.bus.write(RAM + PAGE - 1, b"ab"),
        lambda: memory.bus.store(RAM + PAGE - 2, 4, 0xFFFF_FFFF, 0),
        lambda: memory.bus.load_image(RAM + PAGE - 1, b"ab"),
        lambda: memory.bus.write(0x1800_0000 + PAGE - 1, b"ab"),
    )
    for step, write in enumerate(ways):
        place.written[:] = 0
        write()
        assert np.flatnonzero(place.written).tolist() == [0, 1], step


def test_memories_of_one_board_do_not_share_their_marks() -> None:
    marks = [place.written for place in memory_places(SPECS)]
    shared = [one is other for one, other in itertools.combinations(marks, 2)]
    assert shared.count(True) == 1  # a memory and its alias
