"""The whole page."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..figures import Report
from ..naming import short_names
from .colours import colours
from .layer_table import layers_section
from .markup import Markup, join, tag
from .memory_map import memory_maps
from .paper_table import paper_section
from .script import SCRIPT
from .sections import (
    energy_section,
    footer,
    key_figures,
    kinds_section,
    section,
    together,
)
from .style import STYLE
from .timeline import Timeline, said_of

IDLE = (
    "Point at a layer to read its figures. Drag to move, Ctrl and wheel or + and − to zoom, "
    "double-click a layer to see it alone."
)


def page(report: Report) -> str:
    """
    The report as one file of HTML, styles and script included, which loads nothing.

    What a report has none of, memory maps or the paper's figures, is left out.
    """
    styles = colours(report)
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{report.network} on {report.board}"),
        tag("style", Markup(STYLE)),
    )
    body = tag(
        "body",
        _header(report),
        tag(
            "main",
            key_figures(report),
            section(
                "Timeline",
                "one inference; heights are shares of each layer's own time",
                tag("div", IDLE, id="readout", class_="readout js"),
                Timeline(report, styles).markup(),
                beside=_zoom(),
            ),
            paper_section(report),
            together(kinds_section(report, styles), energy_section(report)),
            _memories(report, styles),
            layers_section(report, styles),
        ),
        footer(report),
        tag("script", _data(report), type="application/json", id="data"),
        tag("script", Markup(SCRIPT)),
    )
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _header(report: Report) -> Markup:
    told = (
        f"{report.board} at {report.point.name}, {report.point.hertz / 1e6:g} MHz · "
        f"{len(report.layers)} layers · {len(report.computing)} computing harts"
    )
    theme = tag("button", "light / dark", type="button", id="theme")
    return tag(
        "header",
        tag("div", tag("h1", report.network), tag("p", told)),
        tag("div", theme, class_="tools js", style="flex:none"),
    )


def _zoom() -> Markup:
    return tag(
        "div",
        tag("button", "−", type="button", id="farther", aria_label="Zoom out"),
        tag("button", "+", type="button", id="closer", aria_label="Zoom in"),
        tag("button", "all", type="button", id="whole", aria_label="Show the whole inference"),
        class_="tools js",
    )


def _memories(report: Report, styles: Mapping[str, str]) -> Markup:
    if not report.memories:
        return Markup("")
    return section(
        "Memory maps",
        "a box is a buffer: across, the layers in which it is needed; up, its addresses. "
        "Colours are those of the layer that needs it first; grey boxes are constants, there for "
        "good",
        memory_maps(report, styles),
    )


def _data(report: Report) -> Markup:
    """What the script reads. Escaped so that no text in it can end the element it stands in."""
    names = short_names([layer.facts.name for layer in report.layers])
    layers = [
        {
            "name": layer.facts.name,
            "short": name,
            "from": layer.begin - report.begin,
            "to": layer.end - report.begin,
            "told": said_of(report, layer),
        }
        for layer, name in zip(report.layers, names, strict=True)
    ]
    data = {"cycles": max(report.cycles, 1), "hertz": report.point.hertz, "layers": layers}
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return join(
        Markup(text.replace("<", "\\u003c").replace("&", "\\u0026").replace(">", "\\u003e"))
    )
