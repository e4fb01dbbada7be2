"""What a ledger is made of: records of one size, and the paths that they are about."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from vplat.model import Declared

RECORD: Final = np.dtype(
    [
        ("cycle", "<i8"),
        ("kind", "u1"),
        ("hart", "i1"),
        ("spare", "<u2"),
        ("path", "<u4"),
        ("pc", "<u4"),
        ("first", "<u4"),
        ("second", "<u4"),
        ("third", "<u4"),
    ]
)
NO_HART: Final = -1


class Kind(IntEnum):
    """What happened, and what ``first``, ``second`` and ``third`` of its record are."""

    READ = 0
    """The value."""
    WRITE = 1
    """The word before, the word on the bus, the word after."""
    PULSE = 2
    """The mask of harts that the event is for."""
    LEVEL = 3
    """The mask of harts, the level."""
    BEGIN = 4
    """Low and high half of the number of the work, its description."""
    END = 5
    """Low and high half of the number of the work."""
    SLEEP = 6
    """The state, why."""
    WAKE = 7
    TRAP = 8
    """The cause, what mtval gets."""
    INTERRUPT = 9
    """The number."""
    RETURN = 10
    """From a trap or an interrupt, to the pc."""
    FUNCTION = 11
    """How the hart came to the pc, in another function: an ``Arrival``."""
    COUNTER = 12
    """Low and high half of a 64-bit float."""


class Arrival(IntEnum):
    """How a hart came into a function."""

    CALL = 0
    RETURN = 1
    JUMP = 2
    """Whatever else: a tail call, a fall through, the start."""


DOINGS: Final = {Kind.READ: "load", Kind.WRITE: "store"}
"""What a hart does in an access, in the paths of harts."""

STATES: Final = ("running", "stalled", "waiting", "halted")
"""What a hart does, by the number in a record."""


@dataclasses.dataclass(frozen=True)
class FieldLayout:
    """A field of a register as far as views need it; ``values`` names what it can hold."""

    name: str
    high: int
    low: int
    readable: bool
    writable: bool
    values: Mapping[int, str] = dataclasses.field(default_factory=dict)

    def get(self, word: int) -> int:
        """The field's value in a word."""
        return word >> self.low & (1 << self.high - self.low + 1) - 1

    def shown(self, value: int) -> str:
        """The value for people: its name, else a small number, else in hexadecimal."""
        if value in self.values:
            return self.values[value]
        return str(value) if value < 10 else f"{value:#x}"


@dataclasses.dataclass(frozen=True)
class Path:
    """What a record is about: a register, an event, a kind of work, a hart.

    ``fields`` are those of a register of named fields; one that firmware can only write is not
    ``readable``. ``unit`` is that of a counter.
    """

    name: str
    owner: str
    fields: tuple[FieldLayout, ...] = ()
    unit: str = ""
    readable: bool = True

    def names(self, doing: str = "") -> list[str]:
        """What a pattern may match: the path, its fields, and what a hart is ``doing`` to it."""
        own = [self.name, *(f"{self.name}.{field.name}" for field in self.fields)]
        return [*own, doing] if doing else own

    @property
    def member(self) -> str:
        """The name without the owner's."""
        return self.name.removeprefix(self.owner).removeprefix(".")

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Path:
        """The path that ``as_json`` gave."""
        fields = tuple(
            FieldLayout(
                **{**each, "values": {int(value): name for value, name in each["values"].items()}}
            )
            for each in data["fields"]
        )
        return cls(**{**data, "fields": fields})


class Place(NamedTuple):
    """Where code is: the function, and the line as ``main.c:42``; '' where it is not known."""

    function: str = ""
    line: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in self if part)


class Entry(NamedTuple):
    """One record with what it refers to.

    ``text`` says why a hart sleeps, or what the work is that begins; ``details`` has its figures.
    """

    cycle: int
    kind: Kind
    hart: int
    path: Path
    pc: int
    place: Place
    first: int
    second: int
    third: int
    text: str = ""
    details: Mapping[str, int | str] = {}

    @property
    def number(self) -> int:
        """The number of the work."""
        return self.second << 32 | self.first

    @property
    def value(self) -> float:
        """The value of a counter."""
        return float(np.array([self.number], "<u8").view("<f8")[0])


def field_layouts(register: Declared) -> tuple[FieldLayout, ...]:
    """The named fields of a register; none for one that is a single word."""
    if register.is_word:
        return ()
    return tuple(
        FieldLayout(
            field.name,
            field.high,
            field.low,
            field.access.readable,
            field.access.writable,
            {int(each): each.name for each in field.values} if field.values else {},
        )
        for field in register.fields.values()
    )


def seen_fields(fields: Sequence[FieldLayout], *, stored: bool) -> list[FieldLayout]:
    """The fields that a load sees, or with ``stored`` those that a store reaches.

    Where two lie on one another that is one of them.
    """
    concerned = [each for each in fields if (each.writable if stored else each.readable)]
    return [
        each
        for each in fields
        if each in concerned
        or not any(each.low <= other.high and other.low <= each.high for other in concerned)
    ]
