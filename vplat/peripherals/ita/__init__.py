"""ITA, the integer transformer accelerator of ETH Zurich and the University of Bologna."""

from __future__ import annotations

from .device import Ita as Ita
from .device import vplat_peripherals as vplat_peripherals
