"""Types as annotations give them: what they consist of, and what has them."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Sequence
from enum import Enum
from typing import Any

Hint = Any
"""A type as ``typing.get_type_hints`` gives it."""


class Misfit(Exception):  # noqa: N818 - it says how a value is, not that vplat failed
    """A value does not have the type that it is declared to have."""


def parts_of(hint: Hint) -> tuple[Any, tuple[Hint, ...]]:
    """The class behind a type and its arguments: ``list`` and ``(int,)`` of ``list[int]``."""
    origin: Any = typing.get_origin(hint) or hint
    return (types.NoneType if origin is None else origin), typing.get_args(hint)


def is_union(origin: Any) -> bool:
    """Whether it is one type of several."""
    return origin in (typing.Union, types.UnionType)


def is_anything(hint: Hint) -> bool:
    """Whether nothing is said of the type."""
    return hint is Any or hint is object


def fields_of(kind: Any) -> dict[str, Hint]:
    """The fields of a data class or named tuple with their types; none for anything else."""
    names: Sequence[str] = ()
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        names = [each.name for each in dataclasses.fields(kind)]
    elif isinstance(kind, type) and issubclass(kind, tuple):
        names = getattr(kind, "_fields", ())
    hints = typing.get_type_hints(kind) if names else {}
    return {name: hints[name] for name in names}


def element_hints(arguments: Sequence[Hint], count: int) -> Sequence[Hint]:
    """The type of each of ``count`` elements of a tuple; ``Misfit`` if it has another number."""
    if not arguments:
        return [Any] * count
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return [arguments[0]] * count
    if len(arguments) != count:
        raise Misfit(f"there are {count} values where {len(arguments)} belong")
    return arguments


def has_type(value: Any, hint: Hint) -> bool:
    """Whether ``value`` itself, whatever is in it, has the type."""
    origin, arguments = parts_of(hint)
    if is_anything(hint):
        return True
    if is_union(origin):
        return any(has_type(value, each) for each in arguments)
    if origin is float:
        return isinstance(value, int | float)
    return isinstance(value, origin)


def describe(hint: Hint, seen: frozenset[Any] = frozenset()) -> str:
    """A type in words, down to the last field: other words where other values are written."""
    origin, arguments = parts_of(hint)
    name = getattr(origin, "__name__", str(origin))
    if isinstance(origin, type) and issubclass(origin, Enum):
        return f"{name}({','.join(origin.__members__)})"
    if origin in seen:
        return name
    if fields := fields_of(origin):
        seen = seen | {origin}
        inside = (f"{field}:{describe(each, seen)}" for field, each in fields.items())
        return f"{name}({','.join(inside)})"
    if arguments:
        return f"{name}[{','.join(describe(each, seen) for each in arguments)}]"
    return name
