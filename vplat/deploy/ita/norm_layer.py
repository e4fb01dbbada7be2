"""Normalisation and the products of its result as one layer: harts and ITA at work together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vplat.deploy.layers import Buffer, Constant, Names
from vplat.deploy.layers.c_text import members, structure, truth
from vplat.deploy.network import Integers

from .matrices import Matrix, TileArray, product_setup
from .orders import Multiplied
from .packing import TILE_EDGE, packed_biases, tiled, tiles_for
from .planning import Plan, normalised_plan
from .product_layer import Product
from .scheduled_layer import ScheduledLayer, Target

HEADER: Final = "deploy/ita_norm.h"
MOST_PRODUCTS: Final = 3
"""A schedule has room for their matrices."""
LARGEST_WEIGHT: Final = 1 << 21
"""Of a column of iLayerNorm, whose products then stay within 29 bits (stripe_norm.h)."""
NORM_CYCLES: Final = 26
"""Of a hart for an element."""
HARTS: Final = 7
"""That normalise; on a Snitch cluster there is one more."""


@dataclass(frozen=True)
class Norm:
    """
    iLayerNorm, or with no ``bias`` iRMSNorm, of an int8 matrix: parameters by column.
    """

    source: Matrix
    weights: Integers
    bias: Integers | None
    log2_divisor: int


class NormLayer(ScheduledLayer):
    """
    Blocks of 64 rows, normalised by the harts, and multiplied by several matrices of weights.

    In ``products`` the normalised matrix is the operand that is not constant; nothing else of the
    network reads it.
    """

    kind = "norm and products"

    def __init__(
        self,
        name: str,
        nodes: tuple[str, ...],
        norm: Norm,
        products: Sequence[Product],
        target: Target,
    ) -> None:
        self.norm, self.products = norm, tuple(products)
        count = len(self.products)
        constants = [
            Constant("norm_weights", (norm.weights * 4).astype(np.int32)),
            Constant("norm_bias", _or_zeros(norm).astype(np.int32)),
        ]
        extra = [Buffer(each.name, each.values.nbytes) for each in constants]
        self._bias_offsets = self._add_biases(constants)
        weights: list[TileArray] = []
        for number, product in enumerate(self.products):
            values = product.right if _is_plain(product) else product.left
            assert not isinstance(values, Matrix)  # noqa: S101 - the other operand is constant
            constants.append(Constant(f"weights_{number}", tiled(values)))
            weights.append(TileArray(f"weights_{number}", *map(tiles_for, values.shape)))
        outs = [product.out for product in self.products]
        self.operations = sum(each.out.rows * each.out.columns * each.inner for each in products)
        matrices: list[Matrix | TileArray] = [norm.source, *weights, *outs]
        super().__init__(name, nodes, matrices, constants, target, extra, written=count)
        places = np.array([each for each in self.plan.seen if each], np.uint8).reshape(-1)
        self.constants = (*self.constants, Constant("places", places))

    def _add_biases(self, constants: list[Constant]) -> list[int]:
        """One behind the other; where each product's begin, -1 if it has none."""
        offsets, packed, size = [], [], 0
        for product in self.products:
            if product.bias is None:
                offsets.append(-1)
                continue
            count = tiles_for(len(product.bias)) * TILE_EDGE
            filled = np.zeros(count, np.int64)
            filled[: len(product.bias)] = product.bias
            packed.append(filled)
            offsets.append(size)
            size += 3 * count
        if packed:
            constants.append(Constant("biases", packed_biases(np.concatenate(packed))))
        return offsets

    def plans(self, slots: int) -> Sequence[Plan]:
        count = len(self.products)
        source, weights, outs = self.grids[0], self.grids[1 : count + 1], self.grids[count + 1 :]
        products = tuple(
            Multiplied(grid, out, not _is_plain(product), offset)
            for product, grid, out, offset in zip(
                self.products, weights, outs, self._bias_offsets, strict=True
            )
        )
        cycles = TILE_EDGE * self.norm.source.columns * NORM_CYCLES // HARTS
        plan = normalised_plan(source, products, slots, self.speeds, cycles)
        return [plan] if plan else []

    def setups(self) -> Sequence[str]:
        inner = self.grids[0].columns
        return [product_setup(inner, each.requant, each.activation) for each in self.products]

    def stage(self, names: Names) -> tuple[str, dict[str, str], tuple[str, ...]]:
        norm = {
            "columns": str(self.norm.source.columns),
            "is_centred": truth(self.norm.bias is not None),
            "log2_divisor": str(self.norm.log2_divisor),
            "weight_4": f"(const int32_t *)({names.l1('norm_weights')})",
            "bias": f"(const int32_t *)({names.l1('norm_bias')})",
        }
        values = {
            "norm": f"{{{members(norm)}}}",
            "rows": str(self.norm.source.rows),
            "places": f"(const uint8_t *)({names.constant('places')})",
            "tiles": names.l1("tiles"),
        }
        name = f"{names.prefix}_norm"
        schedule = {
            "stage": "ita_norm_block",
            "layer": f"&{name}",
            "meetings": str(self.plan.meetings),
        }
        return structure("ita_norm", name, values), schedule, (HEADER,)


def _is_plain(product: Product) -> bool:
    """Whether the normalised rows are on the left."""
    return isinstance(product.left, Matrix)


def _or_zeros(norm: Norm) -> Integers:
    return np.zeros_like(norm.weights) if norm.bias is None else norm.bias
