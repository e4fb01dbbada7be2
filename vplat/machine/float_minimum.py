"""The smaller and the larger of two binary floating-point numbers, as F and D have them.

minimumNumber and maximumNumber of IEEE 754-2019 (RISC-V unprivileged ISA manual, section
"Single-Precision Floating-Point Computational Instructions"). A NaN gives way to a number, two NaNs
make the canonical NaN, -0 is below +0, and a signalling NaN raises the invalid flag.
"""

from __future__ import annotations

from typing import Final

FRACTION_BITS: Final = {32: 23, 64: 52}
"""Width of the fraction field by width of the format."""
WORD: Final = 0xFFFF_FFFF


def is_nan(bits: int, width: int) -> bool:
    """Whether the low ``width`` bits, 32 or 64, encode a NaN."""
    return _magnitude(bits, width) > _infinity(width)


def is_signalling(bits: int, width: int) -> bool:
    """Whether the low ``width`` bits encode a NaN whose quiet bit is clear."""
    return is_nan(bits, width) and not bits >> (FRACTION_BITS[width] - 1) & 1


def minimum(first: int, second: int, width: int) -> tuple[int, bool]:
    """The bits of the smaller of two numbers of ``width`` bits, and whether the flag NV is raised.

    The result is 64 bits wide: a number of 32 bits has ones above it, as a NaN-boxed value.
    """
    return _choose(first, second, width, greatest=False)


def maximum(first: int, second: int, width: int) -> tuple[int, bool]:
    """The larger of two numbers; otherwise like ``minimum``."""
    return _choose(first, second, width, greatest=True)


def _choose(first: int, second: int, width: int, *, greatest: bool) -> tuple[int, bool]:
    numbers = [each for each in (first, second) if not is_nan(each, width)]
    invalid = is_signalling(first, width) or is_signalling(second, width)
    pick = max if greatest else min
    if numbers:
        chosen = pick(numbers, key=lambda bits: _rank(bits, width)) & ((1 << width) - 1)
    else:
        chosen = _infinity(width) | 1 << (FRACTION_BITS[width] - 1)
    return (chosen | WORD << 32 if width == 32 else chosen), invalid


def _infinity(width: int) -> int:
    fraction = FRACTION_BITS[width]
    return (1 << (width - 1 - fraction)) - 1 << fraction


def _magnitude(bits: int, width: int) -> int:
    return bits & ((1 << (width - 1)) - 1)


def _rank(bits: int, width: int) -> int:
    """An integer that orders numbers as their values, and -0 below +0."""
    magnitude = _magnitude(bits, width)
    return ~magnitude if bits >> (width - 1) & 1 else magnitude
