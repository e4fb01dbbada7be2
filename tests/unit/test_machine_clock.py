"""The clock: calls of devices in the order of their cycles."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.machine_samples import CANCEL, FLASH, STAMP, beacon, machine
from vplat.machine.clock import NEVER, Clock
from vplat.machine.outcome import Ending
from vplat.testing import Load, Store, Work


class Diary:
    """Has behaviours that note their arguments."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, ...]] = []

    def write(self, *arguments: int) -> None:
        self.entries.append(arguments)

    def other(self, *arguments: int) -> None:
        self.entries.append(arguments)


def run(clock: Clock, until: int) -> None:
    while (due := clock.take(until)) is not None:
        due.behaviour(*due.arguments)


def test_calls_come_in_the_order_of_their_cycles() -> None:
    clock, diary = Clock(), Diary()
    for cycle in (30, 10, 20):
        clock.at(cycle, diary.write, (cycle,))
    assert clock.next_due == 10
    run(clock, 100)
    assert diary.entries == [(10,), (20,), (30,)]
    assert clock.next_due == NEVER


def test_calls_of_one_cycle_come_in_the_order_they_were_asked_for() -> None:
    clock, diary = Clock(), Diary()
    for number in range(20):
        clock.at(5, diary.write if number % 3 else diary.other, (number,))
    run(clock, 5)
    assert diary.entries == [(number,) for number in range(20)]


def test_nothing_is_taken_before_its_cycle() -> None:
    clock, diary = Clock(), Diary()
    clock.at(10, diary.write, ())
    assert clock.take(9) is None
    taken = clock.take(10)
    assert taken is not None
    assert taken.cycle == 10


def test_cancelling_forgets_every_call_of_that_behaviour_and_no_other() -> None:
    clock, diary, neighbour = Clock(), Diary(), Diary()
    for cycle in range(10):
        clock.at(cycle, diary.write, (cycle,))
        clock.at(cycle, diary.other, (100 + cycle,))
        clock.at(cycle, neighbour.write, (cycle,))
    clock.cancel(diary.write)
    run(clock, 100)
    assert diary.entries == [(100 + cycle,) for cycle in range(10)]
    assert len(neighbour.entries) == 10


def test_pending_calls_are_listed_earliest_first_and_stay() -> None:
    clock, diary = Clock(), Diary()
    for cycle in (7, 3, 5):
        clock.at(cycle, diary.write, ())
    assert [due.cycle for due in clock.pending()] == [3, 5, 7]
    clock.clear()
    assert clock.pending() == []


@given(
    st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=40),
    st.integers(0, 50),
    st.booleans(),
)
def test_the_clock_is_a_stable_sort(
    asked: list[tuple[int, bool]], until: int, cancelled: bool
) -> None:
    clock, diary = Clock(), Diary()
    for order, (cycle, first) in enumerate(asked):
        clock.at(cycle, diary.write if first else diary.other, (cycle, order, first))
    if cancelled:
        clock.cancel(diary.write)
    run(clock, until)
    kept = [
        (cycle, order, first)
        for order, (cycle, first) in enumerate(asked)
        if cycle <= until and not (cancelled and first)
    ]
    assert diary.entries == sorted(kept, key=lambda entry: entry[0])


def test_a_device_is_called_at_the_cycle_it_asked_for() -> None:
    made = machine({0: [Work(10), Store(FLASH, 25), Store(FLASH, 3), Work(100)]})
    made.run()
    assert beacon(made).flashes == [14, 35]


def test_a_device_is_called_though_every_hart_sleeps() -> None:
    made = machine({0: [Store(FLASH, 1_000_000_000)]})
    outcome = made.run(max_cycles=2_000_000_000)
    assert outcome.ending is Ending.DEADLOCKED
    assert beacon(made).flashes == [1_000_000_000]


def test_a_cancelled_call_does_not_come() -> None:
    made = machine({0: [Store(FLASH, 5), Store(FLASH, 50), Work(10), Store(CANCEL, 1), Work(100)]})
    made.run()
    assert beacon(made).flashes == [5]


def test_a_call_of_the_present_cycle_comes_before_the_hart_goes_on() -> None:
    made = machine({0: [Work(10), Store(FLASH, 0), Store(FLASH, 1), Load(STAMP)]}, turn_cycles=1000)
    made.run()
    assert beacon(made).flashes == [10, 12]
