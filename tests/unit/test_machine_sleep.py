"""Harts that sleep: on a device, in ``wfi``, for input, halted; and when all of them do."""

from __future__ import annotations

import pytest

from tests.unit.machine_samples import (
    DOOR,
    FLASH,
    GATE,
    HALT,
    LEVEL,
    OPEN,
    SLOW,
    STAMP,
    START,
    beacon,
    enable_interrupts,
    machine,
)
from vplat.machine import run as run_module
from vplat.machine.csr import MEPC, MIE
from vplat.machine.hart import HartState
from vplat.machine.machine import FIRST_TURN, TRAP_CYCLES
from vplat.machine.outcome import Ending
from vplat.machine.statistics import Statistics
from vplat.testing import (
    MRET,
    WFI,
    Call,
    Load,
    Store,
    Work,
)

EXTERNAL = {"lit": ("harts.external",)}
RAISE_0, LOWER_0 = 1 << 16 | 1, 1


def test_a_hart_wakes_at_the_cycle_of_the_wake() -> None:
    made = machine({0: [Work(70), Store(OPEN, 2)], 1: [Work(30), Load(GATE)]})
    made.run()
    assert beacon(made).issued == [(30, 1), (70, 1)]
    assert made.harts[1].sleep_cycles == 40


def test_a_hart_that_is_ahead_of_the_wake_goes_on_at_its_own_time() -> None:
    made = machine(
        {0: [Work(10), Load(GATE)], 1: [Work(4), Store(OPEN, 1)]}, turn_cycles=FIRST_TURN
    )
    made.run()
    assert beacon(made).issued == [(10, 0), (10, 0)]
    assert made.harts[0].sleep_cycles == 0


def test_waking_a_hart_that_does_not_sleep_changes_nothing() -> None:
    made = machine({0: [Store(OPEN, 0b11)], 1: [Work(10)]})
    made.run()
    assert [hart.clock for hart in made.harts] == [1, 10]


def test_a_stretched_access_takes_longer_for_its_hart_alone() -> None:
    made = machine({0: [Load(SLOW)], 1: [Work(3)]})
    made.run()
    assert [hart.clock for hart in made.harts] == [31, 3]


def test_a_sleeping_hart_costs_no_turns() -> None:
    made = machine({0: [Load(GATE)], 1: [Work(10_000), Store(OPEN, 1)]}, turn_cycles=10)
    made.run()
    assert made.harts[0].turn == 2


def test_statistics_of_a_sleeping_hart_reach_to_the_end_of_the_run() -> None:
    made = machine({0: [Work(5), Load(GATE)], 1: [Work(300)]})
    made.run()
    first, _ = Statistics.of(made).harts
    assert (first.cycles, first.active_cycles, first.sleep_cycles) == (300, 5, 295)


def test_a_deadlock_says_who_waits_on_what() -> None:
    made = machine({0: [Work(4), Load(GATE)], 1: [Store(DOOR, 1)], 2: [WFI]})
    enable_interrupts(made, 2, handler=0, mie=0x888)
    outcome = made.run()
    assert outcome.ending is Ending.DEADLOCKED
    assert outcome.message == "every hart sleeps and nothing is due"
    assert [(w.hart, w.pc, w.reason, w.explanation) for w in outcome.waiting] == [
        (0, made.entry(0) + 4, "the gate", "nobody opened the gate for hart 0"),
        (1, made.entry(1), "the door", "nobody opened the gate for hart 1"),
        (
            2,
            made.entry(2) + 4,
            "wfi",
            "interrupts enabled in mie 0x00000888, pending in mip 0x00000000",
        ),
    ]


def test_a_wfi_that_nothing_can_end_is_explained() -> None:
    outcome = machine({0: [WFI]}).run()
    assert outcome.waiting[0].explanation.endswith("none is enabled")


def test_devices_that_do_nothing_but_tick_are_a_deadlock_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_module, "IDLE_LIMIT", 100)
    made = machine({0: [Load(GATE)]})
    beacon(made).connect("flashed", lambda _, __: beacon(made).plan(10))
    beacon(made).plan(10)
    outcome = made.run()
    assert outcome.ending is Ending.DEADLOCKED
    assert outcome.message == "every hart sleeps and only devices are still busy"
    assert len(beacon(made).flashes) == 101


def test_devices_that_wake_a_hart_now_and_then_are_no_deadlock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_module, "IDLE_LIMIT", 5)
    steps = [*(Store(FLASH, 10 * count) for count in range(1, 5)), WFI, Store(LEVEL, LOWER_0)]
    made = machine({0: steps * 10}, events=EXTERNAL)
    made.harts[0].csrs.write(MIE, 0x800)
    flashes = beacon(made).flashes

    def wake_at_every_fourth(_: int, __: int) -> None:
        if len(flashes) % 4 == 0:
            beacon(made).drive(RAISE_0)

    beacon(made).connect("flashed", wake_at_every_fourth)
    outcome = made.run()
    assert len(flashes) == 40
    assert outcome.waiting == ()


# Halting and starting.


def test_a_started_hart_begins_at_its_address_and_time() -> None:
    seen: list[int] = []
    script = {0: [Work(5), Store(START, 1 << 28 | 0x2000), Work(100)]}
    made = machine(script | {1: {0x1000: [Load(STAMP, into=seen)]}})
    made.halt_hart(1)
    made.run()
    assert seen == [5]
    assert made.harts[1].sleep_cycles == 5


def test_a_hart_that_halts_itself_does_nothing_more() -> None:
    made = machine({0: [Work(5), Store(HALT, 0), Work(100)], 1: [Work(50)]})
    outcome = made.run()
    assert made.harts[0].state is HartState.HALTED
    assert made.harts[0].clock == 6
    assert [waiting.hart for waiting in outcome.waiting] == [0]


def test_a_halted_hart_goes_on_from_where_it_is_started() -> None:
    seen: list[int] = []
    made = machine(
        {
            0: {0: [Work(100)], 0x80: [Load(STAMP, into=seen)]},
            1: [Work(30), Store(HALT, 0), Work(9), Store(START, 0x80)],
        }
    )
    made.run()
    assert seen == [40]
    assert made.harts[0].sleep_cycles == 9


def test_starting_a_hart_that_runs_changes_nothing() -> None:
    made = machine({0: [Work(100)], 1: [Work(5), Store(START, 0x80)]})
    made.run()
    assert made.harts[0].clock == 100


def test_a_halted_hart_is_not_woken() -> None:
    made = machine({0: [Store(HALT, 1), Store(OPEN, 2), Store(LEVEL, 1 << 16 | 2)]}, harts=2)
    made.run()
    assert made.harts[1].state is HartState.HALTED


def test_an_interrupt_raised_while_a_hart_was_halted_is_taken_when_it_starts() -> None:
    clocks: list[int] = []
    handler = [Call(lambda: clocks.append(made.harts[1].clock)), Store(LEVEL, 2), MRET]
    made = machine(
        {
            0: [
                Store(HALT, 1),
                Store(LEVEL, 1 << 16 | 2),
                Work(10),
                Store(START, 1 << 28 | 0x1080),
            ],
            1: {0: [Work(100)], 0x80: [Work(5)], 0x100: handler},
        },
        events=EXTERNAL,
    )
    enable_interrupts(made, 1, handler=made.entry(1) + 0x100, mie=0x800)
    made.run()
    assert clocks == [12 + TRAP_CYCLES]
    assert made.harts[1].csrs.peek(MEPC) == made.entry(1) + 0x80
