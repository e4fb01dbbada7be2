"""Regions of interest: firmware marks what is to be measured by itself.

The marks are hints that do nothing on hardware: ``slti x0, x0, n`` begins region ``n``, from 1 to
2047, and ``slti x0, x0, -n`` ends it. The base ISA leaves these encodings to custom use (RISC-V
unprivileged specification, "HINT Instructions": SLTI with rd = x0).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .statistics import Sampler, Statistics

if TYPE_CHECKING:
    from .machine import Machine


@dataclasses.dataclass(frozen=True)
class Region:
    """What happened between two marks.

    ``begin`` and ``end`` are cycles of the hart that marked. ``statistics`` has what harts and
    devices did meanwhile; harts that were ahead of the mark in their turns are counted as far as
    they were, so let a barrier precede a mark.
    """

    number: int
    begin: int
    end: int
    statistics: Statistics

    @property
    def cycles(self) -> int:
        """From mark to mark."""
        return self.end - self.begin


@dataclasses.dataclass(frozen=True)
class Mark:
    """A mark that a hart has just passed."""

    number: int
    cycle: int
    hart: int
    pc: int


@dataclasses.dataclass(frozen=True)
class RegionsState:
    """What ``Regions`` knows at one moment."""

    passed: tuple[Mark, ...]
    begun: Mapping[int, tuple[int, Statistics]]
    finished: tuple[Region, ...]


class Regions:
    """The regions of one machine: those that are over, and those that have begun."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._sampler = Sampler(machine)
        self.passed: list[Mark] = []
        """Marks that have not been looked at: that must wait until no hart is in its turn."""
        self.begun: dict[int, tuple[int, Statistics]] = {}
        self.finished: list[Region] = []
        self.listeners: list[Callable[[Mark], None]] = []
        """Called for each mark, before anybody goes on; they must not change the machine."""

    def snapshot(self) -> RegionsState:
        """All that it knows."""
        return RegionsState(tuple(self.passed), dict(self.begun), tuple(self.finished))

    def restore(self, state: RegionsState) -> None:
        """Go back to what ``snapshot`` gave."""
        self.passed[:], self.finished[:] = state.passed, state.finished
        self.begun = dict(state.begun)

    def mark(self, number: int, hart: int, pc: int) -> None:
        """A hart passes the mark ``number``, negative where a region ends."""
        self.passed.append(Mark(number, self._machine.harts[hart].cycles, hart, pc))

    def look(self) -> None:
        """Take the statistics that marks have asked for; between two turns."""
        for mark in self.passed:
            if mark.number > 0:
                self._begin(mark)
            else:
                self._end(mark)
            for listener in self.listeners:
                listener(mark)
        self.passed.clear()

    def _begin(self, mark: Mark) -> None:
        if mark.number in self.begun:
            self._report(
                mark, f"region {mark.number} begins, but it has begun before; end it first"
            )
        else:
            self.begun[mark.number] = mark.cycle, self._sampler.sample()

    def _end(self, mark: Mark) -> None:
        number = -mark.number
        if number not in self.begun:
            self._report(mark, f"region {number} ends, but it has not begun")
            return
        begin, before = self.begun.pop(number)
        done = self._sampler.sample().since(before)
        statistics = dataclasses.replace(done, cycles=mark.cycle - begin)
        self.finished.append(Region(number, begin, mark.cycle, statistics))

    def _report(self, mark: Mark, sentence: str) -> None:
        self._machine.report_at("regions", "region-marks", sentence, mark.hart, mark.pc)
