"""How often each instruction has run, worked out from how often blocks were entered."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from vplat.machine.blocks import Block
    from vplat.machine.isa import Instruction
    from vplat.machine.machine import Machine

Counts = npt.NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Executed:
    """The instructions that harts have met, by address.

    ``runs`` and ``cycles`` have a row an instruction and a column a hart: how often it retired, and
    the cycles that its class took. Where code has changed, an address has several rows.
    """

    addresses: tuple[int, ...]
    instructions: tuple[Instruction, ...]
    runs: Counts
    cycles: Counts

    @classmethod
    def of(cls, machine: Machine) -> Executed:
        """What has run so far; between two turns."""
        blocks, harts = machine.blocks.blocks, len(machine.harts)
        lengths = [len(block.instructions) for block in blocks]
        entered = np.zeros((len(blocks), harts), np.int64)
        for hart in machine.harts:
            counts = machine.engine.counts(hart.index)[: len(blocks)]
            entered[: len(counts), hart.index] = counts
        runs = np.repeat(entered, lengths, axis=0)
        starts = np.cumsum([0, *lengths])
        for start, end, block in zip(starts[:-1], starts[1:], blocks, strict=True):
            for (hart_index, at), times in block.left_early.items():
                runs[start + block.before[at][1] : end, hart_index] -= times
        prices = np.array([price for block in blocks for price in _prices(block)], np.int64)
        met = [
            (address, instruction.word)
            for block in blocks
            for address, instruction in zip(block.addresses, block.instructions, strict=True)
        ]
        instructions = [each for block in blocks for each in block.instructions]
        decoded = dict(zip(met, instructions, strict=True))
        return _gathered(met, decoded, runs, runs * prices[:, None])

    def total_runs(self) -> Mapping[int, int]:
        """How often the instruction at each address retired, on all harts together."""
        totals: dict[int, int] = {}
        for address, runs in zip(self.addresses, self.runs.sum(axis=1).tolist(), strict=True):
            totals[address] = totals.get(address, 0) + runs
        return totals


def _gathered(
    met: Sequence[tuple[int, int]],
    decoded: Mapping[tuple[int, int], Instruction],
    runs: Counts,
    cycles: Counts,
) -> Executed:
    """Rows of one instruction in several blocks become one."""
    keys = sorted(decoded)
    position = {key: index for index, key in enumerate(keys)}
    rows = np.array([position[key] for key in met], np.int64)
    sums = [np.zeros((len(keys), runs.shape[1]), np.int64) for _ in range(2)]
    for into, what in zip(sums, (runs, cycles), strict=True):
        np.add.at(into, rows, what)
    return Executed(
        tuple(address for address, _ in keys),
        tuple(decoded[key] for key in keys),
        sums[0],
        sums[1],
    )


def _prices(block: Block) -> list[int]:
    """The cycles of each instruction of a block."""
    before = [cycles for cycles, _ in block.before.values()]
    return [after - cycles for cycles, after in itertools.pairwise(before)]
