"""The event unit of a PULP cluster: it puts harts to sleep and wakes them."""

from __future__ import annotations

from .device import EventUnit as EventUnit
from .device import vplat_peripherals as vplat_peripherals
