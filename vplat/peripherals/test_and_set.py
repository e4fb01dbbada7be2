"""The TCDM's test-and-set alias: a load takes a lock, a store gives it back.

`pulp-cluster.md` section 4.1. The interconnect writes all ones with the byte enables of the load:
a byte or half load sets only the bytes that it reads (`TestAndSet` in the RTL of the interconnect).
"""

from __future__ import annotations

from vplat.hookspecs import hookimpl
from vplat.model import MAIN, Lasting, Parameter, Peripheral, Window


class TcdmTestAndSet(Peripheral, kind="test_and_set", size=0x10_0000):
    """The TCDM once more: a load returns the old value and leaves all ones, a store just stores.

    Only the low bits of an address are decoded, so the TCDM repeats through the window. The alias
    is the harts' own: what another master reads here, the debugger above all, stays as it is.
    """

    specification = "pulp-cluster.md section 4.1"

    tcdm_base = Parameter(0x1000_0000, "Address of the TCDM.", minimum=0, maximum=0xFFFF_FFFF)
    tcdm_size = Parameter(
        0x2_0000, "Bytes of the TCDM, after which it repeats.", minimum=4, maximum=0x10_0000
    )

    @MAIN.on_load
    def take(self, offset: int, size: int, hart: int) -> int:
        address = self._address(offset)
        old = self.bus.read(address, size)
        if hart >= 0:
            self.bus.write(address, b"\xff" * size)
            self.account("test_and_sets", 1)
        return int.from_bytes(old, "little")

    def lasting_load(self, window: Window, offset: int, size: int) -> Lasting | None:
        """A load of a lock that is taken changes nothing."""
        address = self._address(offset)
        held = self.bus.read(address, size)
        taken = held == b"\xff" * size
        return Lasting(int.from_bytes(held, "little"), address) if taken else None

    @MAIN.on_store
    def give_back(self, offset: int, size: int, value: int) -> None:
        self.bus.write(self._address(offset), value.to_bytes(4, "little")[:size])

    def _address(self, offset: int) -> int:
        return self.tcdm_base + offset % self.tcdm_size


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    return [TcdmTestAndSet]
