"""Devices whose accesses are refused: what they do with the time."""

from __future__ import annotations

import dataclasses

import pytest

from tests.peripherals.ita_driver import (
    CTRL_STREAM,
    INPUT,
    NEXT_WEIGHTS,
    NEXTLOAD,
    NO_BIAS,
    NO_OUTPUT,
    OUTPUT,
    PRELOAD,
    TILES,
    TRIGGER,
    WEIGHT_PTR0,
    Driver,
    identity,
    random_tile,
)
from tests.peripherals.test_idma_copies import Shape, launch
from vplat.model import Mark, Rank
from vplat.peripherals.cluster_control import ClusterControl
from vplat.peripherals.idma import Idma
from vplat.peripherals.ita import Ita
from vplat.peripherals.ita.timing import BEAT_BYTES
from vplat.peripherals.mchan import Mchan
from vplat.testing.bench import Bench

TCDM = 0x1000_0000


@dataclasses.dataclass
class Crowded:
    """A port of which a share of the cycles is refused between two cycles."""

    bench: Bench
    begin: int = 0
    end: int = 1 << 30
    share: float = 0.0
    used: list[tuple[int, int, int]] = dataclasses.field(default_factory=list)

    def occupy(self, begin: int, end: int, accesses: int) -> None:
        self.used.append((begin, end, accesses))

    def mark(self) -> Mark:
        return Mark(self.bench.now)

    def refused(self, since: Mark, unaligned: float = 0.0) -> float:
        assert 0.0 <= unaligned < 1.0
        cycles = min(self.bench.now, self.end) - max(since.cycle, self.begin)
        return self.share * max(0, cycles)


@pytest.fixture
def ita() -> Driver:
    return Driver()


def crowd(driver: Driver, share: float, end: int = 1 << 30) -> Crowded:
    """Put a port between the accelerator and its memory that refuses this share."""
    port = Crowded(driver.bench, end=end, share=share)
    driver.bench.ports[0, BEAT_BYTES] = port
    driver.ita.reset()
    return port


def busy_cycles(driver: Driver) -> int:
    driver.bench.settle()
    return driver.ita.activities["busy_cycles"]


@pytest.mark.parametrize(("share", "cycles"), [(0.1, 335), (0.2, 375), (0.3, 431), (0.5, 600)])
def test_a_job_that_stores_takes_as_long_as_measured_with_refusals(
    ita: Driver, share: float, cycles: int
) -> None:
    crowd(ita, share)
    ita.commit({CTRL_STREAM: PRELOAD})
    assert busy_cycles(ita) == pytest.approx(cycles, rel=0.03)


def test_a_job_that_stores_nothing_hides_refusals(ita: Driver) -> None:
    crowd(ita, 0.2)
    ita.commit({CTRL_STREAM: PRELOAD | NO_OUTPUT, TILES: 0x1121})
    assert busy_cycles(ita) == 284


def test_only_refusals_during_the_job_lengthen_it(ita: Driver) -> None:
    crowd(ita, 1.0, end=100)
    ita.bench.advance(100)
    ita.commit({CTRL_STREAM: PRELOAD})
    assert busy_cycles(ita) == 306


def test_the_output_and_the_event_come_when_the_longer_job_ends(ita: Driver) -> None:
    crowd(ita, 0.5)
    ita.commit({CTRL_STREAM: PRELOAD})
    ita.bench.advance(400)
    assert not [sent for sent in ita.bench.sent if sent.output == "finished"]
    ita.bench.settle()
    (event,) = [sent for sent in ita.bench.sent if sent.output == "finished"]
    busy = [sent.cycle for sent in ita.bench.sent if sent.output == "busy"]
    assert event.cycle == busy[-1] == busy[0] + ita.ita.activities["busy_cycles"]


def test_the_accelerator_tells_how_it_uses_its_port(ita: Driver) -> None:
    port = crowd(ita, 0.0)
    ita.commit({CTRL_STREAM: PRELOAD | NO_BIAS})
    ita.bench.settle()
    ((begin, end, accesses),) = port.used
    assert (end - begin, accesses) == (304, 288)


def test_a_soft_clear_in_a_longer_job_ends_it(ita: Driver) -> None:
    crowd(ita, 0.5)
    ita.commit({CTRL_STREAM: PRELOAD | NEXTLOAD})
    ita.bench.advance(400)
    ita.put(0x14, 0)
    ita.bench.settle()
    assert ita.ita.doing().startswith("stuck")
    assert not [sent for sent in ita.bench.sent if sent.output == "finished"]


def test_weights_that_the_dma_brings_while_a_job_runs_are_in_time_for_the_next(
    ita: Driver,
) -> None:
    ita.fill(INPUT, identity())
    ita.commit({CTRL_STREAM: PRELOAD | NEXTLOAD})
    ita.program({WEIGHT_PTR0: NEXT_WEIGHTS, CTRL_STREAM: 0})
    ita.fill(NEXT_WEIGHTS, random_tile(2))
    ita.put(TRIGGER, 0)
    ita.bench.settle()
    assert ita.rules == []
    assert (ita.tile(OUTPUT) == random_tile(2).T).all()


def qk_jobs(revision: str, stream: int) -> list[int]:
    """Busy cycles of the QK jobs of a layer of 2 x 1 x 1 tiles, from their events."""
    bench = Bench()
    device = bench.build(Ita, {"revision": revision})
    for job in range(8):
        bench.store(device, TILES, 0x112 if revision == "2024-08" else 0x1112)
        bench.store(device, stream, PRELOAD)
        bench.store(device, TRIGGER, 0)
        bench.settle()
        assert len([sent for sent in bench.sent if sent.output == "finished"]) == job + 1
    edges = [sent.cycle for sent in bench.sent if sent.output == "busy"]
    return [fall - rise for rise, fall in zip(edges[::2], edges[1::2], strict=True)][6:8]


def test_the_first_release_takes_longer_over_the_job_that_completes_a_row_block() -> None:
    assert qk_jobs("2024-08", 0x54) == [304, 304 + 105]
    assert qk_jobs("2025-04", 0x58) == [306, 306]


def test_a_dma_that_is_refused_half_the_time_takes_twice_the_cycles_for_its_data() -> None:
    finished = []
    for share in (0.0, 0.5):
        bench = Bench()
        bench.ports[TCDM, 8] = Crowded(bench, share=share)
        mchan = bench.build(Mchan)
        bench.load(mchan, "cmd", window=mchan.windows["core"])
        for word in (800 | 1 << 17 | 1 << 18 | 1 << 20, TCDM, 0x1C00_0000):
            bench.store(mchan, "cmd", word, window=mchan.windows["core"])
        bench.settle()
        finished += [sent.cycle for sent in bench.sent if sent.output == "finished"]
    alone, crowded = finished
    assert crowded - alone == 100


def test_a_transfer_that_had_to_wait_is_not_overtaken_by_the_next_one_of_its_stream() -> None:
    bench = Bench()
    bench.ports[TCDM, 8] = Crowded(bench, share=0.9, end=150)
    dma = bench.build(Idma)
    bench.bus.write(0x1C00_0000, bytes(range(256)) * 4)
    launch(bench, dma, Shape(0x1C00_0000, TCDM, 800))
    launch(bench, dma, Shape(0x1C00_0000, TCDM + 0x400, 8))
    done = []
    for _ in range(20_000):
        bench.advance(1)
        first, second = (bench.bus.read(TCDM + place, 8) for place in (792, 0x400))
        done.append((dma.done_id[1], any(first), any(second)))
    assert all(first or not second for _, first, second in done), "the second one came first"
    assert all(first for number, first, _ in done if number > 1)
    assert done[-1][1:] == (True, True)


def test_the_cluster_control_says_who_comes_first_at_the_banks() -> None:
    bench = Bench()
    control = bench.build(ClusterControl)
    bench.store(control, "cluster_cfg", 1 << 8 | 12)
    assert bench.arbitration == {TCDM: (Rank.BEFORE_HARTS, 12)}
    bench.store(control, "cluster_cfg", 1 << 11)
    assert bench.arbitration == {TCDM: (Rank.AFTER_HARTS, 0)}
