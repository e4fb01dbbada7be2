"""What devices have under way, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vplat.model import Peripheral

if TYPE_CHECKING:
    from ..machine import Machine


def due_of(machine: Machine, device: Peripheral) -> int:
    """The cycle at which ``device`` next does something by itself; -1 for never."""
    for due in machine.clock.pending():
        if getattr(due.behaviour, "__self__", None) is device:
            return due.cycle
    return -1


def describe_work(machine: Machine, device: Peripheral) -> str:
    """``mchan has nothing under way``, or what it has, and when it goes on."""
    doing, due = device.doing(), due_of(machine, device)
    if due >= 0:
        return f"{device.name} goes on at cycle {due:,}" + (f" ({doing})" if doing else "")
    if doing:
        return f"{device.name} does nothing by itself ({doing})"
    return f"{device.name} has nothing under way"
