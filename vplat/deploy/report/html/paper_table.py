"""The network's figures beside the paper's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..figures import Report
from ..paper import BOARDS
from ..tables import beside_the_paper
from .markup import Markup, tag
from .sections import meter, section

CLOSE, FAIR = 0.9, 0.67
"""Ratios from which a figure counts as close to the paper's, and as not far from it."""
PAPER_VOLTS: Final = 0.65
COUNTING: Final = (
    "The paper's way of counting operations is not known exactly; here they are the "
    "multiply-accumulates of the network's own products and convolutions, times two."
)


def paper_section(report: Report) -> Markup:
    """The network beside the paper; nothing for other networks."""
    if report.paper is None:
        return Markup("")
    sheet = beside_the_paper(report)
    headings = [tag("th", each, class_="n") for each in sheet.headings[1:]]
    headings.insert(2, tag("td", ""))
    table = tag(
        "table",
        tag("thead", tag("tr", tag("td"), headings)),
        tag("tbody", (_row(*cells) for cells in sheet.rows)),
    )
    return section(
        "Beside the paper",
        "arXiv 2408.02473, eight cores with ITA in 22 nm",
        table,
        *(tag("p", note, class_="aside") for note in _notes(report)),
    )


def _row(what: str, here: str, paper: str, ratio: str) -> Markup:
    value = float(ratio.split(maxsplit=1)[0])
    longer = max(value, 1.0)
    bars = meter(value / longer, "var(--ita)"), meter(1 / longer, "var(--k8)")
    return tag(
        "tr",
        tag("th", what, scope="row"),
        tag("td", here, class_="n big"),
        tag("td", paper, class_="n"),
        tag("td", bars, class_="pair"),
        tag("td", tag("span", ratio, class_=f"ratio {_mark(what, value)}"), class_="n"),
    )


def _mark(what: str, ratio: float) -> str:
    """How it stands: of energy and power less is better, and operations are neither."""
    if "operations" in what or not ratio:
        return ""
    better = 1 / ratio if "energy" in what or "power" in what else ratio
    return "good" if better >= CLOSE else "fair" if better >= FAIR else "poor"


def _notes(report: Report) -> Iterator[str]:
    yield COUNTING
    if report.board not in BOARDS or abs(report.point.volts - PAPER_VOLTS) > 0.001:
        yield (
            f"The paper's figures are of its own cluster at {PAPER_VOLTS} V, not of "
            f"{report.board} at {report.point.volts:.2f} V."
        )
