"""Wait states of memory, told by the first run of a block.

An engine that called back for every load and store would be ten times slower. So the place of each
access is worked out once, when a hart is about to run the block for the first time: from the
registers it has then, through the additions and constants in the block. What depends on a value
loaded in the block stays unknown and counts as a TCDM hit. The figure is therefore an estimate:
exact for code whose accesses always go to the same memory, as those to stacks, globals and buffers
do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .isa import Instruction

WORD = 0xFFFF_FFFF
FOLLOWED = frozenset({"mv", "addi", "addi16sp", "addi4spn", "slli", "add", "sub"})
Register = Callable[[int], int]
"""The value that a register has when the block begins."""


class Known:
    """What is known of the registers while a block is followed; each is read only if it matters."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._values: dict[int, int | None] = {}

    def __getitem__(self, number: int) -> int | None:
        if number not in self._values:
            self._values[number] = self._register(number)
        return self._values[number]

    def __setitem__(self, number: int, value: int | None) -> None:
        self._values[number] = value


def first_waits(
    address: int,
    instructions: Sequence[Instruction],
    register: Register,
    wait_states: Callable[[int], int],
) -> list[int]:
    """The wait states of each instruction of the block at ``address``, begun with ``register``."""
    known = Known(register)
    waits = []
    for instruction in instructions:
        wait = 0
        if instruction.is_memory:
            base = known[instruction.rs1]
            if base is not None:
                wait = wait_states(base + instruction.imm & WORD)
        waits.append(wait)
        if instruction.writes > 0:
            known[instruction.writes] = _result(address, instruction, known)
        address += instruction.length
    return waits


def _result(address: int, instruction: Instruction, known: Known) -> int | None:
    """What an address computation leaves in its register; None for everything else."""
    name = instruction.mnemonic.removeprefix("c.")
    if name in ("lui", "li"):
        return instruction.imm & WORD
    if name == "auipc":
        return address + instruction.imm & WORD
    if name not in FOLLOWED:
        return None
    first = known[instruction.rs1] if instruction.rs1 >= 0 else 0
    second = known[instruction.rs2] if instruction.rs2 >= 0 else 0
    if first is None or second is None:
        return None
    match name:
        case "slli":
            value = first << instruction.imm
        case "sub":
            value = first - second
        case _:
            value = first + second + (instruction.imm if instruction.rs2 < 0 else 0)
    return value & WORD
