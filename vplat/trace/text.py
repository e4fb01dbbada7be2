"""The ledger as text: one line an entry, in columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from .record import Entry, Kind
from .wording import VERBS, in_words, shown_details, subject

CYCLE, HART, VERB, SUBJECT, WHAT = 12, 4, 9, 34, 44
"""Widths of the columns; what is longer pushes the rest of its line along."""
HIDDEN: Final = (Kind.FUNCTION, Kind.COUNTER)
"""What other views are recorded for."""


def text_lines(entries: Iterable[Entry], *, functions: bool = False) -> Iterator[str]:
    """A line for each entry; changes of function only where ``functions`` asks for them."""
    for entry in entries:
        if entry.kind not in HIDDEN or (functions and entry.kind is Kind.FUNCTION):
            yield line(entry)


def line(entry: Entry) -> str:
    """When, who, what was done to what, and where in the source."""
    who = f"h{entry.hart}" if entry.hart >= 0 else "-"
    what = in_words(entry)
    if entry.kind is Kind.BEGIN and entry.details:
        what = f"{what}: {shown_details(entry.details)}"
    columns = (
        f"{entry.cycle:>{CYCLE},}",
        f"{who:>{HART}}",
        f"{VERBS[entry.kind]:<{VERB}}",
        f"{subject(entry):<{SUBJECT}}",
        f"{what:<{WHAT}}",
        str(entry.place),
    )
    return " ".join(columns).rstrip()
