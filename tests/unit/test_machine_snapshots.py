"""The state of a machine whose harts follow scripts: devices, calls that are due, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.machine_samples import COUNT, FLASH, GATE, OPEN, STAMP, Beacon, machine
from vplat.engines.script import Call, Load, Store, Work
from vplat.errors import SnapshotError, UsageError
from vplat.machine.hart import HartState
from vplat.machine.outcome import Ending
from vplat.machine.rows import COLUMNS, NOW, SAMPLE
from vplat.machine.run import Run
from vplat.machine.snapshot.encoding import encode_state
from vplat.machine.snapshot.state import MachineState
from vplat.testing import ScriptedMachine


def the_machine(values: list[int]) -> ScriptedMachine:
    """Hart 0 sets off flashes and waits at the gate, which hart 1 opens."""
    return machine(
        {
            0: [Store(FLASH, 40), Store(FLASH, 40), Work(5), Load(GATE, into=values), Work(3)],
            1: [Work(60), Store(OPEN, 1), Load(STAMP, into=values), Store(COUNT, 7)],
        }
    )


def beacon(made: ScriptedMachine) -> Beacon:
    """The device."""
    device = made.devices["beacon"]
    assert isinstance(device, Beacon)
    return device


def everything(made: ScriptedMachine) -> Any:
    """What a run has come to."""
    state = made.snapshot()
    return encode_state(made, state).state, state.memories


def stepwise(made: ScriptedMachine) -> list[MachineState]:
    """States of a run, a slice of a cycle each."""
    states = [made.snapshot()]
    run = Run(made)
    while made.outcome is None:
        run.advance(made.turns[NOW] + 1)
        states.append(made.snapshot())
    return states


def test_from_every_state_of_a_run_it_ends_the_same() -> None:
    values: list[int] = []
    made = the_machine(values)
    states = stepwise(made)
    end, seen = everything(made), list(values)
    assert len(states) > 10
    assert {call.owner for state in states for call in state.clock.pending} == {"beacon"}
    for state in reversed(states[:-1]):
        made.restore(state)
        values.clear()
        made.run()
        assert everything(made) == end
        assert values == seen[len(seen) - len(values) :]


def test_a_state_does_not_change_when_the_machine_goes_on() -> None:
    made = the_machine([])
    run = Run(made)
    run.advance(10)
    state = made.snapshot()
    before = encode_state(made, state)
    made.run()
    assert encode_state(made, state) == before
    assert made.outcome is not None
    made.restore(state)
    assert made.outcome is None
    assert everything(made) == (before.state, state.memories)


def test_harts_sleep_and_are_woken_as_they_were() -> None:
    made = the_machine([])
    Run(made).advance(30)
    assert made.harts[0].state is HartState.STALLED
    state = made.snapshot()
    made.run()
    assert made.harts[0].state is not HartState.STALLED
    made.restore(state)
    assert (made.harts[0].state, made.harts[0].reason) == (HartState.STALLED, "the gate")


def test_calls_that_are_due_come_in_the_order_of_asking() -> None:
    made = machine({0: [Work(1)]})
    device = beacon(made)
    for delay in (9, 5, 9, 5):
        made.schedule(delay, device.shine, (delay,))
    state = made.snapshot()
    assert [(call.cycle, call.order) for call in state.clock.pending] == [
        (5, 2),
        (5, 4),
        (9, 1),
        (9, 3),
    ]
    made.cancel(device.shine)
    assert not made.snapshot().clock.pending
    made.restore(state)
    made.run()
    assert beacon(made).flashes == [5, 5, 9, 9]


def test_a_call_of_something_else_comes_again_but_cannot_go_to_a_file() -> None:
    made = machine({0: [Work(30)]})
    heard: list[int] = []
    made.schedule(12, lambda: heard.append(made.now), ())
    state = made.snapshot()
    made.run()
    made.restore(state)
    made.run()
    assert heard == [12, 12]
    with pytest.raises(SnapshotError, match="due at cycle 12 and is no method of a device"):
        encode_state(made, state)


def test_no_state_is_taken_or_put_back_while_a_hart_or_a_device_is_served() -> None:
    refused: list[str] = []
    kept: list[MachineState] = []

    def both() -> None:
        for attempt in (made.snapshot, lambda: made.restore(kept[0])):
            with pytest.raises(UsageError, match="between two slices of the run") as told:
                attempt()
            refused.append(str(told.value))

    class Nosy(Beacon, kind="beacon"):
        def shine(self, delay: int) -> None:
            both()

    made = machine({0: [Store(FLASH, 5), Work(20)]}, beacon_kind=Nosy)
    kept.append(made.snapshot())
    made.run()
    assert len(refused) == 2


def test_what_observers_and_debuggers_ask_of_rows_is_no_state() -> None:
    made = the_machine([])
    made.watching.sample_hart(0, 500)
    state = made.snapshot()
    assert memoryview(state.rows).cast("q")[SAMPLE] == 0
    made.engine.rows[COLUMNS + SAMPLE] = 77
    made.restore(state)
    assert made.engine.rows[SAMPLE] == 500
    assert made.engine.rows[COLUMNS + SAMPLE] == 77


def test_a_run_that_is_over_can_be_gone_back_in() -> None:
    made = the_machine([])
    state = made.snapshot()
    assert made.run().ending is Ending.DEADLOCKED
    over = made.snapshot()
    made.restore(state)
    assert made.outcome is None
    made.restore(over)
    assert made.outcome is not None
    assert made.outcome.ending is Ending.DEADLOCKED


def test_findings_and_dumps_are_those_of_the_moment() -> None:
    made = the_machine([])
    made.report("beacon", "early", "once")
    state = made.snapshot()
    made.report("beacon", "late", "again")
    made.dump(0, 0x7C0, 5)
    made.restore(state)
    assert [finding.rule for finding in made.findings] == ["early"]
    assert made.dumps == []


class Counter:
    """A part of a machine that somebody adds."""

    def __init__(self) -> None:
        self.count = 0

    def snapshot(self) -> int:
        """The count."""
        return self.count

    def restore(self, state: int) -> None:
        """Go back."""
        self.count = state


def test_a_part_that_is_added_goes_with_the_machine() -> None:
    counter = Counter()
    made = machine({0: [Work(5), Call(lambda: setattr(counter, "count", 9))]})
    made.parts["counter"] = counter
    counter.count = 3
    state = made.snapshot()
    assert encode_state(made, state).state["parts"]["counter"] == 3
    made.run()
    assert counter.count == 9
    made.restore(state)
    assert counter.count == 3


def test_a_state_whose_type_is_not_declared_is_named_when_it_goes_to_a_file() -> None:
    class Thing:
        """Nothing that could be written."""

    made = the_machine([])
    device = beacon(made)
    device.states["is_open"] = Thing()
    state = made.snapshot()
    with pytest.raises(SnapshotError, match=r"device 'beacon' cannot .*: beacon\.is_open: .*Thing"):
        encode_state(made, state)
    made.restore(state)
    assert isinstance(device.states["is_open"], Thing)


def test_blocks_that_were_met_later_are_met_again() -> None:
    made = the_machine([])
    Run(made).advance(3)
    state = made.snapshot()
    known = len(state.blocks)
    made.run()
    later = len(made.blocks.blocks)
    assert later > known
    made.restore(state)
    assert len(made.blocks.blocks) == known
    assert made.blocks.blocks is made.accesses._blocks
    made.run()
    assert len(made.blocks.blocks) == later
