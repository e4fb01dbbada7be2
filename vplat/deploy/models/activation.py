"""ReLU and GELU as ITA has them, each with a requantisation of its own (ita.md section 5.4)."""

from __future__ import annotations

from typing import Final

import numpy as np

from vplat.deploy.network import Element
from vplat.deploy.network.operators import ItaGelu, Relu

from .composer import Composer
from .draws import Floats
from .value import Value

SECOND: Final = -0.2888
"""I-BERT's polynomial for the error function: its coefficient of second degree."""
VERTEX: Final = -1.769
"""Where that polynomial has its vertex."""
ROOT_OF_2: Final = 1.4142135623730951


def relu(composer: Composer, x: Value, label: str) -> Value:
    """``max(x, 0)`` of an int8 tensor, requantised to fill 8 bits."""
    integers = Relu().compute((x.integers,))
    reals = None if x.reals is None else np.maximum(x.reals, 0)
    value = Value(f"{label}.relu", Element.INT8, integers, x.scale, reals)
    return composer.requantise(composer.emit("Relu", (x.name,), value), label)


def gelu(composer: Composer, x: Value, label: str, *, upright: bool = False) -> Value:
    """
    GELU of an int8 tensor, requantised to fill 8 bits.

    The hardware's result has the opposite sign, so that the scale is negative: the weights that
    follow are quantised with that in mind. Where no weights follow it is made ``upright`` by a
    negative multiplier, which the cores can apply and ITA cannot.
    """
    step = x.scale / ROOT_OF_2
    b, c = round(VERTEX / step), round(1 / (SECOND * step * step))
    integers = ItaGelu(b, c).compute((x.integers,))
    scale = x.scale * SECOND * step * step / 2
    reals = None if x.reals is None else real_gelu(x.reals)
    value = Value(f"{label}.gelu", Element.INT32, integers, scale, reals)
    composer.emit("ITAGELU", (x.name,), value, {"b": b, "c": c})
    return composer.requantise(value, label, negate=upright)


def real_gelu(x: Floats) -> Floats:
    """GELU by the error function, to seven digits (Abramowitz and Stegun 7.1.26)."""
    z = np.abs(x) / ROOT_OF_2
    t = 1 / (1 + 0.3275911 * z)
    terms = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
    tail = sum(factor * t ** (power + 1) for power, factor in enumerate(terms)) * np.exp(-z * z)
    below: Floats = x * np.where(x < 0, tail, 2 - tail) / 2
    return below
