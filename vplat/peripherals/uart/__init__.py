"""A 16550 serial port."""

from __future__ import annotations

from .device import Ns16550 as Ns16550
from .device import vplat_peripherals as vplat_peripherals
