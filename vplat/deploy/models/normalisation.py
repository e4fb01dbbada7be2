"""LayerNorm, and MobileBERT's NoNorm, as integers (quantised-operators.md section 3.4)."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from vplat.deploy.network import Element, Integers
from vplat.deploy.network.operators import LayerNorm, NoNorm

from .composer import Composer
from .draws import Floats
from .scaling import LIMIT, reach, root_mean_square, rounded
from .value import Value

LAYER_NORM_LIMIT: Final = 100
"""What the largest result seen becomes: this operator must not be led beyond 8 bits."""
LAYER_NORM_SHIFT: Final = 12
"""Weights of some tens stand before it, so their products with 8 bits stay within 27."""
GAIN_SPREAD: Final = 0.15
OFFSET_SPREAD: Final = 0.1
NO_NORM_GAIN: Final = 80
"""What a gain of 1 is stored as, at most: gains up to 1.58 fit 8 bits."""
NO_NORM_LIMITS: Final = (0.4, 1.58)


def layer_norm(composer: Composer, x: Value, label: str) -> Value:
    """LayerNorm over the last axis; gains are around 1, offsets around 0."""
    columns = x.shape[-1]
    gains = composer.draws.around(1, GAIN_SPREAD, columns)
    offsets = composer.draws.around(0, OFFSET_SPREAD, columns)
    most = float(np.abs(_normalised(x.integers) * gains + offsets).max())
    scale = most / LAYER_NORM_LIMIT
    unit = 1 << LAYER_NORM_SHIFT
    weights = rounded(gains * (unit / scale))
    added = rounded(offsets * (unit / scale)) + unit // 2
    integers = LayerNorm(LAYER_NORM_SHIFT).compute((x.integers, weights, added))
    reals = None
    if x.reals is not None:
        centred = x.reals - x.reals.mean(axis=-1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True))
        reals = centred / deviation * gains + offsets
    operands = (
        x.name,
        composer.parameter(f"{label}.weight", weights, Element.INT32),
        composer.parameter(f"{label}.bias", added, Element.INT32),
    )
    value = Value(label, Element.INT8, integers, scale, reals)
    return composer.emit("iLayerNorm", operands, value, {"D": unit, "n_levels": 256})


def no_norm(composer: Composer, x: Value, label: str, *, spread: float = 1.0) -> Value:
    """
    NoNorm over the last axis: a gain and an offset for each channel, such that the result's root
    mean square is about ``spread``. The operator's own multiplier is 1.
    """
    columns = x.shape[-1]
    gains = np.clip(composer.draws.around(1, GAIN_SPREAD, columns), *NO_NORM_LIMITS)
    offsets = composer.draws.around(0, OFFSET_SPREAD, columns)
    products = x.integers * rounded(gains * NO_NORM_GAIN)
    widest = reach(products + rounded(offsets * root_mean_square(products)))
    # The gains' own unit takes up what is left of a power of two.
    shift = math.frexp(widest / LIMIT)[1] - 1
    unit = math.ldexp(LIMIT, shift) / widest * NO_NORM_GAIN
    weights = rounded(gains * unit)
    size = root_mean_square(x.integers * weights)
    added = rounded(offsets * size) + (1 << shift) // 2
    integers = NoNorm(1, shift).compute((x.integers, weights, added))
    step = spread / size
    reals = None
    if x.reals is not None:
        reals = x.reals * gains * (unit * step / x.scale) + offsets * spread
    operands = (
        x.name,
        composer.parameter(f"{label}.weight", weights, Element.INT8),
        composer.parameter(f"{label}.bias", added, Element.INT32),
    )
    value = Value(label, Element.INT8, integers, step * (1 << shift), reals)
    attributes = {"mul": 1, "D": 1 << shift, "n_levels": 256}
    return composer.emit("iNoNorm", operands, value, attributes)


def _normalised(x: Integers) -> Floats:
    """Rows of mean 0 and deviation 1, each value rounded the same everywhere."""
    columns = x.shape[-1]
    centred = columns * x - x.sum(axis=-1, keepdims=True)
    variance = columns * np.square(x).sum(axis=-1, keepdims=True) - np.square(
        x.sum(axis=-1, keepdims=True)
    )
    normalised: Floats = centred / np.sqrt(np.maximum(variance, 1))
    return normalised
