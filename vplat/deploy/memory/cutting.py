"""The tiling of a layer that lists its own ones, chosen by the board's figures."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

from .rates import Rates
from .selecting import Option, Selected, select

if TYPE_CHECKING:
    from vplat.deploy.layers import Cost, Tiling

BARRIER_INSTRUCTIONS = 40
"""Of each hart from the end of its work in a phase to the beginning of the next; estimated."""


def choose_tiling(
    layer: str, tilings: Sequence[Tiling], rates: Rates, room: int
) -> tuple[Tiling, Selected]:
    """
    The one of ``tilings`` that is expected to be the fastest of those that fit ``room`` bytes of
    L1, with the offset of each of its buffers.

    :raises vplat.errors.DeployError: none fits; the sentence says how many bytes are missing
    """
    options = [
        Option(
            cycles=expected_cycles(each.cost, rates),
            rooms=each.buffers,
            told=", ".join(f"{name} {size}" for name, size in each.sizes.items()),
        )
        for each in tilings
    ]
    selected = select(layer, options, room)
    return tilings[selected.number], selected


def expected_cycles(cost: Cost, rates: Rates) -> int:
    """
    What a layer of this cost takes on a board.

    Computing and moving go on at once, but for the first load and the last store: a phase's share.
    """
    moving = rates.dma.cycles(cost.dma_bytes) + max(cost.transfers - 1, 0) * rates.dma.latency
    outside = ceil(cost.outside_bytes * rates.cores.outside_wait_states / rates.cores.harts)
    computing = cost.compute_cycles + outside
    phases = max(cost.barriers, 1)
    exposed = ceil(min(computing, moving) / phases)
    return max(computing, moving) + exposed + phases * BARRIER_INSTRUCTIONS
