"""Requantisation as the kernels know it: `struct rescale`, and arrays of scales."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vplat.deploy.network import Element, Integers
from vplat.deploy.network.operators import Requantise

from .c_text import array, wide


@dataclass(frozen=True)
class Rescale:
    """A `Requantise` with its constants: ``mult`` and ``before``, which has the half, broadcast."""

    operator: Requantise
    mult: Integers
    before: Integers

    @classmethod
    def of(cls, operator: Requantise, mult: Integers, add: Integers) -> Rescale:
        """From the node's operands."""
        half = (1 << operator.shift) >> 1
        return cls(operator, np.asarray(mult, np.int64), np.asarray(add, np.int64) + half)

    @property
    def element(self) -> Element:
        """What it makes."""
        return self.operator.element

    @property
    def is_scalar(self) -> bool:
        """Whether all elements have the same scale."""
        return self.mult.size == 1 and self.before.size == 1

    @property
    def fits_words(self) -> bool:
        """Whether scales may be arrays of int32."""
        info = np.iinfo(np.int32)
        return all(
            info.min <= int(values.min()) and int(values.max()) <= info.max
            for values in (self.mult, self.before)
            if values.size
        )

    def axes(self, rank: int) -> frozenset[int]:
        """The axes, from 0, of a tensor of ``rank`` along which scales differ."""
        found = set()
        for values in (self.mult, self.before):
            for axis, length in enumerate(values.shape, rank - values.ndim):
                if length != 1:
                    found.add(axis)
        return frozenset(found)

    def along(self, axis: int, shape: tuple[int, ...]) -> tuple[Integers, Integers]:
        """``mult`` and ``before`` for each index along the one axis on which they differ."""
        return tuple(  # type: ignore[return-value]
            np.broadcast_to(
                values.reshape((1,) * (len(shape) - values.ndim) + values.shape),
                [length if i == axis else 1 for i, length in enumerate(shape)],
            ).reshape(-1)
            for values in (self.mult, self.before)
        )

    def initialisers(self, shape: tuple[int, ...]) -> list[str]:
        """A C initialiser for each element of ``shape``, which the scales broadcast to."""
        mults = np.broadcast_to(self.mult, shape).reshape(-1)
        befores = np.broadcast_to(self.before, shape).reshape(-1)
        return [
            initialiser(self.operator, int(mult), int(before))
            for mult, before in zip(mults, befores, strict=True)
        ]

    def declaration(self, name: str, shape: tuple[int, ...] = ()) -> str:
        """An array of `struct rescale`; one, if no shape is given."""
        if not shape and self.is_scalar:
            return array(
                "struct rescale",
                name,
                [initialiser(self.operator, int(self.mult.flat[0]), int(self.before.flat[0]))],
            )
        if not shape:
            return array("struct rescale", name, [initialiser(self.operator, 1, 0)])
        return array("struct rescale", name, self.initialisers(shape))


def initialiser(operator: Requantise, mult: int, before: int) -> str:
    """A `struct rescale` in braces."""
    element = operator.element
    return (
        f"{{.mult = {wide(mult)}, .before = {wide(before)}, .shift = {operator.shift}, "
        f".least = {element.least}, .greatest = {element.greatest}}}"
    )
