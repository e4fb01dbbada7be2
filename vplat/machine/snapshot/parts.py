"""The parts of a machine, and what there is to restore of them."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Final

from .hints import Hint
from .part import Part

if TYPE_CHECKING:
    from ..machine import Machine

CONSOLE: Final = "console"
OBSERVER: Final = "observer "
"""How the names of observers begin. A snapshot need not have those of the run that it goes to."""


def all_parts(machine: Machine) -> dict[str, Part]:
    """Every part by name, the console and observers among them if they are parts."""
    console = {CONSOLE: machine.console} if isinstance(machine.console, Part) else {}
    observers = {
        f"{OBSERVER}{type(each).__name__}": each
        for each in machine.watching.observers
        if isinstance(each, Part)
    }
    return {**machine.parts, **console, **observers}


def state_hint(part: Part) -> Hint:
    """The type of what ``part.snapshot`` returns."""
    return typing.get_type_hints(type(part).snapshot)["return"]
