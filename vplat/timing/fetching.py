"""What fetching costs where harts have a small buffer of lines in front of a shared cache."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vplat.machine.isa import Instruction, InstructionClass

INSTRUCTION_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class LineBuffer:
    """A hart's own few lines of code, which it fills from the shared cache.

    It asks ahead for the line that follows, or for the one that a jump or a backward branch in the
    line at hand leads to, and has that ``ahead_cycles`` after the line at hand was entered; it has
    any other after ``refill_cycles``.
    """

    line_bytes: int
    lines: int
    refill_cycles: int
    ahead_cycles: int

    def transfer_cycles(self, at: int, jump: Instruction, target: int | None) -> int:
        """What a jump or taken branch at the address ``at`` waits for its target's line.

        A loop that fits into the buffer stays there, so a target a few lines back costs nothing.
        """
        if target is None:
            return self.refill_cycles
        lines_ahead = target // self.line_bytes - at // self.line_bytes
        if -self.lines < lines_ahead <= 1:
            return 0
        if jump.kind is InstructionClass.JUMP_REGISTER:
            return self.refill_cycles
        fetched = at % self.line_bytes // INSTRUCTION_BYTES
        return max(0, self.ahead_cycles - fetched)
