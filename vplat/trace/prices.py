"""What code costs, as plain numbers that whoever owns the meter works out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from vplat.machine.isa import InstructionClass


@dataclasses.dataclass(frozen=True)
class CodePrices:
    """Joules of an instruction of each class, fetch and data access included, and of a cycle."""

    instruction: Mapping[InstructionClass, float]
    active_cycle: float
    sleep_cycle: float
