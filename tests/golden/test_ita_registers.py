"""ITA's registers against sequences of accesses whose answers were measured on the RTL.

The sequences lie in ``../shared/data/ita/r*`` beside the checkout; every one that is there is run.
An access takes a cycle, as on the slave port, which grants at once.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vplat.peripherals.ita import Ita
from vplat.testing.bench import Bench

VECTORS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "ita"
EVENT_LINES = 0x1FF
LONGEST_JOB_CYCLES = 1000


def found(pattern: str) -> list[Any]:
    """Parameters for everything that matches, or one that fails with a sentence."""
    paths = sorted(VECTORS.glob(pattern)) or [VECTORS / pattern]
    return [pytest.param(path, id=path.parent.name) for path in paths]


class SlavePort:
    """Plays one sequence, an access a cycle, and compares what is read."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.ita = self.bench.build(Ita)
        self.read_values = 0

    def play(self, operation: dict[str, Any]) -> None:
        match operation["op"]:
            case "write":
                self.write(operation)
            case "read":
                self.read(operation)
            case "wait_cycles":
                self.bench.advance(operation["n"])
            case "wait_one_job_done":
                self.wait_until(1)
                self.wait_until(0)
            case other:
                pytest.fail(f"an operation {other!r} is not known here")

    def write(self, operation: dict[str, Any]) -> None:
        # The bus id has one bit a hart; the highest of those with an event line counts.
        hart = (int(str(operation.get("id", 0)), 0) & EVENT_LINES).bit_length() - 1
        address, value = int(operation["addr"], 0), int(operation["data"], 0)
        self.bench.store(self.ita, address, value, hart=hart)
        self.bench.advance(1)

    def read(self, operation: dict[str, Any]) -> None:
        value = self.bench.load(self.ita, int(operation["addr"], 0))
        assert f"{value:#010x}" == operation["expect"], f"{operation} at cycle {self.bench.now}"
        self.bench.advance(1)
        self.read_values += 1

    def wait_until(self, level: int) -> None:
        for _ in range(LONGEST_JOB_CYCLES):
            if self.busy == level:
                return
            self.bench.advance(1)
        pytest.fail(f"busy does not become {level} within {LONGEST_JOB_CYCLES} cycles")

    @property
    def busy(self) -> int:
        levels = [sent.level for sent in self.bench.sent if sent.output == "busy"]
        return levels[-1] if levels else 0


@pytest.mark.parametrize("file", found("r*/ops.json"))
def test_every_load_of_a_sequence_answers_as_the_rtl(file: Path) -> None:
    if not file.exists():
        pytest.fail(f"no golden vectors at {file}; put the shared folder beside the checkout")
    port = SlavePort()
    for operation in json.loads(file.read_text())["ops"]:
        port.play(operation)
    assert port.read_values
