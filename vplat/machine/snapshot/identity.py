"""What a machine must be like for a snapshot of another one to fit it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from .. import rows
from ..board import Board
from .devices import layout
from .hints import describe
from .parts import state_hint
from .state import ClockSnapshot, HartSnapshot, RunSnapshot

if TYPE_CHECKING:
    from ..machine import Machine

WORDING: Final = frozenset({"name", "doc", "source", "places", "timing", "energy"})
"""What of a board changes nothing of what its machines do."""


def board_digest(board: Board) -> str:
    """A digest of what the board consists of."""
    kept = {
        field.name: _plain(getattr(board, field.name))
        for field in dataclasses.fields(board)
        if field.name not in WORDING
    }
    return digest(json.dumps(kept, sort_keys=True))


def layouts(machine: Machine) -> dict[str, str]:
    """A digest of what there is to restore: of each kind of device, and of the machine itself."""
    found = {device.kind: digest(layout(device)) for device in machine.devices.values()}
    columns = sorted((name, value) for name, value in vars(rows).items() if name.isupper())
    own = [describe(each) for each in (HartSnapshot, ClockSnapshot, RunSnapshot)]
    parts = [f"{name}:{describe(state_hint(part))}" for name, part in machine.parts.items()]
    found[""] = digest(f"{columns} {own} {parts}")
    return found


def digest(text: str) -> str:
    """64 bits of SHA-256, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """A board's content as JSON has it; documentation is left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (field.name for field in dataclasses.fields(value))
        return {name: _plain(getattr(value, name)) for name in fields if name != "doc"}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, Enum):
        return value.name
    return value if isinstance(value, str | int | float | None) else str(value)
