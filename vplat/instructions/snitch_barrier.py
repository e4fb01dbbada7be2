"""The CSR through which Snitch cores reach the cluster's hardware barrier.

A read of 0x7C2 waits until all harts of the cluster have read it, and returns 0
(`snitch-ita-cluster.md` section 4).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from vplat.hookspecs import hookimpl
from vplat.machine.instruction_set import (
    CustomCsr,
    HartPort,
    InstructionSet,
    no_instructions,
    refuse,
)

BARRIER: Final = 0x7C2


def read(hart: HartPort) -> int:
    """Wait for the others."""
    hart.device.arrive(hart.index)
    return 0


def write(hart: HartPort, value: int) -> None:
    """A written value goes nowhere; what waits is the read."""


@hookimpl
def vplat_instructions() -> Iterable[InstructionSet]:
    """The set called ``snitch-barrier``."""
    doc = "the CSR 0x7C2, whose read is a barrier of all harts"
    csr = CustomCsr(BARRIER, "barrier", read, write, has_effects=True)
    return [
        InstructionSet(
            "snitch-barrier",
            doc,
            no_instructions,
            refuse,
            [csr],
            device_kind="snitch_barrier",
        )
    ]
