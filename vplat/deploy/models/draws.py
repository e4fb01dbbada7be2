"""
Random numbers that are the same on every machine.

Every draw is made of raw 64-bit words of a PCG64 generator, whose stream numpy guarantees, and of
integer arithmetic: no logarithm, no cosine, nothing that rounds differently elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

OCTETS: Final = 8
"""A 64-bit word is eight octets; their sum is close to normal, and at most 4.9 deviations wide."""
MEAN: Final = 255 * OCTETS // 2
DEVIATION: Final = 209.023922
"""Of the sum of eight octets: the root of 8 * (256 * 256 - 1) / 12."""


class Draws:
    """One stream of random numbers, told apart from others by ``key``."""

    def __init__(self, *key: int) -> None:
        self._words = np.random.PCG64(np.random.SeedSequence(key))

    def normal(self, *shape: int) -> Floats:
        """Values of mean 0 and deviation 1, none beyond 4.9."""
        words = self._raw(math.prod(shape))
        octets = words.view(np.uint8).reshape(-1, OCTETS)
        sums = octets.sum(axis=1, dtype=np.int16).astype(np.float64)
        values: Floats = ((sums - MEAN) / DEVIATION).reshape(shape)
        return values

    def around(self, centre: float, deviation: float, *shape: int) -> Floats:
        """Values of mean ``centre``, none beyond 4.9 deviations."""
        return centre + deviation * self.normal(*shape)

    def below(self, limit: int, *shape: int) -> npt.NDArray[np.int64]:
        """Whole numbers from 0 to ``limit`` - 1; ``limit`` is far below 2^32."""
        high = (self._raw(math.prod(shape)) >> np.uint64(32)).astype(np.int64)
        return ((high * limit) >> 32).reshape(shape)

    def smooth(self, shape: Sequence[int], grains: Sequence[int]) -> Floats:
        """
        A field like an image or a spectrogram: as many layers of noise as there are ``grains``,
        each constant over squares of that many points; the coarse ones are the stronger. Its
        deviation is 1.

        :param shape: channels, rows, columns
        """
        channels, rows, columns = shape
        field, power = np.zeros((channels, rows, columns)), 0.0
        for grain in grains:
            coarse = self.normal(channels, -(-rows // grain), -(-columns // grain))
            fine = coarse.repeat(grain, axis=1).repeat(grain, axis=2)
            strength = 1 + grain / max(grains)
            field += fine[:, :rows, :columns] * strength
            power += strength * strength
        return field / math.sqrt(power)

    def _raw(self, count: int) -> npt.NDArray[np.uint64]:
        return np.asarray(self._words.random_raw(count), dtype=np.uint64)
