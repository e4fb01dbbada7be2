"""Snapshots along a run, within a budget of memory."""

from __future__ import annotations

import bisect
import dataclasses
from collections import Counter
from collections.abc import Iterator
from typing import Final

from .board import PAGE
from .position import Position
from .snapshot.memory import Pages
from .snapshot.state import MachineState
from .tape import Mark

FURTHER_BYTES: Final = 1 << 16
"""What a snapshot takes beside pages of memory and the runs of blocks, about."""


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """A snapshot, where and when it was taken, and how far the tape had been played."""

    position: Position
    cycle: int
    state: MachineState
    mark: Mark


class Checkpoints:
    """Snapshots in the order of their positions; the first is always kept.

    When they take more than ``budget_bytes``, the one goes whose neighbours are closest together
    for how far back they lie.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._checkpoints: list[Checkpoint] = []
        self._pages: Counter[int] = Counter()
        """By identity, how many of the snapshots hold a page."""
        self._maps: Counter[int] = Counter()
        self._further = 0

    @property
    def first(self) -> Checkpoint:
        """The earliest one."""
        return self._checkpoints[0]

    @property
    def held_bytes(self) -> int:
        """What they take, about; what several share is counted once."""
        return PAGE * len(self._pages) + self._further

    def before(self, position: Position) -> Checkpoint:
        """The last one at ``position`` or before it."""
        return self._checkpoints[max(self._index(position) - 1, 0)]

    def back_from(self, position: Position) -> Iterator[Checkpoint]:
        """Those before ``position``, the last of them first."""
        return iter([each for each in reversed(self._checkpoints) if each.position < position])

    def add(self, checkpoint: Checkpoint) -> None:
        """Keep one more, and drop what is too much."""
        index = self._index(checkpoint.position)
        self._checkpoints.insert(index, checkpoint)
        self._count(checkpoint, 1)
        while self.held_bytes > self._budget and len(self._checkpoints) > 2:
            self._drop(self._least_useful())

    def cut(self, position: Position) -> None:
        """Drop those after ``position``."""
        while self._checkpoints and self._checkpoints[-1].position > position:
            self._drop(len(self._checkpoints) - 1)

    def clear(self) -> None:
        """Drop all of them."""
        while self._checkpoints:
            self._drop(len(self._checkpoints) - 1)

    def _index(self, position: Position) -> int:
        return bisect.bisect_right(self._checkpoints, position, key=lambda each: each.position)

    def _least_useful(self) -> int:
        """The index of the one whose loss makes the past least coarser, for its age."""
        last = self._checkpoints[-1].cycle

        def loss(index: int) -> float:
            gap = self._checkpoints[index + 1].cycle - self._checkpoints[index - 1].cycle
            return gap / (last - self._checkpoints[index].cycle + 1)

        return min(range(1, len(self._checkpoints) - 1), key=loss)

    def _drop(self, index: int) -> None:
        self._count(self._checkpoints.pop(index), -1)

    def _count(self, checkpoint: Checkpoint, times: int) -> None:
        state = checkpoint.state
        self._further += times * (FURTHER_BYTES + sum(map(len, state.engine.counts)))
        for pages in state.memories.values():
            self._count_pages(pages, times)

    def _count_pages(self, pages: Pages, times: int) -> None:
        """Snapshots share the maps of memories that nobody wrote to, and pages of others."""
        before = self._maps[id(pages)]
        self._maps[id(pages)] += times
        if not self._maps[id(pages)]:
            del self._maps[id(pages)]
        if before and self._maps[id(pages)]:
            return
        for page in pages.values():
            self._pages[id(page)] += times
            if not self._pages[id(page)]:
                del self._pages[id(page)]
