"""Fits the energy table to the paper's micro-benchmarks, and writes the table and docs/energy.md.

    python tools/energy/fit.py [--check]

It runs the benchmarks named in POINTS on the paper's cluster, scales groups of the prior table's
lines (prior.toml) so that they cost what the paper reports, and nothing else: no figure of a whole
network enters. ``--check`` writes nothing and fails if a file would change.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tools" / "energy")]

from fitting import Group, Point, fit  # noqa: E402
from telling import page, table_text  # noqa: E402

from vplat.cli.paper.benchmarks import BENCHMARKS, ENDINGS, PAPER_BOARD, PAPER_POINT, published  # noqa: E402
from vplat.cli.paper.measuring import Measured, measure  # noqa: E402
from vplat.demos import prebuilt  # noqa: E402
from vplat.plugins import Plugins  # noqa: E402
from vplat.session import find_board  # noqa: E402

PRIOR: Final = ROOT / "tools" / "energy" / "prior.toml"
TABLE: Final = ROOT / "vplat" / "energy" / "cluster-22nm.toml"
PAGE: Final = ROOT / "docs" / "energy.md"
POINTS: Final = {
    "gemm_ita": "bench_gemm_ita",
    "attention_ita": "bench_attention_ita",
    "gemm_cores": "bench_cores_gemm",
}
"""The published totals that are used, and the programs that make them."""
GROUPS: Final = (
    Group(
        "cores",
        "cores and instruction cache: cycles, instructions, fetches",
        (r"harts\.(?!memory_access).*", r"instructions\..*"),
        1.0,
    ),
    Group("static", "clock tree and leakage", (r"cluster\..*", r"leakage\..*"), 0.3),
    Group(
        "banks",
        "TCDM and interconnect, whoever accesses them",
        (
            r"harts\.memory_access",
            r"interconnect\..*",
            r"activities\..*\.(tcdm|interconnect)",
        ),
        0.5,
    ),
    Group("dma", "DMA and what is outside the cluster", (r"activities\..*\.(dma|l2)",), 2.0),
    Group(
        "products",
        "ITA's products of two full operands",
        (r"activities\.ita\.(?!av_)\w+_macs\.ita",),
        1.0,
    ),
    Group(
        "weighting", "ITA's products with probabilities", (r"activities\.ita\.av_macs\.ita",), 0.3
    ),
    Group("waiting", "ITA's clock", (r"activities\.ita\.busy_cycles\.ita",), 1.0),
    Group("events", "event unit and barrier", (r"activities\..*\.(event_unit|barrier)",), 0.3),
)


def points(measured: Mapping[str, Measured]) -> list[Point]:
    """The published totals in joules, for as many operations as were measured."""
    found = []
    for name, each in measured.items():
        joules = each.operations / (published(name).giga_operations_a_joule * 1e9)
        found.append(Point(name, each.statistics, joules))
    return found


def measurements() -> dict[str, Measured]:
    """Each point, measured on the paper's cluster."""
    plugins, programs = Plugins(installed=False), prebuilt()
    found = {}
    for name, program in POINTS.items():
        compared = BENCHMARKS[name].compared
        lines = measure(programs[program + ENDINGS[PAPER_BOARD]], PAPER_BOARD, PAPER_POINT, plugins)
        found[name] = next(each for each in lines if (each.size, each.variant) == compared)
    return found


def results() -> dict[Path, str]:
    """The files that the fit makes, with their texts."""
    prior = PRIOR.read_text("utf-8")
    measured = measurements()
    fitted = points(measured)
    at = find_board(PAPER_BOARD, Plugins(installed=False)).operating_point(PAPER_POINT)
    found = fit(prior, GROUPS, fitted, at)
    for group, factor in found.factors.items():
        if factor <= 0:
            raise SystemExit(f"group {group} gets the factor {factor:.3f}; let its spread be less")
    return {
        TABLE: table_text(prior, GROUPS, found),
        PAGE: page(prior, GROUPS, found, fitted, measured, at),
    }


def main() -> int:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    check = parser.parse_args().check
    stale = []
    for path, text in results().items():
        if not check:
            path.write_text(text, "utf-8")
        elif path.read_text("utf-8") != text:
            stale.append(str(path.relative_to(ROOT)))
    if stale:
        told = f"{', '.join(stale)}: not what the fit makes; run python tools/energy/fit.py"
        sys.stderr.write(told + "\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
