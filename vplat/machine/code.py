"""Where code lies, as far as its time is concerned: alignment, the memories that its accesses
reach, and the lines of it that the instruction cache holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .bus import MemoryPlace
from .first_touch import WORD_BYTES, DataMemory
from .odd_jumps import alignment
from .pricing import InstructionCache

if TYPE_CHECKING:
    from .machine import Machine

FULL_LENGTH: Final = 3
"""The low bits of an instruction of 4 bytes."""


class Code:
    """What the machine knows of code beside its bytes; what the cache holds is its state.

    A line is fetched once, when the first hart comes to code in it, and stays until the cache is
    flushed: that a cache has a size and lines drive each other out is not modelled.
    """

    def __init__(self, machine: Machine, cache: InstructionCache | None) -> None:
        self._machine, self._cache = machine, cache
        self.alignment = alignment(machine.board.harts.isa)
        """Every instruction begins at a multiple of so many bytes."""
        shared = max(machine.board.memories, key=lambda each: each.banks, default=None)
        self._banked = shared if shared is not None and shared.banks > 1 else None
        self._lines: set[int] = set()

    @property
    def banks(self) -> int:
        """Of the memory that harts share most; 0 if no memory has several."""
        return self._banked.banks if self._banked is not None else 0

    def data_memory(self, address: int | None) -> DataMemory:
        """What answers at ``address``; where it is not known, that is the banked memory."""
        if address is None:
            return DataMemory(0, self._banked is not None)
        place = self._machine.bus.place_at(address)
        if not isinstance(place, MemoryPlace):
            return DataMemory(0, False)  # a device's wait states are counted with each access
        return DataMemory(place.memory.wait_states, place.memory is self._banked)

    def splits(self, target: int) -> bool:
        """Whether a 4-byte instruction that is not on a word boundary begins at ``target``."""
        if target % WORD_BYTES == 0 or self.alignment == WORD_BYTES:
            return False
        return self._machine.peek_word(target) & FULL_LENGTH == FULL_LENGTH

    def fetch(self, address: int, size: int) -> int:
        """The cycles that a hart waits for code which comes into the cache now."""
        if self._cache is None:
            return 0
        line_bytes = self._cache.line_bytes
        lines = range(address // line_bytes, (address + size - 1) // line_bytes + 1)
        missing = set(lines) - self._lines
        self._lines |= missing
        if not missing:
            return 0
        place = self._machine.bus.place_at(address)
        waits = place.memory.wait_states if isinstance(place, MemoryPlace) else 0
        return len(missing) * (self._cache.miss_cycles + waits)

    def flush(self) -> None:
        """Empty the cache."""
        self._lines.clear()

    def snapshot(self) -> tuple[int, ...]:
        """The lines in the cache."""
        return tuple(sorted(self._lines))

    def restore(self, state: tuple[int, ...]) -> None:
        """Go back to what ``snapshot`` gave."""
        self._lines = set(state)
