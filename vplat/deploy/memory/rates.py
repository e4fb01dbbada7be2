"""What moving and computing takes on a board: figures from its own tables and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from vplat.errors import DeployError
from vplat.machine.board import Board, DeviceSpec
from vplat.machine.isa import InstructionClass
from vplat.model import Parameter, Peripheral
from vplat.peripherals.idma import Idma
from vplat.peripherals.idma.timing import TCDM_CYCLES as IDMA_TCDM_CYCLES
from vplat.peripherals.idma.transfer import burst_bytes
from vplat.peripherals.ita import Ita
from vplat.peripherals.ita.revision import AUGUST_2024, CURRENT
from vplat.peripherals.ita.timing import IDLE_BETWEEN_JOBS_CYCLES, Traffic, busy_cycles
from vplat.peripherals.mchan import Mchan
from vplat.peripherals.mchan.timing import BURST_BYTES
from vplat.peripherals.mchan.timing import TCDM_CYCLES as MCHAN_TCDM_CYCLES
from vplat.peripherals.xdma import SnitchDma
from vplat.peripherals.xdma.timing import INSIDE_CYCLES
from vplat.peripherals.xdma.transfer import PAGE_BYTES
from vplat.timing import TimingTable

from .kernels import loop_cycles

Whole: TypeAlias = npt.NDArray[np.int64] | np.int64
Real: TypeAlias = npt.NDArray[np.float64] | np.float64


@dataclass(frozen=True)
class DmaRates:
    """
    The cluster's DMA: ``width`` bytes a cycle in bursts of at most ``burst`` bytes.

    ``latency`` are the cycles of a transfer beyond those of its data, ``outstanding`` the bursts
    that hide it. A run of contiguous bytes makes ``requests_a_run`` more requests than it has
    bursts. ``duplex`` DMAs move bytes both ways at once.
    """

    kind: str
    width: int
    burst: int
    latency: int
    outstanding: int
    requests_a_run: int
    duplex: bool

    def data_cycles(self, total: Whole, rows: Whole) -> Real:
        """Cycles that ``total`` bytes in ``rows`` equal runs hold the DMA's port, elementwise."""
        run = -(-total // np.maximum(rows, 1))
        bursts = -(-run // self.burst)
        beats = -(-run // self.width)
        requests = bursts + self.requests_a_run * (bursts > 0)
        # No more bursts are under way than fit, so short ones are bound by the way there and back.
        there_and_back = (bursts * self.latency + beats) / self.outstanding
        slowest = np.maximum(np.maximum(beats, requests), there_and_back)
        return np.multiply(rows, slowest, dtype=np.float64)

    def cycles(self, total: int, rows: int = 1) -> int:
        """A transfer of ``total`` bytes, from its command to its end, nothing else under way."""
        return self.latency + ceil(self.data_cycles(np.int64(total), np.int64(rows)))


@dataclass(frozen=True)
class ItaRates:
    """Cycles of one job of ITA, 64 x 64 x 64, the idle cycle before it included; biases are on."""

    inner_job: int
    """A job that accumulates and stores nothing."""
    output_job: int
    """A job that stores its tile."""

    def product(self, rows: int, columns: int, inner: int) -> int:
        """A product of so many tiles of 64 along each axis."""
        return rows * columns * ((inner - 1) * self.inner_job + self.output_job)


@dataclass(frozen=True)
class CoreRates:
    """The harts that compute. ``table`` prices their instructions."""

    harts: int
    table: TimingTable
    outside_wait_states: int
    """Of the nearest memory outside L1."""

    def cycles(self, elements: int, mix: Mapping[InstructionClass, float]) -> float:
        """
        What the harts take together for ``elements``, evenly shared, ``mix`` instructions for each.

        Data is in L1 and no result is used at once; a unit that harts share serves them in turn.
        """
        alone, unit = loop_cycles(self.table, mix)
        shares = -(-elements // self.harts)
        return max(shares * alone, elements * unit)


@dataclass(frozen=True)
class Rates:
    """A board's figures; ``ita`` is None where the board has none."""

    board: str
    dma: DmaRates
    ita: ItaRates | None
    cores: CoreRates

    @classmethod
    def of(cls, board: Board) -> Rates:
        """
        From the board's devices and timing table.

        :raises vplat.errors.DeployError: the board has no DMA that is known here
        :raises vplat.errors.BoardError: its timing table is wrong
        """
        dma = next((each for each in board.devices if each.kind in DMAS), None)
        if dma is None:
            raise DeployError(
                f"board {board.name!r} has no DMA to move tensors with; give it a device of one of "
                f"the kinds {', '.join(DMAS)}"
            )
        ita = next((each for each in board.devices if each.kind == Ita.kind), None)
        waits = [each.wait_states for each in board.memories if each.writable and each.wait_states]
        # The hart that drives a Snitch cluster's DMA does nothing else.
        computing = board.harts.count - (dma.kind == SnitchDma.kind)
        return cls(
            board.name,
            dma_rates(dma),
            ita_rates(ita) if ita is not None else None,
            CoreRates(max(1, computing), TimingTable.load(board.timing), min(waits, default=0)),
        )


DMAS: Final[Mapping[str, type[Peripheral]]] = {each.kind: each for each in (SnitchDma, Mchan, Idma)}


def dma_rates(spec: DeviceSpec) -> DmaRates:
    """The figures of a device of one of ``DMAS``."""
    device = DMAS[spec.kind]
    width, start, external, finish, outstanding = (
        whole(spec, device, name)
        for name in (
            "bytes_per_cycle",
            "start_cycles",
            "external_cycles",
            "finish_cycles",
            "outstanding_bursts",
        )
    )
    outside = start + external + finish
    if device is SnitchDma:
        return DmaRates(
            spec.kind, width, PAGE_BYTES, outside + INSIDE_CYCLES, outstanding, 0, duplex=False
        )
    if device is Mchan:
        inside = outside + MCHAN_TCDM_CYCLES
        return DmaRates(spec.kind, width, BURST_BYTES, inside, outstanding, 1, duplex=True)
    duplex = whole(spec, device, "streams") > 1
    inside = outside + IDMA_TCDM_CYCLES
    burst = burst_bytes(width, reduced=False, max_llen=0)
    return DmaRates(spec.kind, width, burst, inside, outstanding, 0, duplex=duplex)


def ita_rates(spec: DeviceSpec) -> ItaRates:
    """The figures of an accelerator: queued jobs whose weights are fetched by the job before."""
    revision = next(
        each
        for each in (CURRENT, AUGUST_2024)
        if each.name == spec.parameters.get("revision", Ita.revision.default)
    )

    def job(*, stores: bool) -> int:
        traffic = Traffic(stores=stores, bias=True, preload=False, nextload=True)
        return busy_cycles(traffic, revision) + IDLE_BETWEEN_JOBS_CYCLES

    return ItaRates(job(stores=False), job(stores=True))


def whole(spec: DeviceSpec, device: type[Peripheral], name: str) -> int:
    """An integer parameter: the board's value, or the device's own."""
    parameter: Parameter[int] = getattr(device, name)
    value = spec.parameters.get(name, parameter.default)
    return value if isinstance(value, int) else parameter.default
