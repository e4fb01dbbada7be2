"""Who is where in the address space, and that nobody is where somebody else is."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator

from vplat.errors import BoardError

from ..board import Board, DeviceSpec, Span
from ..place import Place


@dataclasses.dataclass(frozen=True)
class Occupied:
    """Addresses that something answers at, and where the board says so."""

    what: str
    span: Span
    place: Place

    @property
    def extent(self) -> str:
        """First and last address."""
        return f"{self.span.base:#010x}..{self.span.end - 1:#010x}"


def occupied_by_memories(board: Board) -> Iterator[Occupied]:
    """Every place of every memory."""
    for memory in board.memories:
        keys = ("memories", memory.name)
        own, *aliases = memory.spans
        yield Occupied(f"memory {memory.name!r}", own, board.place_of(*keys, "base"))
        for index, span in enumerate(aliases):
            place = board.place_of(*keys, "aliases", index, "base")
            yield Occupied(f"alias {index + 1} of memory {memory.name!r}", span, place)


def occupied_by_alias(board: Board, device: DeviceSpec, index: int, span: Span) -> Occupied:
    """A place where a device is seen again."""
    place = board.place_of("devices", device.name, "aliases", index)
    return Occupied(f"alias {index + 1} of device {device.name!r}", span, place)


def window_title(device: str, window: str) -> str:
    """``device 'dma'``, or ``window 'core' of device 'dma'``."""
    return f"window {window!r} of device {device!r}" if window else f"device {device!r}"


def window_keys(device: str, window: str) -> tuple[str, ...]:
    """Where a board says the base of a window."""
    return ("devices", device, *(("windows", window) if window else ("base",)))


def refuse_overlaps(everything: Iterable[Occupied]) -> None:
    """A ``BoardError`` that names both, if two answer at one address."""
    highest: Occupied | None = None
    for each in sorted(everything, key=lambda one: (one.span.base, one.span.end)):
        if highest is not None and each.span.base < highest.span.end:
            raise BoardError(_overlap(highest, each))
        if highest is None or each.span.end > highest.span.end:
            highest = each


def _overlap(one: Occupied, other: Occupied) -> str:
    """The sentence is at the one that the board's own file says, or says later."""
    late, early = sorted([other, one], key=lambda each: (each.place.depth, -each.place.line))
    return (
        f"{late.place}: {late.what} ({late.extent}) overlaps {early.what} ({early.extent}, "
        f"{early.place}) at {max(one.span.base, other.span.base):#010x}; move one of the two"
    )
