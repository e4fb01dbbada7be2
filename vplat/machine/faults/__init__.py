"""Faults on purpose: bits that flip, events that are lost, devices that stall, copies that fail.

They are part of a machine's state, so that a run with faults is as repeatable as one without: a
snapshot holds what is planned, and going back in time meets the same faults again. A machine
without faults pays nothing: devices get other services, and outputs other sinks, only once a fault
concerns them.
"""

from __future__ import annotations

from .faults import Faults
from .plan import FOR_EVER, Fault, FaultKind, Strike, When

__all__ = ["FOR_EVER", "Fault", "FaultKind", "Faults", "Strike", "When"]
