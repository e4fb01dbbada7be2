"""The report as rows of text, which a terminal draws and a page shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .figures import LayerFigures, Report
from .naming import clipped, telling_names
from .quantities import percent, plain, quantity, size

NAME_WIDTH: Final = 32
"""Characters of a layer's name in a table of text."""


@dataclass(frozen=True)
class Sheet:
    """A table of text: columns named in ``numbers`` are to stand to the right."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class KindFigures:
    """All layers of one kind together."""

    kind: str
    layers: tuple[LayerFigures, ...]

    @property
    def cycles(self) -> int:
        """Their cycles."""
        return sum(each.cycles for each in self.layers)

    @property
    def energy(self) -> float:
        """Their joules."""
        return sum(each.energy for each in self.layers)


def by_kind(report: Report) -> list[KindFigures]:
    """The kinds of layers, the one that takes the longest first."""
    kinds = dict.fromkeys(layer.facts.kind for layer in report.layers)
    found = [
        KindFigures(kind, tuple(each for each in report.layers if each.facts.kind == kind))
        for kind in kinds
    ]
    return sorted(found, key=lambda each: -each.cycles)


def sheets(report: Report) -> list[Sheet]:
    """All tables of the report, in the order in which they are read."""
    found = [_summary(report), _layers(report), _kinds(report), _memories(report)]
    if report.paper is not None:
        found.insert(1, beside_the_paper(report))
    return [each for each in found if each.rows]


def _summary(report: Report) -> Sheet:
    rows = [
        ("time", quantity(report.seconds, "s"), f"{report.cycles:,} cycles"),
        ("throughput", f"{plain(report.inferences_a_second)} /s", "inferences"),
        ("energy", quantity(report.joules, "J"), report.figure),
        ("mean power", quantity(report.watts, "W"), ""),
        ("operations", quantity(report.operations, "Op"), "two a multiply-accumulate"),
        ("speed", f"{plain(report.giga_operations_a_second)} GOp/s", ""),
        ("efficiency", f"{plain(report.giga_operations_a_joule)} GOp/J", ""),
        ("cores active", percent(report.cores_share), "mean of those that compute"),
        ("DMA busy", percent(report.share(report.dma)), ""),
    ]
    if report.ita:
        used = f"{percent(report.ita_utilisation)} of its peak while busy"
        rows.append(("ITA busy", percent(report.share(report.ita)), used))
    title = f"{report.network} on {report.board} at {report.point.name}"
    return Sheet(title, ("", "figure", "what"), tuple(rows), frozenset({"figure"}))


def beside_the_paper(report: Report) -> Sheet:
    """The network's figures and the paper's, if it is one of the three."""
    paper = report.paper
    if paper is None:
        return Sheet("beside the paper", (), ())
    pairs = (
        ("inferences a second", report.inferences_a_second, paper.inferences_a_second),
        ("energy an inference, mJ", 1e3 * report.joules, 1e3 * paper.joules),
        ("operations an inference, GOp", report.operations / 1e9, paper.giga_operations),
        ("GOp/s", report.giga_operations_a_second, paper.giga_operations_a_second),
        ("GOp/J", report.giga_operations_a_joule, paper.giga_operations_a_joule),
        ("mean power, mW", 1e3 * report.watts, 1e3 * paper.watts),
    )
    rows = tuple(
        (what, plain(ours), plain(theirs), f"{ours / theirs:.2f} ×") for what, ours, theirs in pairs
    )
    headings = ("beside the paper", "here", f"paper ({paper.certainty})", "ratio")
    return Sheet("", headings, rows, frozenset(headings[1:]))


def _layers(report: Report) -> Sheet:
    headings = (
        *("#", "layer", "kind", "engine", "cycles", "share", "energy"),
        *("cores", "DMA", "ITA", "MACs", "moved"),
    )
    names = telling_names([layer.facts.name for layer in report.layers])
    rows = tuple(_layer_cells(report, number, name) for number, name in enumerate(names))
    return Sheet("layers", headings, rows, frozenset(headings) - {"layer", "kind", "engine"})


def _layer_cells(report: Report, number: int, name: str) -> tuple[str, ...]:
    layer = report.layers[number]
    return (
        str(number),
        clipped(name, NAME_WIDTH),
        layer.facts.kind,
        layer.facts.engine,
        f"{layer.cycles:,}",
        percent(report.share(layer.cycles)),
        quantity(layer.energy, "J"),
        percent(layer.share(report.cores(layer))),
        percent(layer.share(layer.dma)),
        percent(layer.share(layer.ita)),
        quantity(layer.facts.macs) if layer.facts.macs else "",
        size(layer.moved) if layer.moved else "",
    )


def _kinds(report: Report) -> Sheet:
    rows = tuple(
        (
            each.kind,
            str(len(each.layers)),
            f"{each.cycles:,}",
            percent(report.share(each.cycles)),
            quantity(each.energy, "J"),
            percent(each.energy / report.joules) if report.joules else "",
        )
        for each in by_kind(report)
    )
    headings = ("kind", "layers", "cycles", "of the time", "energy", "of the energy")
    return Sheet("time by kind of layer", headings, rows, frozenset(headings[1:]))


def _memories(report: Report) -> Sheet:
    rows = tuple(
        (
            each.name,
            f"0x{each.base:08x}",
            size(each.size),
            size(each.peak),
            percent(each.peak / each.size) if each.size else "",
            str(len(each.buffers)),
        )
        for each in report.memories
    )
    headings = ("memory", "base", "size", "in use", "share", "buffers")
    return Sheet("memories", headings, rows, frozenset(headings[2:]))
