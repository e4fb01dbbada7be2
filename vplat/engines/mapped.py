"""Memory as a scripted engine has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from vplat.errors import UsageError
from vplat.machine.board import PAGE

WORD_BYTES: Final = 4


class Mapped(NamedTuple):
    """Memory at ``base`` up to ``end``."""

    base: int
    end: int
    data: npt.NDArray[np.uint8]
    written: npt.NDArray[np.uint8]
    writable: bool

    def read(self, address: int, size: int) -> int:
        """``size`` bytes as an unsigned number."""
        start = address - self.base
        return int.from_bytes(self.data[start : start + size].tobytes(), "little")

    def write(self, address: int, size: int, value: int) -> None:
        """Store ``size`` bytes, read-only or not."""
        start = address - self.base
        self.data[start : start + size] = np.frombuffer(value.to_bytes(size, "little"), np.uint8)
        self.written[start // PAGE : (start + size - 1) // PAGE + 1] = 1


def memory_at(memories: Iterable[Mapped], address: int, size: int) -> Mapped | None:
    """The memory that holds ``size`` bytes from ``address`` on."""
    for memory in memories:
        if memory.base <= address and address + size <= memory.end:
            return memory
    return None


def put_words(memories: Iterable[Mapped], words: Mapping[int, int]) -> None:
    """Let memories hold instructions, by address; ``UsageError`` where there is none."""
    for address, word in words.items():
        memory = memory_at(memories, address, WORD_BYTES)
        if memory is None:
            raise UsageError(
                f"a script has a step at {address:#010x}, where the board has no memory; put it "
                "where there is some"
            )
        memory.write(address, WORD_BYTES, word)
