"""Which step and tile a job belongs to: the engine's own counters (`ita.md` section 3.1)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import NamedTuple

COUNTER_MODULUS = 1 << 11
"""The counters have 11 bits; only a TILES that changed on the way takes one that far."""


class Layer(enum.IntEnum):
    """CTRL_ENGINE.layer."""

    ATTENTION = 0
    FEEDFORWARD = 1
    LINEAR = 2
    SINGLE_ATTENTION = 3


class Step(enum.IntEnum):
    """What the engine computes; all but IDLE are steps of a layer."""

    IDLE = 0
    Q = 1
    K = 2
    V = 3
    QK = 4
    AV = 5
    OW = 6
    F1 = 7
    F2 = 8
    MATMUL = 9

    @property
    def requant_index(self) -> int:
        """Which entry of the requantisation registers applies (`ita.md` section 2.2)."""
        return 0 if self in (Step.MATMUL, Step.IDLE) else self - Step.Q


class Tiles(NamedTuple):
    """TILES: sequence, embedding, projection and feed-forward size, in tiles of 64."""

    s: int
    e: int
    p: int
    f: int

    def counted_by(self, layer: Layer) -> tuple[int, ...]:
        """The counts a layer depends on."""
        match layer:
            case Layer.FEEDFORWARD:
                return self.s, self.e, self.f
            case Layer.SINGLE_ATTENTION:
                return self.s, self.p
            case _:
                return self.s, self.e, self.p


FIRST_STEP = {
    Layer.ATTENTION: Step.Q,
    Layer.FEEDFORWARD: Step.F1,
    Layer.LINEAR: Step.MATMUL,
    Layer.SINGLE_ATTENTION: Step.QK,
}
_NEXT_STEP = {
    Step.Q: Step.K,
    Step.K: Step.V,
    Step.V: Step.QK,
    Step.QK: Step.AV,
    Step.OW: Step.IDLE,
    Step.F1: Step.F2,
    Step.F2: Step.IDLE,
    Step.MATMUL: Step.IDLE,
}


def limits(step: Step, tiles: Tiles) -> tuple[int, int]:
    """How many inner tiles make an output tile in ``step``, and how many of those the step has."""
    s, e, p, f = tiles
    match step:
        case Step.QK:
            return p, s
        case Step.AV:
            return s, p
        case Step.OW:
            return p, s * e
        case Step.F1:
            return e, s * f
        case Step.F2:
            return f, s * e
        case _:
            return e, s * p


_ONE_EACH = Tiles(1, 1, 1, 1)


@dataclass(slots=True)
class Sequence:
    """The counters; they keep their values until the sequence of jobs is complete."""

    step: Step = Step.IDLE
    layer: Layer = Layer.ATTENTION
    """The layer and the counts the sequence began with."""
    tiles: Tiles = _ONE_EACH
    inner: int = 0
    tile: int = 0
    block: int = 0
    """The row block of 64 rows, in QK and AV."""

    def begin(self, layer: Layer, tiles: Tiles) -> None:
        """A job starts: leave Idle for the layer's first step; elsewhere nothing happens."""
        if self.step is Step.IDLE:
            self.step = FIRST_STEP[layer]
            self.layer, self.tiles = layer, tiles

    def is_last_inner(self, tiles: Tiles) -> bool:
        """Whether the job under way completes an output tile."""
        return self.inner == limits(self.step, tiles)[0] - 1

    def advance(self, layer: Layer, tiles: Tiles) -> None:
        """A job has ended."""
        self.inner = (self.inner + 1) % COUNTER_MODULUS
        self.settle(layer, tiles)

    def settle(self, layer: Layer, tiles: Tiles) -> bool:
        """End the inner loop if ``tiles`` says that it is complete; True if that moved a counter.

        The hardware compares in every cycle, also between jobs, with the registers it sees then
        (`ita.md` section 11).
        """
        if self.step is Step.IDLE or self.inner == 0:
            return False
        inner_limit, tile_limit = limits(self.step, tiles)
        if self.inner != inner_limit:
            return False
        self.inner = 0
        self.tile = (self.tile + 1) % COUNTER_MODULUS
        if self.tile == tile_limit:
            self.tile = 0
            self._leave(layer, tiles)
        return True

    def _leave(self, layer: Layer, tiles: Tiles) -> None:
        if self.step is not Step.AV:
            self.step = _NEXT_STEP[self.step]
            return
        self.block = (self.block + 1) % COUNTER_MODULUS
        if self.block != tiles.s:
            self.step = Step.QK
            return
        self.block = 0
        # Any other layer matches no way out of AV, and the engine stays in it.
        if layer is Layer.ATTENTION:
            self.step = Step.OW
        elif layer is Layer.SINGLE_ATTENTION:
            self.step = Step.IDLE
