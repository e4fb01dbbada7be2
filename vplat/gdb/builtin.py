"""The monitor commands that vplat brings along, contributed as a plugin contributes them.

This module is imported with every other plugin, so it imports the commands only when it is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vplat.hookspecs import hookimpl

if TYPE_CHECKING:
    from vplat.session import Session

    from .monitor import MonitorCommand


@hookimpl
def vplat_monitor_commands(session: Session) -> list[MonitorCommand]:  # noqa: ARG001 - as the hook has it
    """Help, harts and what they wait for, devices, energy, reset and snapshots."""
    from .commands import COMMANDS

    return list(COMMANDS)
