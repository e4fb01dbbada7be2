"""The layer that vision transformers and Whisper share: norms before attention and feed-forward."""

from __future__ import annotations

from typing import Final

from .activation import gelu
from .attention import attend
from .composer import Composer
from .draws import Floats
from .feed_forward import feed_forward
from .normalisation import layer_norm
from .products import linear
from .value import Value

ATTENTION_SHARE: Final = 0.2
"""The spread of what attention adds, as a part of the spread of what it is added to."""
FEED_FORWARD_SHARE: Final = 0.35
"""The same of feed-forward."""
PARTS: Final = 2
"""The hidden 1536 channels are two products of 768."""


def pre_norm_layer(
    composer: Composer,
    x: Value,
    label: str,
    *,
    heads: int,
    hidden: int,
    key_bias: bool,
    scales: tuple[Floats, Floats] | None = None,
) -> Value:
    """
    One encoder layer: the residual stream [1, S, E] in and out.

    :param hidden: the feed-forward network's width
    :param scales: LayerScale's factors after attention and after feed-forward
    """
    after_attention, after_feed_forward = scales or (None, None)
    middle = _attention(composer, x, label, heads, key_bias, after_attention)
    total = feed_forward(
        composer,
        layer_norm(composer, middle, f"{label}.norm2"),
        middle,
        f"{label}.ffn",
        hidden=hidden,
        parts=PARTS,
        activation=gelu,
        share=FEED_FORWARD_SHARE,
        gains=after_feed_forward,
    )
    return composer.requantise(total, f"{label}.ffn")


def _attention(
    composer: Composer, x: Value, label: str, heads: int, key_bias: bool, gains: Floats | None
) -> Value:
    """The residual stream with attention's result added."""
    normed = layer_norm(composer, x, f"{label}.norm1")
    width = x.shape[-1]

    def projected(name: str, *, bias: bool = True) -> Value:
        place = f"{label}.attention.{name}"
        sums = linear(composer, normed, f"{place}.sums", width, bias=bias)
        return composer.requantise(sums, place)

    context = attend(
        composer,
        projected("query"),
        projected("key", bias=key_bias),
        projected("value"),
        f"{label}.attention",
        heads,
    )
    place, spread = f"{label}.attention.output", ATTENTION_SHARE * x.spread
    sums = linear(composer, context, f"{place}.sums", width, spread=spread, gains=gains)
    result = composer.requantise(sums, f"{place}.dense", to=x.scale)
    return composer.requantise(composer.add(f"{place}.sum", x, result), place)


def multiply_accumulates(sequence: int, width: int, hidden: int) -> int:
    """Of one layer's products."""
    return sequence * (4 * width * width + 2 * sequence * width + 2 * width * hidden)
