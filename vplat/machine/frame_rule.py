"""How to get from a frame to its caller, whoever worked it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

RETURN_ADDRESS, STACK_POINTER, FRAME_POINTER = 1, 2, 8


class Recovery(Enum):
    """Where a caller's register is; the number beside it counts bytes or names a register."""

    AT_CFA = "in memory, at the CFA plus the number"
    IS_CFA = "the CFA plus the number"
    IN_REGISTER = "in the register with that number"
    LOST = "nowhere"


@dataclass(frozen=True)
class FrameRule:
    """The rules at one pc: the CFA is ``cfa_register`` + ``cfa_offset``.

    The canonical frame address (CFA) is the caller's stack pointer at the call. ``saved`` tells, by
    register number (0 to 31), where the caller's value is; registers not in it are unchanged.
    ``interrupted`` marks a frame entered by a trap: its caller's pc is the instruction itself, not
    the one behind a call.
    """

    cfa_register: int
    cfa_offset: int
    saved: Mapping[int, tuple[Recovery, int]] = field(default_factory=dict)
    return_register: int = RETURN_ADDRESS
    interrupted: bool = False
