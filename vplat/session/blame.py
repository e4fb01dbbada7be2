"""Whose fault it is when Python code raises in the middle of a run."""

from __future__ import annotations

from types import TracebackType

from vplat.errors import PluginError
from vplat.model import Peripheral


def blame(error: Exception) -> PluginError | None:
    """The error to report instead if a device's own code raised it; None if no device did."""
    device, line = _innermost_device(error.__traceback__)
    if device is None:
        return None
    kind = type(device)
    return PluginError(
        f"device {device.name!r} (kind {kind.kind!r}, {kind.__module__}, line {line}) raised "
        f"{type(error).__name__}: {error}; mend it, or use a board without it"
    )


def _innermost_device(trace: TracebackType | None) -> tuple[Peripheral | None, int]:
    found: tuple[Peripheral | None, int] = None, 0
    while trace is not None:
        owner = trace.tb_frame.f_locals.get("self")
        if isinstance(owner, Peripheral):
            found = owner, trace.tb_lineno
        trace = trace.tb_next
    return found
