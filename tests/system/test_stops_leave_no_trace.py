"""Stopping real code, exactly and without a trace, on both probes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tests.system import lab
from tests.system.lab import CODE, DATA, Ran
from vplat.machine.debug import Resume, RunControl, Stop, StopReason
from vplat.machine.debug_watches import Watch
from vplat.machine.holding import Standing, standing
from vplat.machine.machine import Machine
from vplat.machine.statistics import Statistics

Script = Callable[["Debugger", Stop], Resume]
MOST_STOPS = 3_000


class Debugger:
    """Run control by a function; ``stood`` is where the hart of each stop stood."""

    def __init__(self, machine: Machine, script: Script) -> None:
        self.machine, self._script = machine, script
        self.stops: list[Stop] = []
        self.stood: list[Standing] = []
        self.control = RunControl(machine, self._stopped)
        self.control.interrupt(0)

    def _stopped(self, stop: Stop) -> Resume:
        self.stops.append(stop)
        self.stood.append(standing(self.machine, max(stop.hart, 0)))
        if stop.reason is StopReason.ENDED:
            return Resume()
        if len(self.stops) > MOST_STOPS:
            self.control.breakpoints.clear_all()
            self.control.watches.clear_all()
            return Resume()
        return self._script(self, stop)


def run(text: str, script: Script | None = None, **options: Any) -> tuple[Ran, list[Debugger]]:
    """Run assembly text, under a debugger if there is a script for it."""
    there: list[Debugger] = []

    def prepare(machine: Machine) -> None:
        if script is not None:
            there.append(Debugger(machine, script))

    return lab.run(text, prepare=prepare, **options), there


def summary(ran: Ran) -> tuple[object, ...]:
    """All that a run came to."""
    probe = ran.probe
    return (
        ran.outcome.ending,
        ran.outcome.status,
        Statistics.of(ran.machine),
        probe.words,
        probe.states,
        ran.words(DATA, 64),
        ran.text,
    )


def stepping(hart: int = 0) -> Script:
    """One instruction of a hart after the other."""
    return lambda debugger, stop: Resume({hart: None})


COMPUTE = """
    li a0, 0
    li t0, 20
1:  addi a0, a0, 3
    mul t1, a0, t0
    addi t0, t0, -1
    sw t1, 0(sp)
    bnez t0, 1b
    call double
    j finish
double:
    add a0, a0, a0
    ret
"""
STACK = "    li sp, DATA + 0x800\n"
RESERVATION = """
    li t0, DATA
    li a0, 5
1:  lr.w t1, (t0)
    add t1, t1, a0
    sc.w t2, t1, (t0)
    bnez t2, 1b
    lw a0, 0(t0)
    j finish
"""
DEVICES = """
    li t0, PROBE
    li t1, 3
1:  lw t2, 4(t0)
    sw t2, 0x20(t0)
    li t3, 40
    sw t3, 8(t0)
    csrr t4, mcycle
    csrr t5, minstret
    addi t1, t1, -1
    bnez t1, 1b
    lw a0, 0x44(t0)
    li t6, DATA
    sw t4, 0(t6)
    sw t5, 4(t6)
    j finish
"""
TRAPS = """
    la t0, handler
    csrw mtvec, t0
    li t1, 3
    li a0, 0
1:  ecall
    .word 0
    addi t1, t1, -1
    bnez t1, 1b
    j finish
    .align 2
handler:
    addi a0, a0, 1
    csrr t2, mepc
    addi t2, t2, 4
    csrw mepc, t2
    mret
"""
FLOATS = """
    li t0, 0x6000
    csrs mstatus, t0
    li t1, 0x7fa00000
    fmv.w.x ft0, t1
    li t1, 0x3f800000
    fmv.w.x ft1, t1
    fmin.s ft2, ft0, ft1
    fmax.s ft3, ft1, ft1
    fmv.x.w a0, ft2
    csrr a1, fflags
    srli a0, a0, 24
    add a0, a0, a1
    j finish
"""
AMOS = """
    li t0, DATA
    li t1, 7
    li t2, 4
1:  amoadd.w a0, t1, (t0)
    sw a0, 5(t0)
    lhu a0, 5(t0)
    addi t2, t2, -1
    bnez t2, 1b
    j finish
"""
LONG = (
    "    .option norvc\n    li a0, 0\n    li t0, 3\n1:\n"
    + "    addi a0, a0, 1\n" * 1200
    + """
    addi t0, t0, -1
    beqz t0, 2f
    j 1b
2:  andi a0, a0, 0x7f
    j finish
"""
)
PROGRAMS = {
    "compute": STACK + COMPUTE,
    "reservation": RESERVATION,
    "devices": DEVICES,
    "traps": TRAPS,
    "floats": FLOATS,
    "amos": AMOS,
}
every_program = pytest.mark.parametrize("name", PROGRAMS)


@every_program
def test_a_program_stepped_from_its_first_instruction_to_its_last_is_the_same(
    name: str, native: bool
) -> None:
    text = PROGRAMS[name]
    plain, _ = run(text, native=native)
    stepped, (debugger,) = run(text, stepping(), native=native)
    assert summary(stepped) == summary(plain)
    retired = [each.instructions for each in debugger.stood[:-1]]
    assert len(retired) >= 10
    assert retired == sorted(retired)
    assert {after - before for before, after in pairwise(retired)} <= {0, 1}


@every_program
def test_both_probes_stop_at_the_same_places_at_the_same_times(name: str) -> None:
    stood = [run(PROGRAMS[name], stepping(), native=native)[1][0].stood for native in (True, False)]
    assert stood[0] == stood[1]


def test_a_breakpoint_stops_before_its_instruction_in_the_middle_of_a_block(native: bool) -> None:
    def script(debugger: Debugger, stop: Stop) -> Resume:
        if stop.reason is StopReason.ASKED:
            debugger.control.breakpoints.set("key", CODE + 4 * 40)
        else:
            seen.append(debugger.machine.engine.read_register(0, 10))
            seen.append(debugger.machine.harts[0].cycles)
        return Resume()

    seen: list[int] = []
    text = "    .option norvc\n" + "    addi a0, a0, 1\n" * 60 + "    j finish\n"
    plain, _ = run(text, native=native)
    ran, _ = run(text, script, native=native)
    assert seen == [40, 40]
    assert summary(ran) == summary(plain)


@pytest.mark.parametrize("at", [1, 100, 511, 512, 513, 700, 1199])
def test_code_that_is_longer_than_a_block_of_the_engine_can_be(at: int, native: bool) -> None:
    def script(debugger: Debugger, _: Stop) -> Resume:
        debugger.control.breakpoints.set("key", CODE + 8 + 4 * at)
        return Resume()

    plain, _ = run(LONG, native=native)
    ran, (debugger,) = run(LONG, script, native=native)
    breakpoints = [StopReason.BREAKPOINT] * 3
    assert [stop.reason for stop in debugger.stops[1:]] == [*breakpoints, StopReason.ENDED]
    assert summary(ran) == summary(plain)


@pytest.mark.parametrize("stepped", [False, True])
def test_a_stop_inside_a_long_block_and_another_right_behind_it(
    stepped: bool, native: bool
) -> None:
    def script(debugger: Debugger, stop: Stop) -> Resume:
        if stop.reason is StopReason.ASKED:
            for index in (40, 101, 102):
                debugger.control.breakpoints.set(index, CODE + 4 * index)
        return Resume({0: None}) if stepped else Resume()

    text = "    .option norvc\n" + "    addi a0, a0, 1\n" * 100 + "    beqz a0, finish\n"
    text += "    addi a0, x0, 5\n" * 3 + "    j finish\n"
    plain, _ = run(text, native=native)
    ran, (debugger,) = run(text, script, native=native)
    places = [(stood.pc, stood.cycles, stood.instructions) for stood in debugger.stood]
    for index in (40, 101, 102):
        assert (CODE + 4 * index, index, index) in places
    assert summary(ran) == summary(plain)


@pytest.mark.parametrize(
    ("name", "address", "length", "hits"),
    [("amos", DATA, 4, 4), ("amos", DATA + 6, 1, 4), ("reservation", DATA, 4, 1)],
)
def test_stores_of_every_kind_are_watched(
    name: str, address: int, length: int, hits: int, native: bool
) -> None:
    def script(debugger: Debugger, stop: Stop) -> Resume:
        if stop.reason is StopReason.ASKED:
            debugger.control.watches.add(Watch(address, length, loads=False, stores=True))
        return Resume()

    plain, _ = run(PROGRAMS[name], native=native)
    ran, (debugger,) = run(PROGRAMS[name], script, native=native)
    told = [stop for stop in debugger.stops if stop.reason is StopReason.WATCHPOINT]
    assert len(told) == hits
    assert all(len(hit.new) for stop in told for hit in stop.hits)
    assert summary(ran) == summary(plain)


def test_a_misaligned_load_is_watched_for_the_bytes_it_means_and_no_others(native: bool) -> None:
    def script(debugger: Debugger, stop: Stop) -> Resume:
        if stop.reason is StopReason.ASKED:
            debugger.control.watches.add(Watch(DATA + 4, 1, loads=True, stores=False))
        return Resume()

    text = "    li t0, DATA\n    lhu a0, 5(t0)\n    lhu a0, 3(t0)\n    j finish\n"
    _, (debugger,) = run(text, script, native=native)
    told = [stop for stop in debugger.stops if stop.reason is StopReason.WATCHPOINT]
    assert [stood.instructions for stood in debugger.stood[1:2]] == [3]
    assert len(told) == 1


def test_a_watch_of_an_alias_sees_the_memory_and_of_the_memory_the_alias(native: bool) -> None:
    for watched, stored in ((DATA + 0x2000, "DATA"), (DATA, "DATA + 0x4000")):
        place = watched

        def script(debugger: Debugger, stop: Stop, place: int = place) -> Resume:
            if stop.reason is StopReason.ASKED:
                debugger.control.watches.add(Watch(place, 4, loads=False, stores=True))
            return Resume()

        text = f"    li t0, {stored}\n    li a0, 1\n    sw a0, 0(t0)\n    j finish\n"
        _, (debugger,) = run(text, script, native=native)
        assert debugger.stops[1].reason is StopReason.WATCHPOINT


def test_what_a_device_writes_while_it_is_stored_to_is_watched(native: bool) -> None:
    def script(debugger: Debugger, stop: Stop) -> Resume:
        if stop.reason is StopReason.ASKED:
            debugger.control.watches.add(Watch(DATA + 0x100, 4, loads=False, stores=True))
        return Resume()

    text = """
    li t0, PROBE
    li t1, DATA
    sw t1, 0x20(t0)
    li t2, 77
    sw t2, 0(t1)
    addi t1, t1, 0x100
    sw t1, 0x1c(t0)
    li a0, 0
    j finish
    """
    plain, _ = run(text, native=native)
    ran, (debugger,) = run(text, script, native=native)
    (hit,) = debugger.stops[1].hits
    assert (hit.device, hit.hart, hit.new) == ("probe", 0, b"\x4d\0\0\0")
    assert summary(ran) == summary(plain)


def test_code_that_a_store_to_a_watched_page_changes_is_run_as_it_is_now(native: bool) -> None:
    def script(debugger: Debugger, stop: Stop) -> Resume:
        if stop.reason is StopReason.ASKED:
            debugger.control.watches.add(Watch(CODE, 0x100, loads=False, stores=True))
        return Resume()

    text = """
    la t0, patch
    la t1, other
    lw t1, 0(t1)
    jal ra, patch
    sw t1, 0(t0)
    fence.i
    jal ra, patch
    j finish
    .align 2
    .option norvc
patch:
    addi a0, x0, 1
    ret
other:
    addi a0, x0, 2
    """
    ran, (debugger,) = run(text, script, native=native)
    assert ran.outcome.status == 2
    assert StopReason.WATCHPOINT in [stop.reason for stop in debugger.stops]
