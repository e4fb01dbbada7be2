"""How a run ends, and what is reported on the way."""

from __future__ import annotations

import pytest

from tests.unit.machine_samples import (
    BEACON,
    COMPLAIN,
    FINISH,
    FLASH,
    GATE,
    Beacon,
    beacon,
    machine,
)
from vplat.machine.csr import MTVEC
from vplat.machine.findings import Finding
from vplat.machine.outcome import Ending, Outcome
from vplat.machine.run import Run
from vplat.testing import ECALL, Back, Call, Load, ScriptedMachine, Store, Work


def endless() -> ScriptedMachine:
    """One hart that never ends."""
    return machine({0: [Work(1), Back(1)]})


def test_the_firmware_ends_the_run_with_its_status() -> None:
    outcome = machine({0: [Work(5), Store(FINISH, 42)]}).run()
    assert outcome == Outcome(Ending.EXITED, 42)


def test_the_first_ending_is_the_one_that_counts() -> None:
    made = machine({0: [Store(FINISH, 1), Work(1)], 1: [Store(FINISH, 2)]})
    beacon(made).connect("flashed", lambda _, __: made.crash("too late", None))
    made.run()
    made.crash("too late", None)
    assert made.outcome == Outcome(Ending.EXITED, 1)


def test_nobody_goes_on_after_the_end() -> None:
    made = machine({0: [Work(3), Store(FINISH, 0), Work(50)], 1: [Work(50)]}, turn_cycles=10)
    made.run()
    assert [hart.clock for hart in made.harts] == [4, 0]


def test_a_run_that_is_ended_from_outside_ends_with_the_round() -> None:
    note = Call(lambda: made.finish(3))
    made = machine({0: [Work(30), note, Work(5000)], 1: [Work(5000)]}, turn_cycles=10)
    assert made.run().status == 3
    assert all(30 <= hart.clock <= 40 for hart in made.harts)


def test_a_device_ends_the_run_between_two_turns() -> None:
    made = machine({0: [Store(FLASH, 30), Work(100)], 1: [Work(100)]}, turn_cycles=10)
    beacon(made).connect("flashed", lambda _, __: made.finish(7))
    assert made.run().status == 7
    assert all(30 <= hart.clock <= 40 for hart in made.harts)


def test_a_run_that_was_watched_can_be_interrupted() -> None:
    made, looks = endless(), []

    def look() -> bool:
        looks.append(made.harts[0].clock)
        return len(looks) == 3

    run = Run(made)
    run.slice_cycles = 5000
    assert run.until(watch=look).ending is Ending.INTERRUPTED
    assert looks == sorted(looks)
    assert looks[0] >= 5000


def test_the_end_is_told_to_every_device() -> None:
    class Ender(Beacon, kind="ender"):
        """Notes the end."""

        def on_end(self) -> None:
            """Flash."""
            self.flashes.append(-1)

    made = machine({0: [Store(FINISH, 0)]}, beacon_kind=Ender)
    made.run()
    assert beacon(made).flashes == [-1]


def test_an_exception_without_a_handler_is_a_crash() -> None:
    made = machine({0: [Work(9), Load(0x4000_0000)]})
    made.engine.write_register(0, 2, 0x1234)
    outcome = made.run()
    trap = outcome.trap
    assert outcome.ending is Ending.CRASHED
    assert outcome.message == "the firmware has set no trap handler (mtvec)"
    assert trap is not None
    assert (trap.hart, trap.cause, trap.cycle) == (0, 5, 9)
    assert (trap.pc, trap.value) == (made.entry(0) + 4, 0x4000_0000)
    assert trap.registers[2] == 0x1234
    assert (
        trap.detail
        == "nothing answers at 0x40000000: chime ends at 0x20000140, ram begins at 0x80000000"
    )


def test_a_register_that_is_not_there_is_named() -> None:
    trap = machine({0: [Store(BEACON + 0x3C, 1)]}).run().trap
    assert trap is not None
    assert trap.detail == "beacon (beacon) has no register at +0x3c, which is beacon.ambush+0x4"


def test_a_handler_that_traps_is_a_crash() -> None:
    made = machine({0: {0: [Work(1), ECALL], 0x100: [Load(0x4000_0000)]}})
    made.harts[0].csrs.write(MTVEC, made.entry(0) + 0x100)
    outcome = made.run()
    assert outcome.message == "the trap handler itself traps"
    assert outcome.trap is not None
    assert outcome.trap.pc == made.entry(0) + 0x100
    assert made.harts[0].last_trap is outcome.trap


@pytest.mark.parametrize("limit", [1, 77, 12_345])
def test_a_run_ends_at_its_limit_to_the_cycle(limit: int) -> None:
    made = endless()
    outcome = made.run(max_cycles=limit)
    assert outcome.ending is Ending.OUT_OF_CYCLES
    assert outcome.message == f"the firmware had not ended after {limit} cycles"
    assert made.harts[0].clock == limit


def test_a_limit_is_kept_while_every_hart_sleeps() -> None:
    made = machine({0: [Store(FLASH, 5000), Load(GATE)]})
    assert made.run(max_cycles=100).ending is Ending.OUT_OF_CYCLES
    assert beacon(made).flashes == []


def test_a_finding_says_who_did_what_when_and_where() -> None:
    made = machine({1: [Work(20), Store(COMPLAIN, 5)]})
    made.run()
    assert made.findings == [
        Finding("complaint", "beacon", "somebody stored 5", 20, 1, made.entry(1) + 4)
    ]


def test_a_finding_of_a_device_by_itself_names_no_hart() -> None:
    made = machine({0: [Store(FLASH, 25), Work(50)]})
    beacon(made).connect("flashed", lambda _, __: beacon(made).report("late", "it was late"))
    made.run()
    assert made.findings == [Finding("late", "beacon", "it was late", 25, -1, 0)]


def test_an_ended_run_stays_ended() -> None:
    made = machine({0: [Store(FINISH, 3), Work(10)]})
    first = made.run()
    assert made.run() is first
