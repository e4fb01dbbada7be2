"""Values as JSON and back, by the type that they are declared to have.

What comes out of a file is not trusted: no class is looked up by a name that stands in it, none of
the values' own code runs, and what does not fit the declared type is a ``Misfit``.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections import deque
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any, Final

import numpy as np

from .hints import (
    Hint,
    Misfit,
    describe,
    element_hints,
    fields_of,
    has_type,
    is_anything,
    is_union,
    parts_of,
)

ATOMS: Final = (type(None), bool, int, float, str)
ARRAYS: Final = {np.dtype(name).str: np.dtype(name) for name in ("i1", "u1", "<i4", "<u4", "<f8")}
COLLECTIONS: Final = {deque: deque, set: set, frozenset: frozenset}
"""What collections other than lists are made with."""
KIND, CONTENT = "is", "of"
"""The keys of a value whose type is not declared, where JSON alone does not say it."""


# To JSON.


def encode(value: Any, hint: Hint) -> Any:
    """``value``, of the type ``hint``, as JSON; ``Misfit`` if it is of another type."""
    origin, arguments = parts_of(hint)
    if is_anything(hint):
        return _encode_anything(value)
    _check(has_type(value, hint), type(value).__name__, hint)
    if is_union(origin):
        return encode(value, next(each for each in arguments if has_type(value, each)))
    if origin in ATOMS:  # an enumeration's member is one of them, too
        return value if type(value) in ATOMS else value.value
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, bytes | bytearray):
        return _text(value)
    if isinstance(value, np.ndarray):
        _check(value.dtype.str in ARRAYS, value.dtype.str, hint)
        return [value.dtype.str, list(value.shape), _text(np.ascontiguousarray(value).tobytes())]
    return _encode_several(value, origin, arguments)


def _encode_several(value: Any, origin: Any, arguments: Sequence[Hint]) -> list[Any]:
    if fields := fields_of(origin):
        return [encode(getattr(value, name), each) for name, each in fields.items()]
    if isinstance(value, Mapping):
        key, item = arguments or (Any, Any)
        return [[encode(each, key), encode(value[each], item)] for each in value]
    if isinstance(value, tuple):
        hints = element_hints(arguments, len(value))
        return [encode(each, hint) for each, hint in zip(value, hints, strict=True)]
    if isinstance(value, list | deque | AbstractSet):
        # Sets in an order, so that one state makes one file.
        ordered = sorted(value, key=repr) if isinstance(value, AbstractSet) else value
        return [encode(each, arguments[0] if arguments else Any) for each in ordered]
    raise Misfit(f"nothing says how to write a {type(value).__name__}")


def _encode_anything(value: Any) -> Any:
    if type(value) in ATOMS:
        return value
    if type(value) is list:
        return [_encode_anything(each) for each in value]
    for kind in (bytes, tuple, dict):
        if type(value) is kind:
            return {KIND: kind.__name__, CONTENT: encode(value, _loose(kind))}
    raise Misfit(f"a {type(value).__name__} is there, but its type is not declared")


def _loose(kind: type) -> Hint:
    """The type with nothing said of what is in it."""
    return tuple[Any, ...] if kind is tuple else kind


# From JSON.


def decode(data: Any, hint: Hint) -> Any:
    """What ``encode`` made ``data`` of; ``Misfit`` if it is of no value of the type ``hint``."""
    origin, arguments = parts_of(hint)
    if is_anything(hint):
        return _decode_anything(data)
    if is_union(origin):
        return _decode_union(data, arguments, hint)
    if origin in ATOMS:
        fits = type(data) is origin or (origin in (int, float) and type(data) in (bool, int))
        _check(fits and not (origin is float and not math.isfinite(data)), data, hint)
        return data
    if issubclass(origin, Enum):
        _check(isinstance(data, str) and data in origin.__members__, data, hint)
        return origin.__members__[data]
    if origin in (bytes, bytearray):
        return origin(_bytes(data, hint))
    _check(isinstance(data, list), data, hint)
    if origin is np.ndarray:
        return _array(data, hint)
    return _decode_several(data, hint, origin, arguments)


def _decode_several(data: list[Any], hint: Hint, origin: Any, arguments: Sequence[Hint]) -> Any:
    if fields := fields_of(origin):
        _check(len(data) == len(fields), data, hint)
        values = [decode(each, field) for each, field in zip(data, fields.values(), strict=True)]
        return _make(origin, dict(zip(fields, values, strict=True)))
    if issubclass(origin, Mapping):
        _check(all(isinstance(each, list) and len(each) == 2 for each in data), data, hint)
        key, item = arguments or (Any, Any)
        return {_hashable(decode(each[0], key)): decode(each[1], item) for each in data}
    if origin is tuple:
        hints = element_hints(arguments, len(data))
        return tuple(decode(each, one) for each, one in zip(data, hints, strict=True))
    found = [decode(each, arguments[0] if arguments else Any) for each in data]
    if issubclass(origin, AbstractSet):
        found = [_hashable(each) for each in found]
    return COLLECTIONS.get(origin, list)(found)


def _decode_union(data: Any, arguments: Sequence[Hint], hint: Hint) -> Any:
    for each in arguments:
        try:
            return decode(data, each)
        except Misfit:
            continue
    raise Misfit(_no(data, hint))


def _decode_anything(data: Any) -> Any:
    if isinstance(data, dict):
        kinds = {kind.__name__: kind for kind in (bytes, tuple, dict)}
        fits = data.keys() == {KIND, CONTENT} and isinstance(data[KIND], str)
        _check(fits and data[KIND] in kinds, data, Any)
        return decode(data[CONTENT], _loose(kinds[data[KIND]]))
    if isinstance(data, list):
        return [_decode_anything(each) for each in data]
    _check(not isinstance(data, float) or math.isfinite(data), data, Any)
    return data


def _make(kind: Any, values: dict[str, Any]) -> Any:
    """A data class or named tuple with these fields."""
    if issubclass(kind, tuple):
        return kind._make(values.values())
    made = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(made, name, value)
    return made


def _array(data: list[Any], hint: Hint) -> Any:
    _check(len(data) == 3, data, hint)
    kind, shape, content = data
    fits = isinstance(kind, str) and kind in ARRAYS and isinstance(shape, list)
    _check(fits and all(type(each) is int and each >= 0 for each in shape), data, hint)
    arguments = parts_of(hint)[1]
    declared = parts_of(arguments[1])[1][0] if len(arguments) > 1 else Any
    _check(declared in (Any, ARRAYS[kind].type), data, hint)
    values = np.frombuffer(_bytes(content, hint), np.uint8)
    _check(len(values) == math.prod(shape) * ARRAYS[kind].itemsize, data, hint)
    return values.view(ARRAYS[kind]).reshape(shape).copy()


def _text(content: bytes | bytearray) -> str:
    return base64.b64encode(content).decode("ascii")


def _bytes(data: Any, hint: Hint) -> bytes:
    _check(isinstance(data, str), data, hint)
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise Misfit(_no(data, hint)) from None


def _hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        raise Misfit(f"a {type(value).__name__} is a key, or an element of a set") from None
    return value


def _check(fits: bool, value: Any, hint: Hint) -> None:
    if not fits:
        raise Misfit(_no(value, hint))


def _no(value: Any, hint: Hint) -> str:
    return f"{str(value)[:40]!r} is no {describe(hint)[:80]}"
