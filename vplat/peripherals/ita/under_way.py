"""The job that runs: where it stands in its layer, and what it is going to leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from vplat.model import Mark

from .layout import TILE_EDGE
from .sequence import Sequence, Step, Tiles, limits
from .timing import Traffic

MACS: Final = TILE_EDGE**3
"""Multiplications and additions of one job."""
STEP_CYCLES: Final = {step: f"{step.name.lower()}_cycles" for step in Step}
"""By step, the activity that counts its busy cycles."""
STEP_MACS: Final = {step: f"{step.name.lower()}_macs" for step in Step}
"""By step, the activity that counts its multiplications and additions."""


class Place(NamedTuple):
    """The engine's counters when a job starts."""

    tile: int
    inner: int
    block: int

    @classmethod
    def of(cls, sequence: Sequence) -> Place:
        """Where the next job of ``sequence`` stands."""
        return cls(sequence.tile, sequence.inner, sequence.block)


@dataclass(slots=True)
class UnderWay:
    """A job from the rise of busy to its fall."""

    step: Step
    place: Place
    tiles: Tiles
    traffic: Traffic
    hangs: bool
    """It never ends: busy stays high."""
    since: int
    """The cycle from which its busy cycles are not yet accounted for."""
    output: tuple[int, bytes] | None
    """The bus address and bytes of the tile it stores when it ends."""
    begun: int
    """The cycle in which busy rose."""
    cycles: int
    """How long it is busy if nobody else wants the memory."""
    mark: Mark
    """That moment, for asking its port who did."""

    def describe(self) -> str:
        """``QK tile 3/8, inner 1/2, row block 1/4``."""
        inner_limit, tile_limit = limits(self.step, self.tiles)
        tile, inner, block = self.place
        text = f"{self.step.name} tile {tile + 1}/{tile_limit}"
        if inner_limit > 1:
            text += f", inner {inner + 1}/{inner_limit}"
        if self.step in (Step.QK, Step.AV) and self.tiles.s > 1:
            text += f", row block {block + 1}/{self.tiles.s}"
        return text
