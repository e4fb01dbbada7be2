"""The DMA of a Snitch cluster: an iDMA that a core drives with the Xdma instructions."""

from __future__ import annotations

from .device import SnitchDma as SnitchDma
from .device import vplat_peripherals as vplat_peripherals
