"""``vplat bench networks``: what it measures, and how that stands beside the paper."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from tests.unit.command_line import CommandLine
from vplat.cli.networks.measuring import Measured, Wanted
from vplat.cli.networks.report import Gain, Row, cells, gains, markdown
from vplat.deploy.report.paper import figures_of

ITA = Measured(
    wanted=Wanted("mobilebert", "snitch-ita", cores_alone=False, operating_point="0.65V"),
    hertz=425_000_000,
    cycles=10_000_000,
    joules=0.0016,
    figure="estimated",
    operations=5_335_154_688,
    ita_busy_cycles=3_000_000,
    compile_seconds=12.4,
    simulation_seconds=33.3,
)


@pytest.fixture
def vplat(capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """``vplat`` in this process."""
    return CommandLine(capfd)


def test_figures_follow_from_cycles_joules_and_operations() -> None:
    assert ITA.inferences_a_second == pytest.approx(42.5)
    assert ITA.giga_operations_a_second == pytest.approx(226.7, abs=0.1)
    assert ITA.giga_operations_a_joule == pytest.approx(3334, abs=1)
    assert ITA.watts == pytest.approx(0.068)
    told = ITA.as_json()
    assert told["engines"] == "cores + ITA"
    assert told["seconds"] == pytest.approx(10 / 425)


def test_the_papers_figures_stand_in_brackets_beside_ours() -> None:
    row = Row(ITA, figures_of("mobilebert"), None)
    assert cells(row) == (
        "MobileBERT, cores + ITA",
        *("42.5 (32.5)", "1.6 (1.6)", "227 (154)", "3,334 (2,960)", "68 (52)", "30 %"),
        *("12 s", "33 s"),
    )
    alone = dataclasses.replace(ITA.wanted, cores_alone=True, layers=1)
    told = cells(Row(dataclasses.replace(ITA, wanted=alone), None, None))
    assert told[:3] == ("MobileBERT, 1 layer, cores", "42.5", "1.6")
    assert told[6] == ""


def test_what_ita_adds_is_a_sentence_under_the_boards_table() -> None:
    row = Row(ITA, figures_of("mobilebert"), Gain(190.4, 99.6))
    assert gains([row], "pulp-ita") == []
    text = markdown([row], "snitch-ita")
    assert text.splitlines()[-1] == (
        "* MobileBERT: with ITA 190 times the throughput and 100 times the efficiency of the cores "
        "alone (the paper 208 and 102, as remembered)."
    )
    assert row.as_json()["paper_gain_over_cores"] == {"throughput": 208.0, "efficiency": 102.0}


def test_one_layer_is_deployed_run_and_reported(vplat: CommandLine) -> None:
    ended = vplat(
        *("bench", "networks", "mobilebert", "--layers", "1"),
        *("--board", "snitch-ita", "--engines", "cores", "--json"),
    )
    assert ended.status == 0, ended.err
    (told,) = json.loads(ended.out)["measurements"]
    assert told["network"] == "mobilebert"
    assert told["operations"] == 222_298_112
    assert told["matches_reference"] is True
    assert told["paper"] is None
    # Eight cores that multiply once in a few cycles each.
    assert 0.2 < told["giga_operations_a_second"] < 4
    assert told["ita_busy_cycles"] == 0


def test_a_network_or_page_there_is_not_is_refused(vplat: CommandLine, tmp_path: Path) -> None:
    assert "did you mean 'mobilebert'" in vplat.refusal("bench", "networks", "mobilebart")
    page = tmp_path / "page.md"
    page.write_text("nothing to fill")
    assert "has no lines '<!-- measured: BOARD -->'" in vplat.refusal(
        "bench", "networks", "--markdown", page
    )
    assert page.read_text() == "nothing to fill"
