"""The encoder of Whisper-Tiny (arXiv 2212.04356): two convolutions and four layers."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from . import pre_norm
from .activation import gelu
from .composer import Composer
from .draws import Floats
from .normalisation import layer_norm
from .pre_norm import pre_norm_layer
from .products import convolution
from .value import Value

WIDTH: Final = 384
HEADS: Final = 6
HIDDEN: Final = 1536
MELS: Final = 80
KERNEL: Final = 3
FRAMES_A_POSITION: Final = 2
"""The second convolution's stride."""
LONGEST_PERIOD: Final = 10_000
PARTS: Final = 2
"""The second convolution sums over 1152, which are two products of 576."""


def compose(composer: Composer, spectrogram: Value, layers: int) -> Value:
    """The normalised hidden states [1, S, 384], of a log-mel spectrogram [1, 80, 2 S]."""
    x = _embedded(composer, spectrogram)
    for index in range(layers):
        x = pre_norm_layer(composer, x, f"layer{index}", heads=HEADS, hidden=HIDDEN, key_bias=False)
    return layer_norm(composer, x, "norm")


def multiply_accumulates(layers: int, sequence: int) -> int:
    """Of both convolutions and all products."""
    first = FRAMES_A_POSITION * sequence * KERNEL * MELS * WIDTH
    second = sequence * KERNEL * WIDTH * WIDTH
    return first + second + layers * pre_norm.multiply_accumulates(sequence, WIDTH, HIDDEN)


def _embedded(composer: Composer, spectrogram: Value) -> Value:
    """
    Both convolutions, and the positions added.

    The channels between the two are cut in halves, each a tensor of its own, because ITA sums over
    960 at most (ita.md section 3.1).
    """
    halves = []
    for part in range(PARTS):
        place = f"conv1.{part}"
        sums = convolution(
            composer, spectrogram, f"{place}.sums", WIDTH // PARTS, (KERNEL,), stride=1, pad=1
        )
        inner = composer.requantise(sums, f"{place}.in")
        active = gelu(composer, inner, place)
        halves.append(
            convolution(
                composer,
                active,
                f"conv2.{part}.sums",
                WIDTH,
                (KERNEL,),
                stride=FRAMES_A_POSITION,
                pad=1,
            )
        )
    total = _joined(composer, *halves)
    active = gelu(composer, composer.requantise(total, "conv2.in"), "conv2", upright=True)
    rows = composer.transpose(active, "frames", 0, 2, 1)
    positions = composer.constant("positions", sinusoids(rows.shape[1]), rows.scale)
    return composer.requantise(composer.add("embedded.sum", rows, positions), "embedded")


def _joined(composer: Composer, first: Value, second: Value) -> Value:
    """The sum of two halves, each brought to 8 bits at one scale."""
    left = composer.requantise(first, "conv2.0")
    return composer.add("conv2.sum", left, composer.requantise(second, "conv2.1", to=left.scale))


def sinusoids(length: int) -> Floats:
    """Whisper's positions, [1, length, 384]: sines, then cosines, of periods up to 10000 * 2 pi."""
    channels = np.arange(WIDTH // 2)
    rate = math.log(LONGEST_PERIOD) / (WIDTH // 2 - 1)
    angles = np.arange(length)[:, None] * np.exp(-rate * channels)[None, :]
    waves: Floats = np.concatenate((np.sin(angles), np.cos(angles)), axis=1)[None]
    return waves
