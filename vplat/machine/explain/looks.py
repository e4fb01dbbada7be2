"""When to look whether the machine goes round for ever."""

from __future__ import annotations

from typing import Final

FIRST_LOOK: Final = 1 << 18
"""Cycles before the first look for harts that go round for ever."""


def next_look(now: int) -> int:
    """The cycle of the next look after ``now``: it depends on nothing else.

    There is one each time the run has become twice as long, so that what they cost stays small.
    """
    return max(FIRST_LOOK, 1 << now.bit_length())
