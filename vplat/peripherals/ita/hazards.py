"""What a driver can do wrong (`ita.md` sections 2.4 and 11), each with its sentence."""

from __future__ import annotations

import enum


class Hazard(enum.Enum):
    """A rule that a job broke; the value says what the hardware does and what to change."""

    ENGINE_STUCK = (
        "The engine still stands in the middle of an earlier tile, which SOFT_CLEAR does not undo, "
        "so this job never completes; only a hard reset recovers it."
    )
    LAYER_CHANGED = (
        "CTRL_ENGINE.layer differs from the layer this sequence began with; the engine looks at it "
        "only in Idle and at the end of AV, so keep it until the sequence is complete."
    )
    TILES_CHANGED = (
        "TILES differs from the counts this sequence began with; the engine compares its counters "
        "with whatever TILES holds, so keep it until the sequence is complete."
    )
    LOOP_CUT_SHORT = (
        "The TILES seen between two jobs equals the inner counter, so the engine ended its inner "
        "loop without a job; write TILES of the next context before the running job ends."
    )
    TILE_COUNT_ZERO = (
        "A TILES field that this step counts with is 0, which this revision does not read as 1, "
        "so the count is never reached; write at least 1."
    )
    OUTPUT_BEFORE_LAST_INNER_TILE = (
        "OUTPUT_DISABLE is 0 although this is not the last inner tile, so the output stream waits "
        "for words that are never made; set it on all but the last inner tile."
    )
    NO_OUTPUT_ON_LAST_INNER_TILE = (
        "OUTPUT_DISABLE is 1 on the last inner tile, so the output words have nowhere to go and "
        "the engine stops in mid-tile; clear it on the last inner tile."
    )
    WEIGHTS_MISSING = (
        "WEIGHT_PRELOAD is 0 but no weight set was prefetched, so the engine waits for a fourth "
        "set that never comes; set it, or WEIGHT_NEXTLOAD in the job before."
    )
    WEIGHTS_SHIFTED = (
        "WEIGHT_PRELOAD is 0 but no weight set was prefetched, so the sets arrive one place early "
        "and the prefetch for the next job is used as the last; set WEIGHT_PRELOAD."
    )
    WEIGHTS_LEFT_OVER = (
        "A weight set prefetched earlier was still waiting, so it is used first and every set "
        "is one place late; set WEIGHT_PRELOAD only after a job without WEIGHT_NEXTLOAD."
    )
    WEIGHTS_OVERFLOW = (
        "More than two weight sets are left over, which the two buffers cannot hold, so the "
        "weight stream never ends; use each prefetched set before loading another."
    )
    PREFETCH_FROM_ELSEWHERE = (
        "The prefetched weight set came from another address than WEIGHT_PTR0; give the job "
        "before a WEIGHT_PTR1 equal to this job's WEIGHT_PTR0."
    )
    PREFETCH_TOO_EARLY = (
        "The first 1024 bytes at WEIGHT_PTR0 changed after they were prefetched and the old ones "
        "are used; have them in memory before the job that prefetches them is triggered."
    )
    ROW_SUMS_NOT_READY = (
        "AV began before all QK tiles of the row block were stored, so the engine waits for "
        "row inverses that are never computed; run tile_s output tiles of QK first."
    )
    SHIFT_OUT_OF_RANGE = (
        "A requantisation shift above 34 reaches past the 35-bit product, where the hardware's "
        "rounding is undefined; keep shifts at 34 or below."
    )
    ACTIVATION_UNEXPECTED = (
        "An activation is applied to a step other than F1 or a linear layer; keep "
        "CTRL_ENGINE.activation at Identity for the steps of attention and for F2."
    )
    ACTIVATION_UNKNOWN = (
        "CTRL_ENGINE.activation is 3, which names no activation and passes values through; "
        "write 0 (Identity), 1 (GELU) or 2 (ReLU)."
    )
    ACCUMULATOR_OVERFLOW = (
        "An accumulator left its 26 bits and wrapped around; use fewer inner tiles or smaller "
        "biases."
    )
    OUTPUT_OVERLAPS_OPERANDS = (
        "The output tile overlaps what the same job reads; the hardware reads its input four "
        "times while it writes, so the result depends on timing; write somewhere else."
    )
    POINTER_UNALIGNED = (
        "A pointer is not a multiple of 4; its two low bits are dropped, so align the tile."
    )

    @property
    def sentence(self) -> str:
        """What the hardware does and what to change in the driver."""
        return self.value
