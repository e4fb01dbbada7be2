"""Short names for layers, whose own ones are often long and alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

TELLING: Final = 3
"""Letters of a part that says something by itself."""


def telling_names(names: Sequence[str]) -> list[str]:
    """The names without the words that all of them begin with."""
    first, last = (min(names), max(names)) if len(names) > 1 else ("", "")
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    common = sum(1 for _ in alike)
    # Only whole words are left out, so that `conv1` and `conv2` do not become `1` and `2`.
    words = re.match(r".*[^A-Za-z0-9]", first[:common], re.DOTALL)
    beginning = words.end() if words else 0
    return [name[beginning:] or name for name in names]


def short_names(names: Sequence[str]) -> list[str]:
    """The names without that, and without the folders that they are in."""
    return [_last_part(name) or name for name in telling_names(names)]


def _last_part(name: str) -> str:
    parts = name.split("/")
    for number in range(len(parts) - 1, 0, -1):
        if sum(map(str.isalpha, parts[number])) >= TELLING:
            return "/".join(parts[number:])
    return name


def clipped(text: str, width: int) -> str:
    """The end of ``text``, which tells more than its beginning, in ``width`` characters."""
    return text if len(text) <= width else f"…{text[1 - width :]}"
