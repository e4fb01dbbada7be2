"""Places for everything: a tiling for each layer, a home for each tensor and constant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from vplat.deploy.layers.layer import HOME_ALIGNMENT, Layer, Tiling
from vplat.deploy.layers.lowering import Lowered
from vplat.deploy.layers.stream import aligned
from vplat.deploy.memory import Buffer, Memory, Rates, choose_tiling, place
from vplat.errors import DeployError
from vplat.machine.board import Board, MemorySpec

from .constants import Pool

STACK_BYTES: Final = 0x800
"""A hart's: `pipeline_run`, a kernel, and what is below them take up to 1.6 KiB."""
L1_RESERVE: Final = 2560
"""For variables of runtime and pipelines in L1."""
CODE_BYTES: Final = 128 * 1024
LAYER_CODE_BYTES: Final = 2048
"""What is left of the memory that holds code, for all and for each layer."""
CODE_MEMORIES: Final = ("l2", "l3")
"""By the names that the linker scripts of boards give sections, the nearer one first."""
L1: Final = "tcdm"


@dataclass(frozen=True)
class PlannedLayer:
    """A layer with its tiling; the offsets of its buffers are from the beginning of L1's arena."""

    layer: Layer
    tiling: Tiling
    offsets: Mapping[str, int]


@dataclass(frozen=True)
class Home:
    """Where a tensor lies: ``offset`` bytes from the beginning of ``memory``'s arena."""

    memory: str
    offset: int


@dataclass(frozen=True)
class Planned:
    """
    All that the emitter needs to know of a network on a board.

    ``homes`` are the activations, ``scratch`` buffers of layers (by the layer's number and the
    buffer's name). Constants, inputs among them, are in ``pool``, in ``constant_memories`` by their
    symbols. ``arenas`` are bytes by memory; L1's is one for all layers.
    """

    lowered: Lowered
    board: Board
    layers: tuple[PlannedLayer, ...]
    homes: Mapping[str, Home]
    scratch: Mapping[tuple[int, str], Home]
    pool: Pool
    constant_memories: Mapping[str, str]
    arenas: Mapping[str, int]
    l1_bytes: int


def plan(lowered: Lowered, board: Board, l1_bytes: int | None = None) -> Planned:
    """
    Tilings and homes. Layers get ``l1_bytes`` of L1, all that there is if it is not given.

    :raises DeployError: a layer does not fit L1, or all together do not fit the memories outside
    """
    room = l1_room(board) if l1_bytes is None else l1_bytes
    rates = Rates.of(board)
    layers = tuple(_tiled(layer, rates, room) for layer in lowered.layers)
    pool = Pool.of(lowered)
    memories = _outside(board, len(layers))
    names = tuple(memory.name for memory in memories)
    steps = [layer.name for layer in lowered.layers]
    activations = dict(_activations(lowered, names))
    constants = {
        symbol: Buffer(symbol, max(1, stored.values.nbytes), names, traffic=stored.values.nbytes)
        for symbol, stored in pool.symbols.items()
    }
    chosen = place([*constants.values(), *activations.values()], memories, steps)
    homes, arenas = _settled(activations, {name: chosen[name].memory for name in activations})
    return Planned(
        lowered,
        board,
        layers,
        {name: home for name, home in homes.items() if not name.startswith(SCRATCH)},
        {_scratch_key(name): home for name, home in homes.items() if name.startswith(SCRATCH)},
        pool,
        {symbol: chosen[symbol].memory for symbol in constants},
        arenas,
        max((each.tiling_end for each in map(_End, layers)), default=0),
    )


SCRATCH: Final = "\0"
"""What names of scratch buffers begin with, which no tensor's does."""


def _scratch_key(name: str) -> tuple[int, str]:
    number, _, buffer = name[len(SCRATCH) :].partition(SCRATCH)
    return int(number), buffer


class _End:
    """How far a layer's buffers reach."""

    def __init__(self, planned: PlannedLayer) -> None:
        ends = [planned.offsets[each.name] + each.bytes for each in planned.tiling.buffers]
        self.tiling_end = aligned(max(ends, default=0))


def l1_room(board: Board) -> int:
    """
    Bytes of L1 that layers may use.

    :raises DeployError: the board has no TCDM
    """
    tcdm = _memory(board, L1)
    if tcdm is None:
        raise DeployError(f"board {board.name} has no memory {L1!r}, in which layers compute")
    room = tcdm.size - board.harts.count * STACK_BYTES - L1_RESERVE
    return room // HOME_ALIGNMENT * HOME_ALIGNMENT


def _memory(board: Board, name: str) -> MemorySpec | None:
    return next((memory for memory in board.memories if memory.name == name), None)


def _tiled(layer: Layer, rates: Rates, room: int) -> PlannedLayer:
    tiling, selected = choose_tiling(layer.name, layer.tilings(room), rates, room)
    return PlannedLayer(layer, tiling, selected.offsets)


def _outside(board: Board, layers: int) -> tuple[Memory, ...]:
    """The memories outside the cluster; the nearest one also holds the code."""
    found: list[Memory] = []
    for name in CODE_MEMORIES:
        memory = _memory(board, name)
        if memory is not None:
            taken = 0 if found else CODE_BYTES + layers * LAYER_CODE_BYTES
            size = min(memory.size, 1 << 30)
            cost = max(1, memory.wait_states)
            found.append(Memory(name, memory.base, size, taken, cost))
    if not found:
        wanted = " or ".join(map(repr, CODE_MEMORIES))
        raise DeployError(f"board {board.name} has no memory {wanted} for tensors and code")
    return tuple(found)


def _activations(lowered: Lowered, names: tuple[str, ...]) -> Iterator[tuple[str, Buffer]]:
    """Every tensor that a layer writes, alive until its last reader; and what layers keep there."""
    kept = set(lowered.homes.values())
    last = {name: step for step, layer in enumerate(lowered.layers) for name in layer.inputs}
    for step, layer in enumerate(lowered.layers):
        for name in layer.outputs:
            end = len(lowered.layers) if name in kept else max(last.get(name, step), step)
            size = max(1, lowered.types[name].bytes)
            yield name, Buffer(name, size, names, (step, end), traffic=2 * size)
        for buffer in layer.scratch:
            name = f"{SCRATCH}{step}{SCRATCH}{buffer.name}"
            alignment = max(buffer.alignment, HOME_ALIGNMENT)
            yield name, Buffer(name, buffer.bytes, names, (step, step), alignment)


def _settled(
    buffers: Mapping[str, Buffer], memories: Mapping[str, str]
) -> tuple[dict[str, Home], dict[str, int]]:
    """Offsets within the arena of each memory, which begins wherever the linker lets it."""
    homes: dict[str, Home] = {}
    arenas: dict[str, int] = {}
    for memory in dict.fromkeys(memories.values()):
        room = Memory(memory, 0, 1 << 30)
        inside = [
            Buffer(each.name, each.bytes, (memory,), each.lifetime, each.alignment, each.traffic)
            for name, each in buffers.items()
            if memories[name] == memory
        ]
        placement = place(inside, [room])
        for placed in placement.placed:
            homes[placed.buffer.name] = Home(memory, placed.address)
        arenas[memory] = aligned(placement.peak(memory))
    return homes, arenas
