"""A schedule as the bytes that firmware reads (`firmware/deploy/ita_schedule.h`)."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
import numpy.typing as npt

from .jobs import Work
from .packing import TILE_EDGE
from .scheduling import STEP_MOVES, Move, Schedule, Step

STEP_BYTES: Final = 24
STEPS_AT_ONCE: Final = 8
WINDOW_BYTES: Final = 2 * STEPS_AT_ONCE * STEP_BYTES
PRELOAD, NEXTLOAD, NO_BIAS, BIAS_BY_ROWS, NO_OUTPUT = 1, 2, 4, 8, 16
"""CTRL_STREAM (`ita.md` section 2.2)."""
STEP_FIELDS: Final = (2, 1, 1, 1, 1, 2, 5, 3, 4, 12)
"""Bits of ``what``, the lowest field first; the same for moves."""
MOVE_FIELDS: Final = (8, 4, 1, 7, 7)


def encoded(work: Work, made: Schedule) -> npt.NDArray[np.uint8]:
    """All steps, and behind them nothing to do up to a whole number of windows' halves."""
    text = b"".join(_step(work, step) for step in made.steps)
    whole = STEP_BYTES * STEPS_AT_ONCE
    return np.frombuffer(text.ljust(-(-len(text) // whole) * whole, b"\0"), np.uint8)


def _packed(widths: tuple[int, ...], values: tuple[int, ...]) -> int:
    word, lowest = 0, 0
    for width, value in zip(widths, values, strict=True):
        if not 0 <= value < 1 << width:
            raise ValueError(f"{value} does not fit {width} bits of a step")
        word |= value << lowest
        lowest += width
    return word


def _step(work: Work, step: Step) -> bytes:
    is_job = step.job >= 0
    flags, places, bias = _job(work, step) if is_job else (0, 0, 0)
    kind = (len(step.moves), is_job, step.lag, step.meets, step.setup >= 0, max(step.setup, 0))
    what = _packed(STEP_FIELDS, (*kind, flags, step.finish_stores, step.finish_loads, bias))
    moves = [word for move in step.moves for word in _move(move)]
    moves += [0] * (2 * STEP_MOVES - len(moves))
    return struct.pack("<6I", what, places, *moves)


def _job(work: Work, step: Step) -> tuple[int, int, int]:
    job = work.jobs[step.job]
    flags = (
        PRELOAD * step.preloads
        | NEXTLOAD * (step.next_weight >= 0)
        | NO_BIAS * (job.bias < 0)
        | BIAS_BY_ROWS * job.bias_by_rows
        | NO_OUTPUT * (job.output < 0)
    )
    # What is not read or written must be memory all the same.
    following = step.next_weight if step.next_weight >= 0 else step.weight
    output = step.output if step.output >= 0 else step.input
    places = _packed((8,) * 4, (step.input, step.weight, following, output))
    return flags, places, max(job.bias, 0) // TILE_EDGE


def _move(move: Move) -> tuple[int, int]:
    at = move.at
    return at.home, _packed(MOVE_FIELDS, (move.slot, at.matrix, move.stores, at.columns, at.rows))
