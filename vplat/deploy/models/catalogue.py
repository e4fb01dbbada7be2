"""The networks there are: their sizes, their inputs, and who composes them."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from vplat.errors import DeployError

from . import dinov2, inputs, mobilebert, whisper
from .composer import Composer
from .draws import Draws, Floats
from .value import Value


@dataclass(frozen=True)
class Description:
    """
    One network of the paper.

    ``draw`` makes one input of a sequence length from what all inputs share and what one has of its
    own, without the leading axis; its root mean square is about 1. ``layers`` and ``sequence`` are
    the full size, ``longest`` is the longest sequence that its positions allow.
    """

    name: str
    title: str
    layers: int
    sequence: int
    longest: int
    width: int
    heads: int
    input: str
    takes: str
    gives: str
    draw: Callable[[Draws, Draws, int], Floats]
    compose: Callable[[Composer, Value, int], Value]
    multiply_accumulates: Callable[[int, int], int]

    def sized(self, layers: int | None, sequence: int | None) -> tuple[int, int]:
        """Layers and sequence as asked for, or in full."""
        found = self.layers if layers is None else layers
        if not 1 <= found <= self.layers:
            raise DeployError(f"{self.name} has 1 to {self.layers} layers, not {found}")
        length = self.sequence if sequence is None else sequence
        if not 2 <= length <= self.longest:
            raise DeployError(f"{self.name} takes sequences of 2 to {self.longest}, not {length}")
        return found, length


NETWORKS: Final = {
    each.name: each
    for each in (
        Description(
            name="mobilebert",
            title="MobileBERT",
            layers=24,
            sequence=128,
            longest=512,
            width=mobilebert.HIDDEN,
            heads=mobilebert.HEADS,
            input="embedded",
            takes="embedded tokens [1, S, 512], after the embeddings' NoNorm",
            gives="hidden states [1, S, 512] of the last layer",
            draw=inputs.sentence,
            compose=mobilebert.compose,
            multiply_accumulates=mobilebert.multiply_accumulates,
        ),
        Description(
            name="dinov2-small",
            title="DINOv2-Small",
            layers=12,
            sequence=241,
            longest=1370,
            width=dinov2.WIDTH,
            heads=dinov2.HEADS,
            input="image",
            takes="an image [1, 3, 14 rows, 14 columns], normalised; S - 1 patches",
            gives="normalised hidden states [1, S, 384], the class token's first",
            draw=inputs.image,
            compose=dinov2.compose,
            multiply_accumulates=dinov2.multiply_accumulates,
        ),
        Description(
            name="whisper-tiny-encoder",
            title="Whisper-Tiny encoder",
            layers=4,
            sequence=512,
            longest=1500,
            width=whisper.WIDTH,
            heads=whisper.HEADS,
            input="spectrogram",
            takes="a log-mel spectrogram [1, 80, 2 S]",
            gives="normalised hidden states [1, S, 384]",
            draw=inputs.spectrogram,
            compose=whisper.compose,
            multiply_accumulates=whisper.multiply_accumulates,
        ),
    )
}
"""Every network by its name."""


def describe(name: str) -> Description:
    """
    The network of that name.

    :raises DeployError: there is none; the sentence names those there are
    """
    found = NETWORKS.get(name)
    if found is None:
        close = difflib.get_close_matches(name, NETWORKS, 1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(NETWORKS)}"
        raise DeployError(f"there is no network {name!r}; {hint}")
    return found
