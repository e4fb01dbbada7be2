"""Statistics for the energy meter, as runs of a known kind leave them."""

from __future__ import annotations

from collections.abc import Mapping

from vplat.machine.board import Board, DeviceSpec, HartsSpec, OperatingPoint
from vplat.machine.isa import InstructionClass, Isa
from vplat.machine.statistics import DeviceStatistics, HartStatistics, Statistics

LOW = OperatingPoint("0.65 V", 0.65, 425_000_000)
HIGH = OperatingPoint("0.80 V", 0.80, 500_000_000)


def board_with(*kinds: str) -> Board:
    """A board of one hart whose devices are of these kinds, and named after them."""
    devices = tuple(DeviceSpec(kind, kind, {"": 0x1000}) for kind in kinds)
    harts = HartsSpec(1, Isa.parse("rv32imc"))
    return Board("test", "", harts, (), devices, (LOW, HIGH), "ri5cy", "cluster-22nm")


def hart(
    cycles: int, mix: Mapping[InstructionClass, int] | None = None, *, active: int | None = None
) -> HartStatistics:
    """One that was active all the time, or for so many cycles of it."""
    mix = mix or {}
    active = cycles if active is None else active
    return HartStatistics(0, cycles, active, cycles - active, sum(mix.values()), mix)


def run(*harts: HartStatistics, **devices: Mapping[str, int]) -> Statistics:
    """A run as long as its longest hart; a device is named after its kind."""
    return Statistics(
        max((each.cycles for each in harts), default=0),
        sum(each.instructions for each in harts),
        harts,
        {kind: DeviceStatistics(kind, work) for kind, work in devices.items()},
    )
