"""A report from what `vplat run --json` says of a run, and from what the flow knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from vplat.deploy.memory import Memory, Placement
from vplat.errors import DeployError
from vplat.machine.board import Board

from .figures import LayerFacts, LayerFigures, MappedBuffer, MemoryMap, Point, Report
from .paper import figures_of

MOVED: Final[Mapping[str, str]] = {
    "mchan": "bytes",
    "idma": "bytes",
    "snitch_dma": "bytes_written",
}
"""By kind of DMA, the activity that counts the bytes of its copies."""


def gather(
    network: str,
    board: Board,
    run: Mapping[str, Any],
    facts: Sequence[LayerFacts],
    memories: Sequence[MemoryMap] = (),
) -> Report:
    """
    The report of ``run``, one object of `vplat run --json`, whose region i + 1 is layer i.

    Of a layer that ran several times its first time counts.

    :raises vplat.errors.DeployError: a layer has no region, because the run ended before it
    """
    regions = {region["number"]: region for region in reversed(run["regions"])}
    missing = [each.name for number, each in enumerate(facts, 1) if number not in regions]
    if missing:
        raise DeployError(
            f"the run measured no layer {missing[0]!r}, and {len(missing) - 1} more are missing; "
            f"it ended as {run.get('outcome', 'nobody knows')!r}: see its own message first"
        )
    harts = tuple(hart["id"] for hart in run["harts"])
    point = board.operating_point(run["energy"]["operating_point"])
    return Report(
        network=network,
        board=board.name,
        point=Point(point.name, point.volts, point.hertz),
        harts=harts,
        computing=harts[: computing_harts(board)],
        layers=tuple(_layer(each, regions[number]) for number, each in enumerate(facts, 1)),
        memories=tuple(memories),
        paper=figures_of(network),
        figure=run["energy"]["figure"],
    )


def computing_harts(board: Board) -> int:
    """How many harts compute: all but the one that only drives a Snitch cluster's DMA."""
    return board.harts.count - any(each.kind == "snitch_dma" for each in board.devices)


def _layer(facts: LayerFacts, region: Mapping[str, Any]) -> LayerFigures:
    devices = list(region["devices"].values())
    ita = [each for each in devices if each["kind"] == "ita"]
    dma = [each for each in devices if each["kind"] in MOVED]
    return LayerFigures(
        facts=facts,
        begin=region["begin"],
        end=region["end"],
        harts=tuple(hart["active_cycles"] for hart in region["harts"]),
        dma=sum(each["busy_cycles"] for each in dma),
        ita=sum(each["busy_cycles"] for each in ita),
        ita_macs=sum(each.get("macs", 0) for each in ita),
        moved=sum(each.get(MOVED[each["kind"]], 0) for each in dma),
        joules=dict(region["energy"]["by_component"]),
    )


def maps_of(placement: Placement) -> tuple[MemoryMap, ...]:
    """The memories of a placement in which something lies; its steps are layers."""
    return tuple(
        MemoryMap(
            memory.name,
            memory.base,
            memory.size,
            tuple(
                MappedBuffer(
                    each.buffer.name, each.address, each.buffer.bytes, *(each.buffer.lifetime or ())
                )
                for each in placement.inside(memory.name)
            ),
            memory.reserved,
        )
        for memory in placement.memories
        if placement.inside(memory.name)
    )


def map_of_l1(
    memory: Memory, layers: Sequence[Mapping[str, tuple[int, int]]], arena: int
) -> MemoryMap:
    """
    L1, whose buffers are each of one layer.

    ``layers`` has for each layer, by the buffer's name, its offset in the arena and its bytes;
    ``arena`` is the arena's address.
    """
    return MemoryMap(
        memory.name,
        memory.base,
        memory.size,
        tuple(
            MappedBuffer(name, arena + offset, size, layer, layer)
            for layer, buffers in enumerate(layers)
            for name, (offset, size) in buffers.items()
        ),
        max(0, arena - memory.base),
    )
