"""What things cost in joules: tables with a source on every line, and the meter over them."""

from __future__ import annotations

from vplat.energy.meter import Energy, EnergyMeter
from vplat.energy.table import EnergyTable

__all__ = ["Energy", "EnergyMeter", "EnergyTable"]
