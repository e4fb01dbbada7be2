"""The streaming integer softmax, base 2 (`ita.md` section 5.3).

The older scale is in `snitch-ita-cluster.md`, section 9.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .layout import TILE_EDGE
from .revision import Revision

GROUP_COLUMNS = 16
"""Logits of a row that the hardware takes at a time."""
SUM_BITS = 19
ONE = 256
"""The weight of a logit that equals the row's maximum."""
_LOWEST_LOGIT = -128


class SoftmaxRows:
    """The statistics of a block of rows: running maximum, running sum, and its inverse.

    Logits are added in column order with `accumulate`, after `begin`; `divide` ends the row, and
    `probabilities` then turns the same logits into u8 weights. The grouping is part of the result,
    because each growth of a maximum truncates the sum so far.
    """

    __slots__ = ("_half", "_shift", "_unit", "inverse", "maximum", "total")

    def __init__(self, revision: Revision, rows: int = TILE_EDGE) -> None:
        self._shift = revision.softmax_shift
        self._half = (1 << self._shift) >> 1
        self._unit = revision.softmax_unit
        self.maximum = np.zeros(rows, np.int8)
        self.total = np.zeros(rows, np.uint32)
        self.inverse = np.zeros(rows, np.uint32)

    def begin(self) -> None:
        """Forget the rows before: the next logits are the first of their row."""
        self.maximum.fill(_LOWEST_LOGIT)
        self.total.fill(0)

    def accumulate(self, logits: NDArray[np.int8]) -> None:
        """Add the next columns [rows, 16 * groups] of every row."""
        rows, columns = logits.shape
        groups = np.ascontiguousarray(logits.T).reshape(-1, GROUP_COLUMNS, rows)
        maxima = np.empty((1 + columns // GROUP_COLUMNS, rows), np.int8)
        maxima[0] = self.maximum
        np.maximum.reduce(groups, axis=1, out=maxima[1:])
        np.maximum.accumulate(maxima, axis=0, out=maxima)
        peaks = maxima.view(np.uint8)
        weights = np.uint32(ONE) >> self._exponents(peaks[1:, None] - groups.view(np.uint8))
        sums = np.add.reduce(weights, axis=1, dtype=np.uint32)
        growth = self._exponents(peaks[1:] - peaks[:-1])
        total = self.total
        for group_sum, exponent in zip(sums, growth, strict=True):
            total = (total >> exponent) + group_sum
        self.maximum[:] = maxima[-1]
        np.bitwise_and(total, (1 << SUM_BITS) - 1, out=self.total)

    def divide(self) -> None:
        """Compute the inverses; a sum above ``unit * 256`` gives 0, a row of zeros."""
        # A sum of 0 takes 2048 columns, more than tile counts allow; no quotient is defined for it.
        np.floor_divide(np.uint32(self._unit * ONE), np.maximum(self.total, 1), out=self.inverse)

    def probabilities(self, logits: NDArray[np.int8]) -> NDArray[np.uint8]:
        """The weights, 0..255, of logits [rows, columns] by the inverses of their rows."""
        distances = self.maximum.view(np.uint8)[:, None] - logits.view(np.uint8)
        return (self.inverse[:, None] >> self._exponents(distances)).astype(np.uint8)

    def _exponents(self, distances: NDArray[np.uint8]) -> NDArray[np.uint32]:
        exponents = distances.astype(np.uint32)
        if self._shift:
            exponents += np.uint32(self._half)
            exponents >>= np.uint32(self._shift)
        return exponents


def streaming_softmax(logits: NDArray[np.int8], revision: Revision) -> NDArray[np.uint8]:
    """The probabilities of whole rows [rows, columns]; columns are a multiple of 16."""
    rows = SoftmaxRows(revision, len(logits))
    rows.begin()
    rows.accumulate(logits)
    rows.divide()
    return rows.probabilities(logits)
