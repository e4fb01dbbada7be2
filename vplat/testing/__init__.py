"""The public test kit: a pytest plugin, and benches for devices and whole machines.

Names are imported when they are first asked for: pytest imports this package in every project that
has vplat installed, and one that does not use it is not to wait for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from vplat.engines.script import EBREAK as EBREAK
    from vplat.engines.script import ECALL as ECALL
    from vplat.engines.script import MRET as MRET
    from vplat.engines.script import WFI as WFI
    from vplat.engines.script import Answer as Answer
    from vplat.engines.script import Back as Back
    from vplat.engines.script import Call as Call
    from vplat.engines.script import Load as Load
    from vplat.engines.script import Store as Store
    from vplat.engines.script import Work as Work

    from .bench import Bench as Bench
    from .moments import Moment as Moment
    from .moments import at as at
    from .moments import at_cycle as at_cycle
    from .moments import on_console as on_console
    from .moments import on_event as on_event
    from .platform import Platform as Platform
    from .scripted_machine import ScriptedMachine as ScriptedMachine
    from .scripted_machine import scripted_board as scripted_board
    from .stopping import NotReached as NotReached
    from .stopping import Stop as Stop

STEPS: Final = (
    *("EBREAK", "ECALL", "MRET", "WFI"),
    *("Answer", "Back", "Call", "Load", "Store", "Work"),
)
MODULES: Final = {
    **dict.fromkeys(STEPS, "vplat.engines.script"),
    "Bench": "vplat.testing.bench",
    **dict.fromkeys(
        ("Moment", "at", "at_cycle", "on_console", "on_event"), "vplat.testing.moments"
    ),
    "Platform": "vplat.testing.platform",
    "ScriptedMachine": "vplat.testing.scripted_machine",
    "scripted_board": "vplat.testing.scripted_machine",
    "NotReached": "vplat.testing.stopping",
    "Stop": "vplat.testing.stopping",
}
"""Where each public name comes from."""


def __getattr__(name: str) -> Any:
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(MODULES[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *MODULES]
