"""Scales groups of a table's lines so that runs cost what was published: pure arithmetic.

Few totals are known and many lines make them up, so the totals alone determine nothing. What is
sought is the table nearest to the prior one that meets the totals: each group of lines gets one
factor, and the factors minimise

    sum over runs   ((model - published) / (TOLERANCE * published))^2
  + sum over groups ((factor - 1) / spread of the group)^2

which is linear in the factors, so it has one solution (least squares with a Gaussian prior).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from vplat.energy import EnergyMeter, EnergyTable
from vplat.machine.board import OperatingPoint
from vplat.machine.cost_table import CostTable
from vplat.machine.statistics import Statistics

TOLERANCE: Final = 0.03
"""How closely a published total is to be met, as a part of it: what ran for it is not known in
detail, and the totals are remembered with two or three digits."""
Floats = npt.NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Group:
    """Lines that one factor scales; ``lines`` are patterns of their dotted keys.

    ``spread`` is how far the factor may well be from 1.
    """

    name: str
    what: str
    lines: tuple[str, ...]
    spread: float

    def holds(self, line: str) -> bool:
        """Whether the line with this dotted key belongs to the group."""
        return any(re.fullmatch(pattern, line) for pattern in self.lines)


@dataclasses.dataclass(frozen=True)
class Point:
    """A published total: what the activities of a run cost, in joules."""

    name: str
    statistics: Statistics
    joules: float


@dataclasses.dataclass(frozen=True)
class Fit:
    """``factors`` by group; ``parts`` has the joules of each point by group, before the fit."""

    factors: Mapping[str, float]
    parts: Mapping[str, Mapping[str, float]]
    models: Mapping[str, float]

    def residual(self, point: Point) -> float:
        """How far the fitted table is off, as a part of what was published."""
        return self.models[point.name] / point.joules - 1.0


def fit(prior: str, groups: Sequence[Group], points: Sequence[Point], at: OperatingPoint) -> Fit:
    """The factors for a table whose text is ``prior``; every line is in one group.

    Raises ``ValueError`` for a line that is in none or in several.
    """
    owners = owners_of(prior, groups)
    parts = {
        point.name: {group.name: _joules(prior, owners, group, point, at) for group in groups}
        for point in points
    }
    shares: Floats = np.array(
        [[parts[p.name][g.name] / p.joules for g in groups] for p in points], np.float64
    )
    spreads: Floats = np.array([group.spread for group in groups], np.float64)
    # Unknown is x = (factor - 1) / spread, whose prior is a unit Gaussian.
    design = np.vstack([shares * spreads / TOLERANCE, np.eye(len(groups))])
    wanted = np.concatenate([(1.0 - shares.sum(axis=1)) / TOLERANCE, np.zeros(len(groups))])
    solution = np.linalg.lstsq(design, wanted, rcond=None)[0]
    factors = {
        group.name: float(1.0 + spread * x)
        for group, spread, x in zip(groups, spreads, solution, strict=True)
    }
    models = {
        point.name: sum(parts[point.name][name] * factor for name, factor in factors.items())
        for point in points
    }
    return Fit(factors, parts, models)


def owners_of(prior: str, groups: Sequence[Group]) -> dict[str, str]:
    """The group of every line of the table that is a price."""
    table = EnergyTable(CostTable("prior", prior))
    owners = {}
    for line in table.lines:
        if line.startswith("scaling."):
            continue
        found = [group.name for group in groups if group.holds(line)]
        if len(found) != 1:
            raise ValueError(f"{line} is in {len(found)} groups; let one hold it")
        owners[line] = found[0]
    return owners


def scaled(prior: str, factors: Mapping[str, float]) -> str:
    """The text of a table with the price on each line times the factor of its dotted key."""
    section, lines = "", []
    for line in prior.split("\n"):
        if header := re.match(r"\[(.+)\]", line):
            section = header[1].replace('"', "")
        found = re.match(r"(\w+) = \{ (picojoules|watts) = ([^,]+),", line)
        factor = factors.get(f"{section}.{found[1]}", 1.0) if found else 1.0
        amount = f"{float(found[3]) * factor:.4g}" if found else ""
        lines.append(line.replace(found[3], amount, 1) if found else line)
    return "\n".join(lines)


def _joules(
    prior: str, owners: Mapping[str, str], group: Group, point: Point, at: OperatingPoint
) -> float:
    """What the lines of one group make of a point: the table with all other lines zero."""
    only = {line: float(owner == group.name) for line, owner in owners.items()}
    table = EnergyTable(CostTable("prior", scaled(prior, only)))
    return EnergyMeter(table, at).measure(point.statistics).total_joules
