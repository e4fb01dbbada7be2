"""The table of all layers, which the script sorts and searches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..figures import LayerFigures, Report
from ..quantities import percent, plain, quantity, size
from .markup import Markup, tag
from .sections import meter, section

COLUMNS: Final = (
    ("#", True),
    ("layer", False),
    ("engine", False),
    ("cycles", True),
    ("of the time", True),
    ("energy", True),
    ("cores", True),
    ("DMA", True),
    ("ITA", True),
    ("MACs", True),
    ("MACs a cycle", True),
    ("moved", True),
)
"""Headings, and whether what stands below is a number."""


def layers_section(report: Report, colours: Mapping[str, str]) -> Markup:
    """Every layer, sortable."""
    rows = [
        _layer_row(report, number, layer, colours[layer.facts.kind])
        for number, layer in enumerate(report.layers)
    ]
    table = tag(
        "table",
        tag("thead", tag("tr", _headings())),
        tag("tbody", rows),
        class_="layers",
        id="layer-table",
    )
    label = tag("label", "find ", tag("input", type="search", id="search", size="14"))
    counted = tag("span", "", id="found", class_="soft", role="status")
    return section(
        "Layers",
        f"{len(report.layers)} in the order in which they run; a heading sorts, a name shows the "
        "layer in the timeline",
        tag("div", table, class_="scroll", tabindex="0", role="region", aria_label="Layers"),
        beside=tag("div", counted, label, class_="tools js"),
    )


def _headings() -> list[Markup]:
    return [
        tag(
            "th",
            tag("button", name, type="button"),
            class_="n" if is_number else None,
            data_type="n" if is_number else "t",
            scope="col",
        )
        for name, is_number in COLUMNS
    ]


def _layer_row(report: Report, number: int, layer: LayerFigures, style: str) -> Markup:
    facts, cores = layer.facts, report.cores(layer)
    name = tag(
        "button",
        tag("span", class_=f"swatch {style}"),
        tag("span", facts.name),
        type="button",
        data_layer=str(number),
        title=facts.tiles or None,
    )
    operators = tag("div", f"{facts.kind}: {', '.join(facts.operators)}", class_="ops")
    share, rate = report.share(layer.cycles), facts.macs / max(layer.cycles, 1)
    return tag(
        "tr",
        tag("td", str(number), class_="n"),
        tag("td", name, operators, class_="name", data_v=facts.name),
        tag("td", facts.engine),
        _cell(layer.cycles, f"{layer.cycles:,}"),
        _use(share, "var(--k8)"),
        _cell(layer.energy, quantity(layer.energy, "J")),
        _use(layer.share(cores), "var(--cores)"),
        _use(layer.share(layer.dma), "var(--dma)"),
        _use(layer.share(layer.ita), "var(--ita)"),
        _cell(facts.macs, quantity(facts.macs) if facts.macs else "–"),
        _cell(rate, plain(rate) if facts.macs else "–"),
        _cell(layer.moved, size(layer.moved) if layer.moved else "–"),
    )


def _cell(value: float, told: str) -> Markup:
    return tag("td", told, class_="n", data_v=repr(value))


def _use(share: float, colour: str) -> Markup:
    return tag("td", percent(share), meter(share, colour), class_="n use", data_v=f"{share:.6f}")
