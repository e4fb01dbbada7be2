"""Choosing a schedule: orders are tried, and what each would take is reckoned from its steps."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from vplat.deploy.memory.rates import Rates

from .encoding import encoded
from .jobs import Grid, Job, Place, Work
from .orders import (
    Guard,
    Head,
    Multiplied,
    attention,
    normalised_products,
    product,
    scaled_sum,
)
from .packing import TILE_BYTES
from .scheduling import Move, NoRoomError, Schedule, Step, schedule

STARTING_CYCLES: Final = 400
"""Set-up, and the way of the first steps."""
SETUP_CYCLES: Final = 300
STEP_CYCLES: Final = 130
"""What the driving hart takes for a step, and for each move."""
MOVE_CYCLES: Final = 40
REFUSED: Final = 0.4
"""Of a cycle of the DMA, what a job that stores loses (docs/contention.md)."""


@dataclass(frozen=True)
class Plan:
    """A schedule for so many places, ready to be stored, and the estimate of what it takes."""

    height: int
    slots: int
    steps: int
    bytes: npt.NDArray[np.uint8]
    meetings: int
    cycles: int
    loads: int
    stores: int
    jobs: int
    seen: tuple[tuple[int, ...], ...] = ()
    """Places of what harts look at, by meeting."""

    @property
    def moved(self) -> int:
        """Bytes between L1 and homes, whole tiles."""
        return TILE_BYTES * (self.loads + self.stores)


@dataclass(frozen=True)
class Speeds:
    """What of a board's figures a plan depends on."""

    inner_job: int
    output_job: int
    tile_cycles: int
    line_cycles: int
    """Of a tile that is laid out as one, and of one whose rows lie apart."""
    duplex: bool

    @classmethod
    def of(cls, rates: Rates) -> Speeds:
        """From the board's rates; it has ITA."""
        assert rates.ita is not None  # noqa: S101 - a `Target` has it
        whole = float(rates.dma.data_cycles(np.int64(TILE_BYTES), np.int64(1)))
        rows = float(rates.dma.data_cycles(np.int64(TILE_BYTES), np.int64(64)))
        return cls(
            rates.ita.inner_job, rates.ita.output_job, round(whole), round(rows), rates.dma.duplex
        )


def planned(
    height: int,
    work: Work,
    slots: int,
    speeds: Speeds,
    *,
    padded_slots: int = 0,
    stage_cycles: int = 0,
) -> Plan:
    """
    The plan of these jobs with so many places; harts take ``stage_cycles`` from one meeting to the
    next.

    :raises NoRoomError: they are too few
    """
    biases = any(job.bias >= 0 for job in work.jobs)
    made = schedule(work, slots, biases=biases, padded_slots=padded_slots)
    return Plan(
        height=height,
        slots=slots,
        steps=len(made.steps),
        bytes=encoded(work, made),
        meetings=len(work.meetings),
        cycles=estimated(work, made, speeds, stage_cycles),
        loads=made.loads,
        stores=made.stores,
        jobs=len(work.jobs),
        seen=tuple(made.seen),
    )


def best(
    heights: Iterable[int], make: Callable[[int], Work], slots: int, speeds: Speeds
) -> list[Plan]:
    """Plans for bands of these heights that have room, the fastest one first."""
    plans = []
    for height in heights:
        try:
            plans.append(planned(height, make(height), slots, speeds))
        except NoRoomError:
            continue
    return sorted(plans, key=lambda plan: (plan.cycles, plan.height))


@cache
def product_plans(
    left: Grid, right: Grid, out: Grid, bias: bool, by_rows: bool, slots: int, speeds: Speeds
) -> tuple[Plan, ...]:
    """The plans of a product, the fastest one first; none if there is no room."""

    def make(height: int) -> Work:
        return product(left, right, out, height, bias=bias, bias_by_rows=by_rows)

    heights = sorted({min(left.rows, height) for height in (1, 2, 3, 4, 6, 8)})
    return tuple(best(heights, make, slots, speeds))


def estimated(work: Work, made: Schedule, speeds: Speeds, stage_cycles: int = 0) -> int:
    """Cycles from the first step to the end of the last store, job by job and move by move."""
    timeline = _Timeline(work, speeds, stage_cycles)
    for step in made.steps:
        timeline.take(step)
    return timeline.end


class _Timeline:
    """When the driving hart, the accelerator and the DMA have done with the steps so far."""

    def __init__(self, work: Work, speeds: Speeds, stage_cycles: int) -> None:
        self._work, self._speeds = work, speeds
        self._stage, self._staged = stage_cycles, 0.0
        """Of the harts: for each meeting, and when they have done with the last one."""
        self._now = float(STARTING_CYCLES)
        self._ways = [self._now, self._now]
        """Of the DMA, in and out; one for both where it is not duplex."""
        self._jobs: list[float] = []
        has_biases = any(job.bias >= 0 for job in work.jobs)
        self._loads: deque[float] = deque([self._now] if has_biases else [])
        self._stores: deque[float] = deque()

    @property
    def end(self) -> int:
        """When all has ended."""
        return round(max([self._now, *self._jobs[-1:], *self._ways]))

    def take(self, step: Step) -> None:
        """The next step."""
        behind = 2 if step.lag else 1
        if len(self._jobs) >= behind:
            self._now = max(self._now, self._jobs[-behind])
        self._await(self._stores, step.finish_stores)
        moving = 0.0
        for move in step.moves:
            moving += self._start(move)
        self._await(self._loads, step.finish_loads)
        if step.meets:
            self._now = max(self._now, self._staged)
            self._staged = self._now + self._stage
        self._now += STEP_CYCLES + (SETUP_CYCLES if step.setup >= 0 else 0)
        if step.job >= 0:
            self._run(self._work.jobs[step.job], moving)

    def _await(self, transfers: deque[float], count: int) -> None:
        for _ in range(count):
            self._now = max(self._now, transfers.popleft())

    def _start(self, move: Move) -> float:
        self._now += MOVE_CYCLES
        way = 1 if move.stores and self._speeds.duplex else 0
        cycles = _tile_cycles(move.at, self._speeds)
        self._ways[way] = max(self._ways[way], self._now) + cycles
        (self._stores if move.stores else self._loads).append(self._ways[way])
        return cycles

    def _run(self, job: Job, moving: float) -> None:
        begin = max([self._now, *self._jobs[-1:]])
        length = float(self._speeds.inner_job)
        if job.output >= 0:
            length = self._speeds.output_job
            length += REFUSED * min(moving, length)
        self._jobs.append(begin + length)


def _tile_cycles(at: Place, speeds: Speeds) -> float:
    return speeds.tile_cycles * at.rows / 64 if at.columns == 64 else speeds.line_cycles


@cache
def sum_plan(
    operands: tuple[Grid, ...],
    weights: Grid,
    out: Grid,
    one_scale: bool,
    bias: bool,
    slots: int,
    speeds: Speeds,
) -> Plan | None:
    """The plan of a sum; None if there is no room."""
    work = scaled_sum(operands, weights, out, one_scale=one_scale, bias=bias)
    plans = best([1], lambda _: work, slots, speeds)
    return plans[0] if plans else None


@cache
def normalised_plan(
    source: Grid, products: tuple[Multiplied, ...], slots: int, speeds: Speeds, stage_cycles: int
) -> Plan | None:
    """
    The plan of products of normalised rows; None if there is no room. ``stage_cycles`` are those
    of the harts for a block.
    """
    work = normalised_products(source, products)
    try:
        return planned(1, work, slots, speeds, stage_cycles=stage_cycles)
    except NoRoomError:
        return None


@cache
def attention_plan(
    heads: tuple[Head, ...], guard: Guard, slots: int, padded_slots: int, speeds: Speeds
) -> Plan | None:
    """The plan of attention; None if there is no room."""
    work = attention(heads, guard)
    try:
        return planned(1, work, slots, speeds, padded_slots=padded_slots)
    except NoRoomError:
        return None
