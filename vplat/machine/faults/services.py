"""What a device gets in place of its services while a fault concerns it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vplat.model import AccessFault, Bus

from ..services import DeviceServices

if TYPE_CHECKING:
    from ..machine import Machine
    from .faults import Faults


class FaultyServices(DeviceServices):
    """``vplat.model.Platform`` for a device whose time may stand still, or whose bus may refuse."""

    def __init__(self, machine: Machine, name: str, faults: Faults) -> None:
        super().__init__(machine, name)
        self._faults = faults

    @property
    def bus(self) -> Bus:
        """The memory system, as long as it answers."""
        return FaultyBus(super().bus, self._name, self._faults)

    def after(self, cycles: int, behaviour: Callable[..., None], *arguments: int) -> None:
        """Schedule ``behaviour``, from when on the device's time goes on."""
        cycle = self._faults.due(self._name, self._machine.now, cycles)
        self._machine.schedule(cycle, behaviour, arguments)


class FaultyBus:
    """``vplat.model.Bus`` that refuses when it is to."""

    def __init__(self, bus: Bus, device: str, faults: Faults) -> None:
        self._bus, self._device, self._faults = bus, device, faults

    def read(self, address: int, length: int) -> bytes:
        """See ``Bus.read``."""
        self._check(address)
        return self._bus.read(address, length)

    def write(self, address: int, data: bytes) -> None:
        """See ``Bus.write``."""
        self._check(address)
        self._bus.write(address, data)

    def _check(self, address: int) -> None:
        if self._faults.refuses(self._device):
            raise AccessFault("a fault on purpose", address=address)
