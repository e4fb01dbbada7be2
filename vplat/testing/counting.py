"""How often code has run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vplat.machine.rows import BLOCK, COLUMNS, HELD, INSIDE, NEXT_PC

if TYPE_CHECKING:
    from vplat.machine.snapshot.state import MachineState


def runs_of(state: MachineState, address: int) -> int:
    """How often the instruction at ``address`` had been executed, on all harts together.

    A hart that is held in front of it has not executed it, though its block is charged.
    """
    found = {
        number: block
        for number, block in enumerate(state.blocks)
        if address in block.before and address in block.addresses
    }
    total = 0
    rows = memoryview(state.rows).cast("q")
    for hart, counts in enumerate(state.engine.counts):
        entered = memoryview(counts).cast("Q")
        total += sum(entered[number] for number in found if number < len(entered))
        row = hart * COLUMNS
        block = found.get(rows[row + BLOCK])
        if rows[row + HELD] == INSIDE and block is not None:
            position = block.before.get(rows[row + NEXT_PC], (0, 0))[1]
            total -= block.before[address][1] >= position
    for number, block in found.items():
        for (_, at), times in state.left_early[number].items():
            total -= times * (block.before[address][1] >= block.before[at][1])
    return total
