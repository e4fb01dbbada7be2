"""Which values each tensor of a network can have, whatever its inputs are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .graph import Network
from .interval import Interval
from .operators import Requantise
from .tensor import Element, Integers


@dataclass(frozen=True)
class Range:
    """Every value is at least ``least`` and at most ``greatest``."""

    least: int
    greatest: int

    def within(self, least: int, greatest: int) -> bool:
        """Whether no value is outside these bounds."""
        return least <= self.least and self.greatest <= greatest

    @property
    def bits(self) -> int:
        """How wide a signed integer must be to hold every value."""
        ends = (each if each >= 0 else ~each for each in (self.least, self.greatest))
        return max(end.bit_length() for end in ends) + 1

    def __str__(self) -> str:
        return f"{self.least} to {self.greatest}"


def value_ranges(network: Network, inputs: Mapping[str, Range] | None = None) -> dict[str, Range]:
    """
    The range of every tensor; constants have theirs exactly, and products the worst case over all
    values of their operands with the weights that they have. Inputs have what their element type
    holds, or less, if ``inputs`` says so.

    A range may exceed its element type: then the network can overflow (`overflows` says where),
    and what follows is worked out as if it could not.
    """
    intervals: dict[str, Interval] = {}
    for name in network.inputs:
        kind = network.types[name]
        given = (inputs or {}).get(name, Range(kind.element.least, kind.element.greatest))
        intervals[name] = Interval.flat(given.least, given.greatest, kind.shape)
    for name, values in network.constants.items():
        intervals[name] = Interval.known(values)
    ranges = {name: Range(*each.everywhere()) for name, each in intervals.items()}
    for node in network.nodes:
        result = network.types[node.output]
        interval = node.operator.bounds([intervals[name] for name in node.inputs], result)
        ranges[node.output] = Range(*interval.everywhere()) if result.size else Range(0, 0)
        element = result.element
        intervals[node.output] = interval.within(element.least, element.greatest)
    return ranges


def overflows(network: Network, ranges: Mapping[str, Range]) -> list[str]:
    """A sentence for every node whose result can leave its element type."""
    found = []
    for node in network.nodes:
        element = network.types[node.output].element
        if not ranges[node.output].within(element.least, element.greatest):
            found.append(
                f"node '{node.name}' can reach {ranges[node.output]}, which is not {element.value};"
                " whether it does depends on the inputs"
            )
    return found


def range_before_shift(operator: Requantise, x: Range, mult: Integers, add: Integers) -> Range:
    """
    The range of ``x * mult + add + half``, what a requantisation shifts: 32 bits are enough for it
    if it is within int32.
    """
    half = (1 << operator.shift) >> 1
    corners = [corner * mult + add + half for corner in (x.least, x.greatest)]
    bounds = [(int(each.min()), int(each.max())) for each in corners]
    return Range(min(low for low, _ in bounds), max(high for _, high in bounds))


INT32 = Range(Element.INT32.least, Element.INT32.greatest)
"""What a 32-bit register holds."""
