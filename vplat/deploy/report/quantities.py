"""Numbers as a report prints them."""

from __future__ import annotations

from typing import Final

PREFIXES: Final = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "µ"))
SIZES: Final = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def quantity(value: float, unit: str = "", digits: int = 3) -> str:
    """``value`` with a prefix and so many significant digits: ``12.3 mJ``."""
    near = 1 - 0.5 * 10**-digits
    smallest = (1e-9, "n") if value else (1.0, "")
    factor, prefix = next((each for each in PREFIXES if abs(value) >= each[0] * near), smallest)
    scaled = value / factor
    before = len(str(int(abs(scaled) + 0.5 * 10**-digits)))
    text = f"{scaled:.{max(0, digits - before)}f}"
    return f"{text} {prefix}{unit}".rstrip()


def plain(value: float) -> str:
    """``value`` without a prefix, to three digits or to the whole number."""
    return f"{value:,.0f}" if abs(value) >= 99.95 else f"{value:.3g}"


def percent(share: float) -> str:
    """``share`` in per cent, coarser where it is large enough."""
    value = 100 * share
    if 0 < value < 0.05:
        return "< 0.1 %"
    return f"{value:.1f} %" if 0 < value < 9.95 else f"{value:.0f} %"


def size(count: int) -> str:
    """A number of bytes: ``128 KiB``."""
    for factor, unit in SIZES:
        if count >= factor:
            return f"{count / factor:.4g} {unit}"
    return f"{count} B"
