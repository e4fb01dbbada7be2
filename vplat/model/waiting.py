"""What a device knows of harts that wait, for people who ask why nothing happens."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class AwaitedLine:
    """An input of the device that would end a wait: its name, its index, and what it stands for."""

    input: str
    index: int
    name: str


@dataclasses.dataclass(frozen=True)
class Awaited:
    """What would end the wait of one hart.

    Any of ``lines`` does. ``harts`` are those that have something to do first: who has not come to
    a barrier, who owns a mutex.
    """

    lines: tuple[AwaitedLine, ...] = ()
    harts: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True)
class Withheld:
    """Something has come for a hart and does not reach it: what, and by what it is held back."""

    what: str
    by: str


@dataclasses.dataclass(frozen=True)
class Lasting:
    """What a load gives now, and gives for as long as nobody else does anything.

    ``address`` is where in a memory it comes from, None where it is the device's own.
    """

    value: int
    address: int | None = None
