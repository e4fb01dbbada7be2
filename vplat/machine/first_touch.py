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
Known = list[int | None]


def first_waits(
    address: int,
    instructions: Sequence[Instruction],
    registers: Sequence[int],
    wait_states: Callable[[int], int],
) -> list[int]:
    """The wait states of each instruction of the block at ``address``, run with ``registers``."""
    known: Known = list(registers)
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
    first = known[instruction.rs1] if instruction.rs1 >= 0 else 0
    second = known[instruction.rs2] if instruction.rs2 >= 0 else 0
    value: int | None = None
    if name in ("lui", "li"):
        value = instruction.imm
    elif name == "auipc":
        value = address + instruction.imm
    elif name == "mv":
        value = second
    elif first is not None and name in ("addi", "addi16sp", "addi4spn"):
        value = first + instruction.imm
    elif first is not None and name == "slli":
        value = first << instruction.imm
    elif first is not None and second is not None and name in ("add", "sub"):
        value = first + second if name == "add" else first - second
    return None if value is None else value & WORD
