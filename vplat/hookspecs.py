"""Everything a plugin may add to vplat.

Hooks are called while a session is built and when it ends, never while instructions run.
"""

from __future__ import annotations

from collections.abc import Iterable

from pluggy import HookimplMarker, HookspecMarker

from .model import Peripheral
from .model.exporting import Exporter

hookspec = HookspecMarker("vplat")
hookimpl = HookimplMarker("vplat")


@hookspec
def vplat_peripherals() -> Iterable[type[Peripheral]]:
    """Peripheral classes, found afterwards by their ``kind``. Two of one kind is an error."""
    raise NotImplementedError


@hookspec
def vplat_exporters() -> Iterable[Exporter]:
    """Forms that ``vplat export`` derives from a board, or from a kind of device on it.

    They are found afterwards by their ``name``. Two of one name is an error.
    """
    raise NotImplementedError
