"""A watchpoint that moves over more pages than can be watched at a time."""

from __future__ import annotations

import dataclasses

from tests.system.lab import CODE, board, run
from vplat.machine.board import PAGE, MemorySpec
from vplat.machine.debug import Resume, RunControl, Stop
from vplat.machine.debug_watches import Watch
from vplat.machine.machine import Machine
from vplat.machine.pages import WATCHED_PAGES

FIRST = CODE + 0x10000
PAGES = WATCHED_PAGES + 50
TEXT = f"""
    li s0, {FIRST}
    li s1, {PAGES}
    li s2, {PAGE}
1:  sw s1, 8(s0)
    lw t0, 8(s0)
    add s0, s0, s2
    addi s1, s1, -1
    bnez s1, 1b
    li a0, 0
    j finish
"""


def test_a_watchpoint_can_move_over_any_number_of_pages(native: bool) -> None:
    lab = board()
    memories = [each for each in lab.memories if each.name != "ram"]
    on = dataclasses.replace(lab, memories=(*memories, MemorySpec("ram", CODE, 0x20_0000)))
    seen: list[tuple[int, bytes]] = []
    controls: list[RunControl] = []

    def stopped(stop: Stop) -> Resume:
        seen.extend((hit.address, hit.new) for hit in stop.hits)
        watches = controls[0].watches
        watches.clear_all()
        watches.add(Watch(FIRST + len(seen) // 2 * PAGE + 8, 4, loads=True, stores=True))
        return Resume()

    def prepare(machine: Machine) -> None:
        controls.append(RunControl(machine, stopped))
        controls[0].watches.add(Watch(FIRST + 8, 4, loads=True, stores=True))

    ran = run(TEXT, on=on, native=native, prepare=prepare)
    assert ran.outcome.status == 0
    addresses = [FIRST + page * PAGE + 8 for page in range(PAGES) for _ in range(2)]
    values = [(PAGES - page).to_bytes(4, "little") for page in range(PAGES) for _ in range(2)]
    assert seen[: 2 * PAGES] == list(zip(addresses, values, strict=True))
