"""The file of a ledger: everything comes back in the order of time, and damage is a sentence."""

from __future__ import annotations

import io
from pathlib import Path as FilePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.errors import UsageError
from vplat.trace.record import FieldLayout, Kind, Path, Place
from vplat.trace.store import MAGIC, Backing, Reader, Store, is_ledger, open_ledger
from vplat.trace.tracing import Tracing

HEADING = {"board": "b", "harts": 2, "devices": ["lamp"], "hertz": 1}
FIELD = FieldLayout("mode", 3, 2, readable=True, writable=True, values={0: "SLOW", 2: "FAST"})
LAMP = Path("lamp.control", "lamp", (FIELD,))


def place_of(pc: int) -> Place:
    return Place(f"f{pc:x}", f"main.c:{pc}")


def new_store() -> Store:
    return Store(Backing(io.BytesIO()), HEADING, place_of)


def reader(store: Store) -> Reader:
    return Reader(store.backing, "the file")


def written(store: Store, path: FilePath) -> FilePath:
    """The store in a file of its own."""
    with path.open("wb") as file:
        reader(store).copy_to(file)
    return path


def test_an_entry_comes_back_with_its_path_its_place_and_its_text() -> None:
    store = new_store()
    number = store.add_path(LAMP)
    text = store.add_text("copy", {"bytes": 3})
    store.append((5, Kind.BEGIN, -1, 0, number, 0x40, 7, 1, text))
    store.settle(6)
    (entry,) = reader(store)
    assert (entry.cycle, entry.kind, entry.hart, entry.pc) == (5, Kind.BEGIN, -1, 0x40)
    assert entry.path == LAMP
    assert entry.place == place_of(0x40)
    assert (entry.text, entry.details) == ("copy", {"bytes": 3})
    assert entry.number == 1 << 32 | 7


def test_what_time_has_not_passed_waits() -> None:
    store = new_store()
    number = store.add_path(LAMP)
    for cycle in (9, 3, 6):
        store.append((cycle, Kind.WAKE, 1, 0, number, 0, 0, 0, 0))
    store.settle(6)
    assert [each.cycle for each in reader(store)] == [3]
    store.settle(10)
    assert [each.cycle for each in reader(store)] == [3, 6, 9]
    assert (store.count, store.last_cycle) == (3, 9)


@given(
    st.lists(
        st.tuples(st.integers(0, 2**40), st.sampled_from([Kind.READ, Kind.SLEEP])),
        max_size=60,
    ),
    st.integers(1, 20),
)
def test_entries_come_back_in_the_order_of_time_and_those_of_one_cycle_as_they_came(
    moments: list[tuple[int, Kind]], settled_every: int
) -> None:
    store = new_store()
    number = store.add_path(LAMP)
    for index, (cycle, kind) in enumerate(moments):
        third = store.add_text(f"why {index}", {}) if kind is Kind.SLEEP else 0
        store.append((cycle, kind, 0, 0, number, index + 1, index, 0, third))
        if index % settled_every == 0:
            store.settle(0)
    store.settle(2**62)
    found = list(reader(store))
    expected = sorted(range(len(moments)), key=lambda index: moments[index][0])
    assert [each.first for each in found] == expected
    assert [each.place for each in found] == [place_of(index + 1) for index in expected]
    texts = [each.text for each in found if each.kind is Kind.SLEEP]
    assert texts == [f"why {each.first}" for each in found if each.kind is Kind.SLEEP]


def test_a_ledger_on_disk_is_recognised_and_read(tmp_path: FilePath) -> None:
    store = new_store()
    store.append((1, Kind.READ, 0, 0, store.add_path(LAMP), 0, 0, 0, 0))
    store.settle(2)
    path = written(store, tmp_path / "a.ledger")
    assert is_ledger(path)
    found = open_ledger(path)
    assert found.heading == HEADING
    assert [each.path for each in found] == [LAMP]


def test_a_ledger_can_be_narrowed_when_it_is_read() -> None:
    store = new_store()
    number = store.add_path(LAMP)
    for cycle in range(9):
        store.append((cycle, Kind.READ, cycle % 2, 0, number, 0, 0, 0, 0))
    store.settle(9)
    found = reader(store)
    found.narrow(Tracing(("harts[1].load",), 2, 7))
    assert [each.cycle for each in found] == [3, 5]
    found.narrow(Tracing(("lamp.control.mode",)))
    assert len(list(found)) == 9
    with pytest.raises(UsageError, match="did you mean 'lamp'"):
        found.narrow(Tracing(("lamb",)))
    with pytest.raises(UsageError, match="copied as a whole"):
        found.copy_to(io.BytesIO())


def test_what_is_no_ledger_is_none(tmp_path: FilePath) -> None:
    (tmp_path / "other").write_bytes(b"\x7fELF")
    assert not is_ledger(tmp_path / "other")
    assert not is_ledger(tmp_path / "missing")
    with pytest.raises(UsageError, match="no ledger of this version"):
        open_ledger(tmp_path / "other")
    with pytest.raises(UsageError, match="missing cannot be read: No such file"):
        open_ledger(tmp_path / "missing")


@given(st.data())
def test_a_damaged_ledger_is_read_or_refused_with_a_sentence(data: st.DataObject) -> None:
    store = new_store()
    number = store.add_path(LAMP)
    for cycle in range(3):
        text = store.add_text("why", {})
        store.append((cycle, Kind.SLEEP, 0, 0, number, 0x10, 1, 0, text))
    store.settle(3)
    whole = store.backing.file.getvalue()  # type: ignore[attr-defined]
    cut = data.draw(st.integers(len(MAGIC), len(whole)))
    place = data.draw(st.integers(len(MAGIC), len(whole) - 1))
    damaged = bytearray(whole[:cut])
    if place < cut:
        damaged[place] ^= data.draw(st.integers(1, 255))
    refusal = ""
    found = []
    try:
        found = list(Reader(Backing(io.BytesIO(bytes(damaged))), "it"))
    except UsageError as error:
        refusal = str(error)
    assert refusal in ("", "it is damaged; record it again")
    assert len(found) <= 3
