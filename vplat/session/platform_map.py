"""A board as exporters see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vplat.machine.board import Board
from vplat.machine.services import FIRST_FAST_LINE, HART_LINES
from vplat.model import Peripheral
from vplat.model.exporting import HART, Connection, DeviceInstance, MemoryRegion, PlatformMap

VECTOR_OFFSET: Final = 0x8000
"""From the base of the code memory to the vector table (`pulp-cluster.md` section 4.2)."""


def platform_map(board: Board, kinds: Mapping[str, type[Peripheral]]) -> PlatformMap:
    """What firmware for ``board`` needs to know of it."""
    code = max(board.memories, key=lambda memory: memory.name == "l2")
    stacks = min(board.memories, key=lambda memory: memory.wait_states)
    return PlatformMap(
        board=board.name,
        harts=board.harts.count,
        isa=board.harts.isa.canonical,
        vectors=code.base + VECTOR_OFFSET,
        stack_memory=stacks.name,
        devices=[
            DeviceInstance(
                device.name,
                kinds[device.kind],
                device.windows,
                {k: v for k, v in device.parameters.items() if isinstance(v, int | str | bool)},
            )
            for device in board.devices
        ],
        memories=[
            MemoryRegion(memory.name, memory.base, memory.size, memory.doc, memory.writable)
            for memory in board.memories
        ],
        connections=[
            _connection(device.name, output, target)
            for device in board.devices
            for output, targets in device.events.items()
            for target in targets
            if not target.startswith("machine.")
        ],
        doc=board.doc,
    )


def _connection(device: str, output: str, target: str) -> Connection:
    sink, _, rest = target.partition(".")
    line, _, index = rest.partition("[")
    number = int(index.rstrip("]")) if index else 0
    if sink != "harts":
        return Connection(device, output, sink, line, number)
    bit = FIRST_FAST_LINE + number if line == "fast" else HART_LINES[line]
    return Connection(device, output, HART, line, bit)
