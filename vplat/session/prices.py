"""What the meter asks for code: for profiles."""

from __future__ import annotations

from vplat.energy import EnergyMeter
from vplat.machine.isa import InstructionClass
from vplat.machine.statistics import HartStatistics, Statistics
from vplat.trace.prices import CodePrices


def code_prices(meter: EnergyMeter) -> CodePrices:
    """The meter's prices of one instruction of each class and of one cycle of a hart.

    The meter multiplies and adds, so what one costs is what it measures where there was one.
    """

    def joules(active: int = 0, asleep: int = 0, kind: InstructionClass | None = None) -> float:
        mix = {each: int(each is kind) for each in InstructionClass}
        hart = HartStatistics(0, 0, active, asleep, int(kind is not None), mix)
        return meter.measure(Statistics(0, 0, (hart,), {})).total_joules

    return CodePrices(
        {kind: joules(kind=kind) for kind in InstructionClass}, joules(active=1), joules(asleep=1)
    )
