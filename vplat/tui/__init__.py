"""The live view of a run in a terminal.

What draws is imported when it is first asked for: the plugin module in here is loaded in every run,
and most of them draw nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .app import Live, can_draw
    from .panel import Panel, Place
    from .record import Record
    from .screenshot import screenshot_svg
    from .state import Snapshot

__all__ = ["Live", "Panel", "Place", "Record", "Snapshot", "can_draw", "screenshot_svg"]

_PLACES = {
    "Live": "app",
    "Panel": "panel",
    "Place": "panel",
    "Record": "record",
    "Snapshot": "state",
    "can_draw": "app",
    "screenshot_svg": "screenshot",
}


def __getattr__(name: str) -> object:
    """The public name ``name``, from the module it lives in."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_PLACES[name]}"), name)
