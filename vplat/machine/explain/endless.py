"""Whether the machine goes round for ever: a proof, so that what cannot be proved goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..clock import NEVER
from ..rows import ATTENTION, COLUMNS, DUE, HELD, NOT_HELD, NOW
from .walk import STEPS, Walk, walk

if TYPE_CHECKING:
    from ..machine import Machine

FEWEST_STEPS: Final = 160
"""Instructions that each hart is followed for, at the least: some rounds of a usual poll."""
FIRST_THOROUGH_LOOK: Final = 1 << 26
"""Cycles before the first look that has patience with loops that count, as a poll does that waits a
while in each round."""
CYCLES_TO_A_STEP: Final = 1 << 19
"""Such a look follows a hart for one instruction more for so many cycles that are done. A run at
its fastest does these in the time of a hundred such instructions."""


def endless_polls(machine: Machine) -> tuple[int, ...]:
    """The harts that poll what nothing can change; none unless every hart that runs is so bound.

    For the moment between two rounds of turns. Nothing is due and nobody waits for the host. Every
    hart sleeps, or it is in a closed loop (``Walk``) whose loads have no effect and are not of what
    time changes, and which stores nothing that another hart would see. So each of them does the
    same for ever. Whoever could change the machine from outside is left out of account. Where no
    loop reads anything, nobody waits for anything, and it is not for us to say that this is wrong.
    """
    if not _stands_still(machine):
        return ()
    now = machine.turns[NOW]
    patient = now >= FIRST_THOROUGH_LOOK
    steps = min(max(now // CYCLES_TO_A_STEP, FEWEST_STEPS), 4 * STEPS)
    walks: dict[int, Walk] = {}
    for hart in machine.harts:
        if hart.runs:
            found = walk(machine, hart.index, strict=True, steps=steps, patient=patient)
            if not found.is_closed:
                return ()
            walks[hart.index] = found
    if not _keep_apart(list(walks.values())):
        return ()
    return tuple(index for index, found in walks.items() if found.reads)


def _stands_still(machine: Machine) -> bool:
    """Devices do nothing by themselves, and no hart is to be woken or interrupted."""
    if machine.outcome is not None or machine.stale or machine.turns[DUE] < NEVER:
        return False
    if machine.faults.wait_for_harts:
        return False
    if machine.htif is not None and machine.htif.awaits_input:
        return False
    rows = machine.engine.rows
    for hart in machine.harts:
        row = hart.index * COLUMNS
        if rows[row + ATTENTION] or rows[row + HELD] != NOT_HELD or hart.awaits_input:
            return False
        if hart.runs and hart.next_interrupt() is not None:
            return False
    return True


def _keep_apart(walks: list[Walk]) -> bool:
    """No hart accesses what another one changes."""
    return not any(
        one.changed & other.touched for one in walks for other in walks if one is not other
    )
