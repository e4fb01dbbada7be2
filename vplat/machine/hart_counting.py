"""What harts have done, for devices that count it while firmware runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vplat.model import HartCounters

from .statistics import Sampler

if TYPE_CHECKING:
    from .machine import Machine


class HartCounting:
    """Sums over the blocks that a hart has run, taken when somebody asks."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._sampler = Sampler(machine)

    def of(self, index: int) -> HartCounters:
        """What hart ``index`` has done before the instruction that it executes now."""
        hart = self._machine.harts[index]
        mix = self._sampler.mix_of(index)
        for instruction in hart.not_yet_run:
            mix[instruction.kind] -= 1
        return HartCounters(
            hart.cycles,
            hart.instructions,
            {str(kind): count for kind, count in mix.items()},
            hart.accesses,
        )
