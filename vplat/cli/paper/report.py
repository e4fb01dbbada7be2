"""The measurements beside the paper: as a table, as JSON, and as docs/paper.md."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from vplat.demos import prebuilt
from vplat.errors import UsageError
from vplat.plugins import Plugins

from .benchmarks import BENCHMARKS, ENDINGS, PAPER_BOARD, PROGRAMS, Benchmark, Published
from .measuring import Measured, measure


@dataclasses.dataclass(frozen=True)
class Row:
    """One measurement, with what it stands beside; None where the paper has nothing of it."""

    measured: Measured
    benchmark: Benchmark
    published: Published | None

    @property
    def is_compared(self) -> bool:
        """It is the measurement that the published figure is held against."""
        here = (self.measured.size, self.measured.variant)
        return self.published is not None and here == self.benchmark.compared

    @property
    def name(self) -> str:
        """What was measured, its size and its variant."""
        parts = (self.benchmark.what, self.measured.size, self.measured.variant)
        return ", ".join(part for part in parts if part)

    @property
    def speed_ratio(self) -> float | None:
        """Ours to the paper's operations a second."""
        if self.published is None:
            return None
        return self.measured.giga_operations_a_second / self.published.giga_operations_a_second

    @property
    def efficiency_ratio(self) -> float | None:
        """Ours to the paper's operations a joule."""
        if self.published is None:
            return None
        return self.measured.giga_operations_a_joule / self.published.giga_operations_a_joule

    @property
    def figure_of_speed(self) -> str:
        """ITA's cycles on the paper's cluster are calibrated on the RTL; the cores' are not."""
        on_ita = self.measured.utilisation is not None
        return "calibrated" if on_ita and self.measured.board == PAPER_BOARD else "estimated"

    @property
    def figure_of_efficiency(self) -> str:
        """The table is fitted to what is compared, and to nothing else."""
        return "calibrated" if self.is_compared else "estimated"

    def as_json(self) -> dict[str, Any]:
        """Plain data; fields are only ever added."""
        paper = dataclasses.asdict(self.published) if self.published else None
        return {
            **self.measured.as_json(),
            "what": self.benchmark.what,
            "paper": paper,
            "compared": self.is_compared,
            "ratio_of_speed": self.speed_ratio,
            "ratio_of_efficiency": self.efficiency_ratio,
            "figure_of_speed": self.figure_of_speed,
            "figure_of_efficiency": self.figure_of_efficiency,
        }


def take(
    boards: Sequence[str], point: str, plugins: Plugins, tell: Callable[[str], object]
) -> list[Row]:
    """Run every benchmark on these boards; ``tell`` hears what runs.

    ``UsageError`` for a board that no benchmark was built for, or where the programs are missing.
    """
    programs = prebuilt()
    rows = []
    for board in boards:
        if board not in ENDINGS:
            known = " and ".join(ENDINGS)
            raise UsageError(f"no benchmark is built for board {board!r}; there are {known}")
        for name in PROGRAMS:
            file = programs.get(name + ENDINGS[board])
            if file is None:
                raise UsageError(
                    f"the program {name}{ENDINGS[board]}.elf did not come with this installation; "
                    "install vplat again, or run `make firmware` in a checkout"
                )
            tell(f"{name} on {board}")
            rows += [_row(each, board) for each in measure(file, board, point, plugins)]
    return rows


def _row(measured: Measured, board: str) -> Row:
    benchmark = BENCHMARKS[measured.name]
    beside = benchmark.published if board == PAPER_BOARD else None
    if measured.variant and measured.variant != benchmark.compared[1]:
        beside = None
    return Row(measured, benchmark, beside)


HEADINGS = (
    *("what", "cycles", "GOp/s", "paper", "ratio", "GOp/J", "paper", "ratio", "mW", "ITA busy"),
    "class",
)


def cells(row: Row) -> tuple[str, ...]:
    """A row as people read it, under ``HEADINGS``."""
    measured, paper = row.measured, row.published
    multiplies = measured.operations > 0
    busy, used = measured.busy_share, measured.utilisation
    return (
        row.name,
        f"{measured.cycles:,}",
        _number(measured.giga_operations_a_second) if multiplies else "",
        _number(paper.giga_operations_a_second) if paper else "",
        _ratio(row.speed_ratio),
        _number(measured.giga_operations_a_joule) if multiplies else "",
        _number(paper.giga_operations_a_joule) if paper else "",
        _ratio(row.efficiency_ratio),
        f"{1e3 * measured.energy.average_watts:.1f}",
        f"{100 * busy:.0f} %, {100 * used:.1f} % used" if busy and used else "",
        " / ".join(dict.fromkeys((row.figure_of_speed, row.figure_of_efficiency))),
    )


def markdown(rows: Iterable[Row], board: str) -> str:
    """The rows of one board as a table of Markdown; what is compared is bold."""
    lines = [f"| {' | '.join(HEADINGS)} |", "|---" + "|---:" * (len(HEADINGS) - 1) + "|"]
    for row in rows:
        if row.measured.board == board:
            told = list(cells(row))
            if row.is_compared:
                told[0] = f"**{told[0]}**"
            lines.append(f"| {' | '.join(told)} |")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _ratio(ratio: float | None) -> str:
    return "" if ratio is None else f"{100 * (ratio - 1):+.1f} %"
