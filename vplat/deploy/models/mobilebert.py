"""MobileBERT's encoder (arXiv 2004.02984): 24 layers with bottlenecks and four stacked FFNs."""

from __future__ import annotations

from typing import Final

from .activation import relu
from .attention import attend
from .composer import Composer
from .feed_forward import feed_forward
from .normalisation import no_norm
from .products import linear
from .value import Value

HIDDEN: Final = 512
"""The width between layers."""
BOTTLENECK: Final = 128
"""The width within a layer."""
HEADS: Final = 4
INTERMEDIATE: Final = 512
FEED_FORWARDS: Final = 4
ATTENTION_SHARE: Final = 0.2
"""The spread of what attention adds, as a part of the spread of what it is added to."""
SHARE: Final = 0.35
"""The same of feed-forward, and of what leaves the layer."""


def compose(composer: Composer, embedded: Value, layers: int) -> Value:
    """The last layer's hidden states, of embeddings that are [1, S, 512]."""
    hidden = embedded
    for index in range(layers):
        hidden = _layer(composer, hidden, f"layer{index}")
    return hidden


def multiply_accumulates(layers: int, sequence: int) -> int:
    """Of all products; biases, sums and norms are not counted."""
    bottlenecks = 3 * HIDDEN * BOTTLENECK
    projections = (2 * BOTTLENECK + HIDDEN + BOTTLENECK) * BOTTLENECK
    attention = 2 * sequence * BOTTLENECK
    feed_forwards = FEED_FORWARDS * 2 * BOTTLENECK * INTERMEDIATE
    return layers * sequence * (bottlenecks + projections + attention + feed_forwards)


def _layer(composer: Composer, hidden: Value, label: str) -> Value:
    def projected(x: Value, name: str, outputs: int = BOTTLENECK) -> Value:
        sums = linear(composer, x, f"{label}.{name}.sums", outputs)
        return composer.requantise(sums, f"{label}.{name}")

    # The NoNorms of the two bottlenecks follow a linear layer at once: they are in its weights.
    entered = projected(hidden, "bottleneck.input")
    shared = projected(hidden, "bottleneck.attention")
    context = attend(
        composer,
        projected(shared, "attention.query"),
        projected(shared, "attention.key"),
        projected(hidden, "attention.value"),
        f"{label}.attention",
        HEADS,
    )
    inner = _added(composer, context, entered, f"{label}.attention.output", ATTENTION_SHARE)
    for index in range(FEED_FORWARDS):
        place = f"{label}.ffn{index}"
        total = feed_forward(
            composer,
            inner,
            inner,
            place,
            hidden=INTERMEDIATE,
            parts=1,
            activation=relu,
            share=SHARE,
        )
        inner = _normed(composer, total, place)
    return _added(composer, inner, hidden, f"{label}.bottleneck.output", SHARE)


def _added(composer: Composer, x: Value, residual: Value, label: str, share: float) -> Value:
    """A linear layer of ``x``, added to ``residual``, and NoNorm of the sum."""
    spread = share * residual.spread
    sums = linear(composer, x, f"{label}.sums", residual.shape[-1], spread=spread)
    result = composer.requantise(sums, f"{label}.dense", to=residual.scale)
    return _normed(composer, composer.add(f"{label}.sum", residual, result), label)


def _normed(composer: Composer, total: Value, label: str) -> Value:
    return no_norm(composer, composer.requantise(total, f"{label}.added"), f"{label}.norm")
