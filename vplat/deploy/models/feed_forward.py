"""Two linear layers with an activation between them, added to what came in."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import TypeAlias

from .composer import Composer
from .draws import Floats
from .products import linear
from .value import Value

Activation: TypeAlias = Callable[[Composer, Value, str], Value]


def feed_forward(
    composer: Composer,
    x: Value,
    residual: Value,
    label: str,
    *,
    hidden: int,
    parts: int,
    activation: Activation,
    share: float,
    gains: Floats | None = None,
) -> Value:
    """
    The int32 sum of ``residual`` and the two layers' result for ``x``.

    The hidden channels are cut into ``parts``, each a pair of products of its own, because ITA sums
    over 960 at most (ita.md section 3.1); their results are int8 at the residual's scale.

    :param share: the result's spread as a part of the residual's
    :param gains: factors of the result's channels, like a LayerScale's
    """
    spread = share * residual.spread / sqrt(parts)
    results = []
    for part in range(parts):
        place = f"{label}.{part}" if parts > 1 else label
        first = linear(composer, x, f"{place}.in.sums", hidden // parts)
        inner = composer.requantise(first, f"{place}.in")
        active = activation(composer, inner, f"{place}.active")
        second = linear(
            composer,
            active,
            f"{place}.out.sums",
            residual.shape[-1],
            spread=spread,
            gains=gains,
        )
        results.append(composer.requantise(second, f"{place}.out", to=residual.scale))
    return composer.add(f"{label}.sum", residual, *results)
