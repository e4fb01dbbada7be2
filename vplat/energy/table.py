"""An energy table: what instructions, cycles and the work of devices cost in picojoules."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from vplat.machine.cost_table import Cost, CostTable, Unit
from vplat.machine.isa import InstructionClass

FOLDER: Final = Path(__file__).parent
KEYS: Final = (
    "doc",
    "reference",
    "scaling",
    "leakage",
    "cluster",
    "interconnect",
    "harts",
    "instructions",
    "activities",
)

PICOJOULES: Final = Unit("picojoules")
WATTS: Final = Unit("watts", most=1000)
VOLTS: Final = Unit("volts", least=0.1, most=10)
EXPONENT: Final = Unit("exponent", most=10)


@dataclasses.dataclass(frozen=True, slots=True)
class Charge:
    """What a unit of a device's work costs a component, and which part of it that is."""

    cost: Cost
    part: str


class EnergyTable:
    """The costs of one technology at one supply voltage. ``lines`` has the source of each.

    The tables that vplat brings, and where their figures come from, are in ``docs/energy.md``.
    """

    def __init__(self, table: CostTable) -> None:
        """Raises ``BoardError`` about the first line that is missing or wrong."""
        table.section(known=KEYS)
        self.doc = table.text("doc")
        self.place = table.place
        table.section("reference", known=("volts",))
        self.volts = table.number(("reference",), VOLTS)
        """The supply voltage of every picojoule and watt in the table."""
        self.dynamic_scaling = table.cost("scaling", "dynamic", unit=EXPONENT)
        self.leakage_scaling = table.cost("scaling", "leakage", unit=EXPONENT)
        self.leakage = table.cost("leakage", "cluster", unit=WATTS)
        self.hart_leakage = table.cost("leakage", "hart", unit=WATTS)
        self.cluster_cycle = table.cost("cluster", "cycle", unit=PICOJOULES)
        self.interconnect_access = table.cost("interconnect", "access", unit=PICOJOULES)
        self.active_cycle = table.cost("harts", "active_cycle", unit=PICOJOULES)
        self.sleep_cycle = table.cost("harts", "sleep_cycle", unit=PICOJOULES)
        self.fetch = table.cost("harts", "fetch", unit=PICOJOULES)
        self.memory_access = table.cost("harts", "memory_access", unit=PICOJOULES)
        self.instructions = MappingProxyType(
            {kind: table.cost("instructions", kind, unit=PICOJOULES) for kind in InstructionClass}
        )
        self.activities = MappingProxyType(_activities(table))
        """By "kind.activity", the cost of a unit of that work in each component it draws on."""
        _refuse_unknown(table)
        self.lines: Mapping[str, Cost] = MappingProxyType(table.lines)

    @classmethod
    def load(cls, name: str | Path) -> EnergyTable:
        """A table of vplat by its name ("cluster-22nm"), or a file that ends in .toml.

        Raises ``BoardError``.
        """
        return cls(CostTable.load(name, FOLDER, "energy table"))


def _activities(table: CostTable) -> dict[str, Mapping[str, Charge]]:
    found: dict[str, Mapping[str, Charge]] = {}
    for name in table.section("activities") if table.has("activities") else ():
        if not is_activity(name):
            problem = 'must be named after a kind of device and what it accounts, as "mchan.bytes"'
            raise table.refuse(("activities", name), problem)
        components = table.section("activities", name)
        found[name] = MappingProxyType(
            {component: _charge(table, name, component) for component in components}
        )
    return found


def _charge(table: CostTable, name: str, component: str) -> Charge:
    keys = ("activities", name, component)
    cost = table.cost(*keys, unit=PICOJOULES, besides=("part",))
    part = table.section(*keys).get("part", name.partition(".")[0])
    if not isinstance(part, str) or not part.strip():
        raise table.refuse(keys, f"has part = {part!r}; name the part of the component it is")
    return Charge(cost, part)


def is_activity(name: object) -> bool:
    """Whether ``name`` is of the form "kind.activity"."""
    if not isinstance(name, str):
        return False
    kind, _, activity = name.partition(".")
    return bool(kind and activity)


def _refuse_unknown(table: CostTable) -> None:
    """A key that nothing reads is a slip of the pen."""
    table.section("scaling", known=("dynamic", "leakage"))
    table.section("leakage", known=("cluster", "hart"))
    table.section("cluster", known=("cycle",))
    table.section("interconnect", known=("access",))
    table.section("harts", known=("active_cycle", "sleep_cycle", "fetch", "memory_access"))
    table.section("instructions", known=tuple(InstructionClass))
