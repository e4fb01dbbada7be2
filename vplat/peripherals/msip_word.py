"""The CLINT of the Snitch testbench: memory whose first words are the software interrupts.

`snitch-ita-cluster.md` section 2: bit i of the word is the software interrupt of hart i, and all
the rest is plain memory.
"""

from __future__ import annotations

from typing import Final

from vplat.hookspecs import hookimpl
from vplat.model import MAIN, RW, Line, Parameter, Peripheral, State, Word

WORD: Final = 0xFFFF_FFFF


class MsipWord(Peripheral, kind="msip_word", size=0x1000):
    """Raises the software interrupts of the harts, by their bits in one word.

    Behind the word is memory.
    """

    specification = "snitch-ita-cluster.md section 2"

    harts = Parameter(9, "Harts with a bit.", minimum=1, maximum=32)

    msip = Word(0x000, RW, "Bit i is the level of hart i's software interrupt (mip.MSIP).")

    software = Line("The software interrupt of each hart.")

    raised = State(0, "Harts whose line is high, as a mask.")
    memory: State[dict[int, int]] = State(dict, "The words behind the first, by offset.")

    @msip.on_write
    def follow(self) -> None:
        """Drive the lines whose bits have changed."""
        wanted = self.msip & (1 << self.harts) - 1
        risen, fallen = wanted & ~self.raised, self.raised & ~wanted
        self.raised = wanted
        if risen:
            self.software(1, risen)
        if fallen:
            self.software(0, fallen)

    @MAIN.on_other_load
    def load(self, offset: int, size: int) -> int:
        """What was stored, or zeros."""
        return self.memory.get(offset & ~3, 0) >> 8 * (offset & 3)

    @MAIN.on_other_store
    def store(self, offset: int, size: int, value: int) -> None:
        """Keep the bytes."""
        lane = 8 * (offset & 3)
        mask = (1 << 8 * size) - 1 << lane
        old = self.memory.get(offset & ~3, 0)
        self.memory[offset & ~3] = old & ~mask | value << lane & mask


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    """The device of this module."""
    return [MsipWord]
