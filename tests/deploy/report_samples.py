"""A report of made-up figures, and a run as `vplat run --json` tells it."""

from __future__ import annotations

from typing import Any

from vplat.deploy.report import (
    LayerFacts,
    LayerFigures,
    MappedBuffer,
    MemoryMap,
    Point,
    Report,
    figures_of,
)

KINDS = ("product", "normalisation", "elementwise", "attention")
HARTS = 9


def layer(number: int, name: str, begin: int, cycles: int) -> LayerFigures:
    """Layers of four kinds in turn; those of ITA multiply."""
    on_ita = number % len(KINDS) in (0, 3)
    facts = LayerFacts(
        name,
        KINDS[number % len(KINDS)],
        ("MatMul", "Requantise") if on_ita else ("LayerNorm",),
        "ITA" if on_ita else "cores",
        4096 * cycles if on_ita else 0,
        "rows 64",
    )
    return LayerFigures(
        facts,
        begin,
        begin + cycles,
        harts=tuple(cycles // (hart + 1) for hart in range(HARTS)),
        dma=cycles // 2,
        ita=cycles // 4 * 3 if on_ita else 0,
        ita_macs=512 * cycles if on_ita else 0,
        moved=64 * cycles,
        joules={"cores": 3e-11 * cycles, "ita": 7e-11 * cycles, "uart": 0.0},
    )


def report(names: list[str], network: str = "mobilebert", board: str = "snitch-ita") -> Report:
    """A layer for each name, 1000 cycles and more each, 10 cycles apart, from cycle 5000 on."""
    layers, now = [], 5000
    for number, name in enumerate(names):
        cycles = 1000 + 137 * (number % 7)
        layers.append(layer(number, name, now, cycles))
        now += cycles + 10
    last = len(names) - 1
    buffers = (
        MappedBuffer("weights & <biases>", 0x8000_1000, 4096),
        MappedBuffer("x", 0x8000_2000, 512, 0, last),
        *(MappedBuffer(f"y{place}", 0x8000_2200, 256, place, place) for place in range(last)),
    )
    return Report(
        network,
        board,
        Point("0.65V", 0.65, 425_000_000),
        tuple(range(HARTS)),
        tuple(range(HARTS - 1)),
        tuple(layers),
        (MemoryMap("l3", 0x8000_0000, 1 << 30, buffers, 0x1000),),
        figures_of(network),
    )


def region(number: int, begin: int, cycles: int) -> dict[str, Any]:
    """A region as `vplat run --json` has it."""
    return {
        "number": number,
        "begin": begin,
        "end": begin + cycles,
        "cycles": cycles,
        "harts": [{"id": hart, "active_cycles": cycles // 2} for hart in range(HARTS)],
        "devices": {
            "dma": {"kind": "snitch_dma", "busy_cycles": 30, "jobs": 2, "bytes_written": 640},
            "ita": {"kind": "ita", "busy_cycles": 271, "jobs": 1, "macs": 64**3},
            "barrier": {"kind": "snitch_barrier", "busy_cycles": 0, "jobs": 0},
        },
        "energy": {"by_component": {"cores": 1e-9, "ita": 2e-9}},
    }


def run(*regions: dict[str, Any]) -> dict[str, Any]:
    """A run with these regions."""
    return {
        "outcome": "exited",
        "harts": [{"id": hart} for hart in range(HARTS)],
        "energy": {"operating_point": "0.80V", "figure": "estimated"},
        "regions": list(regions),
    }
