"""Amounts that depend on the sizes of tiles: bytes, cycles, rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import TypeAlias

Number: TypeAlias = int | Fraction


@dataclass(frozen=True)
class Term:
    """``factor`` for each combination of elements of ``axes``; of no axes, a constant."""

    factor: Fraction
    axes: tuple[str, ...]


@dataclass(frozen=True)
class Amount:
    """
    A sum of terms, each a number times the tile's extents along some axes.

    ``amount(1, "rows", "inner") + amount(4, "rows")`` are rows × inner + 4 × rows; factors may be
    fractions, as in ``amount(Fraction(306, 64 * 64), "rows", "columns")``, 306 cycles for each tile
    of 64 × 64.
    """

    terms: tuple[Term, ...]

    @property
    def axes(self) -> frozenset[str]:
        """All axes that it depends on."""
        return frozenset(axis for term in self.terms for axis in term.axes)

    def value(self, sizes: Mapping[str, int]) -> int:
        """What it is for a tile of these extents, in elements; fractions are rounded up."""
        total = sum(
            (term.factor * prod(sizes[axis] for axis in term.axes) for term in self.terms),
            Fraction(0),
        )
        return -(-total.numerator // total.denominator)

    def __add__(self, other: Amount | Number) -> Amount:
        more = other if isinstance(other, Amount) else amount(other)
        return Amount(self.terms + more.terms)

    def __mul__(self, factor: Number) -> Amount:
        return Amount(tuple(Term(term.factor * factor, term.axes) for term in self.terms))

    __radd__ = __add__
    __rmul__ = __mul__


def amount(factor: Number, *axes: str) -> Amount:
    """``factor`` times the tile's extents along ``axes``, in elements."""
    return Amount((Term(Fraction(factor), axes),))


ONE = amount(1)
NOTHING = Amount(())
