"""Cycles and port beats of a job (`ita.md` sections 1, 6.2, 6.3 and 11)."""

from __future__ import annotations

import math
from typing import NamedTuple

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
LAST_WRITE_TO_END_CYCLES = 2
"""From the last write to the end of busy, which is the event."""


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


# (stores, bias): cycles for PRELOAD + NEXTLOAD, PRELOAD only, NEXTLOAD only, neither.
_BUSY_CYCLES = {
    (True, True): (315, 306, 306, 297),
    (True, False): (313, 304, 305, 296),
    (False, True): (284, 284, 271, 271),
    (False, False): (282, 282, 264, 264),
}


def busy_cycles(traffic: Traffic) -> int:
    """How long busy is high with a memory that always grants (section 6.2, exact)."""
    column = 2 * (not traffic.preload) + (not traffic.nextload)
    return _BUSY_CYCLES[traffic.stores, traffic.bias][column]


def contended_busy_cycles(traffic: Traffic, grant_probability: float) -> int:
    """How long busy is high if each cycle grants the whole port with this probability.

    Section 11's fit: mean error 0.6 %, greatest 2.3 %. At 1.0 it is `busy_cycles`, exactly.
    Raises ``ValueError`` for a probability that is not above 0 and at most 1.
    """
    if not 0.0 < grant_probability <= 1.0:
        raise ValueError(
            f"a grant probability of {grant_probability} lets no job end; "
            "pass one above 0 and at most 1"
        )
    uncontended = busy_cycles(traffic)
    if grant_probability == 1.0:
        return uncontended
    requests = traffic.reads + traffic.writes
    # The fit counts a job one cycle shorter than busy is high.
    duration = uncontended - 1
    if traffic.stores:
        fitted = duration + 0.99 * requests * (1.0 / grant_probability - 1.0)
    else:
        fitted = max(float(duration), requests / grant_probability + 16.0)
    return math.floor(fitted + 1.5)


def queued_cycles(jobs: list[Traffic]) -> int:
    """From the first rise of busy to its last fall, for jobs that are queued in time."""
    return sum(map(busy_cycles, jobs)) + IDLE_BETWEEN_JOBS_CYCLES * max(len(jobs) - 1, 0)
