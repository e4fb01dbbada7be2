"""The parts of the page beside timeline and memory maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..figures import Report
from ..quantities import percent, plain, quantity
from ..tables import by_kind
from .markup import Markup, join, tag


def key_figures(report: Report) -> Markup:
    """The figures that one looks for first."""
    speed = f"{plain(report.giga_operations_a_second)} GOp/s"
    efficiency = f"{plain(report.giga_operations_a_joule)} GOp/J"
    tiles = [
        _tile("time", quantity(report.seconds, "s"), f"{report.cycles:,} cycles"),
        _tile("throughput", f"{plain(report.inferences_a_second)} /s", "inferences"),
        _tile("energy", quantity(report.joules, "J"), report.figure),
        _tile("mean power", quantity(report.watts, "W"), "at " + report.point.name),
        _tile("speed", speed, f"{quantity(report.operations, 'Op')} an inference"),
        _tile("efficiency", efficiency, "two operations a MAC"),
    ]
    used = f"{percent(report.ita_utilisation)} of its peak while busy"
    shares = [
        ("ITA busy", report.share(report.ita), used, "ita"),
        ("DMA busy", report.share(report.dma), "copies under way", "dma"),
        ("cores active", report.cores_share, f"mean of {len(report.computing)} harts", "cores"),
    ]
    shown = shares if report.ita else shares[1:]
    width = "third" if len(shown) == len(shares) else "half"
    tiles += [
        _tile(name, percent(share), note, meter(share, f"var(--{colour})"), width=width)
        for name, share, note, colour in shown
    ]
    return tag("dl", tiles, class_="key")


def meter(share: float, colour: str) -> Markup:
    """A bar that is full at 1; what it says is beside it as text."""
    bar = tag("i", style=f"width:{100 * min(share, 1.0):.1f}%;--c:{colour}")
    return tag("div", bar, class_="meter", aria_hidden="true")


def _tile(name: str, value: str, note: str, *below: Markup, width: str = "") -> Markup:
    shown = tag("dd", value, class_="value")
    noted = tag("dd", note, below, class_="note")
    return tag("div", tag("dt", name), shown, noted, class_=width or None)


def section(title: str, note: str, *content: Markup, beside: Markup | None = None) -> Markup:
    """A card with its heading."""
    head = tag("div", tag("h2", title), tag("p", note), beside or Markup(""), class_="head")
    return tag("section", head, *content, id=title.lower().replace(" ", "-"))


def kinds_section(report: Report, colours: Mapping[str, str]) -> Markup:
    """Where the time goes, by kind of layer."""
    kinds = by_kind(report)
    rows = []
    for each in kinds:
        share = report.share(each.cycles)
        energy = each.energy / report.joules if report.joules else 0.0
        rows.append(
            tag(
                "tr",
                tag("td", tag("span", class_=f"swatch {colours[each.kind]}"), each.kind),
                tag("td", str(len(each.layers)), class_="n"),
                tag("td", percent(share), meter(share, "var(--c)"), class_="n use"),
                tag("td", percent(energy), meter(energy, "var(--power)"), class_="n use"),
                class_=colours[each.kind],
            )
        )
    stack = [
        tag(
            "i",
            class_=colours[each.kind],
            style=f"flex:{max(each.cycles, 1)} 0 0",
            title=f"{each.kind}: {each.cycles:,} cycles",
        )
        for each in kinds
    ]
    between = report.cycles - sum(each.cycles for each in kinds)
    told = f"{percent(report.share(between))} of the time is between layers"
    return section(
        "Time by kind of layer",
        told,
        tag("div", stack, class_="stack", aria_hidden="true"),
        _table(("kind", "layers", "time", "energy"), rows),
    )


def energy_section(report: Report) -> Markup:
    """Where the energy goes, by component."""
    totals: dict[str, float] = {}
    for layer in report.layers:
        for component, joules in layer.joules.items():
            totals[component] = totals.get(component, 0.0) + joules
    parts = sorted(((name, joules) for name, joules in totals.items() if joules > 0), key=_joules)
    styles = {name: f"k{min(place, 8)}" for place, (name, _) in enumerate(parts)}
    rows = []
    for name, joules in parts:
        share = joules / report.joules
        rows.append(
            tag(
                "tr",
                tag("td", tag("span", class_=f"swatch {styles[name]}"), name.replace("_", " ")),
                tag("td", quantity(joules, "J"), class_="n"),
                tag("td", percent(share), meter(share, "var(--c)"), class_="n use"),
                class_=styles[name],
            )
        )
    stack = [
        tag("i", class_=styles[name], style=f"flex:{joules / report.joules:.6f} 0 0", title=name)
        for name, joules in parts
    ]
    return section(
        "Energy by component",
        f"{quantity(report.joules, 'J')} an inference, {report.figure}",
        tag("div", stack, class_="stack", aria_hidden="true"),
        _table(("component", "energy", "share"), rows),
    )


def _joules(part: tuple[str, float]) -> float:
    return -part[1]


def _table(headings: tuple[str, ...], rows: Iterable[Markup]) -> Markup:
    first, *others = headings
    head = tag("tr", tag("th", first), (tag("th", each, class_="n") for each in others))
    return tag("table", tag("thead", head), tag("tbody", rows))


def footer(report: Report) -> Markup:
    """What the figures mean."""
    return tag(
        "footer",
        tag(
            "p",
            "Cycles are those of the simulated cluster; docs/timing.md and docs/energy.md explain "
            f"the classes of figures, and the energy here is {report.figure}. A layer's busy "
            "shares are of its own time, so they overlap: cores, DMA and ITA work at once.",
        ),
        tag(
            "p",
            f"{report.network} on {report.board}, {report.point.name}, "
            f"{report.point.hertz / 1e6:g} MHz; written by vplat deploy.",
        ),
    )


def together(*parts: Markup) -> Markup:
    """Sections side by side where there is room."""
    return tag("div", join(*parts), class_="columns")
