"""
What a float tensor of the file is, in terms of integers.

Between DequantizeLinear and QuantizeLinear the file speaks of real numbers. The lowering keeps, for
each of them, how it follows from integer tensors, and makes integer operators of that once a
QuantizeLinear says at what scale the result is to be stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vplat.deploy.network import Element, Integers

Reals: TypeAlias = npt.NDArray[np.float64]
Mapped: TypeAlias = Callable[[Reals], Reals]


@dataclass(frozen=True)
class Stored:
    """An 8-bit tensor of the network: real = scale * (integer - zero)."""

    tensor: str
    element: Element
    shape: tuple[int, ...]
    scale: float
    zero: int

    def codes(self) -> Integers:
        """All integers that it can hold, in the order of the bytes that store them, 0 to 255."""
        codes = np.arange(256, dtype=np.int64)
        return codes if self.element is Element.UINT8 else np.where(codes < 128, codes, codes - 256)

    def reals(self) -> Reals:
        """What `codes` stand for."""
        return self.scale * (self.codes() - self.zero).astype(np.float64)


@dataclass(frozen=True)
class Function:
    """A function of one 8-bit tensor, value by value."""

    of: Stored
    function: Mapped

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its argument."""
        return self.of.shape

    def reals(self) -> Reals:
        """What each of the argument's `codes` becomes; outside its domain, what numpy says."""
        with np.errstate(all="ignore"):
            return np.asarray(self.function(self.of.reals()), dtype=np.float64)


@dataclass(frozen=True)
class Term:
    """An integer tensor times a real scale, which broadcasts to it."""

    tensor: str
    scale: Reals
    magnitude: int
    """No value of the tensor is further from 0."""


@dataclass(frozen=True)
class Sum:
    """A sum of integer tensors, each times its scale, and of a constant that broadcasts to it."""

    terms: tuple[Term, ...]
    offset: Reals
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Normalised:
    """LayerNormalization, or RMS normalisation, along the last axis of a stored tensor."""

    of: Stored
    weight: Reals
    bias: Reals
    epsilon: float
    centres: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its argument."""
        return self.of.shape


@dataclass(frozen=True)
class Probabilities:
    """Softmax along the last axis of a stored tensor."""

    of: Stored

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its argument."""
        return self.of.shape


@dataclass(frozen=True)
class Known:
    """Numbers that are known: a parameter, or a shape."""

    array: npt.NDArray[np.generic]

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape."""
        return self.array.shape

    def reals(self) -> Reals:
        """As real numbers."""
        return self.array.astype(np.float64)


@dataclass(frozen=True)
class Weights:
    """A quantised parameter: real = scale * (integers - zero), along one axis or for all of it."""

    integers: Integers
    scale: Reals
    """Broadcasts to `integers`."""
    zero: Integers
    """The same."""
    element: Element

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape."""
        return self.integers.shape

    def reals(self) -> Reals:
        """What it stands for."""
        return self.scale * (self.integers - self.zero).astype(np.float64)


@dataclass(frozen=True)
class Entering:
    """A float input of the network that nobody has quantised yet."""

    name: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Joined:
    """Values one after the other along an axis."""

    parts: tuple[Value, ...]
    axis: int
    shape: tuple[int, ...]


Value: TypeAlias = (
    Entering | Function | Joined | Known | Normalised | Probabilities | Stored | Sum | Weights
)
