"""Numbers with SI prefixes, and foreign text made safe to draw."""

from __future__ import annotations

import re
from typing import Final

PREFIXES: Final = {
    18: "E",
    15: "P",
    12: "T",
    9: "G",
    6: "M",
    3: "k",
    0: "",
    -3: "m",
    -6: "µ",
    -9: "n",
    -12: "p",
    -15: "f",
}
LEAST_EXPONENT: Final = min(PREFIXES)
GREATEST_EXPONENT: Final = max(PREFIXES)
ESCAPE_SEQUENCE: Final = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # a control sequence: colours, cursor movements
    r"|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # a string: window titles, links
    r"|[ -/]*[0-~])?"
)
TAB_COLUMNS: Final = 8


def quantity(value: float, unit: str) -> str:
    """``value`` with three significant digits and a prefix: ``12.3 µJ``, ``0 s``, ``500 MHz``."""
    if value == 0:
        return f"0 {unit}".rstrip()
    exponent = LEAST_EXPONENT
    while exponent < GREATEST_EXPONENT and abs(value) >= 0.9995 * 10.0 ** (exponent + 3):
        exponent += 3
    scaled = value / 10.0**exponent
    decimals = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
    return f"{scaled:.{decimals}f} {PREFIXES[exponent]}{unit}".rstrip()


def count(number: int) -> str:
    """A whole number: all its digits below 10 000, three of them and a prefix above."""
    return f"{number}" if number < 10_000 else quantity(number, "")


def percent(share: float) -> str:
    """A share of 1 in per cent, five characters at most; only nothing is 0, only all is 100."""
    if 0 < share < 0.01:
        return "<1 %"
    return f"{min(int(100 * share + 0.5), 99 if share < 1 else 100)} %"


def plural(number: int, noun: str) -> str:
    """``1 finding``, ``2 findings``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def clean(text: str) -> str:
    """``text`` on one line, without escape sequences and control characters.

    Names come from files that anybody may have written, and must not steer the terminal.
    """
    if text.isascii() and text.isprintable():
        return text
    text = ESCAPE_SEQUENCE.sub("", text)
    return "".join(c if c.isprintable() else " " * c.isspace() for c in text)


def last_lines(text: str, limit: int, columns: int) -> tuple[str, ...]:
    """The last ``limit`` lines of a console as a terminal shows them, each up to ``columns`` long.

    A carriage return begins the line anew, a backspace takes back a character.
    """
    lines = text[-4 * limit * columns :].split("\n")
    if not lines[-1]:
        lines.pop()
    return tuple(_as_shown(line)[:columns] for line in lines[-limit:])


def _as_shown(line: str) -> str:
    if line.isascii() and line.isprintable():
        return line
    shown = ""
    for part in ESCAPE_SEQUENCE.sub("", line).split("\r"):
        written = "".join(_without_backspaces(part.expandtabs(TAB_COLUMNS)))
        shown = clean(written) + shown[len(written) :]
    return shown


def _without_backspaces(text: str) -> list[str]:
    kept: list[str] = []
    for character in text:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return kept
