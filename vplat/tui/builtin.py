"""The panels that come with vplat, contributed as those of plugins are.

This module is imported with every other plugin, so it imports what draws only when it is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vplat.hookspecs import hookimpl

if TYPE_CHECKING:
    from vplat.session import Session

    from .panel import Panel


@hookimpl
def vplat_panels(session: Session) -> list[Panel]:  # noqa: ARG001 - as the hook has it
    """Cores, devices, energy and console: the order in which they get room."""
    from .panels import console, cores, devices, energy

    return [cores.PANEL, devices.PANEL, energy.PANEL, console.PANEL]
