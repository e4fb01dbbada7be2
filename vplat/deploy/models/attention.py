"""Multi-head attention with ITA's softmax (ita.md section 5.3)."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from vplat.deploy.network import Element, Integers
from vplat.deploy.network.operators import MatMul, Softmax2

from .composer import Composer
from .draws import Floats
from .scaling import root_mean_square
from .value import Value

NUMERATOR: Final = 65280
GROUP: Final = 16
LN2: Final = 0.6931471805599453
"""What one step of the logits stands for: the softmax is of base 2."""
ATTENDED: Final = 10
"""About how many positions share a row's attention."""


def attend(composer: Composer, q: Value, k: Value, v: Value, label: str, heads: int) -> Value:
    """
    The heads' results side by side, int8, of queries, keys and values that are so, too.

    The queries' projection is taken to be such that the logits have the spread that leaves a row
    to about `ATTENDED` positions: the division by the root of the head's width is in it.
    """
    rows, width = q.shape[1], q.shape[2]

    def split(x: Value, name: str, *axes: int) -> Value:
        parted = composer.reshape(x, f"{label}.{name}.parted", rows, heads, width // heads)
        return composer.transpose(parted, f"{label}.{name}.heads", *axes)

    queries = split(q, "query", 0, 2, 1, 3)
    keys = split(k, "key", 0, 2, 3, 1)
    values = split(v, "value", 0, 2, 1, 3)
    scores = _scores(composer, queries, keys, f"{label}.scores")
    weights = _softmax(composer, scores, f"{label}.weights")
    reals = None
    if weights.reals is not None and values.reals is not None:
        reals = weights.reals @ values.reals
    sums = Value(
        f"{label}.context.product",
        Element.INT32,
        MatMul().compute((weights.integers, values.integers)),
        weights.scale * values.scale,
        reals,
    )
    composer.emit("MatMul", (weights.name, values.name), sums)
    context = composer.requantise(sums, f"{label}.context.heads")
    joined = composer.transpose(context, f"{label}.context.joined", 0, 2, 1, 3)
    return composer.reshape(joined, f"{label}.context", rows, width)


def _scores(composer: Composer, queries: Value, keys: Value, label: str) -> Value:
    """Logits in steps of ln 2."""
    integers = MatMul().compute((queries.integers, keys.integers))
    rows = integers.shape[-1]
    # One digit, because the logarithm's last one differs from machine to machine.
    wanted = round(math.sqrt(math.log(max(rows / ATTENDED, 2.0))), 1)
    unit = wanted / _spread_in_rows(integers)
    reals = None
    if queries.reals is not None and keys.reals is not None:
        gain = unit / (queries.scale * keys.scale)
        reals = queries.reals @ keys.reals * gain
    value = Value(f"{label}.product", Element.INT32, integers, unit, reals)
    composer.emit("MatMul", (queries.name, keys.name), value)
    return composer.requantise(value, label, to=LN2)


def _softmax(composer: Composer, scores: Value, label: str) -> Value:
    integers = Softmax2(NUMERATOR, 0, GROUP).compute((scores.integers,))
    # The weights' truncation leaves rows short of 1, alike in all of them: the scale makes up.
    scale = integers.size / integers.shape[-1] / int(integers.sum())
    reals = None if scores.reals is None else real_softmax(scores.reals)
    value = Value(label, Element.UINT8, integers, scale, reals)
    attributes = {"numerator": NUMERATOR, "step": 0, "group": GROUP}
    return composer.emit("ITASoftmax", (scores.name,), value, attributes)


def real_softmax(logits: Floats) -> Floats:
    """Softmax over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    weights: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return weights


def _spread_in_rows(sums: Integers) -> float:
    """The root mean square of the distances from the rows' means."""
    means = sums.sum(axis=-1, keepdims=True) // sums.shape[-1]
    return root_mean_square(sums - means)
