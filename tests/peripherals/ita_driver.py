"""A small driver for ITA, as firmware would have one, for the tests of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from vplat.peripherals.ita import Ita
from vplat.testing.bench import Bench

TRIGGER, ACQUIRE, FINISHED, STATUS = 0x00, 0x04, 0x08, 0x0C
RUNNING_JOB, SOFT_CLEAR, RESERVED, SW_EVENT = 0x10, 0x14, 0x18, 0x1C
INPUT_PTR, WEIGHT_PTR0, WEIGHT_PTR1, BIAS_PTR, OUTPUT_PTR = 0x20, 0x24, 0x28, 0x2C, 0x30
TILES, EPS_MULT0, RIGHT_SHIFT0, CTRL_ENGINE, CTRL_STREAM = 0x38, 0x3C, 0x44, 0x54, 0x58

LINEAR, SINGLE_ATTENTION = 2, 3
PRELOAD, NEXTLOAD, NO_BIAS, BIAS_BY_ROW, NO_OUTPUT = 1, 2, 4, 8, 16

INPUT, WEIGHTS, NEXT_WEIGHTS, BIASES, OUTPUT = 0x1000, 0x2000, 0x3000, 0x4000, 0x5000
STORED_CYCLES = 306
"""Busy cycles of a job that preloads its weights, adds biases and stores its output."""
TILE = 4096


class Driver:
    """One accelerator on one bench; an access takes a cycle."""

    def __init__(self, **parameters: object) -> None:
        self.bench = Bench()
        self.ita = self.bench.build(Ita, parameters)

    def put(self, offset: int, value: int, *, hart: int = 0, size: int = 4) -> None:
        """Store to a register."""
        self.bench.store(self.ita, offset, value, hart=hart, size=size)
        self.bench.advance(1)

    def get(self, offset: int, *, hart: int = 0, size: int = 4) -> int:
        """Load a register."""
        value = self.bench.load(self.ita, offset, hart=hart, size=size)
        self.bench.advance(1)
        return value

    def program(self, changes: Mapping[int, int] | None = None) -> None:
        """Write the registers of one linear tile whose requantisation changes nothing."""
        registers = {
            INPUT_PTR: INPUT,
            WEIGHT_PTR0: WEIGHTS,
            WEIGHT_PTR1: NEXT_WEIGHTS,
            BIAS_PTR: BIASES,
            OUTPUT_PTR: OUTPUT,
            TILES: 0x1111,
            EPS_MULT0: 0x0101_0101,
            EPS_MULT0 + 4: 0x0101_0101,
            CTRL_ENGINE: LINEAR,
            CTRL_STREAM: PRELOAD,
        }
        for offset, value in (registers | dict(changes or {})).items():
            self.put(offset, value)

    def commit(self, changes: Mapping[int, int] | None = None, *, hart: int = 0) -> None:
        """Program one job and commit it with a trigger."""
        self.program(changes)
        self.put(TRIGGER, 0, hart=hart)

    def clear(self, value: int = 0) -> None:
        """A soft clear, and the cycles it takes."""
        self.put(SOFT_CLEAR, value)
        self.bench.advance(5)

    def run(self, changes: Mapping[int, int] | None = None) -> None:
        """Commit one job and wait until nothing is due."""
        self.commit(changes)
        self.bench.settle()

    def fill(self, address: int, values: NDArray[np.int8]) -> None:
        """Put a tile into memory."""
        self.bench.bus.write(address, values.tobytes())

    def tile(self, address: int) -> NDArray[np.int8]:
        """A tile from memory."""
        return np.frombuffer(self.bench.bus.read(address, TILE), np.int8).reshape(64, 64)

    @property
    def course(self) -> list[tuple[int, int]]:
        """The cycles at which busy rose and fell, as pairs; the last may not have fallen."""
        edges = [sent.cycle for sent in self.bench.sent if sent.output == "busy"]
        return [(rise, fall) for rise, fall in zip(edges[::2], [*edges[1::2], 0], strict=False)]

    @property
    def events(self) -> list[tuple[int, int]]:
        """The cycle and the harts of each event."""
        return [(sent.cycle, sent.harts) for sent in self.bench.sent if sent.output == "finished"]

    @property
    def rules(self) -> list[str]:
        """The rules that were broken, in order."""
        return [rule for rule, _ in self.bench.reports]

    @property
    def sentence(self) -> str:
        """The latest report."""
        return self.bench.reports[-1][1]


def identity() -> NDArray[np.int8]:
    """An input tile that makes the output the transpose of the weights."""
    return np.eye(64, dtype=np.int8)


def random_tile(seed: int = 1) -> NDArray[np.int8]:
    """A tile of all values."""
    return np.random.default_rng(seed).integers(-128, 128, (64, 64), np.int8)
