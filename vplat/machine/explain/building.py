"""Putting an explanation together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..hart import Hart, HartState
from ..outcome import Ending, Outcome, Trap
from ..rows import NOW
from .explanation import Explanation, HartReport, Loop
from .fault import crash_hints
from .polls import polled
from .sleep import busy_devices, explain_sleep, held_back, missing_harts, raisers
from .walk import STEPS, Step, walk
from .where import Where

if TYPE_CHECKING:
    from ..machine import Machine


def explain(machine: Machine, outcome: Outcome | None = None) -> Explanation:
    """What harts and devices do, at the end of a run or while it stands still.

    ``outcome`` is how the run ended, None if it goes on. Nothing is changed by it.
    """
    cycle = max([machine.turns[NOW], *(hart.cycles for hart in machine.harts if hart.runs)])
    trap = None if outcome is None else outcome.trap
    is_endless = outcome is not None and outcome.ending is Ending.DEADLOCKED
    harts = tuple(
        _report(
            machine,
            hart,
            trap if trap is not None and trap.hart == hart.index else None,
            is_endless=is_endless,
        )
        for hart in machine.harts
    )
    return Explanation(cycle, harts, busy_devices(machine))


def _report(machine: Machine, hart: Hart, trap: Trap | None, *, is_endless: bool) -> HartReport:
    held = tuple(held_back(machine, hart))
    firmware = machine.firmware
    if trap is not None:
        place = Where.of(firmware, trap.pc)
        return HartReport(hart.index, "crashed", place, hints=crash_hints(machine, trap), held=held)
    place = Where.of(firmware, hart.pc)
    if hart.runs:
        loop = _loop(machine, hart, is_endless=is_endless)
        return HartReport(hart.index, hart.state.value, place, loop=loop, held=held)
    if hart.state is HartState.HALTED:
        return HartReport(hart.index, hart.state.value, place)
    missing = tuple(
        (index, _standing(machine, machine.harts[index]))
        for index in missing_harts(machine, hart)
        if index < len(machine.harts)
    )
    return HartReport(
        hart.index,
        hart.state.value,
        place,
        hart.reason,
        explain_sleep(machine, hart),
        missing=missing,
        raisers=raisers(machine, hart),
        held=held,
    )


def _standing(machine: Machine, hart: Hart) -> str:
    """Where a hart is that another one waits for."""
    if hart.state is HartState.HALTED:
        return "which is halted"
    place = Where.of(machine.firmware, hart.pc)
    if hart.runs:
        return f"which runs at {place}"
    return f"which itself waits for {hart.reason or 'nothing'} at {place}"


def _loop(machine: Machine, hart: Hart, *, is_endless: bool) -> Loop | None:
    """The loop that a running hart is in; None if it is not seen to be in one."""
    steps = 4 * STEPS if is_endless else STEPS
    found = walk(machine, hart.index, strict=is_endless, steps=steps)
    if not found.loop:
        return None
    rounds, cycles = _rounds(machine, hart, found.loop)
    return Loop(
        places=_places(machine, found.loop),
        polls=polled(machine, found.loop),
        rounds=rounds,
        cycles=cycles,
        is_endless=is_endless and found.is_closed,
        counts=not found.is_closed,
    )


def _places(machine: Machine, loop: Sequence[Step]) -> tuple[Where, ...]:
    """The source lines of a loop in the order of their addresses, each once."""
    seen: dict[tuple[str, str], Where] = {}
    for pc in sorted({step.pc for step in loop}):
        place = Where.of(machine.firmware, pc)
        function = place.function.partition("+")[0]
        seen.setdefault((function, place.line), place)
    return tuple(seen.values())


def _rounds(machine: Machine, hart: Hart, loop: Sequence[Step]) -> tuple[int, int]:
    """How often the hart has gone round, and the cycles of that, waits left out.

    Both are of the blocks that begin within the loop: the one run least often tells the rounds.
    """
    inside = {step.pc for step in loop}
    counts = machine.engine.counts(hart.index)
    blocks = machine.blocks.blocks
    runs = {
        block.address: (counts[number], block.cycles)
        for number, block in enumerate(blocks)
        if number < len(counts) and counts[number] and block.address in inside
    }
    if not runs:
        return 0, 0
    last = {step.next_pc for step in loop if step.next_pc != step.pc + step.instruction.length}
    leaders = [runs[pc] for pc in last if pc in runs] or list(runs.values())
    return min(count for count, _ in leaders), sum(count * cycles for count, cycles in leaders)
