"""Where a network of integers meets the real numbers of the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vplat.deploy.network import Integers

Reals = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Boundary:
    """
    What the integers of an input or an output stand for: ``real = scale * (integer - zero)``.

    ``scale`` is a scalar, or broadcasts to the tensor. Integers are rounded to the nearest, halves
    to even, as ONNX's ``Round`` does; ``zero_first`` says that zero is added before.
    """

    scale: Reals
    zero: int
    least: int
    greatest: int
    zero_first: bool = False

    def integers(self, reals: Reals) -> Integers:
        """What a network computes on for these numbers, which are finite; saturated."""
        steps = reals.astype(np.float32) / self.scale.astype(np.float32)
        if self.zero_first:
            rounded = np.rint(steps + np.float32(self.zero))
        else:
            rounded = np.rint(steps) + np.float32(self.zero)
        return np.clip(rounded, self.least, self.greatest).astype(np.int64)

    def reals(self, integers: Integers) -> Reals:
        """What a network's integers stand for, float32."""
        steps = (integers - self.zero).astype(np.float32)
        result: Reals = steps * self.scale.astype(np.float32)
        return result
