"""The texts that the fit makes: the energy table, and the page about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from fitting import Fit, Group, Point, owners_of, scaled

from vplat.cli.paper.benchmarks import BENCHMARKS, published
from vplat.cli.paper.measuring import Measured
from vplat.energy import EnergyMeter, EnergyTable
from vplat.machine.board import OperatingPoint
from vplat.machine.cost_table import CostTable

PAGE: Final = Path(__file__).with_name("page.md")
HEAD: Final = """\
# Energies of an eight-core cluster with ITA in 22 nm FD-SOI at 0.65 V. docs/energy.md tells where
# they come from and explains the keys. Written by tools/energy/fit.py from tools/energy/prior.toml:
# change that one.
#
# Only totals are known, as remembered, not read again. How a total is split over the lines is our
# estimate.

"""
DETERMINED: Final = {
    "cores": "15 % together: the published total is met within 1 %, what ran for it is not known",
    "products": "20 % together: the two published totals are met within 5 % on either side",
    "weighting": "50 %: what is left between the two published totals",
}
"""Groups that the published totals determine, and how far their lines may be off."""


def table_text(prior: str, groups: Sequence[Group], fit: Fit) -> str:
    """The fitted table."""
    owners = owners_of(prior, groups)
    body = scaled(prior, {line: fit.factors[owner] for line, owner in owners.items()})
    section, lines = "", []
    for line in body[body.index("doc = ") :].split("\n"):
        if header := re.match(r"\[(.+)\]", line):
            section = header[1].replace('"', "")
        key = re.match(r"(\w+) = \{ (?:picojoules|watts) = ", line)
        owner = owners.get(f"{section}.{key[1]}", "") if key else ""
        lines.append(_classed(line, owner, fit.factors[owner]) if owner else line)
    return HEAD + "\n".join(lines)


def _classed(line: str, owner: str, factor: float) -> str:
    """The line with the class of its figure and the factor behind it."""
    if 'figure = "exact"' in line:
        return line
    if owner in DETERMINED:
        figure = f'figure = "calibrated", error = "{DETERMINED[owner]}"'
        line = line.replace('figure = "estimated"', figure)
    return re.sub(r'" \}$', f'; times {factor:.2f} by the fit (docs/energy.md)" }}', line)


def page(
    prior: str,
    groups: Sequence[Group],
    fit: Fit,
    points: Sequence[Point],
    measured: Mapping[str, Measured],
    at: OperatingPoint,
) -> str:
    """docs/energy.md."""
    meter = EnergyMeter(EnergyTable(CostTable("fitted", table_text(prior, groups, fit))), at)
    return PAGE.read_text("utf-8").format(
        points="\n".join(_point_row(point, measured[point.name], fit) for point in points),
        factors="\n".join(_group_row(group, fit, points) for group in groups),
        names=" | ".join(BENCHMARKS[point.name].what for point in points),
        rule="|".join("---" for _ in points),
        components="\n".join(_components(meter, points)),
        tolerance="3 %",
    )


def _point_row(point: Point, measured: Measured, fit: Fit) -> str:
    benchmark = BENCHMARKS[point.name]
    wanted = published(point.name).giga_operations_a_joule
    got = wanted / (1.0 + fit.residual(point))
    return (
        f"| {benchmark.what}, {measured.size} | {wanted:,.4g} | {got:,.4g} | "
        f"{100 * (got / wanted - 1):+.1f} % |"
    )


def _group_row(group: Group, fit: Fit, points: Sequence[Point]) -> str:
    shares = (
        fit.parts[point.name][group.name] * fit.factors[group.name] / fit.models[point.name]
        for point in points
    )
    told = " | ".join(f"{100 * share:.0f} %" for share in shares)
    return f"| {group.what} | {group.spread:g} | {fit.factors[group.name]:.2f} | {told} |"


def _components(meter: EnergyMeter, points: Sequence[Point]) -> list[str]:
    """A row a component, with its share of each point."""
    energies = [meter.measure(point.statistics) for point in points]
    rows = []
    for name in energies[0].by_component:
        shares = [energy.by_component[name] / energy.total_joules for energy in energies]
        if any(share >= 0.0005 for share in shares):
            told = " | ".join(f"{100 * share:.1f} %" for share in shares)
            rows.append(f"| `{name}` | {told} |")
    return rows
