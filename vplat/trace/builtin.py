"""The observers that come with vplat: what the settings of a session ask for.

A session lies above this layer, so its type cannot be named here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vplat.hookspecs import hookimpl

if TYPE_CHECKING:
    from vplat.model import Observer

    from .ledger import Ledger
    from .tracing import Tracing


@hookimpl
def vplat_observers(session: Any) -> list[Observer]:
    """The ledger of a traced run, and what a profile and coverage need."""
    settings, machine = session.settings, session.machine
    found: list[Observer] = []
    if settings.trace is not None:
        found.append(new_ledger(session, settings.trace))
    if settings.profile:
        from .profile.profiler import Profiler

        found.append(Profiler(machine))
    if settings.coverage:
        from .coverage.branches import Branches

        found.append(Branches(machine))
    return found


def new_ledger(session: Any, tracing: Tracing) -> Ledger:
    """A ledger of ``session``, which nobody has given to its machine yet."""
    from .ledger import Ledger

    heading = {
        "board": session.board.name,
        "elf": str(session.firmware.path),
        "operating_point": session.point.name,
        "hertz": session.point.hertz,
    }
    return Ledger(session.machine, heading, tracing)
