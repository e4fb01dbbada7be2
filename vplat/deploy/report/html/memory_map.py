"""Memory maps: which bytes of a memory are whose, layer by layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from zlib import crc32

from ..figures import MappedBuffer, MemoryMap, Report
from ..quantities import percent, size
from .markup import Markup, join, number, tag

HEIGHT: Final = 250
SHADES: Final = 4
"""Of one colour, so that neighbours can be told apart."""


def memory_map(memory: MemoryMap, report: Report, colours: Mapping[str, str]) -> Markup:
    """Boxes of layers by addresses, the lowest address at the bottom.

    A box has the colour of the layer that needs it first.
    """
    styles = [colours[layer.facts.kind] for layer in report.layers]
    layers = max(len(report.layers), 1)
    shown = max(memory.peak, 1)
    svg = tag(
        "svg",
        _reserved(memory, layers, shown),
        (_box(each, memory, styles, shown) for each in memory.buffers),
        viewBox=f"0 0 {layers} {HEIGHT}",
        height=HEIGHT,
        preserveAspectRatio="none",
        role="img",
        aria_label=f"{memory.name}: addresses in use by layer; {_summary(memory, report)}",
    )
    told = tag("figcaption", _summary(memory, report))
    drawn = tag("div", _ticks(shown), svg, _foot(layers), class_="box")
    return tag(
        "figure",
        tag("div", tag("h3", memory.name), told, class_="head"),
        drawn,
        class_="map",
    )


def _ticks(shown: int) -> Markup:
    ticks = (
        tag("span", size(round(shown * quarter / 4)), style=f"top:{100 - 25 * quarter}%")
        for quarter in (4, 3, 2, 1, 0)
    )
    return tag("div", ticks, class_="ticks", aria_hidden="true")


def _foot(layers: int) -> Markup:
    ends = (tag("span", f"layer {number}") for number in (0, layers - 1))
    return tag("div", ends, class_="foot", aria_hidden="true")


def _summary(memory: MemoryMap, report: Report) -> str:
    used = percent(memory.peak / memory.size) if memory.size else "0 %"
    told = (
        f"0x{memory.base:08x}, {size(memory.peak)} of {size(memory.size)} in use ({used}), "
        f"{len(memory.buffers)} buffers"
    )
    fullest = _fullest(memory, len(report.layers))
    if fullest is not None and fullest < len(report.layers):
        told += f"; the fullest in layer {fullest}, {report.layers[fullest].facts.name}"
    return told


def _fullest(memory: MemoryMap, layers: int) -> int | None:
    """The layer in which most bytes are in use; None if that never changes."""
    change = [0] * (layers + 1)
    for each in memory.buffers:
        if each.first is not None and each.last is not None and each.first < layers:
            change[max(each.first, 0)] += each.bytes
            change[min(each.last + 1, layers)] -= each.bytes
    load, loads = 0, []
    for more in change[:layers]:
        load += more
        loads.append(load)
    return loads.index(max(loads)) if loads and max(loads) > 0 else None


def _box(buffer: MappedBuffer, memory: MemoryMap, styles: Sequence[str], shown: int) -> Markup:
    first = buffer.first if buffer.first is not None else 0
    last = buffer.last if buffer.last is not None else max(len(styles) - 1, 0)
    style = styles[first] if 0 <= first < len(styles) else ""
    shade = crc32(buffer.name.encode()) % SHADES
    always = buffer.first is None
    lifetime = "always" if always else f"layers {first} to {last}"
    title = tag(
        "title", f"{buffer.name}: {buffer.bytes:,} bytes at 0x{buffer.address:08x}, {lifetime}"
    )
    top = HEIGHT * (1 - (buffer.address + buffer.bytes - memory.base) / shown)
    return tag(
        "rect",
        title,
        x=first,
        y=number(top),
        width=last - first + 1,
        height=number(HEIGHT * buffer.bytes / shown),
        class_="always" if always else f"k {style} s{shade}",
    )


def _reserved(memory: MemoryMap, layers: int, shown: int) -> Iterable[Markup]:
    if memory.reserved:
        height = HEIGHT * memory.reserved / shown
        yield tag(
            "rect",
            tag("title", f"{memory.reserved:,} bytes for code, stacks and the runtime"),
            x=0,
            y=number(HEIGHT - height),
            width=layers,
            height=number(height),
            class_="reserved",
        )


def memory_maps(report: Report, colours: Mapping[str, str]) -> Markup:
    """All memories, the nearest first."""
    return join(*(memory_map(each, report, colours) for each in report.memories))
