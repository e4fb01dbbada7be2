"""Where in which file something is said."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

Key = str | int
"""A table's key, or the index of an element of an array."""
KeyPath = tuple[Key, ...]
"""The keys from a file's outermost table down to a value."""


@dataclasses.dataclass(frozen=True)
class Place:
    """A line of a file, counted from 1; 0 stands for the whole of something that is no file.

    ``depth`` is 0 for the file that was asked for, 1 for the one it extends, and so on.
    """

    source: str
    line: int
    depth: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else self.source


@dataclasses.dataclass(frozen=True)
class Places:
    """The place of every key of a table that may be put together from several files."""

    source: str = ""
    lines: Mapping[KeyPath, Place] = dataclasses.field(default_factory=dict)

    def of(self, *keys: Key) -> Place:
        """Where the value at ``keys`` is, or else the innermost of the tables around it."""
        for length in range(len(keys), 0, -1):
            if keys[:length] in self.lines:
                return self.lines[keys[:length]]
        return Place(self.source, 1)
