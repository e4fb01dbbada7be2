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
COLUMNS: Final = 16

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
TURN_COLUMNS: Final = 8


def new_rows(harts: int) -> memoryview:
    """Rows of ``harts`` harts, all zero, as one flat view of 64-bit numbers."""
    return memoryview(bytearray(8 * COLUMNS * harts)).cast("q")


def new_turns() -> memoryview:
    """A row of turns, all zero."""
    return memoryview(bytearray(8 * TURN_COLUMNS)).cast("q")
