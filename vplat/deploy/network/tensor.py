"""What a tensor holds: its element type, and its shape."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import prod

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
"""A tensor's true values. The host reference computes on these, so nothing overflows."""


class Element(Enum):
    """How one value of a tensor is stored on the cluster."""

    INT8 = "int8"
    UINT8 = "uint8"
    INT32 = "int32"

    @property
    def bytes(self) -> int:
        """What one element takes."""
        return np.dtype(self.value).itemsize

    @property
    def least(self) -> int:
        """The smallest value that it holds."""
        return int(np.iinfo(self.value).min)

    @property
    def greatest(self) -> int:
        """The largest value that it holds."""
        return int(np.iinfo(self.value).max)


@dataclass(frozen=True)
class TensorType:
    """Element type and shape; a scalar's shape is ``()``. A dimension may be 0."""

    element: Element
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of its elements."""
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        """What it takes when it is stored densely."""
        return self.size * self.element.bytes

    def __str__(self) -> str:
        return f"{self.element.value}[{', '.join(map(str, self.shape))}]"
