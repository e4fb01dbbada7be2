"""Numbers as people read them."""

from __future__ import annotations

from typing import Final

PREFIXES: Final = (
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "µ"),
    (1e-9, "n"),
    (1e-12, "p"),
)


def engineering(value: float, unit: str, digits: int = 3) -> str:
    """``value`` with the prefix that leaves one to three digits before the point: ``12.3 µJ``.

    ``digits`` are significant ones.
    """
    size = abs(value)
    for factor, prefix in PREFIXES:
        if size >= factor * 0.9995:
            return f"{_significant(value / factor, digits)} {prefix}{unit}"
    return f"0 {unit}" if not size else f"{value:.{digits}g} {unit}"


def share(part: float, whole: float) -> str:
    """``part`` of ``whole`` in per cent, "-" of nothing."""
    return f"{100 * part / whole:.1f} %" if whole else "-"


def size(count: int) -> str:
    """A number of bytes, exactly where it is a round one: ``128 KiB``."""
    for factor, unit in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= factor:
            return f"{count / factor:.4g} {unit}"
    return f"{count} B"


def ranges(numbers: list[int]) -> str:
    """Ascending numbers as people list them: ``0-3, 5``."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"{low}-{high}" if high > low else f"{low}" for low, high in spans)


def _significant(value: float, digits: int) -> str:
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 1
    return f"{value:.{max(digits - whole, 0)}f}"
