"""Sums element by element, each operand scaled, as products with diagonal matrices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vplat.deploy.layers import Constant
from vplat.deploy.network import Integers

from .matrices import (
    IDENTITY,
    Activation,
    Matrix,
    Requant,
    TileArray,
    constant_operand,
    product_setup,
)
from .packing import TILE_EDGE, diagonal_tile, packed_biases, tiles_for
from .planning import Plan, sum_plan
from .scheduled_layer import ScheduledLayer, Target


@dataclass(frozen=True)
class ScaledSum:
    """
    ``out = activate(requant(sum of scales[i] * operands[i] + bias))``, matrices of one shape.

    An operand may be constant. ``scales`` are int8: [operands, columns], or [operands] where
    columns have the same. ``bias`` has a value for each column.
    """

    operands: tuple[Matrix | Integers, ...]
    scales: Integers
    out: Matrix
    requant: Requant
    bias: Integers | None = None
    activation: Activation = IDENTITY


class SumLayer(ScheduledLayer):
    """A sum of scaled matrices: residual additions, NoNorm, requantisation."""

    kind = "sum"

    def __init__(
        self, name: str, nodes: tuple[str, ...], scaled: ScaledSum, target: Target
    ) -> None:
        self.scaled, self._one_scale = scaled, scaled.scales.ndim == 1
        constants = [Constant("scales", _diagonals(scaled))]
        if scaled.bias is not None:
            constants.append(Constant("biases", packed_biases(scaled.bias)))
        columns = 1 if self._one_scale else tiles_for(scaled.out.columns)
        weights = TileArray("scales", len(scaled.operands), columns)
        self.operations = scaled.out.rows * scaled.out.columns * len(scaled.operands)
        operands = [
            constant_operand(f"operand_{number}", each, constants)
            for number, each in enumerate(scaled.operands)
        ]
        super().__init__(name, nodes, (*operands, weights, scaled.out), constants, target)

    def plans(self, slots: int) -> Sequence[Plan]:
        *operands, weights, out = self.grids
        biased = self.scaled.bias is not None
        plan = sum_plan(tuple(operands), weights, out, self._one_scale, biased, slots, self.speeds)
        return [plan] if plan else []

    def setups(self) -> Sequence[str]:
        scaled = self.scaled
        return [product_setup(len(scaled.operands), scaled.requant, scaled.activation)]


def _diagonals(scaled: ScaledSum) -> Integers:
    """Tiles of weights, those of an operand side by side."""
    scales = scaled.scales
    if scales.ndim == 1:
        scales = scales[:, None].repeat(TILE_EDGE, axis=1)
    cut = range(0, scales.shape[1], TILE_EDGE)
    tiles = [diagonal_tile(row[at : at + TILE_EDGE]) for row in scales for at in cut]
    return np.stack(tiles)
