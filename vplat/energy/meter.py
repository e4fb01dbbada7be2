"""The meter: statistics in, joules out."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from vplat.errors import PluginError
from vplat.machine.board import OperatingPoint
from vplat.machine.cost_table import Cost, Figure, weakest
from vplat.machine.isa import InstructionClass
from vplat.machine.statistics import HartStatistics, Statistics

from .table import PICOJOULES, Charge, EnergyTable, is_activity

JOULES_PER_PICOJOULE: Final = 1e-12
CORES: Final = "cores"
INSTRUCTION_CACHE: Final = "instruction_cache"
TCDM: Final = "tcdm"
INTERCONNECT: Final = "interconnect"
CLUSTER: Final = "cluster"
LEAKAGE: Final = "leakage"
AWAKE: Final = "awake"
"""The part of the cores that each active cycle costs, whatever is executed."""
ASLEEP: Final = "asleep"
"""The part of the cores that a gated clock leaves."""
OF_CORES: Final = "cores"
"""The part of a shared component that the cores' own accesses and fetches cost."""

ACCESSES: Final[Mapping[InstructionClass, int]] = MappingProxyType(
    {
        InstructionClass.LOAD: 1,
        InstructionClass.STORE: 1,
        InstructionClass.AMO: 2,
        InstructionClass.LOAD_RESERVED: 1,
        InstructionClass.STORE_CONDITIONAL: 1,
        InstructionClass.FP_LOAD: 1,
        InstructionClass.FP_STORE: 1,
    }
)
"""Data accesses an instruction makes; an AMO reads and writes."""


@dataclass(frozen=True, slots=True)
class Energy:
    """What a run has cost at one operating point.

    ``by_component`` adds up to ``total_joules``, and ``by_part`` splits each component: cores by
    instruction class, the accelerator by step, what is shared by who used it. ``figures`` gives
    each component the class of the weakest line that went into it.
    """

    total_joules: float
    average_watts: float
    by_component: Mapping[str, float]
    by_part: Mapping[str, Mapping[str, float]]
    figures: Mapping[str, Figure]
    operating_point: OperatingPoint
    unpriced: tuple[str, ...]
    """Kinds of devices that did work of which no line prices any: their share is missing."""

    @property
    def figure(self) -> Figure:
        """The class of the total."""
        return weakest(self.figures.values())


class EnergyMeter:
    """Prices the statistics of runs by one table, at one operating point.

    ``extra`` is what plugins say their devices cost: picojoules by "kind.activity", at the table's
    voltage. Where the table has a price of its own, that one holds.
    """

    def __init__(
        self,
        table: EnergyTable,
        operating_point: OperatingPoint,
        extra: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        """Raises ``PluginError`` if ``extra`` holds what is no activity or no price."""
        self.table, self.operating_point = table, operating_point
        self._activities = {**_plugin_costs(extra), **table.activities}
        self._components = dict.fromkeys((CORES, INSTRUCTION_CACHE, TCDM, INTERCONNECT))
        for costs in self._activities.values():
            self._components |= dict.fromkeys(costs)
        self._components |= dict.fromkeys((CLUSTER, LEAKAGE))
        self._priced_kinds = {_kind(name) for name in self._activities}

    def measure(self, statistics: Statistics) -> Energy:
        """What the run behind ``statistics`` has cost from its beginning."""
        bill = _Bill(self.table, self.operating_point, self._components)
        self._charge_harts(bill, statistics)
        for device in statistics.devices.values():
            for activity, amount in device.activities.items():
                costs = self._activities.get(f"{device.kind}.{activity}", {})
                for component, charge in costs.items():
                    bill.charge(component, charge.part, charge.cost, amount)
        bill.charge(CLUSTER, "cycles", self.table.cluster_cycle, statistics.cycles)
        seconds = statistics.cycles / self.operating_point.hertz
        bill.leak(CLUSTER, self.table.leakage, seconds)
        bill.leak(OF_CORES, self.table.hart_leakage, seconds * len(statistics.harts))
        joules = {name: math.fsum(parts.values()) for name, parts in bill.joules.items()}
        total = math.fsum(joules.values())
        return Energy(
            total_joules=total,
            average_watts=total / seconds if seconds else 0.0,
            by_component=joules,
            by_part=bill.joules,
            figures={name: weakest(figures) for name, figures in bill.figures.items()},
            operating_point=self.operating_point,
            unpriced=self._unpriced(statistics),
        )

    def _charge_harts(self, bill: _Bill, statistics: Statistics) -> None:
        table, harts = self.table, statistics.harts
        mix = _mix_of(harts)
        bill.charge(CORES, AWAKE, table.active_cycle, sum(hart.active_cycles for hart in harts))
        bill.charge(CORES, ASLEEP, table.sleep_cycle, sum(hart.sleep_cycles for hart in harts))
        for kind, count in mix.items():
            bill.charge(CORES, kind, table.instructions[kind], count)
        bill.charge(INSTRUCTION_CACHE, OF_CORES, table.fetch, mix.total())
        accesses = sum(mix[kind] * each for kind, each in ACCESSES.items())
        bill.charge(TCDM, OF_CORES, table.memory_access, accesses)
        bill.charge(INTERCONNECT, OF_CORES, table.interconnect_access, accesses)

    def _unpriced(self, statistics: Statistics) -> tuple[str, ...]:
        worked = {device.kind for device in statistics.devices.values() if device.activities}
        return tuple(sorted(worked - self._priced_kinds))


class _Bill:
    """Joules by component and part at one operating point, and the classes of their figures."""

    def __init__(
        self, table: EnergyTable, point: OperatingPoint, components: Mapping[str, None]
    ) -> None:
        self.joules: dict[str, dict[str, float]] = {name: {} for name in components}
        self.figures: dict[str, set[Figure]] = {name: set() for name in components}
        self._scaled = point.volts != table.volts
        ratio = point.volts / table.volts
        self._dynamic, self._leakage = table.dynamic_scaling, table.leakage_scaling
        self._joules_per_unit = JOULES_PER_PICOJOULE * ratio**self._dynamic.amount
        self._leakage_factor = ratio**self._leakage.amount

    def charge(self, component: str, part: str, cost: Cost, times: int) -> None:
        """So many times a cost in picojoules."""
        joules = cost.amount * times * self._joules_per_unit
        self._add(component, part, cost, joules, self._dynamic)

    def leak(self, part: str, cost: Cost, seconds: float) -> None:
        """A cost in watts for so long."""
        joules = cost.amount * seconds * self._leakage_factor
        self._add(LEAKAGE, part, cost, joules, self._leakage)

    def _add(self, component: str, part: str, cost: Cost, joules: float, scaling: Cost) -> None:
        if joules:
            parts = self.joules[component]
            parts[part] = parts.get(part, 0.0) + joules
            self.figures[component].add(cost.figure)
            if self._scaled:
                self.figures[component].add(scaling.figure)


def _mix_of(harts: tuple[HartStatistics, ...]) -> Counter[InstructionClass]:
    mix: Counter[InstructionClass] = Counter()
    for hart in harts:
        mix.update(hart.mix)
    return mix


def _plugin_costs(extra: Mapping[str, float]) -> dict[str, Mapping[str, Charge]]:
    """Each price on its own component, that of the device's kind."""
    costs: dict[str, Mapping[str, Charge]] = {}
    for name, picojoules in extra.items():
        if not is_activity(name) or not PICOJOULES.accepts(picojoules):
            raise PluginError(
                f"a plugin's vplat_energy_costs says {name!r}: {picojoules!r}; a key must be "
                f'"kind.activity", and its value in picojoules {PICOJOULES}'
            )
        cost = Cost(picojoules, Figure.ESTIMATED, "vplat_energy_costs of a plugin")
        costs[name] = {_kind(name): Charge(cost, _kind(name))}
    return costs


def _kind(activity: str) -> str:
    return activity.partition(".")[0]
