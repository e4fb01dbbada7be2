"""Call stacks of a hart, put together from its changes of function."""

from __future__ import annotations

from typing import Final

from .record import Arrival

DEEPEST: Final = 128
"""Calls that are kept; what is deeper replaces the innermost one."""


class CallStack:
    """The functions that a hart is in, the outermost first.

    It is exact but for what changes no function: a function that calls itself is in it once.
    """

    def __init__(self) -> None:
        self.functions: list[str] = []
        self._interrupted = False

    def interrupt(self) -> None:
        """What is entered next is a handler, and returns to here."""
        self._interrupted = True

    def enter(self, function: str, how: Arrival) -> tuple[int, bool]:
        """The hart goes on in ``function``.

        How many functions it leaves, the innermost first, and whether it enters one: it does not
        where it returns to one that it is in.
        """
        calls = self._interrupted or how is Arrival.CALL
        self._interrupted = False
        if calls and len(self.functions) < DEEPEST:
            self.functions.append(function)
            return 0, True
        if how is Arrival.RETURN and function in self.functions[:-1]:
            left = self.functions[::-1].index(function, 1)
            del self.functions[-left:]
            return left, False
        left = len(self.functions[-1:])
        self.functions[-1:] = [function]
        return left, True
