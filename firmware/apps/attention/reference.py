"""Single-head attention as ITA computes it, step by step, from its specification alone.

This is what the firmware's results are compared with, so it shares nothing with the device's model:
plain whole-matrix arithmetic, without tiles, jobs or a 26-bit accumulator (which these sizes never
overflow). The sections cited are those of `ita.md`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.int64]

GROUP = 16
"""Columns that the softmax unit takes in at a time (section 5.3)."""
LARGEST_WEIGHT = 256
"""What a logit that equals the row's maximum weighs."""
LEAST, GREATEST = -128, 127


@dataclasses.dataclass(frozen=True)
class Requant:
    """value * mult / 2**shift, rounded half up, plus add, saturated to int8 (section 5.2)."""

    mult: int
    shift: int
    add: int = 0

    def __call__(self, accumulators: Matrix) -> Matrix:
        products = accumulators * self.mult
        half = 1 << self.shift >> 1
        scaled: Matrix = (products + half >> self.shift) + self.add
        return scaled.clip(LEAST, GREATEST)


@dataclasses.dataclass(frozen=True)
class Layer:
    """Weights [inputs, outputs], biases [outputs], and a ``Requant`` for each step.

    ``requant`` has the keys Q, K, V, QK, AV, OW, and SUM for the sum with the layer's input.
    """

    weights: Mapping[str, Matrix]
    biases: Mapping[str, Matrix]
    requant: Mapping[str, Requant]


def softmax(logits: Matrix, *, scale_bits: int = 0, unit: int = 255) -> Matrix:
    """Probabilities 0..``unit`` for each row of logits: base 2, streaming (section 5.3).

    A logit's distance to the greatest is divided by 2**``scale_bits`` and rounded: 5 in the first
    release, whose ``unit`` is 127 (`snitch-ita-cluster.md` section 9).
    """

    def halvings(distance: Matrix) -> Matrix:
        return np.minimum(distance + (1 << scale_bits >> 1) >> scale_bits, 63)

    rows, columns = logits.shape
    greatest = np.full(rows, LEAST)
    total = np.zeros(rows, np.int64)
    for first in range(0, columns, GROUP):
        group = logits[:, first : first + GROUP]
        before, greatest = greatest, np.maximum(greatest, group.max(axis=1))
        total >>= halvings(greatest - before)
        total += (LARGEST_WEIGHT >> halvings(greatest[:, None] - group)).sum(axis=1)
    inverse = unit * LARGEST_WEIGHT // total
    return inverse[:, None] >> halvings(greatest[:, None] - logits)


def attention(
    inputs: Matrix,
    layer: Layer,
    source: Matrix | None = None,
    softmax: Callable[[Matrix], Matrix] = softmax,
) -> dict[str, Matrix]:
    """Every step's result for ``inputs`` [S, E]; OUT [S, E] is that of the whole layer.

    Keys and values are made from ``source`` [S, E], from the inputs themselves if there is none.
    """
    requant = layer.requant
    sources = {"Q": inputs, "K": inputs, "V": inputs}
    if source is not None:
        sources |= {"K": source, "V": source}
    results = {
        step: requant[step](matrix @ layer.weights[step] + layer.biases[step])
        for step, matrix in sources.items()
    }
    results["QK"] = requant["QK"](results["Q"] @ results["K"].T)
    results["AV"] = requant["AV"](softmax(results["QK"]) @ results["V"])
    results["OW"] = requant["OW"](results["AV"] @ layer.weights["OW"] + layer.biases["OW"])
    results["OUT"] = requant["SUM"](results["OW"] + inputs)
    return results
