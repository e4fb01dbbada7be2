"""Attention streamed from outside L1 on the paper's cluster, beside the authors' RTL trace."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.system.streamed_attention import Attention, build, tiled
from vplat.machine.console import RecordingConsole
from vplat.machine.outcome import Ending
from vplat.plugins import Plugins
from vplat.session.session import Session
from vplat.session.settings import Settings

BOARD = "snitch-ita-2024"
SEED = 1

# snitch-ita-cluster.md section 9: busy cycles of each job, their sum, first rise to last fall.
# fmt: off
TRACE = (
    294, 368, 271, 372,  # Q
    271, 372, 271, 370,  # K
    272, 354, 271, 331,  # V
    383, 503, 265, 335,  # QK and AV of row block 0
    391, 531, 268, 316,  # and of row block 1
    363, 364, 339, 329,  # OW
)
# fmt: on
TRACE_BUSY, TRACE_SPAN = 8205, 8748
MACS_A_CYCLE, JOB_MACS = 1024, 64**3


@dataclasses.dataclass(frozen=True)
class Ran:
    """A run that is over, and when busy rose and fell."""

    session: Session
    ending: Ending
    edges: list[tuple[int, int]]

    @property
    def jobs(self) -> list[int]:
        """Busy cycles of each job."""
        levels = [cycle for cycle, _ in self.edges]
        return [fall - rise for rise, fall in zip(levels[::2], levels[1::2], strict=True)]

    @property
    def span(self) -> int:
        """Cycles from the first rise of busy to its last fall."""
        return self.edges[-1][0] - self.edges[0][0]


@pytest.fixture(scope="module")
def attention() -> Attention:
    return Attention(SEED)


@pytest.fixture(scope="module")
def elf(attention: Attention, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(attention, tmp_path_factory.mktemp("streamed_attention"))


def run(elf: Path, *, native: bool = True) -> Ran:
    session = Session(elf, Plugins(), RecordingConsole(), Settings(board=BOARD, native=native))
    machine = session.machine
    edges: list[tuple[int, int]] = []
    machine.devices["ita"].connect("busy", lambda level, _: edges.append((machine.now, level)))
    outcome = session.run().outcome
    return Ran(session, outcome.ending, edges)


@pytest.fixture(scope="module")
def ran(elf: Path) -> Ran:
    return run(elf)


def test_every_step_leaves_what_the_first_release_computes(ran: Ran, attention: Attention) -> None:
    assert ran.ending is Ending.EXITED
    assert ran.session.machine.findings == []
    bus = ran.session.machine.bus
    wrong = [
        name
        for name, matrix in attention.results().items()
        if bus.peek(attention.at[name], matrix.size) != tiled(matrix)
    ]
    assert wrong == []


@pytest.mark.parametrize("job", range(len(TRACE)))
def test_a_job_takes_the_cycles_of_the_trace_within_12_percent(ran: Ran, job: int) -> None:
    assert len(ran.jobs) == len(TRACE)
    assert ran.jobs[job] == pytest.approx(TRACE[job], rel=0.12)


def test_the_accelerator_is_busy_for_the_cycles_of_the_trace_within_3_percent(ran: Ran) -> None:
    assert sum(ran.jobs) == pytest.approx(TRACE_BUSY, rel=0.03)
    assert ran.session.machine.devices["ita"].activities["busy_cycles"] == sum(ran.jobs)


def test_all_jobs_together_span_the_cycles_of_the_trace_within_3_percent(ran: Ran) -> None:
    assert ran.span == pytest.approx(TRACE_SPAN, rel=0.03)


def test_its_utilisation_is_the_paper_s_within_3_percent(ran: Ran) -> None:
    macs = JOB_MACS * len(ran.jobs)
    assert macs / MACS_A_CYCLE / sum(ran.jobs) == pytest.approx(0.749, rel=0.03)


def test_it_takes_the_same_cycles_on_either_probe(ran: Ran, elf: Path) -> None:
    other = run(elf, native=False)
    assert other.edges == ran.edges
