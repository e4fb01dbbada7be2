"""Where a hart is bound: its next instructions, followed without carrying them out."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from ..isa import Instruction, InstructionClass, InterceptKind
from .arithmetic import ATOMIC, BRANCHES, WORD, base_name, computation, compute
from .sight import Key, Obstacle, Sight

if TYPE_CHECKING:
    from ..machine import Machine

STEPS: Final = 4096
"""Instructions that are followed to explain what a hart does."""
FIRST_ROUNDS: Final = 2
FIRST_STEPS: Final = 8
"""A loop that has not closed after so many rounds and instructions changes something each time."""
EXTENDS: Final = {"lb": 8, "lh": 16}
FENCES: Final = ("fence", "fence.tso", "pause")
READS: Final = (
    InstructionClass.LOAD,
    InstructionClass.LOAD_RESERVED,
    InstructionClass.AMO,
    InstructionClass.CSR,
)
Memory = dict[Key, int]


class Step(NamedTuple):
    """One instruction with its operands: the registers', or the immediate as the second.

    ``address`` is that of its access, else -1. ``loaded`` are the bytes it loads, as a number;
    ``lasts`` tells that it loads the same for as long as nobody does anything.
    """

    pc: int
    instruction: Instruction
    first: int
    second: int
    next_pc: int
    address: int = -1
    loaded: int = 0
    lasts: bool = True


class _Known(NamedTuple):
    """An instruction with what is worked out of it once."""

    instruction: Instruction
    name: str
    operation: str
    takes_immediate: bool


@dataclasses.dataclass(frozen=True)
class Walk:
    """What was followed.

    ``loop`` is the part that repeats, empty if none does. If the loop ``is_closed``, the hart comes
    back to the same instruction with the same registers and the same memory, so it goes round for
    as long as what it loads stays what it is. ``obstacle`` says why nothing further was followed.
    ``changed`` are the bytes that it changes on its way, ``touched`` all that it accesses.
    ``registers`` are x0 to x31 where following it ended.
    """

    loop: tuple[Step, ...] = ()
    is_closed: bool = False
    obstacle: str = ""
    changed: frozenset[Key] = frozenset()
    touched: frozenset[Key] = frozenset()
    registers: tuple[int, ...] = ()

    @property
    def reads(self) -> bool:
        """The loop loads something, or reads a CSR or the state of a custom instruction."""
        return any(
            step.instruction.kind in READS or step.instruction.intercept is InterceptKind.CUSTOM
            for step in self.loop
        )


def extend(instruction: Instruction, loaded: int) -> int:
    """The register's value after a load of these bytes."""
    width = EXTENDS.get(base_name(instruction), 0)
    return loaded | WORD << width & WORD if width and loaded >> (width - 1) else loaded


def walk(
    machine: Machine, hart: int, *, strict: bool, steps: int = STEPS, patient: bool = True
) -> Walk:
    """Follow ``hart`` from where it stands.

    ``strict`` follows nothing of which it is not certain what it does, and that it does it for
    ever. Otherwise registers of devices count as what they hold, and stores to devices for nothing.
    Who is not ``patient`` gives up on a loop that changes something in each of its first rounds.
    """
    walker = _Walker(machine, hart, strict=strict)
    obstacle = ""
    try:
        loop = walker.follow(steps, patient=patient)
        if loop:
            walker.touch_code()
    except Obstacle as found:
        loop, obstacle = (), str(found)
    closed = bool(loop)
    if not loop and not strict:
        loop = _recurring(walker.steps)
    sight = walker.sight
    return Walk(
        loop,
        closed,
        obstacle,
        frozenset(sight.changed),
        frozenset(sight.touched),
        tuple(walker.registers),
    )


class _Walker:
    def __init__(self, machine: Machine, hart: int, *, strict: bool) -> None:
        self.sight = Sight(machine, hart, strict=strict)
        self.registers = [0, *(machine.engine.read_register(hart, n) for n in range(1, 32))]
        self._pc = machine.harts[hart].pc
        self.steps: list[Step] = []
        self._known: dict[int, _Known] = {}
        self._rounds: Counter[int] = Counter()

    def follow(self, most: int, *, patient: bool) -> tuple[Step, ...]:
        """The loop in which the same state recurs; empty if none was found."""
        mark, mark_at = self._state(), 0
        while len(self.steps) < most:
            step = self._step()
            self.steps.append(step)
            count = len(self.steps)
            if self._pc == mark[0] and self.registers == mark[1] and self.sight.memory == mark[2]:
                return tuple(self.steps[mark_at:])
            if count & count - 1 == 0:  # marks are ever further apart, so one is within the loop
                mark, mark_at = self._state(), count
            if not patient and self._pc <= step.pc:
                self._rounds[self._pc] += 1
                if self._rounds[self._pc] > FIRST_ROUNDS and count > FIRST_STEPS:
                    return ()
        return ()

    def touch_code(self) -> None:
        """Note the code that was followed; an ``Obstacle`` if it changes on the way."""
        for pc, known in self._known.items():
            self.sight.touch_code(pc, known.instruction.length)

    def _state(self) -> tuple[int, list[int], Memory]:
        return self._pc, list(self.registers), dict(self.sight.memory)

    def _look_up(self, pc: int) -> _Known:
        known = self._known.get(pc)
        if known is None:
            instruction = self.sight.fetch(pc)
            if not instruction.legal:
                raise Obstacle("an instruction that traps")
            name, (operation, takes_immediate) = base_name(instruction), computation(instruction)
            if instruction.intercept is not InterceptKind.NONE:
                operation = ""
            known = self._known[pc] = _Known(instruction, name, operation, takes_immediate)
        return known

    def _step(self) -> Step:
        pc, registers = self._pc, self.registers
        instruction, name, operation, takes_immediate = self._look_up(pc)
        first = registers[instruction.rs1] if instruction.rs1 > 0 else 0
        second = registers[instruction.rs2] if instruction.rs2 > 0 else 0
        if operation:
            second = instruction.imm & WORD if takes_immediate else second
            self._write(instruction, compute(operation, first, second))
        elif instruction.is_memory:
            return self._access(pc, instruction, first, second)
        elif instruction.intercept is not InterceptKind.NONE:
            return self._answered(pc, instruction, first, second)
        elif name in ("lui", "auipc"):
            self._write(instruction, instruction.imm + (pc if name == "auipc" else 0))
        else:
            return self._jump(pc, instruction, name, first, second)
        self._pc = pc + instruction.length & WORD
        return Step(pc, instruction, first, second, self._pc)

    def _jump(self, pc: int, instruction: Instruction, name: str, first: int, second: int) -> Step:
        following, kind = pc + instruction.length & WORD, instruction.kind
        target = following
        if kind is InstructionClass.BRANCH:
            if BRANCHES[name](first, second):
                target = pc + instruction.imm & WORD
        elif kind in (InstructionClass.JUMP, InstructionClass.JUMP_REGISTER):
            base = pc if kind is InstructionClass.JUMP else first
            target = base + instruction.imm & WORD & ~1
            self._write(instruction, following)
        elif name not in FENCES:
            raise Obstacle(f"{instruction.mnemonic}, which is not followed")
        self._pc = target
        return Step(pc, instruction, first, second, target)

    def _access(self, pc: int, instruction: Instruction, first: int, second: int) -> Step:
        kind, size = instruction.kind, instruction.access_bytes
        address = first + (0 if kind in _AT_REGISTER else instruction.imm) & WORD
        loaded, lasts = 0, True
        if kind is InstructionClass.STORE:
            self.sight.store(address, size, second)
        elif kind in (InstructionClass.LOAD, *_AT_REGISTER):
            if kind is not InstructionClass.LOAD and address % size:
                raise Obstacle("an access that traps")
            loaded, lasts = self.sight.load(address, size)
            if kind is InstructionClass.AMO:
                operation = ATOMIC[base_name(instruction)]
                self.sight.store(address, size, operation(loaded, second) & WORD)
            self._write(instruction, extend(instruction, loaded))
        else:
            raise Obstacle(f"{instruction.mnemonic}, which is not followed")
        self._pc = pc + instruction.length & WORD
        return Step(pc, instruction, first, second, self._pc, address, loaded, lasts)

    def _answered(self, pc: int, instruction: Instruction, first: int, second: int) -> Step:
        """What the platform carries out: little of it is followed."""
        value, lasts = 0, True
        if instruction.intercept is InterceptKind.CSR:
            value, lasts = self.sight.csr(instruction)
        elif instruction.intercept is InterceptKind.CUSTOM:
            value, lasts = self.sight.custom(instruction, self.registers)
        elif instruction.intercept is not InterceptKind.WFI or not self.sight.passes_wfi:
            raise Obstacle(f"{instruction.mnemonic}, which is not followed")
        self._write(instruction, value)
        self._pc = pc + instruction.length & WORD
        return Step(pc, instruction, first, second, self._pc, -1, value, lasts)

    def _write(self, instruction: Instruction, value: int) -> None:
        if instruction.writes > 0:
            self.registers[instruction.writes] = value & WORD


_AT_REGISTER: Final = (InstructionClass.LOAD_RESERVED, InstructionClass.AMO)
"""They access what is at a register, without an offset."""


def _recurring(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The last round through the instruction at which the steps end, if they go round there."""
    if not steps:
        return ()
    last = steps[-1].next_pc
    at = [index for index, step in enumerate(steps) if step.pc == last]
    if not at:
        return ()
    # Some loops come by on the way of another one: what recurs at the end is the innermost one.
    return tuple(steps[at[-1] :])
