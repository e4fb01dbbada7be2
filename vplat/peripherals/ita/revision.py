"""What differs between the two revisions of ITA that the model knows (`ita.md` section 7.3)."""

from __future__ import annotations

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
)
"""ba96519 of the public repository: `ita.md`, everything not noted otherwise."""

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
)
"""The first release, as in the paper's cluster (`snitch-ita-cluster.md` sections 7 and 9)."""
