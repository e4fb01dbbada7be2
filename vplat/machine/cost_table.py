"""Tables of costs in TOML: on every line a number, the class of the figure and its source."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeGuard

from vplat.errors import BoardError
from vplat.model.field import no_such

Keys = tuple[str, ...]
"""Where something stands in a table: ("instructions", "load")."""


class Figure(StrEnum):
    """How far a figure can be trusted, the most trusted first."""

    EXACT = "exact"
    """Checked against RTL."""
    CALIBRATED = "calibrated"
    """Derived from a published or measured point; it comes with an error bar."""
    ESTIMATED = "estimated"
    """The best guess there is."""


def weakest(figures: Iterable[Figure]) -> Figure:
    """The class of what is made of several figures; exact if it is made of none."""
    order = tuple(Figure)
    return max(figures, key=order.index, default=Figure.EXACT)


@dataclass(frozen=True, slots=True)
class Cost:
    """One line of a table; its unit is that of the line's key, cycles or picojoules for example."""

    amount: float
    figure: Figure
    source: str
    error: str = ""
    """How far the amount may be off; never empty where the figure is calibrated."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What a number in a table counts, and which numbers make sense."""

    name: str
    least: float = 0
    most: float = 1e9
    whole: bool = False

    def accepts(self, number: object) -> TypeGuard[int | float]:
        """Whether ``number`` is one that a line may have; a NaN never is."""
        if isinstance(number, bool) or not isinstance(number, int if self.whole else int | float):
            return False
        return self.least <= number <= self.most

    def __str__(self) -> str:
        kind = "whole number" if self.whole else "number"
        return f"a {kind} from {self.least:g} to {self.most:g}"


ABOUT_A_FIGURE: Final = ("figure", "source", "error")


class CostTable:
    """One file. ``lines`` holds what ``cost`` has read of it so far, by dotted key."""

    def __init__(self, place: str, text: str) -> None:
        """Reads ``text``; messages call the file ``place``. ``BoardError`` if it is not TOML."""
        self.place, self._text = place, text
        self.lines: dict[str, Cost] = {}
        try:
            self._root = tomllib.loads(text)
        except ValueError as error:
            raise BoardError(f"{place} is not TOML: {error}; mend that line") from error
        except RecursionError as error:
            raise BoardError(f"{place} is not a cost table: it nests too deeply") from error

    @classmethod
    def load(cls, name: str | Path, folder: Path, noun: str) -> CostTable:
        """The table that comes with vplat in ``folder``, by its name, or a file that ends in .toml.

        ``noun`` ("timing table") is what messages call it. Raises ``BoardError``.
        """
        path = Path(name)
        if path.suffix != ".toml":
            known = [each.stem for each in folder.glob("*.toml")]
            if str(name) not in known:
                raise BoardError(
                    f"{no_such(noun, str(name), known)}; a file of your own ends in .toml"
                )
            path = folder / f"{name}.toml"
        try:
            return cls(str(path), path.read_text("utf-8"))
        except UnicodeDecodeError as error:
            raise BoardError(f"{path} is not a {noun}: it is not UTF-8 text") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise BoardError(f"cannot read the {noun} {path}: {reason}; check its path") from error

    def refuse(self, keys: Keys, problem: str) -> BoardError:
        """The error to raise about what stands at ``keys``; ``problem`` ends with the next step."""
        # A key inside a line of several has no line of its own, but its line has.
        depths = range(len(keys), 0, -1)
        found = (_line_of(self._text, ".".join(keys[:depth])) for depth in depths)
        line = next((number for number in found if number), 0)
        place = f"{self.place}:{line}" if line else self.place
        return BoardError(f"{place}: {'.'.join(keys)} {problem}")

    def has(self, *keys: str) -> bool:
        """Whether anything stands at ``keys``, all but the last of which are sections."""
        return keys[-1] in (self.section(*keys[:-1]) if keys[1:] else self._root)

    def section(self, *keys: str, known: Sequence[str] | None = None) -> Mapping[str, object]:
        """The section at ``keys``, the whole table if there are none.

        Raises ``BoardError`` if it is missing, no section, or has a key outside ``known``.
        """
        found: object = self._root
        for depth, key in enumerate(keys, start=1):
            if not isinstance(found, dict) or key not in found:
                raise self.refuse(keys[:depth], "is missing; add the section")
            found = found[key]
        if not isinstance(found, dict):
            raise self.refuse(keys, "must be a section of lines; see the tables of vplat")
        for key in found:
            if known is not None and key not in known:
                problem = no_such("key", key, [str(each) for each in known])
                raise self.refuse((*keys, key), f"means nothing: {problem}")
        return found

    def text(self, key: str) -> str:
        """The text at ``key`` of the whole table, which must be there."""
        found = self._root.get(key)
        if not isinstance(found, str) or not found.strip():
            raise self.refuse((key,), "must be a text; say what the table is about")
        return found

    def number(self, keys: Keys, unit: Unit) -> float:
        """The number of ``unit.name`` that the line at ``keys`` has."""
        line = self.section(*keys)
        if unit.name not in line:
            raise self.refuse(keys, f"has no {unit.name}; give it {unit}")
        amount = line[unit.name]
        if not unit.accepts(amount):
            raise self.refuse(keys, f"has {unit.name} = {amount!r}; it must be {unit}")
        return amount

    def cost(self, *keys: str, unit: Unit, besides: Sequence[str] = ()) -> Cost:
        """The line at ``keys``, which may also have the keys ``besides``.

        Raises ``BoardError`` if it is missing or lacks a number, a figure class or a source.
        """
        if not self.has(*keys):
            example = f"{{ {unit.name} = ..., figure = ..., source = ... }}"
            raise self.refuse(keys[:-1], f"has no line for '{keys[-1]}'; add it: {example}")
        line = self.section(*keys, known=(unit.name, *ABOUT_A_FIGURE, *besides))
        amount = self.number(keys, unit)
        figure, source, error = (line.get(key, "") for key in ABOUT_A_FIGURE)
        if not isinstance(figure, str) or figure not in tuple(Figure):
            classes = ", ".join(Figure)
            raise self.refuse(keys, f"has figure = {figure!r}; it must be one of {classes}")
        if not isinstance(source, str) or not source.strip():
            raise self.refuse(keys, "has no source; say where its figure comes from")
        if not isinstance(error, str) or (figure == Figure.CALIBRATED and not error.strip()):
            raise self.refuse(keys, "is calibrated; say in error how far it may be off")
        cost = Cost(amount, Figure(figure), source, error)
        self.lines[".".join(keys)] = cost
        return cost


def _line_of(text: str, dotted: str) -> int:
    """The number of the line where the key ``dotted`` is written, 0 if it cannot be told."""
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        header = re.match(r"\s*\[+([^\[\]=]+)\]", line)
        if header:
            section = re.sub(r"[\s\"']", "", header[1])
        written = re.match(r"\s*([\w.\"'-]+)\s*=", line)
        key = re.sub(r"[\"']", "", written[1]) if written else ""
        here = f"{section}.{key}" if section and key else section or key
        if here == dotted:
            return number
    return 0
