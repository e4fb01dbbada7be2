"""The peripherals of a Snitch cluster: performance counters, interrupts, state of the HWPE."""

from __future__ import annotations

from .device import SnitchClusterPeripherals as SnitchClusterPeripherals
from .device import vplat_peripherals as vplat_peripherals
