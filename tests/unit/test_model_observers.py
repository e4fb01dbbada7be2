"""What an observer of a device is told."""

from __future__ import annotations

import pytest

from vplat.model import (
    ALL_HARTS,
    HART_PORT,
    RO,
    RW,
    W1C,
    Declared,
    Event,
    Line,
    Observer,
    Peripheral,
    PortWord,
    Register,
    Stall,
    State,
    Window,
    Word,
    Words,
    Work,
    bit,
    bits,
)
from vplat.testing import Bench

Told = tuple[object, ...]


class Watched(Peripheral, kind="watched", size=0x40):
    """Registers with and without behaviours, an event and a line."""

    own = Window(0x10, "Own.", port=HART_PORT)
    plain = Word(0x00, RW, "Plain.", reset=4)
    row = Words(2, 0x08, RW, "Row.")
    status = Register(0x10, "Status.", done=bit(0, W1C, "Done.", reset=1), low=bits(9, 8, RW, "L."))
    computed = Word(0x14, RO, "Computed.")
    slow = Word(0x18, RW, "Slow.")
    mine = PortWord(2, 0x00, RW, "Mine.", windows=(own,))
    finished = Event("Finished.")
    busy = Line("Busy.")
    stalls = State(True, "Whether slow stalls.")

    @computed.on_read
    def compute(self) -> int:
        return 0x1_0000_0007

    @slow.on_read
    @slow.on_write
    def be_slow(self) -> None:
        if self.stalls:
            raise Stall("slow")

    @row.on_write
    def finish(self) -> None:
        self.account("rows", 3)
        self.busy(1, harts=2)
        self.finished()


class Recorder(Observer):
    """An observer that keeps all it is told."""

    def __init__(self) -> None:
        self.told: list[Told] = []

    def access(
        self,
        device: Peripheral,
        register: Declared,
        index: int,
        kind: str,
        old: int,
        value: int,
        hart: int,
    ) -> None:
        """Keep it."""
        self.told.append((device.name, register.element_name(index), kind, old, value, hart))

    def activity(self, device: Peripheral, what: str, amount: int) -> None:
        """Keep it."""
        self.told.append((device.name, what, amount))

    def event(self, device: Peripheral, event: Event | Line, level: int, harts: int) -> None:
        """Keep it."""
        self.told.append((device.name, event.name, level, harts))


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def device(bench: Bench, recorder: Recorder) -> Watched:
    """A device that the recorder watches."""
    device = bench.build(Watched, name="unit")
    device.observer = recorder
    return device


def test_a_load_is_told_with_the_word_and_the_hart(
    bench: Bench, device: Watched, recorder: Recorder
) -> None:
    bench.load(device, "plain", hart=3)
    bench.load(device, 0x02, size=1, hart=-1)
    assert recorder.told == [("unit", "plain", "r", 4, 4, 3), ("unit", "plain", "r", 4, 4, -1)]


def test_a_computed_answer_is_told_as_the_load_gets_it(
    bench: Bench, device: Watched, recorder: Recorder
) -> None:
    bench.load(device, "computed")
    assert recorder.told == [("unit", "computed", "r", 7, 7, 0)]


def test_a_store_is_told_with_what_was_there_and_what_is_on_the_bus(
    bench: Bench, device: Watched, recorder: Recorder
) -> None:
    bench.store(device, "plain", 9)
    bench.store(device, 0x02, 0xAB, size=1, hart=1)
    bench.store(device, "status", 0x101)
    assert recorder.told == [
        ("unit", "plain", "w", 4, 9, 0),
        ("unit", "plain", "w", 9, 0xAB_0000, 1),
        ("unit", "status", "w", 1, 0x101, 0),
    ]


def test_a_store_is_told_before_what_it_sets_off(
    bench: Bench, device: Watched, recorder: Recorder
) -> None:
    bench.store(device, "row[1]", 5, hart=2)
    assert recorder.told == [
        ("unit", "row[1]", "w", 0, 5, 2),
        ("unit", "rows", 3),
        ("unit", "busy", 1, 2),
        ("unit", "finished", 1, ALL_HARTS),
    ]


def test_a_load_that_stalls_is_told_when_it_is_answered(
    bench: Bench, device: Watched, recorder: Recorder
) -> None:
    assert bench.stalls(device, "slow")
    assert recorder.told == []
    device.stalls = False
    bench.load(device, "slow")
    assert recorder.told == [("unit", "slow", "r", 0, 0, 0)]


def test_a_store_that_stalls_is_told_each_time_it_is_issued(
    bench: Bench, device: Watched, recorder: Recorder
) -> None:
    with pytest.raises(Stall):
        bench.store(device, "slow", 6)
    device.stalls = False
    bench.store(device, "slow", 6)
    assert recorder.told == [("unit", "slow", "w", 0, 6, 0)] * 2


def test_an_access_to_a_harts_own_copy_is_told_with_that_hart(
    bench: Bench, device: Watched, recorder: Recorder
) -> None:
    bench.store(device, "mine", 6, hart=1, window=Watched.own)
    bench.load(device, "mine", hart=1, window=Watched.own)
    assert recorder.told == [("unit", "mine", "w", 0, 6, 1), ("unit", "mine", "r", 6, 6, 1)]


def test_what_the_model_does_by_itself_is_no_access(device: Watched, recorder: Recorder) -> None:
    device.plain = 5
    device.status.update(done=0)
    assert recorder.told == []


def test_activities_are_counted_whether_somebody_watches_or_not(
    bench: Bench, device: Watched
) -> None:
    bench.store(device, "row[0]", 0)
    device.observer = None
    bench.store(device, "row[0]", 0)
    assert device.activities == {"rows": 6}


class Worker(Peripheral, kind="worker", size=0x10):
    """Works, and has a window without registers."""

    wild = Window(0x10, "No registers.")

    def work(self) -> None:
        self.begin_work("job", 7, self.describe)
        self.end_work("job", 7)

    def describe(self) -> Work:
        self.account("descriptions", 1)
        return Work("a job", {"bytes": 3})

    @wild.on_load
    def load_wild(self, offset: int) -> int:
        return offset | 0x1100

    @wild.on_store
    def store_wild(self, value: int) -> None:
        self.account("stored", value)


class WorkRecorder(Recorder):
    """Keeps work and accesses beside registers as well."""

    def window_access(
        self,
        device: Peripheral,
        window: Window,
        offset: int,
        size: int,
        kind: str,
        value: int,
        hart: int,
    ) -> None:
        """Keep it."""
        self.told.append((device.name, window.name, offset, size, kind, value, hart))

    def begin_work(self, device: Peripheral, what: str, number: int, work: Work) -> None:
        """Keep it."""
        self.told.append((device.name, what, number, work))

    def end_work(self, device: Peripheral, what: str, number: int) -> None:
        """Keep it."""
        self.told.append((device.name, what, number))


def test_work_is_told_from_its_beginning_to_its_end_and_described_only_if_somebody_watches(
    bench: Bench,
) -> None:
    worker, recorder = bench.build(Worker), WorkRecorder()
    worker.work()
    assert worker.activities == {}
    worker.observer = recorder
    worker.work()
    described, begun, ended = recorder.told
    assert described == ("worker", "descriptions", 1)
    assert begun == ("worker", "job", 7, Work("a job", {"bytes": 3}))
    assert ended == ("worker", "job", 7)


def test_an_access_to_a_window_without_registers_is_told_when_it_is_done(bench: Bench) -> None:
    worker, recorder = bench.build(Worker), WorkRecorder()
    worker.observer = recorder
    bench.load(worker, 4, size=1, hart=2, window=Worker.wild)
    bench.store(worker, 8, 5, hart=-1, window=Worker.wild)
    assert recorder.told == [
        ("worker", "wild", 4, 1, "r", 4, 2),
        ("worker", "stored", 5),
        ("worker", "wild", 8, 4, "w", 5, -1),
    ]


def test_an_observer_that_overrides_nothing_can_be_told_everything(
    bench: Bench, device: Watched
) -> None:
    device.observer = Observer()
    bench.store(device, "row[0]", 1)
    worker = bench.build(Worker)
    worker.observer = Observer()
    worker.work()
    assert bench.load(worker, 0, window=Worker.wild) == 0x1100
