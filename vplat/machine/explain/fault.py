"""What probably lies behind a crash: null pointers, stacks that are too small, lost returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..board import PAGE
from ..bus import MemoryPlace
from ..isa import Instruction
from ..outcome import Trap
from .where import Where

if TYPE_CHECKING:
    from ..machine import Machine

RA, SP = 1, 2
FETCHES: Final = (0, 1)
ACCESSES: Final = (4, 5, 6, 7)
ILLEGAL: Final = 2
NEAR: Final = 4096
"""Bytes: what is this close behind the end of a memory is told relative to it."""
NAMES: Final = (
    *("zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1"),
    *(f"a{number}" for number in range(8)),
    *(f"s{number}" for number in range(2, 12)),
    *(f"t{number}" for number in range(3, 7)),
)


def crash_hints(machine: Machine, trap: Trap) -> tuple[str, ...]:
    """Sentences that say what an exception is probably about; the likeliest cause comes last."""
    found: list[str] = []
    if trap.cause in FETCHES or (trap.cause == ILLEGAL and not _is_code(machine, trap.pc)):
        found += _of_fetch(machine, trap)
    elif trap.cause in ACCESSES:
        found += _of_access(machine, trap)
    found += _of_stack(machine, trap)
    return tuple(found)


def _of_access(machine: Machine, trap: Trap) -> list[str]:
    instruction = machine.blocks.decode(machine.peek_word(trap.pc))
    found = [_formed(instruction, trap)] if instruction.is_memory else []
    address = trap.value
    if address < PAGE and machine.bus.place_at(address) is None:
        base = trap.registers[max(instruction.rs1, 0)]
        member = f", at a member {address:#x} bytes behind it" if base == 0 and address else ""
        return [*found, f"that is a null pointer{member}"]
    place = near_memory(machine, address)
    return [*found, f"{address:#010x} is {place}"] if place else found


def _formed(instruction: Instruction, trap: Trap) -> str:
    """Which register the address is formed from."""
    base = max(instruction.rs1, 0)
    offset = instruction.imm
    shown = f" {'+' if offset > 0 else '-'} {abs(offset)}" if offset else ""
    return (
        f"{instruction.mnemonic} forms the address from {NAMES[base]}{shown}; "
        f"{NAMES[base]} is {trap.registers[base]:#010x}"
    )


def near_memory(machine: Machine, address: int) -> str:
    """``4 bytes behind the end of tcdm``, '' where no memory ends or begins close by."""
    if machine.bus.place_at(address) is not None:
        return ""
    for place in machine.bus.places:
        name = place.memory.name if isinstance(place, MemoryPlace) else ""
        if name and 0 <= address - place.end < NEAR:
            return f"{_bytes(address - place.end + 1)} behind the last byte of {name}"
        if name and 0 < place.base - address <= NEAR:
            return f"{_bytes(place.base - address)} in front of {name}"
    return ""


def _of_fetch(machine: Machine, trap: Trap) -> list[str]:
    target, ra = trap.value if trap.cause == 0 else trap.pc, trap.registers[RA]
    if target & ~1 == ra & ~1:
        sentence = (
            f"the hart has returned to {target:#010x}, which is no code: the return address that "
            "the function had saved on its stack was overwritten, or ra was"
        )
        return [sentence]
    what = "a null function pointer" if target < 4 else f"a pointer to {target:#010x}"
    sentence = f"the hart has jumped through {what}, which is no code"
    if _is_code(machine, ra - 2):
        sentence += f"; the last call was at {Where.of(machine.firmware, ra - 2)}"
    return [sentence]


def _of_stack(machine: Machine, trap: Trap) -> list[str]:
    """Whether sp is where no stack is."""
    pointer, firmware = trap.registers[SP], machine.firmware
    if firmware is None or pointer == 0:
        return []
    run_over = "the stack has run over, or sp was never set"
    # A stack that is empty begins behind the memory's last byte.
    places = [machine.bus.place_at(each) for each in (pointer, pointer - 1)]
    if not any(isinstance(place, MemoryPlace) for place in places):
        return [f"sp is {pointer:#010x}, where there is no memory: {run_over}"]
    span = _own_stack(machine, trap.hart)
    if span is not None and not span[0] <= pointer <= span[1]:
        where, why = "above", "it was set to something else"
        if pointer < span[0]:
            where, why = "below", "it has run over"
        stack = f"the stack of hart {trap.hart} ({span[0]:#010x} to {span[1]:#010x})"
        return [f"sp is {pointer:#010x}, {where} {stack}: {why}"]
    for segment in firmware.segments:
        begin = segment.virtual_address
        if begin <= pointer < begin + len(segment.data):
            return [f"sp is {pointer:#010x}, within the program's own code and data: {run_over}"]
    return []


def _own_stack(machine: Machine, hart: int) -> tuple[int, int] | None:
    """Where the hart's stack is, by the symbols of vplat's linker scripts; None without them."""
    firmware = machine.firmware
    if firmware is None:
        return None
    top, size = firmware.symbol("__stack_top"), firmware.symbol("__stack_size")
    start = firmware.symbol("__stacks_start")
    if top is None or not size or start is None:
        return None
    if top - start != size * len(machine.harts):
        return None  # another linker script's symbols of the same names
    return top - (hart + 1) * size, top - hart * size


def _is_code(machine: Machine, address: int) -> bool:
    firmware = machine.firmware
    return firmware is not None and firmware.code.at(address & 0xFFFF_FFFF) is not None


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count:,} bytes"
