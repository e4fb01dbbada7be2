"""What a loop of so many instructions of each class takes, by the board's timing table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from vplat.machine.isa import Instruction, InstructionClass
from vplat.machine.pricing import FirstRun, Seen
from vplat.timing import TimingTable

ELEMENTS: Final = 8
"""A loop's body is taken to be unrolled so often, which also lets a mix have fractions."""
FIRST_REGISTER, REGISTERS = 8, 20
"""Results go round these registers, so that none is read soon after it was written."""
MNEMONICS: Final[Mapping[InstructionClass, str]] = {
    InstructionClass.LOAD: "lb",
    InstructionClass.STORE: "sb",
    InstructionClass.BRANCH: "bne",
}
WITHOUT_RESULT: Final = frozenset({InstructionClass.STORE, InstructionClass.BRANCH})
LONGEST: Final = 2000
"""Instructions that are looked at; of a longer loop the average of so many is taken."""


def loop_cycles(table: TimingTable, mix: Mapping[InstructionClass, float]) -> tuple[float, float]:
    """
    For one element: cycles of one hart alone, and cycles of the unit that all harts share.

    ``mix`` is instructions of each class for one element. They are spread evenly, data is in L1,
    and branches go back.
    """
    length = ELEMENTS * sum(mix.values())
    if length <= 0:
        return 0.0, 0.0
    unroll = ELEMENTS * min(1.0, LONGEST / length)
    body = list(_instructions({kind: round(unroll * count) for kind, count in mix.items()}))
    if not body:
        return 0.0, 0.0
    seen = [Seen() for _ in body]
    seen[-1] = Seen(target=0)
    price = table.price(FirstRun(0, body, seen))
    return sum(price.cycles) / unroll, sum(price.unit_cycles) / unroll


def _instructions(counts: Mapping[InstructionClass, int]) -> Iterator[Instruction]:
    """So many of each class, each class evenly over the whole."""
    places = sorted(
        ((number + 0.5) / count, kind) for kind, count in counts.items() for number in range(count)
    )
    for number, (_, kind) in enumerate(places):
        register = FIRST_REGISTER + number % REGISTERS
        accesses = kind in (InstructionClass.LOAD, InstructionClass.STORE)
        yield Instruction(
            word=0,
            length=4,
            mnemonic=MNEMONICS.get(kind, str(kind)),
            kind=kind,
            imm=-4,
            access_bytes=int(accesses),
            writes=-1 if kind in WITHOUT_RESULT else register,
        )
