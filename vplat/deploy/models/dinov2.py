"""DINOv2-Small (arXiv 2304.07193): a ViT-S/14 with LayerScale, for 240 patches of an image."""

from __future__ import annotations

from math import isqrt
from typing import Final

from vplat.errors import DeployError

from . import pre_norm
from .composer import Composer
from .normalisation import layer_norm
from .pre_norm import pre_norm_layer
from .products import convolution
from .value import Value

WIDTH: Final = 384
HEADS: Final = 6
HIDDEN: Final = 1536
PATCH: Final = 14
COLOURS: Final = 3
POSITION_SPREAD: Final = 0.5
LAYER_SCALE: Final = (1.0, 0.12)
"""Mean and deviation of LayerScale's factors."""


def patch_grid(sequence: int) -> tuple[int, int]:
    """Rows and columns of patches, as nearly square as can be: 240 are 15 by 16."""
    patches = sequence - 1
    rows = next((rows for rows in range(isqrt(max(patches, 0)), 0, -1) if patches % rows == 0), 0)
    if not rows:
        raise DeployError(f"a sequence of {sequence} has no patches beside its class token; take 2")
    return rows, patches // rows


def compose(composer: Composer, image: Value, layers: int) -> Value:
    """The normalised hidden states [1, S, 384], of an image [1, 3, 14 * rows, 14 * columns]."""
    x = _embedded(composer, image)
    for index in range(layers):
        scales = (
            composer.draws.around(*LAYER_SCALE, WIDTH),
            composer.draws.around(*LAYER_SCALE, WIDTH),
        )
        x = pre_norm_layer(
            composer, x, f"layer{index}", heads=HEADS, hidden=HIDDEN, key_bias=True, scales=scales
        )
    return layer_norm(composer, x, "norm")


def multiply_accumulates(layers: int, sequence: int) -> int:
    """Of the patch embedding and all products."""
    patches = (sequence - 1) * COLOURS * PATCH * PATCH * WIDTH
    return patches + layers * pre_norm.multiply_accumulates(sequence, WIDTH, HIDDEN)


def _embedded(composer: Composer, image: Value) -> Value:
    sums = convolution(composer, image, "patches.sums", WIDTH, (PATCH, PATCH), stride=PATCH, pad=0)
    patches = composer.requantise(sums, "patches.grid")
    count = patches.shape[2] * patches.shape[3]
    rows = composer.reshape(patches, "patches.flat", WIDTH, count)
    rows = composer.transpose(rows, "patches", 0, 2, 1)
    first = composer.constant("class_token", composer.draws.normal(1, 1, WIDTH), rows.scale)
    tokens = composer.concat("tokens", 1, first, rows)
    places = composer.draws.around(0, POSITION_SPREAD, 1, count + 1, WIDTH)
    positions = composer.constant("positions", places, tokens.scale)
    return composer.requantise(composer.add("embedded.sum", tokens, positions), "embedded")
