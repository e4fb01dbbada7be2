"""All that the driver checker looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vplat.model import Observer

from .buffers import BufferRules
from .handed_back import HandedBackRules
from .registers import RegisterRules

if TYPE_CHECKING:
    from vplat.machine.machine import Machine


def checkers(machine: Machine) -> list[Observer]:
    """Who is to watch ``machine`` from its beginning; each wants to be told of the end."""
    return [RegisterRules(), HandedBackRules(machine), BufferRules(machine)]
