"""Bounds of a tensor's values that may vary along its axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .tensor import Integers, TensorType


@dataclass(frozen=True)
class Interval:
    """
    Every element of a tensor of ``shape`` is within ``least`` and ``greatest`` at its place. Both
    have the tensor's rank; where the tensor's axis is longer, an axis of length 1 stands for it.
    """

    least: Integers
    greatest: Integers
    shape: tuple[int, ...]

    @classmethod
    def flat(cls, least: int, greatest: int, shape: tuple[int, ...]) -> Interval:
        """The same bounds everywhere."""
        ones = (1,) * len(shape)
        low, high = (np.full(ones, bound, dtype=np.int64) for bound in (least, greatest))
        return cls(low, high, shape)

    @classmethod
    def of_type(cls, kind: TensorType) -> Interval:
        """What the element type holds."""
        return cls.flat(kind.element.least, kind.element.greatest, kind.shape)

    @classmethod
    def known(cls, values: Integers) -> Interval:
        """A constant's."""
        return cls(values, values, values.shape)

    @classmethod
    def around(cls, candidates: Sequence[Integers], shape: tuple[int, ...]) -> Interval:
        """What bounds arrays that broadcast to ``shape``, element by element."""
        low, high = np.minimum.reduce(candidates), np.maximum.reduce(candidates)
        ranked = (1,) * (len(shape) - low.ndim) + low.shape
        return cls(low.reshape(ranked), high.reshape(ranked), shape)

    @property
    def corners(self) -> tuple[Integers, Integers]:
        """Both bounds: what is monotone takes its extremes there."""
        return self.least, self.greatest

    def everywhere(self) -> tuple[int, int]:
        """The bounds of the whole tensor; 0 and 0 if it has no elements."""
        if not self.least.size:
            return 0, 0
        return int(self.least.min()), int(self.greatest.max())

    def over(self, axes: Iterable[int]) -> Interval:
        """Bounds that are the same all along these axes."""
        chosen = tuple(axes)
        if not self.least.size:
            return Interval.flat(0, 0, self.shape)
        return Interval(
            self.least.min(axis=chosen, keepdims=True),
            self.greatest.max(axis=chosen, keepdims=True),
            self.shape,
        )

    def with_value(self, value: int) -> Interval:
        """The bounds of these elements and of others that are ``value``."""
        low, high = np.minimum(self.least, value), np.maximum(self.greatest, value)
        return Interval(low, high, self.shape)

    def within(self, least: int, greatest: int) -> Interval:
        """The bounds after saturation."""
        low, high = (np.clip(corner, least, greatest) for corner in self.corners)
        return Interval(low, high, self.shape)
