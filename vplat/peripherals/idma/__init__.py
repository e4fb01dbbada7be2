"""iDMA with the register front end ``reg32_3d``, as in a PULP cluster."""

from __future__ import annotations

from .device import Idma as Idma
from .device import vplat_peripherals as vplat_peripherals
