"""Stops at random places and moments, which must leave no trace either."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.system import lab
from tests.system.firmware_tree import PREBUILT, board_of
from tests.system.lab import DATA
from tests.system.test_stops_leave_no_trace import Debugger, Script, run, summary
from vplat.machine.debug import Resume, Stop, StopReason
from vplat.machine.debug_watches import Watch
from vplat.machine.machine import Machine
from vplat.machine.position import Position
from vplat.machine.run import Run
from vplat.machine.seeking import Goal, Seeker
from vplat.plugins import Plugins
from vplat.session import HostConsole, Session, Settings

TEAM = """
    csrr t0, mhartid
    bnez t0, work
    la t2, work
    li t4, PROBE
    sw t2, 0x40(t4)
work:
    csrr t0, mhartid
    li t4, PROBE
    li t1, DATA
    li t3, 60
1:  amoadd.w t5, t0, (t1)
    addi t3, t3, -1
    lw t5, 0x20(t4)
    add t5, t5, t3
    sw t5, 0x20(t4)
    andi t6, t3, 15
    bnez t6, 2f
    li t6, 50
    sw t6, 8(t4)
2:  bnez t3, 1b
    addi t1, t1, 64
    li t5, 1
    amoadd.w t6, t5, (t1)
    bnez t0, sleep
3:  lw t5, 0(t1)
    li t6, 4
    bne t5, t6, 3b
    li a0, 0
    j finish
sleep:
    wfi
    j sleep
"""


def at_random(seed: int, addresses: list[int], harts: int, memory: int) -> Script:
    """Breakpoints, watchpoints, steps of any hart: the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    watches: list[Watch] = []

    def script(debugger: Debugger, stop: Stop) -> Resume:
        control = debugger.control
        for key in range(4 if stop.reason is StopReason.ASKED else 0):
            control.breakpoints.set(("first", key), chance.choice(addresses))
        if len(debugger.stops) < 8 or chance.random() < 0.3:
            chosen = chance.choice((None, [chance.randrange(harts)]))
            control.breakpoints.set(chance.randrange(10), chance.choice(addresses), chosen)
        if chance.random() < 0.1:
            watch = Watch(memory + chance.randrange(256), 4, chance.random() < 0.5, stores=True)
            control.watches.add(watch)
            watches.append(watch)
        if len(watches) > 2:
            control.watches.remove(watches.pop(0))
        # The first stops are steps, so that no run is without some.
        choice = 0.0 if len(debugger.stops) < 6 else chance.random()
        if choice < 0.5:
            return Resume({chance.randrange(harts): None})
        if choice < 0.7:
            pc = debugger.machine.harts[max(stop.hart, 0)].pc
            return Resume({max(stop.hart, 0): range(pc - 8, pc + 24)})
        return Resume()

    return script


def addresses_of(machine: Machine) -> list[int]:
    """Where instructions are that have run."""
    return sorted({each for block in machine.blocks.blocks for each in block.addresses})


@pytest.mark.parametrize("seed", range(8))
def test_stops_at_random_leave_no_trace_in_a_team_of_harts(seed: int, native: bool) -> None:
    options: dict[str, Any] = {"native": native, "on": lab.board(4, turn=40), "lone_hart": True}
    plain, _ = run(TEAM, **options)
    script = at_random(seed, addresses_of(plain.machine), 4, DATA)
    ran, (debugger,) = run(TEAM, script, **options)
    assert plain.outcome.status == 0
    assert len(debugger.stops) > 5
    assert summary(ran) == summary(plain)


@pytest.mark.parametrize(
    "program", ["hello", "interrupts", "dma_copy", "dma_copy_idma", "bench_cores_layers_snitch"]
)
def test_stops_at_random_leave_no_trace_in_a_program(program: str) -> None:
    def session() -> Session:
        settings = Settings(board=board_of(program))
        return Session(
            PREBUILT / f"{program}.elf", Plugins(installed=False), HostConsole(), settings
        )

    plain = session()
    expected = plain.run().as_json()
    addresses = addresses_of(plain.machine)
    for seed in range(2):
        stopped = session()
        Debugger(stopped.machine, at_random(seed, addresses, 8, 0x1000_0000))
        found = stopped.run().as_json()
        assert found.pop("seconds") > 0
        assert found == {name: value for name, value in expected.items() if name != "seconds"}


def slices(ran: Run, seeker: Seeker) -> Iterator[None]:
    while not seeker.done:
        ran.advance(10_000_000)
        yield


@pytest.mark.parametrize("seed", range(3))
def test_positions_are_reached_exactly_and_without_a_trace(seed: int, native: bool) -> None:
    def prepare(machine: Machine) -> None:
        chance = random.Random(seed)  # noqa: S311 - no secret
        goals = sorted(chance.sample(range(total), 12))
        for instructions in goals:
            seeker = machine.control = Seeker(machine, Goal(Position(instructions, 0, 0)))
            for _ in slices(Run(machine), seeker):
                pass
            assert Position.of(machine).instructions == instructions
        machine.control = None

    options: dict[str, Any] = {"native": native, "on": lab.board(4, turn=40), "lone_hart": True}
    plain = lab.run(TEAM, **options)
    total = Position.of(plain.machine).instructions
    assert summary(lab.run(TEAM, prepare=prepare, **options)) == summary(plain)
