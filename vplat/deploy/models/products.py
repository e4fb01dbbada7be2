"""Linear layers and convolutions: drawn weights, whose spread is set by what comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from vplat.deploy.network import Element, Integers
from vplat.deploy.network.operators import Convolution, MatMul

from .composer import Composer
from .draws import Floats
from .scaling import LIMIT, root_mean_square, rounded
from .value import Value

CHANNEL_SPREAD = 0.15
"""How much the deviation of the weights differs from one output channel to the next."""
BIAS_SPREAD = 0.2
"""Of biases, as a part of the results' spread."""

Apply = Callable[[Floats, Floats], Floats]
"""Inputs and weights to sums: the layer itself."""


def linear(
    composer: Composer,
    x: Value,
    label: str,
    outputs: int,
    *,
    spread: float = 1.0,
    bias: bool = True,
    gains: Floats | None = None,
) -> Value:
    """
    The int32 sums of a linear layer over the last axis.

    The weights are drawn, and scaled so that the results' root mean square is ``spread``, as
    training leaves them. ``bias`` adds one, which also takes out each channel's mean.

    :param gains: factors of the output channels, like a LayerScale's
    """
    channels = 1 + CHANNEL_SPREAD * composer.draws.normal(outputs)
    channels = channels if gains is None else channels * gains
    drawn = composer.draws.normal(x.shape[-1], outputs) * channels
    weights, step = _quantised(drawn)
    integers = MatMul().compute((x.integers, weights))
    unit = spread / root_mean_square(integers)
    stored = composer.parameter(f"{label}.weight", weights, Element.INT8)
    reals = None if x.reals is None else x.reals @ (drawn * (step * unit / x.scale))
    name = f"{label}.product" if bias else label
    value = Value(name, Element.INT32, integers, unit, reals)
    composer.emit("MatMul", (x.name, stored), value)
    return _biased(composer, value, label) if bias else value


def convolution(
    composer: Composer,
    x: Value,
    label: str,
    outputs: int,
    kernel: Sequence[int],
    *,
    stride: int,
    pad: int,
    spread: float = 1.0,
    bias: bool = True,
) -> Value:
    """The int32 sums of a convolution, as `linear` has them of a linear layer."""
    rank = len(kernel)
    channels = (1 + CHANNEL_SPREAD * composer.draws.normal(outputs)).reshape(-1, *(1,) * (rank + 1))
    drawn = composer.draws.normal(outputs, x.shape[1], *kernel) * channels
    weights, step = _quantised(drawn)
    strides, pads = (stride,) * rank, (pad,) * (2 * rank)
    operator = Convolution(strides, pads, (1,) * rank)
    integers = operator.compute((x.integers, weights))
    unit = spread / root_mean_square(integers)
    reals = None
    if x.reals is not None:
        reals = convolved(x.reals, drawn * (step * unit / x.scale), stride, pad)
    operands = [x.name, composer.parameter(f"{label}.weight", weights, Element.INT8)]
    if bias:
        added = _bias(composer, integers, 1)
        operands.append(composer.parameter(f"{label}.bias", added, Element.INT32))
        integers = integers + added.reshape(-1, *(1,) * rank)
        reals = None if reals is None else reals + added.reshape(-1, *(1,) * rank) * unit
    attributes = {
        "kernel_shape": list(kernel),
        "strides": list(strides),
        "pads": list(pads),
        "dilations": [1] * rank,
        "group": 1,
    }
    value = Value(label, Element.INT32, integers, unit, reals)
    return composer.emit("Conv", operands, value, attributes)


def convolved(x: Floats, weights: Floats, stride: int, pad: int) -> Floats:
    """A convolution of floats; any number of axes."""
    rank = x.ndim - 2
    padded = np.pad(x, [(0, 0), (0, 0), *[(pad, pad)] * rank])
    axes = tuple(range(2, 2 + rank))
    seen = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[2:], axes)
    taken = seen[(slice(None), slice(None), *[slice(None, None, stride)] * rank)]
    sums = np.tensordot(taken, weights, ((1, *range(2 + rank, 2 + 2 * rank)), (1, *axes)))
    return np.moveaxis(sums, -1, 1)


def _quantised(drawn: Floats) -> tuple[Integers, float]:
    """Weights as int8, and how many steps a drawn 1 is."""
    step = LIMIT / float(np.abs(drawn).max())
    return rounded(drawn * step), step


def _bias(composer: Composer, sums: Integers, axis: int) -> Integers:
    """One addend for each channel: a drawn one, less the channel's mean."""
    others = tuple(each for each in range(sums.ndim) if each != axis)
    count = sums.size // sums.shape[axis]
    mean = sums.sum(axis=others) // count
    drawn = composer.draws.normal(sums.shape[axis]) * (BIAS_SPREAD * root_mean_square(sums))
    added: Integers = rounded(drawn) - mean
    return added


def _biased(composer: Composer, x: Value, label: str) -> Value:
    added = _bias(composer, x.integers, x.integers.ndim - 1)
    stored = composer.parameter(f"{label}.bias", added, Element.INT32)
    reals = None if x.reals is None else x.reals + added * x.scale
    value = Value(label, Element.INT32, x.integers + added, x.scale, reals)
    return composer.emit("Add", (x.name, stored), value)
