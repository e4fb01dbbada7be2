"""One table of a board file, read key by key with its types checked."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from typing import Final

from vplat.errors import BoardError
from vplat.model.field import no_such

from ..place import Key, KeyPath, Place, Places

WORD: Final = 0xFFFF_FFFF
LONGEST_SHOWN: Final = 60
LARGEST_DECIMAL: Final = 0xFFFF
"""Above it an integer that is not round is an address, which people read in hexadecimal."""
UNITS: Final = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_SIZE: Final = re.compile(r"([0-9]{1,12}) ?([A-Za-z]+)")


def shown(value: object) -> str:
    """A value as a message shows it: short, on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, int):
        is_count = abs(value) <= LARGEST_DECIMAL or (value % 1000 == 0 and value < WORD**2)
        text = str(value) if is_count else f"{value:#x}"
    else:
        text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


class Section:
    """A table of the board.

    Its methods take one key each and raise a ``BoardError`` that names file and line where the
    value is missing, of the wrong type or out of range. ``finish`` refuses keys that nobody took.
    """

    def __init__(self, values: Mapping[str, object], places: Places, keys: KeyPath = ()) -> None:
        self._values, self.places, self.keys = values, places, keys
        self._taken: set[str] = set()

    @property
    def title(self) -> str:
        """The table as its header names it."""
        if not self.keys:
            return "the board"
        first, *rest = self.keys
        return f"[{first}{''.join(f'[{k}]' if isinstance(k, int) else f'.{k}' for k in rest)}]"

    def place(self, *keys: Key) -> Place:
        """Where ``keys`` below this table are; the table itself without any."""
        return self.places.of(*self.keys, *keys)

    def error(self, problem: str, *keys: Key) -> BoardError:
        """The exception for what is wrong with the value at ``keys``."""
        return BoardError(f"{self.place(*keys)}: {problem}")

    def names(self) -> list[str]:
        """The keys that are there, all of them taken by that."""
        self._taken.update(self._values)
        return list(self._values)

    def has(self, key: str) -> bool:
        """Whether the key is there; it is known then, whatever its value."""
        self._taken.add(key)
        return key in self._values

    def value(self, key: str, example: str) -> object:
        """The value of a key that must be there."""
        if not self.has(key):
            raise self.error(f"{self.title} has no {key!r}; add one, like {key} = {example}")
        return self._values[key]

    def wrong(self, key: str, wanted: str, example: str) -> BoardError:
        """The exception for a value of another type than is ``wanted``."""
        found = shown(self._values[key])
        return self.error(
            f"{key!r} in {self.title} must be {wanted}, not {found}; write it like {example}", key
        )

    def text(self, key: str, example: str, default: str | None = None) -> str:
        """A string."""
        if default is not None and not self.has(key):
            return default
        value = self.value(key, example)
        if not isinstance(value, str):
            raise self.wrong(key, "a string", example)
        return value

    def boolean(self, key: str, default: bool) -> bool:
        """True or false."""
        if not self.has(key):
            return default
        value = self._values[key]
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false", "true")
        return value

    def integer(
        self,
        key: str,
        example: str,
        default: int | None = None,
        *,
        minimum: int = 0,
        maximum: int = WORD,
    ) -> int:
        """An integer within the bounds."""
        if default is not None and not self.has(key):
            return default
        value = self.value(key, example)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, "an integer", example)
        if not minimum <= value <= maximum:
            raise self.error(
                f"{key!r} in {self.title} is {shown(value)}; "
                f"it must be {shown(minimum)} to {shown(maximum)}",
                key,
            )
        return value

    def amount(self, key: str, example: str) -> int:
        """An address or a number of bytes: an integer, or a string like "128 KiB"."""
        value = self.value(key, example)
        if not isinstance(value, str):
            return self.integer(key, example, maximum=WORD + 1)
        match = _SIZE.fullmatch(value)
        if match is None or match[2] not in UNITS:
            raise self.wrong(key, "an integer or a string with B, KiB, MiB or GiB", example)
        number = int(match[1]) * UNITS[match[2]]
        if number > WORD + 1:
            raise self.error(f"{key!r} in {self.title} is {value!r}; it must be at most 4 GiB", key)
        return number

    def number(self, key: str, example: str) -> float:
        """A number above zero."""
        value = self.value(key, example)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(key, "a number", example)
        if not (value > 0 and math.isfinite(value)):
            raise self.error(
                f"{key!r} in {self.title} is {shown(value)}; it must be above 0, like {example}",
                key,
            )
        return float(value)

    def texts(self, key: str, example: str) -> tuple[str, ...]:
        """A string or an array of them; none where the key is missing."""
        if not self.has(key):
            return ()
        value = self._values[key]
        several = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) for each in several):
            raise self.wrong(key, "a string or an array of strings", example)
        return tuple(several)

    def section(self, key: str, example: str = "{}") -> Section:
        """The table at ``key``; an empty one where it is missing."""
        value = self._values[key] if self.has(key) else {}
        if not isinstance(value, dict):
            raise self.wrong(key, "a table", example)
        return Section(value, self.places, (*self.keys, key))

    def rows(self, key: str, example: str) -> list[Section]:
        """The tables in the array at ``key``; none where it is missing."""
        value = self._values[key] if self.has(key) else []
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self.wrong(key, "an array of tables", example)
        path = (*self.keys, key)
        return [Section(row, self.places, (*path, index)) for index, row in enumerate(value)]

    def names_or_rows(self, key: str, example: str) -> list[str | Section]:
        """The strings and tables in the array at ``key``, one alone being one of them."""
        value = self._values[key] if self.has(key) else []
        several = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str | dict) for each in several):
            raise self.wrong(key, "an array of strings and tables", example)
        path = (*self.keys, key)
        return [
            Section(each, self.places, (*path, index)) if isinstance(each, dict) else each
            for index, each in enumerate(several)
        ]

    def integers(
        self, key: str, example: str, *, minimum: int = 0, maximum: int = WORD
    ) -> tuple[int, ...]:
        """The integers of the array at ``key``, each within the bounds."""
        value = self.value(key, example)
        several = value if isinstance(value, list) else [value]
        found: list[int] = []
        for each in several:
            if isinstance(each, bool) or not isinstance(each, int):
                raise self.wrong(key, "an array of integers", example)
            if not minimum <= each <= maximum:
                raise self.error(
                    f"{key!r} in {self.title} has {shown(each)}; "
                    f"each must be {shown(minimum)} to {shown(maximum)}",
                    key,
                )
            found.append(each)
        return tuple(found)

    def is_text(self, key: str) -> bool:
        """Whether the value is a string."""
        return isinstance(self._values.get(key), str)

    def is_table(self, key: str) -> bool:
        """Whether the value is a table."""
        return isinstance(self._values.get(key), dict)

    def is_false(self, key: str) -> bool:
        """Whether the value is false, which leaves something out."""
        return self.has(key) and self._values[key] is False

    def finish(self, also: Collection[str] = ()) -> None:
        """Refuse every key that nothing asked for; ``also`` are known although nothing did."""
        for key in self._values:
            if key not in self._taken and key not in also:
                problem = no_such("key", key, {*self._taken, *also})
                raise self.error(f"{self.title} has {problem}", key)
