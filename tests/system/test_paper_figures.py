"""The paper's micro-benchmarks: the figures stand where they are said to stand."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from vplat.cli.paper.benchmarks import BENCHMARKS, ENDINGS, PAPER_POINT
from vplat.cli.paper.page import filled
from vplat.cli.paper.report import Row, markdown, take
from vplat.errors import UsageError
from vplat.plugins import Plugins

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("paper")


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return take(list(ENDINGS), PAPER_POINT, Plugins(installed=False), lambda told: None)


def compared(rows: list[Row]) -> dict[str, Row]:
    return {row.measured.name: row for row in rows if row.is_compared}


def test_speeds_are_those_of_the_paper(rows: list[Row]) -> None:
    found = compared(rows)
    assert found["gemm_ita"].speed_ratio == pytest.approx(1, abs=0.05)
    assert found["attention_ita"].speed_ratio == pytest.approx(1, abs=0.05)
    assert found["gemm_cores"].speed_ratio == pytest.approx(1, abs=0.10)


def test_efficiencies_are_those_of_the_paper(rows: list[Row]) -> None:
    found = compared(rows)
    assert found["gemm_ita"].efficiency_ratio == pytest.approx(1, abs=0.05)
    assert found["attention_ita"].efficiency_ratio == pytest.approx(1, abs=0.05)
    assert found["gemm_cores"].efficiency_ratio == pytest.approx(1, abs=0.10)


def test_every_benchmark_is_measured_on_every_board(rows: list[Row]) -> None:
    measured = {(row.measured.name, row.measured.board) for row in rows}
    assert measured == {(name, board) for name in BENCHMARKS for board in ENDINGS}


def test_the_parts_of_a_row_add_up(rows: list[Row]) -> None:
    for row in rows:
        told: dict[str, Any] = json.loads(json.dumps(row.as_json()))
        assert sum(told["by_component"].values()) == pytest.approx(told["joules"])
        parts = sum(sum(parts.values()) for parts in told["by_part"].values())
        assert parts == pytest.approx(told["joules"])


def test_the_page_shows_what_is_measured(rows: list[Row]) -> None:
    text = (ROOT / "docs" / "paper.md").read_text("utf-8")
    tables = {board: markdown(rows, board) for board in ENDINGS}
    assert filled(text, tables) == text, "run `vplat bench paper --markdown docs/paper.md`"


def test_table_and_page_of_energy_are_what_the_fit_makes() -> None:
    for path, text in fitting_script().results().items():
        assert path.read_text("utf-8") == text, f"{path.name}: run python tools/energy/fit.py"


def test_a_board_without_benchmarks_is_refused_with_those_that_have_them() -> None:
    with pytest.raises(UsageError, match="no benchmark is built for board 'pulp-ita-idma'; there"):
        take(["pulp-ita-idma"], PAPER_POINT, Plugins(installed=False), lambda told: None)


def fitting_script() -> ModuleType:
    """tools/energy/fit.py, which is a program and no part of the package."""
    path = ROOT / "tools" / "energy" / "fit.py"
    spec = importlib.util.spec_from_file_location("fit", path)
    if spec is None or spec.loader is None:
        raise AssertionError(f"{path} is missing")
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module
