"""A board as exporters see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vplat.machine.board import Board
from vplat.machine.board_file.targets import HARTS, MACHINE, Target, parse_target
from vplat.machine.services import hart_line_bit
from vplat.model import Peripheral
from vplat.model.exporting import HART, Connection, DeviceInstance, MemoryRegion, PlatformMap

VECTOR_OFFSET: Final = 0x8000
"""From the base of the code memory to the vector table (`pulp-cluster.md` section 4.2)."""


def platform_map(board: Board, kinds: Mapping[str, type[Peripheral]]) -> PlatformMap:
    """What firmware for ``board`` needs to know of it."""
    # Code is in the L2; a cluster without one runs from its largest memory.
    writable = [memory for memory in board.memories if memory.writable] or board.memories
    code = max(writable, key=lambda memory: (memory.name == "l2", memory.size))
    stacks = min(writable, key=lambda memory: memory.wait_states)
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
            for target in map(parse_target, targets)
            if target.owner != MACHINE
        ],
        doc=board.doc,
    )


def _connection(device: str, output: str, target: Target) -> Connection:
    if target.owner == HARTS:
        return Connection(device, output, HART, target.line, hart_line_bit(target))
    return Connection(device, output, target.owner, target.line, target.index or 0)
