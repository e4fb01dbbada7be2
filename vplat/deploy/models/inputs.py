"""Inputs as the networks might see them: sentences, images, spectrograms, all of them drawn."""

from __future__ import annotations

from typing import Final

import numpy as np

from vplat.deploy.network import Integers

from . import dinov2, mobilebert, whisper
from .draws import Draws, Floats
from .scaling import LIMIT, rounded

VOCABULARY: Final = 256
"""Distinct words of the sentences; the first ones are the frequent ones."""
STEPS_A_DEVIATION: Final = 32
"""How many steps of int8 an input's root mean square is, about."""


def sentence(shared: Draws, own: Draws, sequence: int) -> Floats:
    """Embedded tokens, [sequence, 512]: a word's vector, its position's, and some context."""
    words = shared.normal(VOCABULARY, mobilebert.HIDDEN)
    places = shared.normal(sequence, mobilebert.HIDDEN)
    # The product of two even draws prefers small numbers, as frequent words are preferred.
    tokens = own.below(VOCABULARY, sequence) * own.below(VOCABULARY, sequence) // VOCABULARY
    context = own.normal(sequence, mobilebert.HIDDEN)
    vectors: Floats = 0.8 * words[tokens] + 0.4 * places + 0.4 * context
    return vectors


def image(_shared: Draws, own: Draws, sequence: int) -> Floats:
    """A normalised image, [3, rows, columns]: areas of colour, and texture on them."""
    rows, columns = dinov2.patch_grid(sequence)
    shape = (dinov2.COLOURS, rows * dinov2.PATCH, columns * dinov2.PATCH)
    return own.smooth(shape, (49, 21, 7, 2, 1))


def spectrogram(_shared: Draws, own: Draws, sequence: int) -> Floats:
    """A log-mel spectrogram, [80, frames]: events of some length, bands of some width."""
    shape = (1, whisper.MELS, whisper.FRAMES_A_POSITION * sequence)
    field: Floats = own.smooth(shape, (40, 16, 8, 3, 1))[0]
    return field


def quantised(drawn: Floats) -> Integers:
    """As int8: a step is 1 / `STEPS_A_DEVIATION`."""
    return np.clip(rounded(drawn * STEPS_A_DEVIATION), -LIMIT, LIMIT)
