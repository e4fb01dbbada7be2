"""What an output can be wired to."""

from __future__ import annotations

import dataclasses
import re
from typing import Final

from vplat.errors import BoardError
from vplat.model.field import no_such

HARTS: Final = "harts"
MACHINE: Final = "machine"
HART_LINES: Final = ("software", "timer", "external")
FAST: Final = "fast"
FAST_LINES: Final = 16
"""``harts.fast[n]`` is bit 16 + n of ``mip``, as in CV32E40P."""
MACHINE_ACTIONS: Final = ("flush_code",)
_TARGET: Final = re.compile(
    r"([A-Za-z][A-Za-z0-9_]*)\.([A-Za-z][A-Za-z0-9_]*)(?:\[([0-9]{1,6})\])?"
)


@dataclasses.dataclass(frozen=True)
class Target:
    """``owner.line[index]``; ``index`` is None where none is written."""

    owner: str
    line: str
    index: int | None = None

    @property
    def is_device(self) -> bool:
        """The owner is a device of the board."""
        return self.owner not in (HARTS, MACHINE)


def parse_target(text: str) -> Target:
    """``text`` taken apart; a ``BoardError``, without a place, if it cannot be a target."""
    match = _TARGET.fullmatch(text)
    if match is None:
        raise BoardError(
            f"{text!r} is no target; write it like 'device.input', 'device.input[3]', "
            "'harts.timer' or 'machine.flush_code'"
        )
    target = Target(match[1], match[2], None if match[3] is None else int(match[3]))
    if target.owner == HARTS:
        _check_hart_line(text, target)
    elif target.owner == MACHINE:
        if target.line not in MACHINE_ACTIONS:
            raise BoardError(f"target {text!r}: {no_such('action', target.line, MACHINE_ACTIONS)}")
        _refuse_index(text, target)
    return target


def _check_hart_line(text: str, target: Target) -> None:
    if target.line != FAST:
        if target.line not in HART_LINES:
            problem = no_such("line", target.line, (*HART_LINES, f"{FAST}[0..{FAST_LINES - 1}]"))
            raise BoardError(f"target {text!r}: harts have {problem}")
        _refuse_index(text, target)
    elif target.index is None or target.index >= FAST_LINES:
        raise BoardError(
            f"target {text!r} needs a number, {FAST}[0] to {FAST}[{FAST_LINES - 1}] "
            "(bits 16 to 31 of mip)"
        )


def _refuse_index(text: str, target: Target) -> None:
    if target.index is not None:
        raise BoardError(f"target {text!r} is a single line; write '{target.owner}.{target.line}'")
