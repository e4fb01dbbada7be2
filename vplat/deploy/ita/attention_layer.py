"""Attention, all heads of it, as a layer on ITA."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vplat.deploy.layers import Buffer, Constant, Names
from vplat.deploy.layers.c_text import structure

from .jobs import Grid
from .matrices import Matrix, Requant, attention_setup
from .orders import Guard, Head
from .packing import (
    LEAST_BIAS,
    TILE_BIAS_BYTES,
    TILE_BYTES,
    TILE_EDGE,
    packed_biases,
    tiles_for,
)
from .planning import Plan, attention_plan
from .scheduled_layer import ScheduledLayer, Target

GUARD: Final = "deploy/ita_guard.h"
PADDED_SLOTS: Final = 3
"""Places for queries whose heads are no multiple of 64 wide."""


@dataclass(frozen=True)
class Heads:
    """
    Matrices of all heads in one tensor: the first head's, and the bytes from one to the next.
    """

    first: Matrix
    step: int

    def grid(self, number: int, head: int) -> Grid:
        """One head's tiles, as matrix ``number`` of a schedule."""
        one = self.first
        return Grid.of_rows(number, one.rows, one.columns, one.stride, head * self.step)

    def text(self, names: Names) -> str:
        """As a C initialiser of a ``struct ita_heads``."""
        return f"{{{self.first.address(names)}, {self.first.stride}, {self.step}}}"


@dataclass(frozen=True)
class Attention:
    """
    ``out = requant_mixed(softmax(requant_logits(queries @ keys.T + bias)) @ values.T)`` by head.

    Queries, keys and ``out`` are [sequence, width] by head, values [width, sequence]. ``bias`` is
    added to every logit before it is requantised.
    """

    count: int
    queries: Heads
    keys: Heads
    values: Heads
    out: Heads
    logits: Requant
    mixed: Requant
    bias: int = 0

    @property
    def sequence(self) -> int:
        """Positions."""
        return self.queries.first.rows

    @property
    def width(self) -> int:
        """Values of a position in a head."""
        return self.queries.first.columns


class AttentionLayer(ScheduledLayer):
    """Attention head by head; harts see to rows that padded keys would disturb."""

    kind = "attention"

    def __init__(
        self, name: str, nodes: tuple[str, ...], attention: Attention, target: Target
    ) -> None:
        self.attention = attention
        self.guarded = attention.sequence % TILE_EDGE > 0
        self.padded_slots = PADDED_SLOTS if attention.width % TILE_EDGE else 0
        self.operations = 2 * attention.count * attention.sequence**2 * attention.width
        constants, extra = [], []
        if self.guarded or attention.bias:
            constants.append(Constant("biases", packed_biases(_biases(attention))))
        if self.padded_slots:
            zeros = np.zeros(self.padded_slots * TILE_BYTES, np.int8)
            constants.append(Constant("zeros", zeros))
        if self.guarded:
            rows = tiles_for(attention.sequence) * TILE_EDGE
            extra.append(Buffer("marks", attention.count * rows))
        read = (attention.queries, attention.keys, attention.values)
        matrices = [each.first for each in (*read, attention.out)]
        super().__init__(name, nodes, matrices, constants, target, extra)
        if self.guarded:
            places = np.array([each for each in self.plan.seen if each], np.uint8).reshape(-1)
            self.constants = (*self.constants, Constant("places", places))

    def plans(self, slots: int) -> Sequence[Plan]:
        attention = self.attention
        columns = tiles_for(attention.sequence)
        bias = tuple(self._bias_offset(column, columns) for column in range(columns))
        heads = tuple(
            Head(
                attention.queries.grid(0, head),
                attention.keys.grid(1, head),
                attention.values.grid(2, head),
                attention.out.grid(3, head),
                bias,
            )
            for head in range(attention.count)
        )
        guards = (Guard.BESIDE, Guard.BEFORE) if self.guarded else (Guard.NONE,)
        plans = (
            attention_plan(heads, guard, slots, self.padded_slots, self.speeds) for guard in guards
        )
        return [plan for plan in plans if plan is not None]

    def _bias_offset(self, column: int, columns: int) -> int:
        if self.guarded and column == columns - 1:
            return TILE_BIAS_BYTES
        return 0 if self.attention.bias else -1

    def setups(self) -> Sequence[str]:
        attention = self.attention
        tiles = tiles_for(attention.sequence), tiles_for(attention.width)
        return [attention_setup(*tiles, attention.logits, attention.mixed)]

    def stage(self, names: Names) -> tuple[str, dict[str, str], tuple[str, ...]]:
        if not self.guarded:
            return "", {}, ()
        members = {
            "stage": "ita_guard_look",
            "layer": f"&{names.prefix}_guard",
            "meetings": str(self.plan.meetings),
        }
        return self._guard(names), members, (GUARD,)

    @property
    def _meetings(self) -> int:
        """In a block."""
        return 2 if () in self.plan.seen else 1

    def residents(self, names: Names) -> Sequence[str]:
        found = list(super().residents(names))
        if self.padded_slots:
            place = (self.plan.slots - self.padded_slots) * TILE_BYTES
            size = self.padded_slots * TILE_BYTES
            found.append(f"{{{names.l1('tiles')} + {place}, {names.constant('zeros')}, {size}}}")
        return found

    def _guard(self, names: Names) -> str:
        attention = self.attention
        values = {
            "heads": str(attention.count),
            "sequence": str(attention.sequence),
            "width": str(attention.width),
            "queries": attention.queries.text(names),
            "keys": attention.keys.text(names),
            "values": attention.values.text(names),
            "out": attention.out.text(names),
            "logits_bias": str(attention.bias) if attention.bias else "",
            "logits": attention.logits.text(),
            "mixed": attention.mixed.text(),
            "meetings": str(self._meetings),
            "places": f"(const uint8_t *)({names.constant('places')})",
            "tiles": names.l1("tiles"),
            "marks": f"(uint8_t *)({names.l1('marks')})",
        }
        return structure("ita_guard", f"{names.prefix}_guard", values)

    def after(self, names: Names) -> str:
        return f"    ita_guard_repair(&{names.prefix}_guard);\n" if self.guarded else ""


def _biases(attention: Attention) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Those of a whole tile of logits, then those of the last one, which may be cut."""
    biases = np.full(2 * TILE_EDGE, attention.bias, np.int64)
    beyond = -attention.sequence % TILE_EDGE
    if beyond:
        biases[-beyond:] = LEAST_BIAS
    return biases
