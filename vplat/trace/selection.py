"""Which records to keep: patterns on dotted paths."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Final

from vplat.errors import UsageError

from .record import DOINGS, Kind, Path
from .tracing import Tracing

WILDCARDS: Final = {"*": ".*", "?": "."}
BELOW: Final = r"(?:[.\[+].*)?"
"""What may follow a path that a pattern names: an element, a field, an offset."""


class Selection:
    """Patterns in which ``*`` stands for any characters and ``?`` for one.

    A pattern takes the paths that it matches as a whole and all that is below them: ``ita`` takes
    ``ita.status`` and ``ita.status.busy``. Brackets are what they look like: ``harts[3]``.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self.patterns = tuple(patterns)
        self._expressions = [re.compile(_expression(each) + BELOW) for each in patterns]

    def takes(self, paths: Iterable[str]) -> bool:
        """Whether one of the ``paths`` of a record is taken; without patterns each is."""
        if not self._expressions:
            return True
        return any(each.fullmatch(path) for path in paths for each in self._expressions)

    def check(self, owners: Sequence[str]) -> None:
        """Refuse a pattern that can match nothing that ``owners`` have: devices and harts.

        The ``UsageError`` names the owner that is spelt most alike.
        """
        for pattern in self.patterns:
            head = re.split(r"[.+]", pattern, maxsplit=1)[0]
            expression = re.compile(_expression(head) + BELOW)
            if "*" in head or any(expression.fullmatch(owner) for owner in owners):
                continue
            close = difflib.get_close_matches(head, owners, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(owners)}"
            raise UsageError(f"nothing that is traced matches {pattern!r}; {hint}")


class Narrowed:
    """What of a ledger that has been kept ``tracing`` selects."""

    def __init__(self, tracing: Tracing, owners: Sequence[str]) -> None:
        self._selection = Selection(tracing.select)
        self._selection.check(owners)
        self._begin = tracing.begin
        self._end = tracing.end
        self._known: dict[tuple[str, Kind, int], bool] = {}

    def takes(self, cycle: int, kind: Kind, hart: int, path: Path) -> bool:
        """Whether a record is selected. Counters are, whatever the patterns."""
        if cycle < self._begin or (self._end is not None and cycle >= self._end):
            return False
        key = path.name, kind, hart
        if key not in self._known:
            by_hart = f"harts[{hart}].{DOINGS[kind]}" if kind in DOINGS and hart >= 0 else ""
            taken = kind is Kind.COUNTER or self._selection.takes(path.names(by_hart))
            self._known[key] = taken
        return self._known[key]


def _expression(pattern: str) -> str:
    if not pattern.strip():
        raise UsageError("a pattern of a trace is empty; give a path like 'ita.*' or 'harts[3]'")
    return "".join(WILDCARDS.get(each) or re.escape(each) for each in pattern)
