"""Whole layers through ITA's registers: the image and the cycles of the golden vectors.

The driver is the one of `ita.md` section 3.5. It keeps the queue full and writes a register only
where the context that comes round again holds another value.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vplat.peripherals.ita import Ita
from vplat.testing.bench import Bench

VECTORS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "ita"
CONTEXTS = 4
TRIGGER, ACQUIRE, STATUS, RUNNING_JOB, SOFT_CLEAR = 0x00, 0x04, 0x0C, 0x10, 0x14
ALL_PENDING = 0xFFFF_FFFF
DRIVER_HART = 3


def found(pattern: str) -> list[Any]:
    """Parameters for everything that matches, or one that fails with a sentence."""
    paths = sorted(VECTORS.glob(pattern)) or [VECTORS / pattern]
    return [pytest.param(path, id=str(path.relative_to(VECTORS))) for path in paths]


class Driver:
    """Programs jobs as fast as contexts become free; each access takes a cycle."""

    def __init__(self, bench: Bench, ita: Ita) -> None:
        self.bench, self.ita = bench, ita
        self.held: list[dict[int, int]] = [{} for _ in range(CONTEXTS)]

    def store(self, offset: int, value: int) -> None:
        self.bench.store(self.ita, offset, value, hart=DRIVER_HART)
        self.bench.advance(1)

    def load(self, offset: int) -> int:
        value = self.bench.load(self.ita, offset, hart=DRIVER_HART)
        self.bench.advance(1)
        return value

    def run(self, jobs: list[dict[int, int]]) -> None:
        self.store(SOFT_CLEAR, 0)
        self.bench.advance(6)
        for number, registers in enumerate(jobs):
            while (job_id := self.load(ACQUIRE)) == ALL_PENDING:
                self.bench.advance(20)
            assert job_id == number % 256
            held = self.held[number % CONTEXTS]
            for offset, value in registers.items():
                if held.get(offset, 0) != value:
                    self.store(offset, value)
                    held[offset] = value
            self.store(TRIGGER, 0)
        while self.load(STATUS):
            self.bench.advance(20)
        assert self.load(RUNNING_JOB) == len(jobs) % 256


def words(registers: dict[str, str]) -> dict[int, int]:
    return {int(offset, 0): int(value, 0) for offset, value in registers.items()}


def run_layer(jobs_file: Path) -> tuple[Bench, Ita]:
    """The bench after all jobs of the file, with the image it began with at address 0."""
    if not jobs_file.exists():
        pytest.fail(f"no golden vectors at {jobs_file}; put the shared folder beside the checkout")
    head = jobs_file.name.split("_")[0]
    bench = Bench()
    ita = bench.build(Ita)
    bench.bus.write(0, np.load(jobs_file.with_name(f"{head}_mem_in.npy")).tobytes())
    jobs = [words(each["regs"]) for each in json.loads(jobs_file.read_text())]
    Driver(bench, ita).run(jobs)
    return bench, ita


@pytest.mark.parametrize("jobs_file", found("c*/h*_jobs_*.json"))
def test_a_layer_leaves_its_image_and_takes_its_cycles(jobs_file: Path) -> None:
    bench, ita = run_layer(jobs_file)
    assert bench.reports == []
    check_image(bench, jobs_file)
    check_course(bench, ita, jobs_file)


def check_image(bench: Bench, jobs_file: Path) -> None:
    head = jobs_file.name.split("_")[0]
    images = [np.load(jobs_file.with_name(f"{head}_mem_{way}.npy")) for way in ("in", "out")]
    expected = np.concatenate(images)
    image = np.frombuffer(bench.bus.read(0, len(expected) + 64), np.uint8)
    np.testing.assert_array_equal(image[: len(expected)], expected)
    assert not image[len(expected) :].any()


def check_course(bench: Bench, ita: Ita, jobs_file: Path) -> None:
    head, _, mode = jobs_file.stem.split("_")
    measured = json.loads(jobs_file.with_name("rtl_cycles.json").read_text())[f"{head}_{mode}"]
    edges = [(sent.cycle, sent.level) for sent in bench.sent if sent.output == "busy"]
    assert [level for _, level in edges] == [1, 0] * len(measured["jobs"])
    rises, falls = [at for at, level in edges if level], [at for at, level in edges if not level]
    course = [(fall - rise, rise - rises[0]) for rise, fall in zip(rises, falls, strict=True)]
    assert course == [(job["busy_cycles"], job["start"]) for job in measured["jobs"]]
    events = [(sent.cycle, sent.harts) for sent in bench.sent if sent.output == "finished"]
    assert events == [(fall, 1 << DRIVER_HART) for fall in falls]
    assert falls[-1] - rises[0] == measured["total_busy_span"]
    check_activities(ita, measured["jobs"])


def check_activities(ita: Ita, jobs: list[dict[str, Any]]) -> None:
    done = ita.activities
    assert (done["jobs"], done["macs"]) == (len(jobs), 64**3 * len(jobs))
    assert done["tcdm_reads"] == sum(job["reads"] for job in jobs)
    assert done["tcdm_writes"] == sum(job["writes"] for job in jobs)
    assert done["busy_cycles"] == sum(job["busy_cycles"] for job in jobs)
    by_step = {name: cycles for name, cycles in done.items() if name.endswith("_cycles")}
    assert sum(by_step.values()) == 2 * done["busy_cycles"]
