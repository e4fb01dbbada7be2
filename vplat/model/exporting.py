"""What is derived from descriptions: a board as data, and the exporters that write it out.

An exporter sees classes and plain values, never a machine in motion, so what it writes depends on
nothing that a run could change.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ..errors import UsageError
from .field import no_such
from .peripheral import Peripheral

HART: Final = "hart"
"""The ``sink`` of a connection that ends at the harts' own interrupt inputs."""


@dataclasses.dataclass(frozen=True)
class DeviceInstance:
    """A device of a board.

    ``bases`` holds the absolute base address of each window by name, the main one's under ``""``; a
    window without a base is not on this board. ``parameters`` holds what the board sets.
    """

    name: str
    kind: type[Peripheral]
    bases: Mapping[str, int]
    parameters: Mapping[str, int | str | bool] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class MemoryRegion:
    """``size`` bytes of memory from ``base``, once however many aliases the board gives it."""

    name: str
    base: int
    size: int
    doc: str = ""
    writable: bool = True

    def __contains__(self, address: int) -> bool:
        return self.base <= address < self.base + self.size


@dataclasses.dataclass(frozen=True)
class Connection:
    """``device.output`` wired to line ``number`` of the input ``line`` of the device ``sink``.

    Where ``sink`` is ``HART``, the line is an interrupt of the harts and ``number`` its bit in
    ``mip``.
    """

    device: str
    output: str
    sink: str
    line: str
    number: int


@dataclasses.dataclass(frozen=True)
class PlatformMap:
    """A board as firmware sees it.

    ``isa`` is a string like ``rv32imafc``. The vector table is at ``vectors``, an absolute address
    in the memory that holds the code; the reset entry is 0x80 above it. ``stack_memory`` names the
    memory that holds the harts' stacks.
    """

    board: str
    harts: int
    isa: str
    vectors: int
    stack_memory: str
    devices: Sequence[DeviceInstance]
    memories: Sequence[MemoryRegion]
    connections: Sequence[Connection] = ()
    doc: str = ""

    @property
    def kinds(self) -> tuple[type[Peripheral], ...]:
        """The classes of the board's devices, each once, in the order of the devices."""
        return tuple(dict.fromkeys(device.kind for device in self.devices))

    def parameters_of(self, kind: type[Peripheral]) -> Mapping[str, int | str | bool]:
        """What the board sets for its first device of ``kind``; nothing where it has none."""
        return next((each.parameters for each in self.devices if each.kind is kind), {})


@dataclasses.dataclass(frozen=True)
class Exporter:
    """One form of what is known about a board, or about one kind of device.

    ``function`` gets the board and, where the form is ``per_device``, the kind; otherwise None.
    ``extension`` is the file's, without the dot. ``name`` is what ``vplat export`` knows it by.
    """

    name: str
    doc: str
    extension: str
    function: Callable[[PlatformMap, type[Peripheral] | None], str]
    per_device: bool = False

    def __call__(self, platform: PlatformMap, kind: type[Peripheral] | None = None) -> str:
        """The whole text, its last line ended; a ``UsageError`` for a kind missing or too many."""
        if self.per_device and kind is None:
            known = ", ".join(each.kind for each in platform.kinds)
            raise UsageError(
                f"the export {self.name!r} describes one kind of device; "
                f"name one: {platform.board} has {known or 'none'}"
            )
        if not self.per_device and kind is not None:
            raise UsageError(
                f"the export {self.name!r} describes the whole board {platform.board}; "
                f"leave out the device {kind.kind!r}"
            )
        return self.function(platform, kind)

    def file_name(self, platform: PlatformMap, kind: type[Peripheral] | None = None) -> str:
        """Where the text belongs: ``ita.h`` for a kind, ``pulp-ita.svd`` for a board."""
        return f"{kind.kind if kind is not None else platform.board}.{self.extension}"


def exporter_named(name: str, exporters: Sequence[Exporter]) -> Exporter:
    """The exporter called ``name``; where there is none, a ``UsageError`` with the closest one."""
    for exporter in exporters:
        if exporter.name == name:
            return exporter
    raise UsageError(no_such("export", name, (each.name for each in exporters)))
