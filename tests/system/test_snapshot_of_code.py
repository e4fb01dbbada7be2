"""Snapshots of machines that run code: every store is noticed, and code goes back as well."""

from __future__ import annotations

import dataclasses

from tests.system.lab import DATA, Ran, board, run
from vplat.machine.board import PAGE, Board
from vplat.machine.bus import MemoryPlace
from vplat.machine.machine import Machine
from vplat.machine.rows import NOW
from vplat.machine.run import Run
from vplat.machine.snapshot.memory import Contents
from vplat.machine.snapshot.state import MachineState


def contents(machine: Machine) -> dict[str, bytes]:
    """All that the memories hold."""
    places = [place for place in machine.bus.places if isinstance(place, MemoryPlace)]
    return {place.memory.name: place.data.tobytes() for place in places}


def recorded(pages: Contents, machine: Machine) -> dict[str, bytes]:
    """The same by what a snapshot says."""
    found = {name: bytearray(len(data)) for name, data in contents(machine).items()}
    for name, held in pages.items():
        for number, page in held.items():
            found[name][number * PAGE : (number + 1) * PAGE] = page
    return {name: bytes(data) for name, data in found.items()}


STORES = """
    li t0, 0x2000
    csrs mstatus, t0
    la s0, far
    li s1, DATA
    li s2, 40
    fcvt.s.w f1, s2
again:
    sw s2, (s1)
    lw t0, 4(s1)
    addi t0, t0, 1
    sw t0, 4(s1)
    sb s2, 0x7f0(s1)
    sh s2, 0x702(s1)
    fsw f1, 0x710(s1)
    sw s2, 0x7fe(s0)
    amoadd.w t1, s2, (s0)
    lr.w t2, (s0)
    sc.w t3, s2, (s0)
    slli t4, s2, 5
    add s0, s0, t4
    addi s2, s2, -1
    bnez s2, again
    li a0, 0
    j finish
    .balign 4096
far:
    .space 0x8000
"""


def test_every_kind_of_store_is_noticed_before_and_after_each_snapshot(native: bool) -> None:
    taken = 0

    def prepare(machine: Machine) -> None:
        nonlocal taken
        live = Run(machine)
        while machine.outcome is None:
            live.advance(machine.turns[NOW] + 13)
            state = machine.snapshot()
            assert recorded(state.memories, machine) == contents(machine)
            taken += 1

    ran = run(STORES, native=native, prepare=prepare, on=board(1, turn=1))
    assert ran.outcome.status == 0
    assert taken
    assert ran.word(DATA + 4) == 40


def test_loads_alone_leave_nothing_to_copy(native: bool) -> None:
    text = """
        li s1, DATA
        li s2, 50
    1:  lw t0, (s1)
        addi s1, s1, 64
        addi s2, s2, -1
        bnez s2, 1b
        li a0, 0
        j finish
    """

    def prepare(machine: Machine) -> None:
        machine.snapshot()
        places.extend(place for place in machine.bus.places if isinstance(place, MemoryPlace))

    places: list[MemoryPlace] = []
    run(text, native=native, prepare=prepare)
    assert places
    assert not any(place.written.any() for place in places)


CHANGES = """
    li s2, 3
    la s0, patched
    la s1, other
turn:
    call patched
    add s3, s3, a0
    lw t0, (s1)
    sw t0, (s0)
    fence.i
    call patched
    add s3, s3, a0
    addi s2, s2, -1
    bnez s2, turn
    mv a0, s3
    j finish
    .balign 4
    .option norvc
patched:
    li a0, 1
    ret
other:
    li a0, 10
"""


BESIDE = """
    csrr t0, mhartid
    beqz t0, first
second:
    addi t1, t1, 1
    j second
first:
"""
"""Another hart runs, so that turns are as short as the board has them."""


def restored_everywhere(text: str, *, native: bool, on: Board | None = None) -> Ran:
    """A run of which every state that was taken leads to the same end."""
    states: list[MachineState] = []

    def prepare(machine: Machine) -> None:
        live = Run(machine)
        while machine.outcome is None:
            states.append(machine.snapshot())
            live.advance(machine.turns[NOW] + 7)

    ran = run(BESIDE + text, on=on or board(2, turn=7), native=native, prepare=prepare)
    end, cycles = ran.outcome, [hart.clock for hart in ran.machine.harts]
    assert len(states) > 5
    for state in [*reversed(states), *states[::3]]:
        ran.machine.restore(state)
        assert ran.machine.outcome is None
        assert Run(ran.machine).until() == end
        assert [hart.clock for hart in ran.machine.harts] == cycles
    return ran


def test_code_that_was_changed_is_what_it_was_and_runs_as_such(native: bool) -> None:
    ran = restored_everywhere(CHANGES, native=native)
    assert ran.outcome.status == 1 + 10 + 4 * 10


def test_code_that_a_device_writes_goes_back_too(native: bool) -> None:
    text = """
        la s1, DATA
        li t4, PROBE
        li s2, 4
    turn:
        la t1, ten
        call copy
        call run
        add s3, s3, a0
        la t1, twenty
        call copy
        call run
        add s3, s3, a0
        addi s2, s2, -1
        bnez s2, turn
        mv a0, s3
        j finish
    copy: # the probe copies 64 bytes from what cells[0] points to
        sw t1, 0x20(t4)
        sw s1, 0x1c(t4)
        ret
    run:
        jr s1
        .balign 4
    ten:
        li a0, 10
        ret
        .balign 64
    twenty:
        li a0, 20
        ret
        .space 64
    """
    ran = restored_everywhere(text, native=native)
    assert ran.outcome.status == 4 * 30


def test_what_a_restored_machine_has_not_met_yet_costs_what_it_costs_the_first_time(
    native: bool,
) -> None:
    """A block is priced by the memory it first reaches; going back must not keep the price."""
    text = """
        li s1, DATA
        li s2, 30
        j 1f
    1:  lw t0, (s1)
        lw t1, 4(s1)
        la s1, slow
        addi s2, s2, -1
        bnez s2, 1b
        li a0, 7
        j finish
        .balign 4
    slow: .space 16
    """
    plain = board(2, turn=7)
    slow = [dataclasses.replace(each, wait_states=9) for each in plain.memories[2:]]
    slowed = dataclasses.replace(plain, memories=(*plain.memories[:2], *slow))
    ran = restored_everywhere(text, native=native, on=slowed)
    assert ran.outcome.status == 7
    assert ran.machine.harts[0].clock < 30 * 9
