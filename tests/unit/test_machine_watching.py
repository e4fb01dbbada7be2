"""Who is told what happens in a machine, and that nobody else pays for it."""

from __future__ import annotations

from tests.unit.ledger_samples import CONTROL, Lamp, lamp_machine
from tests.unit.machine_samples import BEACON, GATE, OPEN, SLOW, machine
from vplat.model import Declared, Event, Line, Observer, Peripheral
from vplat.testing import Load, Store, Work


class Accesses(Observer):
    """Is told of accesses alone."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

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
        """Keep the register and the value."""
        self.told.append((register.name, value))


class Everything(Accesses):
    """Is told of events and sleep as well."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []
        self.sleepers: list[tuple[int, int, str]] = []

    def event(self, device: Peripheral, event: Event | Line, level: int, harts: int) -> None:
        """Keep the event."""
        self.events.append(event.name)

    def hart_slept(self, hart: int, cycle: int, pc: int, state: str, reason: str) -> None:
        """Keep who sleeps when, and how."""
        self.sleepers.append((hart, cycle, state))


class Waits(Observer):
    """Is told of waits."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int, int]] = []

    def hart_waited(self, hart: int, pc: int, cycles: int) -> None:
        """Keep it."""
        self.told.append((hart, pc, cycles))


class Passes(Observer):
    """Asks for a hart's place again and again."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int, int]] = []

    def hart_passed(self, hart: int, cycle: int, pc: int, frame: tuple[int, int, int, int]) -> None:
        """Keep it."""
        self.told.append((hart, cycle, pc))


def test_without_observers_nobody_is_told() -> None:
    made = lamp_machine({0: [Work(1)]})
    observer = Everything()
    made.watching.watch(observer)
    made.watching.unwatch(observer)
    assert made.devices["lamp"].observer is None
    assert made.harts[0].observer is None
    assert made.accesses.waits is made.accesses.passes is made.accesses.steps is None


def test_what_an_observer_does_not_override_costs_nothing() -> None:
    made = lamp_machine({0: [Work(1)]})
    made.watching.watch(Accesses())
    assert made.devices["lamp"].observer is not None
    assert made.harts[0].observer is None
    assert made.accesses.waits is None


def test_several_observers_are_told_in_the_order_in_which_they_came() -> None:
    made = lamp_machine({0: [Store(CONTROL, 0x1_0000)]})
    told: list[str] = []
    for name in ("first", "second"):
        observer = type(name, (Accesses,), {"access": lambda *_, name=name: told.append(name)})()
        made.watching.watch(observer)
    made.run()
    assert told == ["first", "second"]


def test_an_observer_that_overrides_little_stands_beside_one_that_overrides_much() -> None:
    made = machine({0: [Work(9), Store(OPEN, 2)], 1: [Load(GATE)]})
    much, little = Everything(), Accesses()
    made.watching.watch(much)
    made.watching.watch(little)
    made.run()
    assert much.told == little.told == [("open_gate", 2), ("gate", 9)]
    assert much.sleepers == [(1, 0, "stalled")]


def test_wait_states_and_stretched_accesses_are_told_with_their_place() -> None:
    made = machine({0: [Work(2), Load(SLOW), Load(BEACON)]}, wait_states=4)
    waits = Waits()
    made.watching.watch(waits)
    made.run()
    pc = made.entry(0) + 4
    assert waits.told == [(0, pc, 30), (0, pc, 4), (0, pc + 4, 4)]


def test_a_hart_is_sampled_at_the_first_step_from_the_cycle_on_and_once() -> None:
    made = lamp_machine({0: [Work(1)] * 20, 1: [Work(1)] * 20})
    passes = Passes()
    made.watching.watch(passes)
    made.watching.sample_hart(1, 7)
    made.run()
    assert passes.told == [(1, 7, made.entry(1) + 4 * 7)]


def test_an_observer_can_be_given_up_while_the_run_goes_on() -> None:
    made = lamp_machine({0: [Store(CONTROL, 1), Work(50), Store(CONTROL, 2)]})
    observer = Accesses()
    made.watching.watch(observer)
    made.run(max_cycles=20)
    made.watching.unwatch(observer)
    made.outcome = None
    made.run()
    assert observer.told == [("control", 1)]
    assert isinstance(made.devices["lamp"], Lamp)
