"""Fields: named runs of bits."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeVar

from .access import Access

if TYPE_CHECKING:
    from .register import Declared

Behaviour = TypeVar("Behaviour", bound=Callable[..., Any])


@dataclasses.dataclass(frozen=True)
class Field:
    """Bits ``high`` down to ``low`` of a register; ``values`` names what they can hold."""

    high: int
    low: int
    access: Access
    doc: str
    reset: int = 0
    values: type[IntEnum] | None = None
    todo: bool = False
    name: str = ""
    register: Declared | None = dataclasses.field(default=None, repr=False, compare=False)

    @property
    def width(self) -> int:
        """Number of bits."""
        return self.high - self.low + 1

    @property
    def mask(self) -> int:
        """Ones at the field's bits of the register."""
        return ((1 << self.width) - 1) << self.low

    def get(self, word: int) -> int:
        """The field's value in a register's ``word``."""
        return (word & self.mask) >> self.low

    def put(self, word: int, value: int) -> int:
        """``word`` with the field holding ``value``, cut to its width."""
        return (word & ~self.mask) | ((value << self.low) & self.mask)

    def on_set(self, behaviour: Behaviour) -> Behaviour:
        """Run ``behaviour`` when firmware writes a non-zero value to this field.

        Its ``value`` is the value written to the field.
        """
        return attach(behaviour, "set", self.register, self.name)

    def describe(self, value: int) -> str:
        """``start`` for a set bit, ``mode=FAST`` or ``length=12`` for others, '' for plain zero."""
        if self.values is not None:
            names = {int(member): member.name for member in self.values}
            return f"{self.name}={names.get(value, hex(value))}"
        if not value:
            return ""
        return self.name if self.width == 1 else f"{self.name}={value:#x}"


def bit(
    position: int,
    access: Access,
    doc: str,
    *,
    reset: int = 0,
    values: type[IntEnum] | None = None,
    todo: bool = False,
) -> Field:
    """A field one bit wide."""
    return Field(position, position, access, doc, reset, values, todo)


def bits(
    high: int,
    low: int,
    access: Access,
    doc: str,
    *,
    reset: int = 0,
    values: type[IntEnum] | None = None,
    todo: bool = False,
) -> Field:
    """A field covering bits ``high`` down to ``low``, both included."""
    return Field(high, low, access, doc, reset, values, todo)


def attach(behaviour: Behaviour, when: str, register: Any, field: str | None) -> Behaviour:
    """Remember on the function that it runs ``when`` something happens to ``register``."""
    behaviour.__dict__.setdefault("_vplat_triggers", []).append((when, register, field))
    return behaviour


def no_such(what: str, name: str, known: Iterable[str]) -> str:
    """One sentence for a name that does not exist, with the closest one that does."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known) or 'none'}"
    return f"no {what} {name!r}; {hint}"
