"""The numbers that machine and engine share: one row a hart, one for the turns.

The native probe reads and writes the same memory; its column numbers stand in ``engines/_probe.c``.
"""

from __future__ import annotations

from typing import Final

# Columns of a hart's row.
CYCLES: Final = 0
"""The hart's own time. While the engine runs it includes the whole block that is running."""
LIMIT: Final = 1
"""The hart stops before the first block it would enter at or after this cycle."""
INSTRUCTIONS: Final = 2
"""Retired, with the same proviso as ``CYCLES``."""
BLOCK: Final = 3
"""Number of the block that runs, or ran last."""
PC: Final = 4
"""Address of the instruction a callback is about, or 0 where the engine could not tell."""
NEXT_PC: Final = 5
"""Where the hart goes on when it gets its next turn."""
RUNNABLE: Final = 6
"""1 while the hart executes instructions, 0 while it sleeps or is halted."""
ATTENTION: Final = 7
"""1 when the machine must look at the hart before its next turn."""
ERROR: Final = 8
"""The engine's error number of the last turn, 0 if none."""
TURNS: Final = 9
"""How many turns the hart has had; another hart may have run between two of them."""
ADDRESS: Final = 10
"""Where the instruction at ``PC`` accesses memory, if it is one that was located."""
SAMPLE: Final = 11
"""The machine is told of the first block that the hart enters at or after this cycle; 0 for never.
"""
HELD: Final = 12
"""Whether a debugger holds the hart within its turn, and where: one of the three below."""
STEP: Final = 13
"""Whether the hart is to be held before a block: one of the three further below."""
HOLD_AT: Final = 14
"""The hart is held before the first block that it would enter at or after this cycle; 0: never."""
ACCESSES: Final = 15
"""Accesses to the memory whose banks harts share, of all blocks entered so far."""
UNIT_CYCLES: Final = 16
"""Cycles asked of the unit that harts share, the multiplier and divider of Snitches."""
WAIT: Final = 17
"""Parts of a cycle that such an access waits at the moment, because ports of devices hold banks.

Whoever knows that sets it; there are ``1 << FRACTION_BITS`` parts to a cycle."""
WAITED: Final = 18
"""How many of ``ACCESSES`` have been charged for that."""
STALLED: Final = 19
"""Parts of a cycle that the hart has lost at banks and at the shared unit; whole cycles of it are
in ``CYCLES``."""
ROUND_ACCESSES: Final = 20
"""How many of ``ACCESSES`` belong to rounds that are over."""
ROUND_UNIT_CYCLES: Final = 21
"""How many of ``UNIT_CYCLES`` do."""
COLUMNS: Final = 24

FRACTION_BITS: Final = 16
"""Waits are counted in parts of a cycle."""

# Values of ``HELD``. The turn of a held hart goes on as the same turn.
NOT_HELD: Final = 0
AT_ENTRY: Final = 1
"""Before a block, which has not been charged."""
INSIDE: Final = 2
"""Before the instruction at ``NEXT_PC`` inside ``BLOCK``, which has been charged as a whole."""

# Values of ``STEP``.
NO_STEP: Final = 0
STOPS: Final = 1
"""The hart is held before the next block it would enter, at its limit or not."""
ENTERS: Final = 2
"""It is held before the block after that one, or after the rest of the one it is inside."""

# Columns of the row of turns.
NOW: Final = 0
"""Every hart that runs has reached this cycle."""
DUE: Final = 1
"""The next cycle at which a device has something to do."""
HORIZON: Final = 2
"""Where the current round of turns ends."""
POSITION: Final = 3
"""The hart whose turn it is."""
RETURN_AT: Final = 4
"""The first round that begins at or after this cycle is left to the machine."""
BANKS: Final = 5
"""Of the memory that harts share; fewer than 2 where it has none and contention is not counted."""
UNIT_FREE_AT: Final = 6
"""The cycle up to which the unit that harts share has work."""
TURN_COLUMNS: Final = 8


def new_rows(harts: int) -> memoryview:
    """Rows of ``harts`` harts, all zero, as one flat view of 64-bit numbers."""
    return memoryview(bytearray(8 * COLUMNS * harts)).cast("q")


def new_turns() -> memoryview:
    """A row of turns, all zero."""
    return memoryview(bytearray(8 * TURN_COLUMNS)).cast("q")
