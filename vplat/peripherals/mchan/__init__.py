"""MCHAN, the multi-channel DMA of a PULP cluster."""

from __future__ import annotations

from .device import Mchan as Mchan
from .device import vplat_peripherals as vplat_peripherals
