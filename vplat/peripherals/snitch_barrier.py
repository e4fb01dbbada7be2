"""The hardware barrier of a Snitch cluster, which harts reach through a CSR.

`snitch-ita-cluster.md` section 4 and `pulp-cluster.md` section 5.4; ``snitch_barrier.sv`` registers
each arrival and lets all harts go in the cycle after the last one.
"""

from __future__ import annotations

from vplat.hookspecs import hookimpl
from vplat.model import Awaited, Parameter, Peripheral, Stall, State

REGISTERED_CYCLES = 1
"""From the latest arrival to the release of all."""


class SnitchBarrier(Peripheral, kind="snitch_barrier"):
    """Harts that read the barrier's CSR wait there until all of them have arrived.

    It has no registers of its own: the instruction set ``snitch-barrier`` leads here. A hart in
    ``wfi`` has not arrived.
    """

    harts = Parameter(9, "Harts that must arrive, from hart 0 on.", minimum=1, maximum=32)

    arrived: State[dict[int, int]] = State(dict, "The cycle at which each waiting hart arrived.")
    leaving: State[list[int]] = State(list, "Harts that were let go and have not read again.")
    closing = State(False, "All have arrived; the release is under way.")

    def on_reset(self) -> None:
        """Nobody waits any more."""
        self.cancel(self.release)

    def arrive(self, hart: int) -> None:
        """``hart`` reads the CSR: raises ``Stall`` until it may pass."""
        if hart in self.leaving:
            self.leaving.remove(hart)
            return
        if hart >= self.harts:
            return
        if hart not in self.arrived:
            self.arrived[hart] = self.now
            if len(self.arrived) == self.harts:
                # Harts run in turns, so the one that comes last need not be the latest.
                self.closing = True
                latest = max(self.arrived.values())
                self.after(latest + REGISTERED_CYCLES - self.now, self.release)
        raise Stall("the barrier")

    def release(self) -> None:
        """Everybody goes on."""
        waiting = sorted(self.arrived)
        self.arrived, self.leaving, self.closing = {}, waiting, False
        self.account("barriers", 1)
        for hart in waiting:
            self.wake(hart)

    def explain_wait(self, hart: int) -> str:
        """Who is missing."""
        if hart not in self.arrived or self.closing:
            return ""
        missing = [str(each) for each in range(self.harts) if each not in self.arrived]
        who = f"hart{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
        return f"{len(self.arrived)} of {self.harts} harts have arrived; {who} missing"

    def awaited(self, hart: int) -> Awaited | None:
        """The harts that have not arrived."""
        if hart not in self.arrived or self.closing:
            return None
        return Awaited(harts=tuple(n for n in range(self.harts) if n not in self.arrived))

    def doing(self) -> str:
        """How many wait."""
        return f"{len(self.arrived)} of {self.harts} harts wait" if self.arrived else ""


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    """The device of this module."""
    return [SnitchBarrier]
