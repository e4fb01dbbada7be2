"""Which way harts go from block to block, for the Python probe; ``_probe.c`` does the same."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Final

STEPS_AT_ONCE: Final = 1 << 15
NOWHERE: Final = -1


class Followed:
    """Counts the runs of blocks that came from the code in front of them; notes new functions."""

    def __init__(self, harts: int, on_steps: Callable[[bytes], None] | None) -> None:
        self.falls: list[list[int]] = [[] for _ in range(harts)]
        self._on_steps = on_steps
        self._bounds: list[tuple[int, int]] = []
        self._functions: list[int] = []
        self._end = [NOWHERE] * harts
        self._last = [NOWHERE] * harts
        self._function: list[int | None] = [None] * harts
        self._steps: list[tuple[int, int, int, int]] = []

    def add(self, number: int, address: int, size: int, function: int) -> None:
        """What is known of a block."""
        if number == len(self._bounds):
            self._bounds.append((0, 0))
            self._functions.append(0)
            for falls in self.falls:
                falls.append(0)
        self._bounds[number] = address, address + size
        self._functions[number] = function

    def keep(self, count: int) -> None:
        """Only the first so many blocks are known."""
        del self._bounds[count:], self._functions[count:]
        for hart, falls in enumerate(self.falls):
            del falls[count:]
            self._last[hart], self._function[hart] = NOWHERE, None

    def enter(self, hart: int, cycle: int, number: int) -> None:
        """The hart runs a block from ``cycle`` on."""
        start, end = self._bounds[number]
        self.falls[hart][number] += self._end[hart] == start
        self._end[hart] = end
        function = self._functions[number]
        if self._on_steps is not None and self._function[hart] != function:
            self._function[hart] = function
            self._steps.append((cycle, hart, self._last[hart], number))
            if len(self._steps) == STEPS_AT_ONCE:
                self.tell()
        self._last[hart] = number

    def tell(self) -> None:
        """Hand over the steps noted so far."""
        if self._steps and self._on_steps is not None:
            numbers = [number for step in self._steps for number in step]
            self._steps.clear()
            self._on_steps(struct.pack(f"={len(numbers)}q", *numbers))
