"""The networks beside the paper: as a table, as JSON, and as docs/networks.md."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from vplat.deploy.models import NETWORKS
from vplat.deploy.report.figures import PaperFigures
from vplat.deploy.report.paper import BOARDS, figures_of
from vplat.plugins import Plugins

from .measuring import Measured, Wanted, measure


@dataclasses.dataclass(frozen=True)
class Gain:
    """What ITA adds to the cores: factors of throughput and of operations a joule."""

    throughput: float
    efficiency: float


PAPER_GAINS: Final = {"mobilebert": Gain(208.0, 102.0)}
"""The paper's, as remembered."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One measurement, with the paper's figures where it is what the paper measured."""

    measured: Measured
    published: PaperFigures | None
    gain: Gain | None
    """Over the cores alone, where those were measured, too."""

    @property
    def name(self) -> str:
        """The network, and who computes."""
        wanted = self.measured.wanted
        plural = "" if wanted.layers == 1 else "s"
        some = "" if wanted.layers is None else f", {wanted.layers} layer{plural}"
        engines = "cores" if wanted.cores_alone else "cores + ITA"
        return f"{NETWORKS[wanted.network].title}{some}, {engines}"

    def as_json(self) -> dict[str, Any]:
        """Plain data; fields are only ever added."""
        paper_gain = PAPER_GAINS.get(self.measured.wanted.network) if self.published else None
        return {
            **self.measured.as_json(),
            "paper": dataclasses.asdict(self.published) if self.published else None,
            "gain_over_cores": dataclasses.asdict(self.gain) if self.gain else None,
            "paper_gain_over_cores": dataclasses.asdict(paper_gain) if paper_gain else None,
        }


def take(wanted: Sequence[Wanted], plugins: Plugins, tell: Callable[[str], None]) -> list[Row]:
    """Measure all of them; ``tell`` hears what is being done."""
    measured = [measure(each, plugins, tell) for each in wanted]
    return [_row(each, measured) for each in measured]


def _row(one: Measured, every: Sequence[Measured]) -> Row:
    wanted = one.wanted
    alone = dataclasses.replace(wanted, cores_alone=True)
    base = next((each for each in every if each.wanted == alone), None)
    published = gain = None
    if not wanted.cores_alone:
        if wanted.layers is None and wanted.board in BOARDS:
            published = figures_of(wanted.network)
        if base is not None:
            gain = Gain(base.seconds / one.seconds, base.joules / one.joules)
    return Row(one, published, gain)


HEADINGS: Final = (
    *("network", "inf/s", "mJ", "GOp/s", "GOp/J", "mW", "ITA busy"),
    *("compiled in", "simulated in"),
)


def cells(row: Row) -> tuple[str, ...]:
    """A row as people read it, under `HEADINGS`; the paper's figures are in brackets."""
    one = row.measured
    busy = 100 * one.ita_busy_cycles / one.cycles
    return (
        row.name,
        *_beside(row),
        "" if one.wanted.cores_alone else f"{busy:.0f} %",
        f"{one.compile_seconds:.0f} s",
        f"{one.simulation_seconds:.0f} s",
    )


def _beside(row: Row) -> list[str]:
    """What the paper has figures of, too."""
    one, paper = row.measured, row.published
    ours = (
        one.inferences_a_second,
        1e3 * one.joules,
        one.giga_operations_a_second,
        one.giga_operations_a_joule,
        1e3 * one.watts,
    )
    if paper is None:
        return [_number(each) for each in ours]
    theirs = (
        paper.inferences_a_second,
        1e3 * paper.joules,
        paper.giga_operations_a_second,
        paper.giga_operations_a_joule,
        1e3 * paper.watts,
    )
    pairs = zip(ours, theirs, strict=True)
    return [f"{_number(here)} ({_number(there)})" for here, there in pairs]


def gains(rows: Iterable[Row], board: str) -> list[str]:
    """A sentence for each network on ``board`` that was measured without ITA, too."""
    told = []
    for row in rows:
        if row.gain is None or row.measured.wanted.board != board:
            continue
        network = row.measured.wanted.network
        paper = PAPER_GAINS.get(network) if row.published else None
        beside = ""
        if paper is not None:
            beside = (
                f" (the paper {paper.throughput:.0f} and {paper.efficiency:.0f}, as remembered)"
            )
        told.append(
            f"{NETWORKS[network].title}: with ITA {row.gain.throughput:.0f} times the throughput "
            f"and {row.gain.efficiency:.0f} times the efficiency of the cores alone{beside}."
        )
    return told


def markdown(rows: Sequence[Row], board: str) -> str:
    """The rows of one board as a table of Markdown, with what ITA adds below it."""
    lines = [f"| {' | '.join(HEADINGS)} |", "|---" + "|---:" * (len(HEADINGS) - 1) + "|"]
    lines += [f"| {' | '.join(cells(row))} |" for row in rows if row.measured.wanted.board == board]
    told = gains(rows, board)
    return "\n".join([*lines, "", *(f"* {each}" for each in told)] if told else lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
