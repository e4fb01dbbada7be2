"""A board's table, put together from its own file and those it extends."""

from __future__ import annotations

import dataclasses
import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from vplat.errors import BoardError
from vplat.model.field import no_such

from ..place import Key, KeyPath, Place, Places
from .key_lines import key_lines
from .section import shown

Table = dict[str, Any]
Resolve = Callable[[str], tuple[str, str]]
"""The text of a board, and where it is from, by a name or a path in ``extends``."""

REMOVABLE: Final = {
    "memories": "memory",
    "devices": "device",
    "operating_points": "operating point",
}
"""Groups whose members a board takes away from the one it extends, by setting them to false."""
NOT_INHERITED: Final = ("name", "extends")
LARGEST_INTEGER: Final = (1 << 63) - 1
_TOML_PLACE: Final = re.compile(
    r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL
)


@dataclasses.dataclass(frozen=True)
class Layer:
    """One file's own table."""

    values: Table
    places: Places


def read_layers(text: str, source: str, resolve: Resolve) -> Layer:
    """The table of ``text`` with all that it extends merged in, key by key.

    A path in ``extends`` reaches ``resolve`` relative to where the file it is written in is. The
    board's own ``name`` is the only one that counts. ``BoardError`` for what is not TOML, a board
    that ``resolve`` refuses, one that extends itself, and a removal of what is not there.
    """
    layers = [read_layer(text, source, 0)]
    chain = [source]
    while (parent := _parent(layers[-1])) is not None:
        place = layers[-1].places.of("extends")
        try:
            text, source = resolve(parent)
        except BoardError as error:
            raise BoardError(f"{place}: {error}") from error
        chain.append(source)
        if _identity(source) in map(_identity, chain[:-1]):
            raise BoardError(
                f"{place}: this board extends itself ({' -> '.join(chain)}); "
                "remove 'extends' from one of them"
            )
        layers.append(read_layer(text, source, len(layers)))
    merged = Layer({}, Places(layers[0].places.source))
    while layers:
        merged = _merge(merged, layers.pop())
    return merged


def read_layer(text: str, source: str, depth: int) -> Layer:
    """The table of one file; ``BoardError`` if it is not TOML."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        values = tomllib.loads(text)
        lines = key_lines(text)
    except RecursionError:
        raise BoardError(
            f"{source}:1: tables or arrays are nested too deeply; flatten them"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise BoardError(f"{source}:{_syntax_problem(str(error), text)}") from error
    except ValueError as error:
        raise BoardError(f"{source}:1: a number has too many digits; shorten it") from error
    places = Places(source, {keys: Place(source, line, depth) for keys, line in lines.items()})
    for keys, value in _leaves(values, ()):
        if isinstance(value, int) and not -LARGEST_INTEGER - 1 <= value <= LARGEST_INTEGER:
            raise BoardError(
                f"{places.of(*keys)}: {keys[-1]!r} is {shown(value)}, more than 64 bits hold; "
                "use a smaller number"
            )
    return Layer(values, places)


def _syntax_problem(message: str, text: str) -> str:
    """``12: column 3: expected '='...`` from a message of ``tomllib``."""
    match = _TOML_PLACE.fullmatch(message)
    reason, line, column = match.groups() if match is not None else (message, "1", "1")
    reason = reason[:1].lower() + reason[1:]
    if line is None:
        ended = text.rstrip("\n")
        return f"{ended.count(chr(10)) + 1}: not TOML: {reason} at the end of the file; complete it"
    return f"{line}: not TOML: {reason} at column {column}; correct that line"


def _leaves(value: object, keys: KeyPath) -> Iterator[tuple[KeyPath, object]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*keys, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _leaves(each, (*keys, index))
    else:
        yield keys, value


def _parent(layer: Layer) -> str | None:
    """What the layer extends: a name, or a path seen from where the layer's own file is seen."""
    parent = layer.values.get("extends")
    if parent is None:
        return None
    place = layer.places.of("extends")
    if not isinstance(parent, str) or not parent:
        raise BoardError(
            f"{place}: 'extends' must be a string, not {shown(parent)}; "
            'write the name or the file of a board, like "pulp-ita"'
        )
    if not is_file_name(parent):
        return parent
    path = str(Path(layer.places.source).parent / parent)
    return path if is_file_name(path) else f"./{path}"


def is_file_name(board: str) -> bool:
    """Whether ``board`` is the path of a file, not the name of a board."""
    return board.endswith(".toml") or "/" in board or os.sep in board


def _identity(source: str) -> str:
    try:
        return os.path.realpath(source)
    except (OSError, ValueError):
        return source


def _merge(below: Layer, above: Layer) -> Layer:
    """``above`` laid over ``below``."""
    inherited = {key: value for key, value in below.values.items() if key not in NOT_INHERITED}
    values, own = _without_removals(inherited, above)
    places = dict(below.places.lines)
    for key in NOT_INHERITED:
        places.pop((key,), None)
    _lay_over(values, own, (), places)
    places.update(above.places.lines)
    return Layer(values, Places(above.places.source, places))


def _without_removals(below: Table, above: Layer) -> tuple[Table, Table]:
    """Both tables without what ``above`` removes from ``below``."""
    below, own = dict(below), dict(above.values)
    for group, what in REMOVABLE.items():
        members = own.get(group)
        if not isinstance(members, dict):
            continue
        inherited = below.get(group)
        inherited = inherited if isinstance(inherited, dict) else {}
        removed = [name for name, value in members.items() if value is False]
        for name in removed:
            if name not in inherited:
                place = above.places.of(group, name)
                problem = no_such(what, name, inherited)
                raise BoardError(f"{place}: there is nothing to remove: {problem}")
        own[group] = {key: value for key, value in members.items() if key not in removed}
        if removed:
            below[group] = {key: value for key, value in inherited.items() if key not in removed}
    return below, own


def _lay_over(
    values: Table, above: Mapping[str, Any], keys: tuple[Key, ...], places: dict[KeyPath, Place]
) -> None:
    for key, value in above.items():
        path, old = (*keys, key), values.get(key)
        if isinstance(value, dict) and isinstance(old, dict):
            values[key] = dict(old)
            _lay_over(values[key], value, path, places)
            continue
        values[key] = value
        for each in [each for each in places if each[: len(path)] == path]:
            del places[each]
