"""State that firmware cannot see: reset, snapshots, and that nothing is shared."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.drawn_kinds import kinds
from vplat.model import (
    HART_PORT,
    RO,
    RW,
    Event,
    Parameter,
    Peripheral,
    PortWord,
    Register,
    State,
    Window,
    Word,
    Words,
    bit,
)
from vplat.testing import Bench


@dataclasses.dataclass
class Job:
    """Something a device works on."""

    left: int = 3


class Worker(Peripheral, kind="worker", size=0x20):
    """State of every sort."""

    start = Parameter(5, "Where the level starts.")
    own = Window(0x10, "Own.", port=HART_PORT)

    data = Word(0x00, RW, "Data.", reset=0x11)
    flags = Register(0x04, "Flags.", on=bit(3, RW, "On.", reset=1))
    row = Words(2, 0x08, RO, "Row.", reset=2)
    mine = PortWord(3, 0x00, RW, "Mine.", windows=(own,))

    count = State(0, "A number.")
    queue: State[list[int]] = State(list, "A list.")
    table: State[dict[int, list[int]]] = State(lambda: {1: [2]}, "Something nested.")
    job: State[Job] = State(Job, "An object.")
    level = State(0, "What on_reset sets.")
    pair: State[list[int]] = State([1, 2], "A value that is copied.")
    done = Event("Done.")

    def on_reset(self) -> None:
        self.level = self.start

    def work(self) -> None:
        """Change everything there is."""
        self.data, self.flags.on, self.row[1], self.mine[2] = 1, 0, 9, 8
        self.count += 1
        self.queue.append(4)
        self.table[1].append(5)
        self.job.left -= 1
        self.pair.append(3)
        self.level = 99
        self.account("jobs", 2)


def everything(device: Worker) -> tuple[object, ...]:
    """All that ``work`` changes."""
    return (
        (device.data, device.flags.on, list(device.row), list(device.mine)),
        (device.count, list(device.queue), {**device.table}, device.job.left),
        (device.level, list(device.pair), dict(device.activities)),
    )


FRESH: tuple[object, ...] = (
    (0x11, 1, [2, 2], [0, 0, 0]),
    (0, [], {1: [2]}, 3),
    (5, [1, 2], {}),
)
WORKED = (
    (1, 0, [2, 9], [0, 0, 8]),
    (1, [4], {1: [2, 5]}, 2),
    (99, [1, 2, 3], {"jobs": 2}),
)


def test_a_new_device_is_as_after_reset() -> None:
    assert everything(Bench().build(Worker)) == FRESH


def test_reset_brings_back_registers_state_and_activities_and_then_runs_on_reset() -> None:
    device = Bench().build(Worker, {"start": 5})
    device.work()
    assert everything(device) == WORKED
    device.reset()
    assert everything(device) == FRESH


def test_two_devices_of_a_kind_share_nothing() -> None:
    bench = Bench()
    one, other = bench.build(Worker, name="one"), bench.build(Worker, name="other")
    one.work()
    assert everything(other) == FRESH
    one.reset()
    one.queue.append(1)
    assert other.queue == []


def test_a_snapshot_restores_all_that_has_changed_since() -> None:
    device = Bench().build(Worker)
    device.work()
    snapshot = device.snapshot()
    device.work()
    device.reset()
    device.restore(snapshot)
    assert everything(device) == WORKED


def test_a_snapshot_shares_nothing_with_the_device_in_either_direction() -> None:
    device = Bench().build(Worker)
    snapshot = device.snapshot()
    device.work()
    device.restore(snapshot)
    device.work()
    device.restore(snapshot)
    assert everything(device) == FRESH


def test_a_snapshot_restores_another_device_of_the_kind() -> None:
    bench = Bench()
    one, other = bench.build(Worker), bench.build(Worker)
    one.work()
    other.restore(one.snapshot())
    assert everything(other) == WORKED
    bench.store(other, "data", 7)
    assert (bench.load(one, "data"), bench.load(other, "data")) == (1, 7)


def test_accesses_see_what_a_snapshot_has_restored() -> None:
    bench = Bench()
    device = bench.build(Worker)
    bench.store(device, "mine", 6, hart=1, window=Worker.own)
    snapshot = device.snapshot()
    bench.store(device, "mine", 7, hart=1, window=Worker.own)
    device.restore(snapshot)
    assert bench.load(device, "mine", hart=1, window=Worker.own) == 6
    bench.store(device, "mine", 8, hart=1, window=Worker.own)
    assert list(device.mine) == [0, 8, 0]


def test_the_words_of_a_snapshot_are_plain_numbers() -> None:
    snapshot = Bench().build(Worker).snapshot()
    assert json.loads(json.dumps(snapshot["words"]))["data"] == [0x11]


def test_an_event_of_a_device_is_driven_by_calling_it_and_cannot_be_replaced() -> None:
    device = Bench().build(Worker)
    with pytest.raises(AttributeError, match=r"worker\.done is a line; call it"):
        device.done = 1  # type: ignore[assignment]


def test_a_register_of_fields_cannot_be_replaced_by_a_number() -> None:
    device = Bench().build(Worker)
    with pytest.raises(AttributeError, match=r"worker\.flags cannot be replaced; set one of its"):
        device.flags = 1  # type: ignore[assignment]
    with pytest.raises(AttributeError, match=r"worker\.row cannot be replaced"):
        device.row = 1  # type: ignore[assignment]


def test_an_unknown_field_is_refused_with_the_closest_one() -> None:
    class Typist(Peripheral, kind="typist", size=0x4):
        """Its author mistypes."""

        status = Register(0x00, "Status.", busy=bit(0, RO, "Busy."), done=bit(1, RO, "Done."))

    device = Bench().build(Typist)
    with pytest.raises(AttributeError, match="no field 'bussy'; did you mean 'busy'"):
        device.status.bussy = 1
    with pytest.raises(AttributeError, match="no field 'x'; there are busy, done"):
        _ = device.status.x
    with pytest.raises(AttributeError, match="did you mean 'done'"):
        _ = Typist.status.don


@given(kinds(), st.data())
def test_a_restored_device_goes_on_as_the_first_one_did(
    kind: type[Peripheral], data: st.DataObject
) -> None:
    bench = Bench()
    device, other = bench.build(kind), bench.build(kind)
    places = [offset for *_, offset in device.elements()]
    stores = st.lists(st.tuples(st.sampled_from(places), st.integers(0, 0xFFFF_FFFF)), max_size=8)
    for offset, value in data.draw(stores):
        bench.store(device, offset, value)
    other.restore(device.snapshot())
    for offset, value in data.draw(stores):
        bench.store(device, offset, value)
        bench.store(other, offset, value)
        assert bench.load(device, offset) == bench.load(other, offset)
    assert other.snapshot() == device.snapshot()
