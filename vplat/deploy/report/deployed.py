"""The report of a network that the flow has placed, built and run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from vplat.deploy.emit.names import arena
from vplat.deploy.planned import L1, Planned, PlannedLayer
from vplat.machine.elf import Firmware

from .counting import Nodes
from .figures import LayerFacts, MappedBuffer, MemoryMap, Report
from .gathering import gather

L1_ARENA: Final = "network_l1"
AddressOf: TypeAlias = Callable[[str], int | None]
"""The address of a symbol of the program."""


def report_of(network: str, planned: Planned, run: Mapping[str, Any], firmware: Firmware) -> Report:
    """
    The report of ``run``, one object of `vplat run --json`, of the program ``firmware``.

    ``network`` is the name under which it is shown, and by which the paper's figures are found.

    :raises vplat.errors.DeployError: the run ended before its last layer did
    """
    facts = facts_of(planned)
    memories = tuple(memory_maps_of(planned, firmware.symbol))
    return gather(network, planned.board, run, facts, memories)


def facts_of(planned: Planned) -> list[LayerFacts]:
    """What is known of each layer before it runs."""
    nodes = Nodes(planned.lowered.network)
    return [_facts(each, nodes) for each in planned.layers]


def _facts(planned: PlannedLayer, nodes: Nodes) -> LayerFacts:
    layer = planned.layer
    return LayerFacts(
        name=layer.name,
        kind=layer.kind,
        operators=nodes.operators(layer.nodes),
        engine=layer.engine.value,
        macs=nodes.macs(layer.nodes),
        tiles=", ".join(f"{name} {size}" for name, size in planned.tiling.sizes.items()),
    )


def memory_maps_of(planned: Planned, address_of: AddressOf) -> Iterator[MemoryMap]:
    """The memories in which the program has something of the network's."""
    found: dict[str, list[MappedBuffer]] = {}
    for memory, buffer in _buffers(planned, address_of):
        found.setdefault(memory, []).append(buffer)
    for spec in planned.board.memories:
        buffers = found.get(spec.name)
        if buffers:
            reserved = min(each.address for each in buffers) - spec.base
            yield MemoryMap(spec.name, spec.base, spec.size, tuple(buffers), reserved)


def _buffers(planned: Planned, address_of: AddressOf) -> Iterator[tuple[str, MappedBuffer]]:
    """Buffers of layers in L1, homes and what layers keep there, constants and inputs."""
    l1 = address_of(L1_ARENA)
    if l1 is not None:
        for number, layer in enumerate(planned.layers):
            for buffer in layer.tiling.buffers:
                name = f"{layer.layer.name}: {buffer.name}"
                address = l1 + layer.offsets[buffer.name]
                yield L1, MappedBuffer(name, address, buffer.bytes, number, number)
    lifetimes = dict(_lifetimes(planned))
    for tensor, home in planned.homes.items():
        begin = address_of(arena(home.memory))
        if begin is not None and tensor in lifetimes:
            size = planned.lowered.types[tensor].bytes
            yield (
                home.memory,
                MappedBuffer(tensor, begin + home.offset, size, *lifetimes[tensor]),
            )
    yield from _scratch(planned, address_of)
    for symbol, stock in planned.pool.symbols.items():
        begin = address_of(symbol)
        if begin is not None:
            memory = planned.constant_memories[symbol]
            yield memory, MappedBuffer(stock.told, begin, stock.values.nbytes)


def _scratch(planned: Planned, address_of: AddressOf) -> Iterator[tuple[str, MappedBuffer]]:
    for number, layer in enumerate(planned.layers):
        for buffer in layer.layer.scratch:
            home = planned.scratch[number, buffer.name]
            begin = address_of(arena(home.memory))
            if begin is not None:
                name = f"{layer.layer.name}: {buffer.name}"
                address = begin + home.offset
                yield home.memory, MappedBuffer(name, address, buffer.bytes, number, number)


def _lifetimes(planned: Planned) -> Iterator[tuple[str, tuple[int, int]]]:
    """From the layer that writes a tensor to the last one that reads it; results stay."""
    layers = planned.lowered.layers
    kept = set(planned.lowered.homes.values())
    last = {name: number for number, layer in enumerate(layers) for name in layer.inputs}
    for number, layer in enumerate(layers):
        for name in layer.outputs:
            end = len(layers) - 1 if name in kept else max(last.get(name, number), number)
            yield name, (number, end)
