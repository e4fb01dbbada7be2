"""A tensor while a network is composed: its name, and what it held for the calibration samples."""

from __future__ import annotations

from dataclasses import dataclass

from vplat.deploy.network import Element, Integers

from .draws import Floats
from .scaling import root_mean_square


@dataclass(frozen=True)
class Value:
    """
    One tensor of the network.

    ``integers`` are its values for every calibration sample; their first axis tells the samples
    apart, and has length 1 in the network. ``scale`` is what one step stands for; it is negative
    where the hardware's result has the opposite sign of the real one. ``reals`` is what the network
    of floats has for the first sample, or None where that is not asked for.
    """

    name: str
    element: Element
    integers: Integers
    scale: float
    reals: Floats | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The tensor's shape in the network, for one sample."""
        return (1, *self.integers.shape[1:])

    @property
    def spread(self) -> float:
        """The root mean square of what it stands for."""
        return root_mean_square(self.integers) * abs(self.scale)
