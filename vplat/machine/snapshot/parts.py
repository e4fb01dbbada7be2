"""The parts of a machine, and what there is to restore of them."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Final

from .hints import Hint
from .part import Part

if TYPE_CHECKING:
    from ..machine import Machine

CONSOLE: Final = "console"


def all_parts(machine: Machine) -> dict[str, Part]:
    """Every part by name, the console among them if it is one."""
    console = {CONSOLE: machine.console} if isinstance(machine.console, Part) else {}
    return {**machine.parts, **console}


def state_hint(part: Part) -> Hint:
    """The type of what ``part.snapshot`` returns."""
    return typing.get_type_hints(type(part).snapshot)["return"]
