"""Which pages the engine hands to the machine, for all who watch some."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from .pages import WATCHED_PAGES

if TYPE_CHECKING:
    from .machine import Machine

RESERVED_FOR_HTIF: Final = 2
MOST_PAGES: Final = WATCHED_PAGES - RESERVED_FOR_HTIF
"""How many pages can be watched, by all together."""
Interests = Mapping[int, tuple[bool, bool]]
"""By the page's address: whether loads from it, and whether stores to it, are watched."""


class WatchedPages:
    """What a debugger and a checker watch of one machine; neither knows of the other."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._wanted: dict[str, Interests] = {}
        self._told: dict[int, tuple[bool, bool]] = {}

    def room(self, owner: str) -> int:
        """How many pages ``owner`` can watch beside what others do."""
        others = {page for each, pages in self._wanted.items() if each != owner for page in pages}
        return MOST_PAGES - len(others)

    def want(self, owner: str, pages: Interests) -> None:
        """``owner`` watches these pages and no others; at most ``room(owner)``."""
        self._wanted[owner] = dict(pages)
        wanted: dict[int, tuple[bool, bool]] = {}
        for interests in self._wanted.values():
            for page, (loads, stores) in interests.items():
                before = wanted.get(page, (False, False))
                wanted[page] = before[0] or loads, before[1] or stores
        none = False, False
        # First those that are free again: there is room for so many only.
        for page in sorted({*self._told, *wanted}, key=lambda each: (each in wanted, each)):
            loads, stores = wanted.get(page, none)
            if (loads, stores) != self._told.get(page, none):
                always = page in self._machine.accesses.watched
                self._machine.engine.watch(page, loads=loads, stores=stores or always)
        self._told = wanted
