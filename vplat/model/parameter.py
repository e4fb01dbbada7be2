"""Values that a board chooses for a device."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Generic, Never, TypeVar, overload

from ..errors import DeclarationError

if TYPE_CHECKING:
    from .peripheral import Peripheral

Value = TypeVar("Value", int, str, bool)


class Parameter(Generic[Value]):
    """A value fixed when the device is built: ``self.depth`` reads it, the board may set it.

    ``choices`` lists the values allowed; ``minimum`` and ``maximum`` bound an integer.
    """

    name: str

    def __init__(
        self,
        default: Value,
        doc: str,
        *,
        choices: Iterable[Value] = (),
        minimum: int | None = None,
        maximum: int | None = None,
    ) -> None:
        self.default: Value = default
        self.doc = doc
        self.choices: tuple[Value, ...] = tuple(choices)
        self.minimum, self.maximum = minimum, maximum

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, peripheral: None, owner: type) -> Parameter[Value]: ...
    @overload
    def __get__(self, peripheral: Peripheral, owner: type) -> Value: ...
    def __get__(self, peripheral: Peripheral | None, owner: type) -> Parameter[Value] | Value:
        if peripheral is None:
            return self
        return peripheral.parameters[self.name]  # type: ignore[return-value]

    def __set__(self, peripheral: Peripheral, value: Never) -> None:
        raise AttributeError(
            f"{peripheral.name}.{self.name} is a parameter, fixed when the device is built; "
            "keep what changes in a State"
        )

    def check(self, value: object, where: str) -> int | str | bool:
        """``value`` if it may be used; a ``DeclarationError`` naming ``where`` if not."""
        wanted = type(self.default)
        if not isinstance(value, int | str | bool) or type(value) is not wanted:
            raise DeclarationError(
                f"{where}: parameter {self.name!r} must be {_article(wanted)}, not {value!r}"
            )
        if self.choices and value not in self.choices:
            allowed = ", ".join(map(repr, self.choices))
            raise DeclarationError(
                f"{where}: parameter {self.name!r} is {value!r}; choose one of {allowed}"
            )
        if isinstance(value, int) and not self._within(value):
            raise DeclarationError(
                f"{where}: parameter {self.name!r} is {value}; it must be {self._span()}"
            )
        return value

    def _within(self, value: int) -> bool:
        above = self.minimum is None or value >= self.minimum
        return above and (self.maximum is None or value <= self.maximum)

    def _span(self) -> str:
        if self.maximum is None:
            return f"at least {self.minimum}"
        return (
            f"at most {self.maximum}" if self.minimum is None else f"{self.minimum}..{self.maximum}"
        )


def _article(kind: type) -> str:
    return {int: "an integer", str: "a string", bool: "true or false"}[kind]
