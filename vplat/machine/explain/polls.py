"""What a loop polls: which of its loads decide whether it is left, and what would have to be there.

A loop that was followed is looked at once more: each register is known to come from a load, through
operations with numbers. A branch out of the loop that depends on one of them is what polls.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from vplat.model import Declared, Field

from ..bus import DevicePlace
from ..isa import InstructionClass, InterceptKind
from .arithmetic import BRANCHES, base_name, computation, compute
from .sight import LASTING_CSRS
from .walk import Step, extend
from .work import describe_work

if TYPE_CHECKING:
    from ..machine import Machine

LONGEST_CHAIN: Final = 8
LOADS: Final = (InstructionClass.LOAD, InstructionClass.LOAD_RESERVED, InstructionClass.AMO)


@dataclasses.dataclass(frozen=True)
class Polled:
    """One thing that a loop reads to know whether to go on.

    ``name`` is ``ita.status.busy``, ``flag`` or ``mip``. ``address`` is -1 for a CSR. ``value`` is
    that of the last load; ``until`` says what ends the loop, '' if that is not known. ``lasts``
    tells that it stays as it is unless somebody does something. ``work`` says what the ``device``
    it is in has under way.
    """

    name: str
    address: int
    value: int
    until: str
    lasts: bool
    device: str = ""
    work: str = ""

    def __str__(self) -> str:
        at = f" ({self.address:#010x})" if self.address >= 0 else ""
        until = f", goes on once {self.until}" if self.until else ""
        work = f"; {self.work}" if self.work else ""
        return f"polls {self.name}{at}, which reads {self.value:#x}{until}{work}"


@dataclasses.dataclass(frozen=True)
class _Origin:
    """A value that comes from the load at step ``load``, through operations with other operands.

    Each is (operation, operand, whether the value is the first operand).
    """

    load: int
    chain: tuple[tuple[str, int, bool], ...] = ()

    def through(self, operation: str, operand: int, *, is_first: bool) -> _Origin | None:
        if len(self.chain) >= LONGEST_CHAIN:
            return None
        return _Origin(self.load, (*self.chain, (operation, operand, is_first)))

    def value(self, loaded: int) -> int:
        """What becomes of ``loaded``."""
        for operation, operand, is_first in self.chain:
            operands = (loaded, operand) if is_first else (operand, loaded)
            loaded = compute(operation, *operands)
        return loaded


@dataclasses.dataclass(frozen=True)
class _Exit:
    """A branch that decides by what the load ``origin`` gave, compared with ``other``."""

    step: Step
    origin: _Origin
    other: int
    is_first: bool

    def leaves(self, value: int) -> bool:
        """Whether the loop is left if the operand is ``value``."""
        operands = (value, self.other) if self.is_first else (self.other, value)
        return self._taken(*operands) != self._taken(self.step.first, self.step.second)

    def _taken(self, first: int, second: int) -> bool:
        return BRANCHES[base_name(self.step.instruction)](first, second)


def polled(machine: Machine, loop: Sequence[Step]) -> tuple[Polled, ...]:
    """What decides whether ``loop`` is left; where nothing is seen to, all that it loads."""
    found: dict[int, Polled] = {}
    for each in _exits(loop):
        step = loop[each.origin.load]
        found.setdefault(each.origin.load, _describe(machine, step, each))
    if not found:
        for index, step in enumerate(loop):
            if step.instruction.kind in LOADS:
                found[index] = _describe(machine, step, None)
    return tuple(dict.fromkeys(found.values()))


def _exits(loop: Sequence[Step]) -> Iterator[_Exit]:
    """Branches that lead out of the loop, by what was loaded."""
    inside = {step.pc for step in loop}
    flow = _Flow()
    for turn in range(2):  # what the first round leaves in registers is what the next one finds
        for index, step in enumerate(loop):
            if turn and step.instruction.kind is InstructionClass.BRANCH:
                ways = {step.pc + step.instruction.length, step.pc + step.instruction.imm}
                if {way & 0xFFFF_FFFF for way in ways} - inside:
                    yield from flow.decided(step)
            flow.pass_on(index, step)


class _Flow:
    """Which registers and which words of memory come from which loads."""

    def __init__(self) -> None:
        self._registers: dict[int, _Origin] = {}
        self._memory: dict[tuple[int, int], _Origin] = {}

    def decided(self, step: Step) -> Iterator[_Exit]:
        first = self._registers.get(step.instruction.rs1)
        second = self._registers.get(step.instruction.rs2)
        if first is not None:
            yield _Exit(step, first, step.second, is_first=True)
        if second is not None:
            yield _Exit(step, second, step.first, is_first=False)

    def pass_on(self, index: int, step: Step) -> None:
        instruction = step.instruction
        place = step.address, instruction.access_bytes
        origin: _Origin | None = None
        operation, takes_immediate = computation(instruction)
        if instruction.kind is InstructionClass.STORE:
            self._keep(place, self._registers.get(instruction.rs2))
        elif instruction.kind in LOADS:
            origin = self._memory.get(place) or _Origin(index)
        elif instruction.intercept in (InterceptKind.CSR, InterceptKind.CUSTOM):
            origin = _Origin(index)
        elif operation:
            origin = self._computed(step, operation, takes_immediate=takes_immediate)
        if instruction.writes > 0:
            self._registers.pop(instruction.writes, None)
            if origin is not None:
                self._registers[instruction.writes] = origin

    def _keep(self, place: tuple[int, int], origin: _Origin | None) -> None:
        self._memory.pop(place, None)
        if origin is not None:
            self._memory[place] = origin

    def _computed(self, step: Step, operation: str, *, takes_immediate: bool) -> _Origin | None:
        first = self._registers.get(step.instruction.rs1)
        second = None if takes_immediate else self._registers.get(step.instruction.rs2)
        if first is not None:
            return first.through(operation, step.second, is_first=True)
        if second is not None:
            return second.through(operation, step.first, is_first=False)
        return None


def _describe(machine: Machine, step: Step, leaving: _Exit | None) -> Polled:
    until = None if leaving is None else _condition(step, leaving)
    words = "" if until is None else until.of_whole()
    if step.address < 0:
        number = step.instruction.csr
        name = LASTING_CSRS.get(number, f"CSR {number:#05x}")
        return Polled(
            name if number >= 0 else step.instruction.mnemonic, -1, step.loaded, words, step.lasts
        )
    place = machine.bus.place_at(step.address)
    if not isinstance(place, DevicePlace):
        return Polled(_memory_name(machine, step), step.address, step.loaded, words, step.lasts)
    offset, device = step.address - place.base, place.port.device.name
    name, found = place.port.name_at(offset), place.port.register_at(offset)
    if found is not None and until is not None:
        lane = 8 * (offset & 3)
        field = _field(found[0], until.mask << lane)
        if field is not None:
            name += f".{field.name}"
            if field.mask == until.mask << lane:
                words = until.of_field(field.name, field.low - lane)
    work = describe_work(machine, place.port.device)
    return Polled(name, step.address, step.loaded, words, step.lasts, device, work)


def _memory_name(machine: Machine, step: Step) -> str:
    memory, firmware = machine.bus.name_of(step.address), machine.firmware
    named = "" if firmware is None else firmware.symbols.name(step.address)
    return f"{named} in {memory}" if named and not named.startswith("0x") else f"a word of {memory}"


@dataclasses.dataclass(frozen=True)
class _Until:
    """The loop is left once the bits of ``mask`` are ``relation`` ("==" or "!=") to ``other``."""

    relation: str
    other: int
    mask: int
    full: int

    def of_whole(self) -> str:
        """The condition, of the whole of what is loaded."""
        cut = "it" if self.mask == self.full else f"(it & {self.mask:#x})"
        return f"{cut} {self.relation} {self.other:#x}"

    def of_field(self, name: str, low: int) -> str:
        """The condition, of the field that begins at bit ``low`` of what is loaded."""
        return f"{name} {self.relation} {self.other >> max(low, 0):#x}"


def _condition(step: Step, leaving: _Exit) -> _Until | None:
    """What the load is to give; None where that cannot be said in a few words."""
    size = 8 * (step.instruction.access_bytes or 4)
    full = (1 << size) - 1
    operations = [(name, operand) for name, operand, _ in leaving.origin.chain if operand]
    branch = base_name(leaving.step.instruction)
    only_masks = all(name == "and" for name, _ in operations) and len(operations) <= 1
    if branch in ("beq", "bne") and only_masks:
        mask = operations[0][1] & full if operations else full
        equal = leaving.step.first == leaving.step.second
        return _Until("!=" if equal else "==", leaving.other & full, mask, full)
    return _tried(step, leaving, full)


def _tried(step: Step, leaving: _Exit, full: int) -> _Until | None:
    """What is found by trying which other values would end the loop."""

    def leaves(loaded: int) -> bool:
        return leaving.leaves(leaving.origin.value(extend(step.instruction, loaded & full)))

    bits = sum(1 << bit for bit in range(full.bit_length()) if leaves(step.loaded ^ 1 << bit))
    if bits == full:
        return _Until("!=", step.loaded, full, full)
    if bits and not bits & (bits - 1):
        return _Until("==", ~step.loaded & bits, bits, full)
    numbers = [leaving.other, *(operand for _, operand, _ in leaving.origin.chain)]
    for number in (each & full for operand in numbers for each in (operand, -operand)):
        if not bits and leaves(number) and not leaves(number ^ 1):
            return _Until("==", number, full, full)
    return None


def _field(register: Declared, mask: int) -> Field | None:
    """The field that all of ``mask`` is a part of; None for none, or where there are no fields."""
    if register.is_word:
        return None
    fields = (field for field in register.fields.values() if field.access.readable)
    return next((field for field in fields if not mask & ~field.mask), None)
