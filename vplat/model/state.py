"""State of a device that firmware cannot see."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar, overload

if TYPE_CHECKING:
    from .peripheral import Peripheral

Value = TypeVar("Value")


class State(Generic[Value]):
    """A value firmware cannot see, declared so that reset and snapshots include it.

    ``reset`` is an immutable value, or a function that makes a fresh one: ``State(list, "…")``.
    What it holds must be plain data (numbers, bytes, lists, dicts of such) or support
    ``copy.deepcopy``.
    """

    name: str

    def __init__(self, reset: Value | Callable[[], Value], doc: str) -> None:
        self._reset, self.doc = reset, doc

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def fresh(self) -> Value:
        """The value after reset, shared with nobody."""
        return self._reset() if callable(self._reset) else copy.copy(self._reset)

    @overload
    def __get__(self, peripheral: None, owner: type) -> State[Value]: ...
    @overload
    def __get__(self, peripheral: Peripheral, owner: type) -> Value: ...
    def __get__(self, peripheral: Peripheral | None, owner: type) -> State[Value] | Value:
        return self if peripheral is None else peripheral.states[self.name]

    def __set__(self, peripheral: Peripheral, value: Value) -> None:
        peripheral.states[self.name] = value
