"""A gdb server: any RISC-V gdb debugs a session, all its harts, devices and its past."""

from __future__ import annotations

from .monitor import Monitor, MonitorCommand
from .server import GdbServer

__all__ = ["GdbServer", "Monitor", "MonitorCommand"]
