"""The benchmarks, and what the paper (arXiv 2408.02473) reports of the same kind.

The published figures are those of ``paper.md``, as remembered there: targets to compare with, not
quotations.
"""

from __future__ import annotations

import dataclasses
from typing import Final

PAPER_BOARD: Final = "snitch-ita"
"""The board that is the paper's cluster."""
PAPER_POINT: Final = "0.65V"
ENDINGS: Final = {PAPER_BOARD: "_snitch", "pulp-ita": ""}
"""Boards, and how the names of programs built for them end."""


@dataclasses.dataclass(frozen=True)
class Published:
    """What the paper has, at 0.65 V and 425 MHz; operations are two for a multiply-accumulate."""

    giga_operations_a_second: float
    giga_operations_a_joule: float
    utilisation: float | None = None
    """The part of ITA's multipliers at work, of the time that the paper counts."""


@dataclasses.dataclass(frozen=True)
class Benchmark:
    """What one kind of ``bench NAME`` line measures, and what it stands beside."""

    what: str
    published: Published | None = None
    compared: tuple[str, str] = ("", "")
    """Size and variant of the measurement that stands beside the published figure."""


PROGRAMS: Final = (
    "bench_gemm_ita",
    "bench_attention_ita",
    "bench_cores_gemm",
    "bench_cores_attention",
    "bench_cores_layers",
)
BENCHMARKS: Final = {
    "gemm_ita": Benchmark("GEMM on ITA", Published(741.0, 5420.0, 0.851), ("256", "")),
    "attention_ita": Benchmark(
        "single-head attention on ITA", Published(663.0, 6350.0, 0.749), ("128", "")
    ),
    "gemm_cores": Benchmark("GEMM on eight cores", Published(0.75, 29.0), ("128", "direct")),
    "attention_cores": Benchmark("single-head attention on eight cores"),
    "layer_norm_cores": Benchmark("layer normalisation on eight cores"),
    "rms_norm_cores": Benchmark("RMS normalisation on eight cores"),
    "residual_add_cores": Benchmark("residual addition on eight cores"),
    "head_sum_cores": Benchmark("sum of four heads on eight cores"),
    "softmax_cores": Benchmark("softmax on eight cores"),
    "gelu_cores": Benchmark("GELU on eight cores"),
}


def published(name: str) -> Published:
    """What the paper has of the benchmark ``name``; ``KeyError`` if it has nothing."""
    found = BENCHMARKS[name].published
    if found is None:
        raise KeyError(name)
    return found
