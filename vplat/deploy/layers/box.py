"""Boxes of elements that are copied, and how to cut them into windows that DMA can move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from math import prod
from typing import Final

from .pipeline_layer import pieces

PHASE_CYCLES: Final = 300
"""About what a stripe takes beside moving its bytes."""
COPY_CYCLES: Final = 1
"""A hart's share of copying an element."""
ROW_CYCLES: Final = 4
"""About what DMA takes for each row of a window that is not in one piece."""
LINE_CYCLES: Final = 10
"""A hart's share of finding where a run of the longest dimension begins."""
MOST_BATCHES: Final = 4096


@dataclass(frozen=True)
class Dimension:
    """``size`` indices, with the elements from one to the next on both sides."""

    size: int
    source: int
    result: int


@dataclass(frozen=True)
class Window:
    """
    Elements that a stripe touches on one side: ``rows`` of ``columns``, ``stride`` elements apart.
    ``strides`` are those of the box's dimensions within it, if its rows follow each other.
    """

    rows: int
    columns: int
    stride: int
    strides: tuple[int, ...]

    @property
    def size(self) -> int:
        """Its elements."""
        return self.rows * self.columns


@dataclass(frozen=True)
class Cut:
    """
    A box cut into stripes: one for each index of ``batches``, which has the dimensions that are not
    in ``dimensions``. Without windows harts copy from home to home.
    """

    batches: tuple[Dimension, ...]
    dimensions: tuple[Dimension, ...]
    source: Window | None
    result: Window | None

    @property
    def stripes(self) -> int:
        """How many."""
        return prod(dimension.size for dimension in self.batches)

    @property
    def needs_no_hart(self) -> bool:
        """Whether the elements have the same order on both sides, so that DMA does it all."""
        return (
            self.source is not None
            and self.result is not None
            and self.source.size == self.result.size
            and self.source.strides == self.result.strides
        )

    def offsets(self, *, of_source: bool) -> tuple[int, ...]:
        """Where each stripe begins, in elements."""
        indices = product(*(range(dimension.size) for dimension in self.batches))
        steps = [each.source if of_source else each.result for each in self.batches]
        return tuple(
            sum(index * step for index, step in zip(each, steps, strict=True)) for each in indices
        )

    def bytes_in_l1(self, size: int) -> int:
        """What its windows take, without alignment, for elements of ``size`` bytes."""
        if self.source is None or self.result is None:
            return 0
        places = 2 if self.stripes > 1 else 1
        both = self.source.size + (0 if self.needs_no_hart else self.result.size)
        return places * size * both

    def cycles(self) -> int:
        """About what it takes: only good for comparing cuts of one box."""
        if self.source is None:
            return 40 * prod(each.size for each in self.dimensions)
        moved = self.source.size
        if not self.needs_no_hart:
            longest = max(each.size for each in self.dimensions)
            moved += self.source.size * COPY_CYCLES + self.source.size // longest * LINE_CYCLES * 8
        rows = sum(each.rows for each in (self.source, self.result) if each and each.rows > 1)
        return self.stripes * (PHASE_CYCLES + moved // 8 + ROW_CYCLES * rows) + moved // 4


def merged(dimensions: list[Dimension]) -> tuple[Dimension, ...]:
    """The same box with as few dimensions as possible; at least one."""
    found: list[Dimension] = []
    for each in (dimension for dimension in dimensions if dimension.size != 1):
        if found:
            outer = found[-1]
            source, result = each.source * each.size, each.result * each.size
            if (outer.source, outer.result) == (source, result):
                found[-1] = Dimension(outer.size * each.size, each.source, each.result)
                continue
        found.append(each)
    return tuple(found) or (Dimension(1, 1, 1),)


def cuts(dimensions: tuple[Dimension, ...]) -> Iterator[Cut]:
    """Every way that is worth considering; the last one needs no L1."""
    for batches in _subsets(dimensions):
        rest = tuple(each for each in dimensions if each not in batches)
        for number, each in enumerate(rest):
            for length in pieces(each.size):
                if each.size % length == 0 and (length < each.size or number == 0):
                    outer = Dimension(
                        each.size // length, each.source * length, each.result * length
                    )
                    inner = Dimension(length, each.source, each.result)
                    some = (*rest[:number], inner, *rest[number + 1 :])
                    cut = _cut((*batches, outer) if outer.size > 1 else batches, some)
                    if cut is not None:
                        yield cut
    yield Cut((), dimensions, None, None)


def _subsets(dimensions: tuple[Dimension, ...]) -> Iterator[tuple[Dimension, ...]]:
    for count in range(len(dimensions)):
        for chosen in combinations(dimensions, count):
            if prod(each.size for each in chosen) <= MOST_BATCHES:
                yield chosen


def _cut(batches: tuple[Dimension, ...], rest: tuple[Dimension, ...]) -> Cut | None:
    if prod(each.size for each in batches) > MOST_BATCHES:
        return None
    source = _window([(each.size, each.source) for each in rest])
    result = _window([(each.size, each.result) for each in rest])
    return Cut(batches, rest, source, result) if source and result else None


def _window(dimensions: list[tuple[int, int]]) -> Window | None:
    """The window that has all of these (size, stride), and nothing else."""
    order = sorted(range(len(dimensions)), key=lambda i: (dimensions[i][1], dimensions[i][0]))
    strides = [0] * len(dimensions)
    columns, rows, step, dense = 1, 1, 0, 1
    for i in order:
        size, stride = dimensions[i]
        if size == 1:
            continue
        if stride < 1:
            return None
        if rows == 1 and stride == columns:
            columns *= size
        elif rows == 1 or stride == step * rows:
            step = step or stride
            rows *= size
        else:
            return None
        strides[i] = dense
        dense *= size
    if step and step < columns:
        return None
    return Window(rows, columns, step or columns, tuple(strides))
