"""The timeline: what each engine does while each layer runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ..figures import LayerFigures, Report
from ..naming import clipped, short_names
from ..quantities import percent, quantity
from .markup import Markup, join, number, tag

WIDTH: Final = 100_000
"""Units of the drawing, whatever the cycles."""
LAYERS_HEIGHT, LANE_HEIGHT, GAP, HART_HEIGHT = 26, 44, 12, 9
SHADES: Final = 5
"""Of a hart's activity."""
TICKS: Final = 8
NAMED_SHARE: Final = 0.05
NAME_CHARACTERS: Final = 120
"""A layer this long has its name on it where no script draws names; across all, so many letters."""


@dataclass(frozen=True)
class Lane:
    """One engine: for each layer a share from 0 to 1, drawn as a height."""

    name: str
    note: str
    style: str
    shares: Sequence[float]


class Timeline:
    """The drawing of one report."""

    def __init__(self, report: Report, colours: Mapping[str, str]) -> None:
        self.report, self.colours = report, colours
        self.unit = WIDTH / max(report.cycles, 1)
        self.lanes = lanes(report)
        self.harts_top = LAYERS_HEIGHT + GAP + len(self.lanes) * (LANE_HEIGHT + GAP)
        self.height = self.harts_top + len(report.harts) * HART_HEIGHT

    def markup(self) -> Markup:
        """The figure with its lanes, names and axis."""
        svg = tag(
            "svg",
            self._layers(),
            (self._lane(place, lane) for place, lane in enumerate(self.lanes)),
            self._harts(),
            tag("g", self._hits(), class_="hits"),
            viewBox=f"0 0 {WIDTH} {self.height}",
            height=self.height,
            preserveAspectRatio="none",
            role="img",
            aria_label="Activity of ITA, DMA and cores over time; the table of layers has the "
            "same figures",
        )
        return tag(
            "div",
            tag("div", self._lane_names(), class_="lanes", aria_hidden="true"),
            tag(
                "div",
                tag(
                    "div",
                    svg,
                    tag("div", self._names(), class_="names", aria_hidden="true"),
                    class_="plot",
                    id="plot",
                    tabindex="0",
                    role="group",
                    aria_label="Timeline; plus and minus zoom, arrows move, 0 shows all of it",
                ),
                tag("div", self._ticks(), class_="axis", id="axis", aria_hidden="true"),
            ),
            class_="chart",
        )

    def _x(self, cycle: int) -> float:
        return (cycle - self.report.begin) * self.unit

    def _bars(self, layers: Iterable[tuple[LayerFigures, float, float]]) -> str:
        """A path of boxes: of each layer from its top to its bottom."""
        return "".join(
            f"M{number(self._x(layer.begin))} {number(bottom)}V{number(top)}"
            f"H{number(self._x(layer.end))}V{number(bottom)}Z"
            for layer, top, bottom in layers
            if bottom > top
        )

    def _layers(self) -> Iterable[Markup]:
        for style in dict.fromkeys(self.colours.values()):
            layers = [
                (layer, 0.0, float(LAYERS_HEIGHT))
                for layer in self.report.layers
                if self.colours[layer.facts.kind] == style
            ]
            yield tag("path", d=self._bars(layers), class_=f"k {style}")

    def _lane(self, place: int, lane: Lane) -> Markup:
        top = LAYERS_HEIGHT + GAP + place * (LANE_HEIGHT + GAP)
        bottom = top + LANE_HEIGHT
        bars = [
            (layer, bottom - share * LANE_HEIGHT, float(bottom))
            for layer, share in zip(self.report.layers, lane.shares, strict=True)
        ]
        track = tag("rect", x=0, y=top, width=WIDTH, height=LANE_HEIGHT, class_="track")
        return join(track, tag("path", d=self._bars(bars), class_=lane.style))

    def _harts(self) -> Iterable[Markup]:
        """A strip for each hart, the darker the more of a layer it was active."""
        height = len(self.report.harts) * HART_HEIGHT
        yield tag("rect", x=0, y=self.harts_top, width=WIDTH, height=height, class_="track")
        for shade in range(1, SHADES + 1):
            boxes = []
            for place in range(len(self.report.harts)):
                top = self.harts_top + place * HART_HEIGHT
                for layer in self.report.layers:
                    active = layer.harts[place] if place < len(layer.harts) else 0
                    if round(layer.share(active) * SHADES) == shade:
                        boxes.append((layer, top + 0.5, top + HART_HEIGHT - 0.5))
            yield tag(
                "path", d=self._bars(boxes), class_="cores", fill_opacity=number(shade / SHADES)
            )

    def _hits(self) -> Iterable[Markup]:
        for place, layer in enumerate(self.report.layers):
            told = "; ".join(f"{what} {value}" for what, value in said_of(self.report, layer))
            yield tag(
                "rect",
                tag("title", f"{place} {layer.facts.name}: {told}"),
                x=self._x(layer.begin),
                y=0,
                width=max(self._x(layer.end) - self._x(layer.begin), 0.01),
                height=self.height,
            )

    def _lane_names(self) -> Iterable[Markup]:
        yield tag("span", tag("b", "layers"), style=f"top:{LAYERS_HEIGHT / 2}px")
        for place, lane in enumerate(self.lanes):
            middle = LAYERS_HEIGHT + GAP + place * (LANE_HEIGHT + GAP) + LANE_HEIGHT / 2
            yield tag("span", tag("b", lane.name), tag("br"), lane.note, style=f"top:{middle}px")
        middle = self.harts_top + len(self.report.harts) * HART_HEIGHT / 2
        told = f"harts {self.report.harts[0]}–{self.report.harts[-1]}" if self.report.harts else ""
        yield tag("span", tag("b", told), style=f"top:{middle}px")

    def _names(self) -> Iterable[Markup]:
        names = short_names([layer.facts.name for layer in self.report.layers])
        for layer, name in zip(self.report.layers, names, strict=True):
            share = self.report.share(layer.cycles)
            if share >= NAMED_SHARE:
                left = 100 * self._x(layer.begin) / WIDTH
                yield tag(
                    "span",
                    clipped(name, int(share * NAME_CHARACTERS)),
                    style=f"left:{number(left)}%;width:{number(100 * share)}%",
                )

    def _ticks(self) -> Iterable[Markup]:
        for tick in range(TICKS):
            cycle = self.report.cycles * tick // TICKS
            yield tag("span", quantity(cycle), style=f"left:{number(100 * tick / TICKS)}%")
        yield tag("span", f"{quantity(self.report.cycles)} cycles", class_="end", style="left:100%")


def lanes(report: Report) -> list[Lane]:
    """The engines, and the mean power."""
    layers = report.layers
    watts = [layer.energy * report.point.hertz / max(layer.cycles, 1) for layer in layers]
    most = max(watts, default=0.0)
    has_ita = any(layer.ita for layer in layers)
    found = [Lane("ITA", "busy", "ita", [layer.share(layer.ita) for layer in layers])]
    return [
        *(found if has_ita else []),
        Lane("DMA", "busy", "dma", [layer.share(layer.dma) for layer in layers]),
        Lane("cores", "active", "cores", [layer.share(report.cores(layer)) for layer in layers]),
        Lane(
            "power",
            f"to {quantity(most, 'W')}",
            "power",
            [each / most if most else 0.0 for each in watts],
        ),
    ]


def said_of(report: Report, layer: LayerFigures) -> list[tuple[str, str]]:
    """What is said of a layer under the pointer."""
    return [
        ("kind", layer.facts.kind),
        ("engine", layer.facts.engine),
        ("cycles", f"{layer.cycles:,}"),
        ("cores", percent(layer.share(report.cores(layer)))),
        ("DMA", percent(layer.share(layer.dma))),
        ("ITA", percent(layer.share(layer.ita))),
        ("energy", quantity(layer.energy, "J")),
        *([("tiles", layer.facts.tiles)] if layer.facts.tiles else []),
    ]
