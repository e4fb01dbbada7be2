"""Cycles and port beats of a job (`ita.md` sections 1, 6 and 11)."""

from __future__ import annotations

import math
from typing import NamedTuple

from .layout import TILE_EDGE
from .revision import CURRENT, Revision

INPUT_BEATS = 128
"""Reads of two rows each: the input tile is read four times."""
WEIGHT_SET_BEATS = 8
BIAS_BEATS = 2
OUTPUT_BEATS = 128
BEAT_BYTES = 128

TRIGGER_TO_BUSY_CYCLES = 1
"""From the clock edge that accepts the trigger of an idle machine to busy high."""
BUSY_TO_START_CYCLES = 1
"""From busy high to the start of the job."""
IDLE_BETWEEN_JOBS_CYCLES = 1
"""Busy is low for this long between queued jobs."""
SOFT_CLEAR_CYCLES = 3
"""How long a soft clear takes (section 2.1)."""
SOFT_CLEAR_TO_ACCESS_CYCLES = 6
"""How long software leaves after a soft clear before its next access (section 2.1)."""
FIRST_INPUT_READ_CYCLE = 4
"""These four count from the rising edge of busy."""
FIRST_WEIGHT_READ_CYCLE = 5
FIRST_BIAS_READ_CYCLE = 6
FIRST_OUTPUT_WRITE_CYCLE = 42
PREFETCH_READ_CYCLE = 144
"""From busy high to the first read of the next job's weights, at the earliest: the buffers are full
until the second weight set is used up."""
LAST_WRITE_TO_END_CYCLES = 2
"""From the last write to the end of busy, which is the event."""
LAST_ROWS_CYCLES = 71
"""What the 64 rows of a tile's last weight set take when only the port holds them up."""
NOT_STORED_TAIL_CYCLES = 16
"""Cycles of a job that stores nothing in which it makes no requests (section 11)."""
STORED_LOSS = 0.99
"""What a refused request costs a job that stores (section 11's fit)."""
UNALIGNED_WRITES = 3 / 4
"""Writes that do not begin at a multiple of 128 bytes: those of a tile's last three weight sets."""


class Traffic(NamedTuple):
    """What a job moves, which alone decides how long it is busy; the data and the step do not."""

    stores: bool
    """OUTPUT_DISABLE is 0."""
    bias: bool
    """BIAS_DISABLE is 0."""
    preload: bool
    nextload: bool

    @property
    def reads(self) -> int:
        """Read beats of 128 bytes on the port."""
        sets = 3 + self.preload + self.nextload
        return INPUT_BEATS + WEIGHT_SET_BEATS * sets + BIAS_BEATS * self.bias

    @property
    def writes(self) -> int:
        """Write beats on the port, each with 32 useful bytes."""
        return OUTPUT_BEATS * self.stores

    @property
    def requests(self) -> int:
        """Beats on the port."""
        return self.reads + self.writes

    @property
    def unaligned(self) -> float:
        """The share of beats that do not begin at a multiple of their 128 bytes."""
        return UNALIGNED_WRITES * self.writes / self.requests


def busy_cycles(traffic: Traffic, revision: Revision = CURRENT) -> int:
    """How long busy is high with a memory that always grants (section 6.2, exact)."""
    column = 2 * (not traffic.preload) + (not traffic.nextload)
    return revision.busy_cycles[traffic.stores, traffic.bias][column]


def division_cycles(revision: Revision) -> int:
    """How much longer the job takes that completes the logits of a row block.

    Its last 64 rows are taken in no faster than their sums leave for the dividers. Those keep up:
    a division takes 3 to 10 cycles (section 6.4), so five of them take four rows in 11 cycles.
    """
    batches = -(-TILE_EDGE // revision.row_credits)
    return max(0, batches * revision.row_credit_cycles - LAST_ROWS_CYCLES)


def cycles_lost(traffic: Traffic, busy: int, refused: float, elapsed: int) -> int:
    """How much longer than ``busy``, its uncontended cycles, a job takes that met others.

    ``refused`` is the number of cycles, of the ``elapsed`` ones since busy rose, in which a request
    was or would have been refused. Sections 6.3 and 11: a job that stores is bound by the port, one
    that does not has room for its refused requests until they fill it.
    """
    if not refused:
        return 0
    idle = busy - traffic.requests if traffic.stores else NOT_STORED_TAIL_CYCLES
    lost = refused * (1.0 - idle / max(elapsed, busy))
    if traffic.stores:
        return math.floor(STORED_LOSS * lost + 0.5)
    return max(0, math.ceil(traffic.requests + idle + lost) - busy)


def queued_cycles(jobs: list[Traffic]) -> int:
    """From the first rise of busy to its last fall, for jobs that are queued in time."""
    return sum(map(busy_cycles, jobs)) + IDLE_BETWEEN_JOBS_CYCLES * max(len(jobs) - 1, 0)
