"""A board: what a platform consists of, as plain data.

``board_file`` reads one from a TOML table; ``Machine`` builds one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Final

from .isa import Isa
from .place import Key, Place, Places

PAGE: Final = 4096
"""Bytes; the engine maps memory and devices in pages of this size."""


@dataclasses.dataclass(frozen=True)
class Span:
    """Addresses ``base`` up to, not including, ``end``."""

    base: int
    size: int

    @property
    def end(self) -> int:
        """One past the last address."""
        return self.base + self.size

    def __contains__(self, address: object) -> bool:
        return isinstance(address, int) and self.base <= address < self.end


@dataclasses.dataclass(frozen=True)
class MemorySpec:
    """RAM or ROM: ``size`` bytes at ``base``, seen again at every alias.

    An alias larger than the memory repeats it. ``wait_states`` are the cycles an access by a hart
    takes beyond those of a TCDM hit. ``banks`` of ``bank_bytes`` each are interleaved word by word.
    ``contents`` are 32-bit words that it holds before anything is loaded, by their offset.
    """

    name: str
    base: int
    size: int
    wait_states: int = 0
    writable: bool = True
    aliases: tuple[Span, ...] = ()
    banks: int = 1
    bank_bytes: int = 4
    doc: str = ""
    contents: Mapping[int, tuple[int, ...]] = dataclasses.field(default_factory=dict)

    @property
    def spans(self) -> tuple[Span, ...]:
        """Everywhere the memory answers: its own place, then its aliases."""
        return (Span(self.base, self.size), *self.aliases)


@dataclasses.dataclass(frozen=True)
class DeviceSpec:
    """One device: where its windows are, its parameters, and what its outputs are wired to.

    ``windows`` maps a window's name ("" for the main one) to its base. ``events`` maps an output to
    targets: ``"event_unit.lines[8]"`` for a device's input, ``"harts.timer"`` for the harts' own.
    ``wait_states`` are cycles by window, 0 where it names none. ``absent`` are the windows that the
    board leaves out on purpose. ``elsewhere`` is the window that answers wherever nothing else on
    the board does, None if there is no such one. At ``aliases`` the main window is seen again.
    """

    name: str
    kind: str
    windows: Mapping[str, int]
    parameters: Mapping[str, object] = dataclasses.field(default_factory=dict)
    events: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    wait_states: Mapping[str, int] = dataclasses.field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    elsewhere: str | None = None
    aliases: tuple[int, ...] = ()

    @property
    def sightings(self) -> Iterator[tuple[str, int]]:
        """Every window with each base at which it answers."""
        yield from self.windows.items()
        yield from (("", base) for base in self.aliases)


@dataclasses.dataclass(frozen=True)
class InstructionsSpec:
    """A custom instruction set, by the name that a plugin gives it.

    ``harts`` are those that have it, None for all of them. ``device`` keeps its state, "" where it
    has none.
    """

    name: str
    harts: tuple[int, ...] | None = None
    device: str = ""

    def includes(self, hart: int) -> bool:
        """Whether ``hart`` has the set."""
        return self.harts is None or hart in self.harts


@dataclasses.dataclass(frozen=True)
class HartsSpec:
    """The harts: all alike, but for custom instructions.

    ``first_id`` is ``mhartid`` of hart 0, the others count on. ``boot`` is where they start, None
    for the entry of the firmware; ``entry_word`` is where the loader stores that entry for code at
    ``boot`` that reads it, None for nowhere. ``mtvec`` is its value after reset; with
    ``mtvec_follows_boot`` it is instead the boot address rounded down to 256, in vectored mode
    (RI5CY). ``instructions`` are the custom instruction sets. ``dumps_unknown_csrs`` says that a
    CSR which does not exist reads 0 and shows what is written to it, in place of a trap.
    """

    count: int
    isa: Isa
    first_id: int = 0
    boot: int | None = None
    entry_word: int | None = None
    mtvec: int = 0
    mtvec_follows_boot: bool = False
    instructions: tuple[InstructionsSpec, ...] = ()
    dumps_unknown_csrs: bool = False
    vendor_id: int = 0
    architecture_id: int = 0
    implementation_id: int = 0

    @property
    def begins_at_entry(self) -> bool:
        """The harts begin at the entry of the firmware, be it over a boot ROM that goes there."""
        return self.boot is None or self.entry_word is not None


@dataclasses.dataclass(frozen=True)
class OperatingPoint:
    """A supply voltage and the clock that goes with it."""

    name: str
    volts: float
    hertz: int


@dataclasses.dataclass(frozen=True)
class Board:
    """A whole platform. ``turn_cycles`` bounds how far one hart runs ahead of the others.

    ``timing`` and ``energy`` name tables. ``places`` says where the board's file has what; a board
    that was put together otherwise has none.
    """

    name: str
    doc: str
    harts: HartsSpec
    memories: tuple[MemorySpec, ...]
    devices: tuple[DeviceSpec, ...]
    operating_points: tuple[OperatingPoint, ...]
    timing: str
    energy: str
    turn_cycles: int = 2000
    source: str = ""
    places: Places = dataclasses.field(default_factory=Places, compare=False, repr=False)

    def place_of(self, *keys: Key) -> Place:
        """Where the board's file says what is at ``keys`` of its table, for a message."""
        return self.places.of(*keys) if self.places.source else Place(f"board {self.name!r}", 0)

    def memory_at(self, address: int) -> MemorySpec | None:
        """The memory that answers at ``address``."""
        for memory in self.memories:
            if any(address in span for span in memory.spans):
                return memory
        return None

    def operating_point(self, name: str | None = None) -> OperatingPoint:
        """The point called ``name``, or the board's first; ``KeyError`` when there is none such."""
        if name is None:
            return self.operating_points[0]
        return {point.name: point for point in self.operating_points}[name]
