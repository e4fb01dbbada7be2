"""What memories hold, by page; pages that nobody has written are not looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from ..board import PAGE
from ..bus import Bytes, MemoryPlace

ZEROS: Final = bytes(PAGE)
Pages = Mapping[int, bytes]
"""What pages hold, by their number in the memory; the others hold zeros. It never changes, so that
snapshots share what they have in common."""
Contents = Mapping[str, Pages]
"""What memories hold, by name."""


class Memories:
    """Records what memories hold, and puts it back, at the cost of the pages written in between.

    ``on_record`` is called whenever stores must be noted anew: harts that may store to a page
    without anybody noticing must ask again.
    """

    def __init__(self, places: Iterable[MemoryPlace], on_record: Callable[[], None]) -> None:
        self._memories: dict[str, tuple[Bytes, Bytes]] = {
            place.memory.name: (place.data, place.written) for place in places
        }
        self._recorded: dict[str, Pages] = {name: {} for name in self._memories}
        self._on_record = on_record

    def record(self) -> Contents:
        """What the memories hold now."""
        noted = False
        for name, (data, written) in self._memories.items():
            numbers = np.flatnonzero(written)
            if len(numbers):
                self._recorded[name] = _updated(self._recorded[name], data, numbers.tolist())
                written[numbers] = 0
                noted = True
        if noted:
            self._on_record()
        return dict(self._recorded)

    def put_back(self, contents: Contents) -> list[tuple[str, int, bytes]]:
        """Let the memories hold ``contents`` again.

        The pages that changed, as (memory, number, what it held before).
        """
        changed = []
        noted = False
        for name, (data, written) in self._memories.items():
            numbers: set[int] = set(np.flatnonzero(written).tolist())
            written[list(numbers)] = 0
            noted = noted or bool(numbers)
            wanted = contents[name]
            numbers.update(_different(self._recorded[name], wanted))
            for number in numbers:
                here = slice(number * PAGE, (number + 1) * PAGE)
                page = wanted.get(number, ZEROS)
                before = data[here].tobytes()
                if before != page:
                    data[here] = np.frombuffer(page, np.uint8)
                    changed.append((name, number, before))
            self._recorded[name] = wanted
        if noted:
            self._on_record()
        return changed


def _updated(pages: Pages, data: Bytes, numbers: Iterable[int]) -> Pages:
    """``pages`` with what ``data`` holds on the pages of these numbers."""
    updated = dict(pages)
    for number in numbers:
        page = data[number * PAGE : (number + 1) * PAGE].tobytes()
        if page == ZEROS:
            updated.pop(number, None)
        elif updated.get(number) != page:
            updated[number] = page
    return updated


def _different(one: Pages, other: Pages) -> Iterator[int]:
    """The numbers of the pages that may differ."""
    if one is other:
        return
    for number, page in one.items():
        if other.get(number) is not page:
            yield number
    for number in other:
        if number not in one:
            yield number
