"""What differs between the two revisions of ITA that the model knows (`ita.md` section 7.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of the hardware: its softmax, and the shape of its register map.

    A row's weight of a logit at distance ``d`` from the maximum is ``256 >> e(d)``, where ``e(d)``
    is ``d`` for a ``softmax_shift`` of 0 and ``(d + 16) >> 5`` for 5; the inverse of a row's sum is
    ``softmax_unit * 256 // sum``.
    """

    name: str
    softmax_shift: int
    softmax_unit: int
    contexts: int
    """Register contexts, which is how many jobs can be pending."""
    job_registers: int
    """32-bit words of a context, from offset 0x20 on."""
    requant_entries: int
    """Multiplier, shift and addend triples, one a step."""
    ctrl_stream_offset: int
    """Offset of CTRL_STREAM from the base of the device."""
    has_ctrl_engine: bool
    """Without CTRL_ENGINE (layer, activation) the layer is Attention and nothing is activated."""
    zero_tiles_mean_one: bool
    """Whether a TILES field of 0 counts as 1 (since 8ef386a)."""
    busy_cycles: Mapping[tuple[bool, bool], tuple[int, int, int, int]]
    """By (output stored, bias on): cycles of a job with a memory that always grants, for PRELOAD
    and NEXTLOAD, PRELOAD only, NEXTLOAD only, neither."""
    row_credits: int
    """Rows that may be on their way to the dividers: a row is taken in only while there are fewer
    (ita_controller.sv). It is as many as the FIFO in front of the dividers holds."""
    row_credit_cycles: int
    """From the cycle that takes in a row of the last logits until its credit is back: ten stages
    to the dividers, and one more to count it."""


_NOT_STORED = {
    (False, True): (284, 284, 271, 271),
    (False, False): (282, 282, 264, 264),
}

CURRENT = Revision(
    name="2025-04",
    softmax_shift=0,
    softmax_unit=255,
    contexts=4,
    job_registers=17,
    requant_entries=8,
    ctrl_stream_offset=0x58,
    has_ctrl_engine=True,
    zero_tiles_mean_one=True,
    busy_cycles={
        (True, True): (315, 306, 306, 297),
        (True, False): (313, 304, 305, 296),
        **_NOT_STORED,
    },
    row_credits=12,
    row_credit_cycles=11,
)
"""ba96519 of the public repository: `ita.md`, everything not noted otherwise. Its busy cycles were
measured on the RTL (section 6.2)."""

AUGUST_2024 = Revision(
    name="2024-08",
    softmax_shift=5,
    softmax_unit=127,
    contexts=2,
    job_registers=14,
    requant_entries=6,
    ctrl_stream_offset=0x54,
    has_ctrl_engine=False,
    zero_tiles_mean_one=False,
    busy_cycles={
        (True, True): (312, 304, 304, 296),
        (True, False): (310, 302, 302, 294),
        **_NOT_STORED,
    },
    row_credits=4,
    row_credit_cycles=11,
)
"""The first release, as in the paper's cluster (`snitch-ita-cluster.md` sections 7 and 9).

Its busy cycles are those of a cycle model of the streams, FIFOs and port that we wrote from the RTL
of both revisions, and which gives the current one's exactly; here an output is ready after 7 cycles
in place of 11, and 8 in place of 12 may be under way.
"""
