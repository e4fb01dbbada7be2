"""Jobs in an order: products in bands, sums element by element, attention block by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import product as product_of
from typing import Final, TypeAlias

from .jobs import Grid, Job, Meeting, Tile, Work
from .packing import TILE_BIAS_BYTES

Tiles: TypeAlias = dict[tuple[int, int], int]
"""Numbers of tiles by row and column."""
NEVER: Final = 1 << 30
"""A job that never comes."""


def product(
    left: Grid, right: Grid, out: Grid, height: int, *, bias: bool, bias_by_rows: bool
) -> Work:
    """
    ``left`` times ``right`` transposed: bands of ``height`` rows of tiles, while columns pass by.

    Every other band they pass backwards, so that the last column is the first one again.
    """
    work = Work()
    lefts, rights, outs = left.sources(work), right.sources(work), out.sinks(work)
    backwards = False
    for first in range(0, left.rows, height):
        columns = range(right.rows)
        for column in reversed(columns) if backwards else columns:
            for row in range(first, min(first + height, left.rows)):
                offset = TILE_BIAS_BYTES * (row if bias_by_rows else column) if bias else -1
                for inner in range(left.columns):
                    last = inner == left.columns - 1
                    work.jobs.append(
                        Job(
                            lefts[row, inner],
                            rights[column, inner],
                            outs[row, column] if last else -1,
                            offset if last else -1,
                            bias_by_rows and last,
                        )
                    )
        backwards = not backwards
    return work


def scaled_sum(
    operands: Sequence[Grid], weights: Grid, out: Grid, *, one_scale: bool, bias: bool
) -> Work:
    """
    A sum of matrices, each scaled by the diagonals of its row of ``weights``.

    Columns are gone through one by one, so that each tile of weights is needed for a while and then
    no more.
    """
    work = Work()
    scales = weights.sources(work)
    grids = [operand.sources(work) for operand in operands]
    outs = out.sinks(work)
    for column in range(out.columns):
        for row in range(out.rows):
            for number, grid in enumerate(grids):
                last = number == len(grids) - 1
                work.jobs.append(
                    Job(
                        grid[row, column],
                        scales[number, 0 if one_scale else column],
                        outs[row, column] if last else -1,
                        TILE_BIAS_BYTES * column if bias and last else -1,
                    )
                )
    return work


@dataclass(frozen=True)
class Head:
    """
    What one head of attention reads and writes. ``values`` are transposed, [width][sequence].

    ``bias`` are the offsets of the logits' biases by column of tiles, -1 for none.
    """

    queries: Grid
    keys: Grid
    values: Grid
    out: Grid
    bias: tuple[int, ...]


@dataclass(frozen=True)
class Multiplied:
    """
    What one block of rows is multiplied by: ``weights`` on the right, or, ``turned``, on the left,
    where the result is transposed. ``bias`` is the offset of the first biases, -1 for none.
    """

    weights: Grid
    out: Grid
    turned: bool
    bias: int


def normalised_products(source: Grid, products: Sequence[Multiplied]) -> Work:
    """
    Rows that harts normalise, block by block, each then multiplied by several matrices.

    The harts are met for each block, and once more: they normalise one while the accelerator
    multiplies the one before. The setup of a job is the number of its product.
    """
    work = Work()
    rows = source.sources(work)
    weights = [each.weights.sources(work) for each in products]
    outs = [each.out.sinks(work) for each in products]
    for block in range(source.rows + 1):
        shown: tuple[int, ...] = ()
        if block < source.rows:
            shown = tuple(rows[block, column] for column in range(source.columns))
        at = len(work.jobs)
        work.meetings.append(Meeting(at, at, shown, changes=True))
        if block == 0:
            continue
        # The meeting for this block is in front of the jobs for the one before.
        for number, each in enumerate(products):
            _multiply(work, rows, block - 1, number, each, weights[number], outs[number])
    return work


def _multiply(
    work: Work,
    rows: Tiles,
    block: int,
    number: int,
    product: Multiplied,
    weights: Tiles,
    outs: Tiles,
) -> None:
    """A block's jobs for one of the products."""
    for column in range(product.weights.rows):
        bias = product.bias + TILE_BIAS_BYTES * column if product.bias >= 0 else -1
        output = outs[(column, block) if product.turned else (block, column)]
        for inner in range(product.weights.columns):
            last = inner == product.weights.columns - 1
            left, right = rows[block, inner], weights[column, inner]
            if product.turned:
                left, right = right, left
            ends = (output, bias, product.turned) if last else (-1, -1, False)
            work.jobs.append(Job(left, right, *ends, setup=number))


class Guard(Enum):
    """Whether harts look at the logits of each block of 64 rows, once they are there."""

    NONE = 0
    BESIDE = 1
    """They look while the next block is computed, until they are met for it."""
    BEFORE = 2
    """They are met again before the next block begins: L1 has room for the logits of one."""


def attention(heads: Sequence[Head], guard: Guard) -> Work:
    """Heads, one after the other."""
    work = Work()
    for head in heads:
        rows, width = head.keys.rows, head.keys.columns
        keys, values = head.keys.sources(work), head.values.sources(work)
        queries = head.queries.sources(work, padded=True)
        outs = head.out.sinks(work)
        for block in range(rows):
            if guard is Guard.BEFORE and work.jobs:
                _part(work)
            logits = [work.add(Tile()) for _ in range(rows)]
            for column, inner in product_of(range(rows), range(width)):
                last = inner == width - 1
                output, bias = (logits[column], head.bias[column]) if last else (-1, -1)
                work.jobs.append(Job(queries[block, inner], keys[column, inner], output, bias))
            finished = len(work.jobs)
            for column, inner in product_of(range(width), range(rows)):
                output = outs[block, column] if inner == rows - 1 else -1
                work.jobs.append(Job(logits[inner], values[column, inner], output))
            if guard is not Guard.NONE:
                _meet(work, finished, logits)
    return work


def _part(work: Work) -> None:
    """The harts have done with the logits that they were shown."""
    at = len(work.jobs)
    for number in work.meetings[-1].tiles:
        work.tiles[number].until = at - 1
    work.meetings.append(Meeting(at, at - 1))


def _meet(work: Work, finished: int, logits: list[int]) -> None:
    """The harts look at these logits now; they have done with those before."""
    # The second job of mixing is handed over when the last one of the logits has finished.
    at = min(finished + 1, len(work.jobs))
    for number in work.meetings[-1].tiles if work.meetings else ():
        work.tiles[number].until = min(at, len(work.jobs) - 1)
    for number in logits:
        work.tiles[number].until = NEVER
    work.meetings.append(Meeting(at, finished, tuple(logits)))
