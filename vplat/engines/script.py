"""What harts of a ``ScriptedEngine`` do: steps, each in place of a 4-byte instruction."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from vplat.errors import UsageError

STEP_BYTES: Final = 4
NOP: Final = 0x0000_0013
VALUE_REGISTER: Final = 5
"""t0: what a load leaves there, and a store stores."""
ADDRESS_REGISTER: Final = 6
"""t1: where a load or store goes."""
LOAD_KINDS: Final = {1: 4, 2: 5, 4: 2}
"""funct3 of lbu, lhu and lw."""
STORE_KINDS: Final = {1: 0, 2: 1, 4: 2}
"""funct3 of sb, sh and sw."""


class Step:
    """One thing that a hart does."""

    __slots__ = ()

    @property
    def word(self) -> int:
        """The instruction in memory where the step is: a ``nop``, or what the kind of step has."""
        return NOP


@dataclasses.dataclass(frozen=True, slots=True)
class Work(Step):
    """So many instructions that change nothing. A turn may end between any two of them.

    If an interrupt is taken in between, the rest is done when the hart comes back to this step.
    ``encoding`` is for those that mean something to the machine, as the marks of semihosting do.
    """

    instructions: int = 1
    encoding: int = NOP

    @property
    def word(self) -> int:
        """The encoding."""
        return self.encoding


@dataclasses.dataclass(frozen=True, slots=True)
class Load(Step):
    """An unsigned load of 1, 2 or 4 bytes into t0; the value is appended to ``into``."""

    address: int
    size: int = 4
    into: list[int] | None = None

    @property
    def word(self) -> int:
        """``lw t0, 0(t1)``, or its narrow sister."""
        registers = ADDRESS_REGISTER << 15 | VALUE_REGISTER << 7
        return registers | LOAD_KINDS[self.size] << 12 | 0x03


@dataclasses.dataclass(frozen=True, slots=True)
class Store(Step):
    """A store of the low 1, 2 or 4 bytes of ``value``."""

    address: int
    value: int
    size: int = 4

    @property
    def word(self) -> int:
        """``sw t0, 0(t1)``, or its narrow sister."""
        registers = VALUE_REGISTER << 20 | ADDRESS_REGISTER << 15
        return registers | STORE_KINDS[self.size] << 12 | 0x23


@dataclasses.dataclass(frozen=True, slots=True)
class Answer(Step):
    """An instruction that the machine carries out itself, encoded: ``wfi``, ``ecall``, ``csrw``."""

    encoding: int

    @property
    def word(self) -> int:
        """The encoding."""
        return self.encoding


@dataclasses.dataclass(frozen=True, slots=True)
class Call(Step):
    """Python code, which takes no time: to note what is so at that moment."""

    function: Callable[[], object]


@dataclasses.dataclass(frozen=True, slots=True)
class Back(Step):
    """A jump over so many steps back, unless ``until`` is true by then."""

    steps: int
    until: Callable[[], bool] | None = None

    @property
    def word(self) -> int:
        """``j`` over as many instructions."""
        offset = -STEP_BYTES * self.steps
        # The immediate of jal: bits 20, 10 to 1, 11, 19 to 12 (unprivileged manual, section 2.5.1).
        ends = (offset & 0x10_0000) << 11 | (offset & 0x7FE) << 20
        return ends | (offset & 0x800) << 9 | offset & 0xF_F000 | 0x6F


Script = Mapping[int, Sequence[Step]]
"""Steps by the address at which the first of them is. A hart that comes to the end of such a
sequence is done; one that jumps to where no step is meets an instruction access fault."""

WFI: Final = Answer(0x1050_0073)
MRET: Final = Answer(0x3020_0073)
ECALL: Final = Answer(0x0000_0073)
EBREAK: Final = Answer(0x0010_0073)


def steps_by_address(script: Script) -> dict[int, Step]:
    """Every step of a script by its address; ``UsageError`` for one that cannot be carried out."""
    placed: dict[int, Step] = {}
    for base, steps in script.items():
        for position, step in enumerate(steps):
            address = base + STEP_BYTES * position
            _check(step, position, address)
            if address in placed:
                raise UsageError(
                    f"a script has two steps at {address:#010x}, {placed[address]} and {step}; "
                    "move one of the two sequences"
                )
            placed[address] = step
    return placed


def ends_of(script: Script) -> Iterator[int]:
    """The addresses behind the last step of each sequence."""
    return (base + STEP_BYTES * len(steps) for base, steps in script.items())


def words_by_address(scripts: Sequence[dict[int, Step]]) -> dict[int, int]:
    """What is in memory at the address of each step; ``UsageError`` where scripts disagree."""
    words: dict[int, int] = {}
    for steps in scripts:
        for address, step in steps.items():
            if words.setdefault(address, step.word) != step.word:
                raise UsageError(
                    f"two harts have different steps at {address:#010x}; give each hart addresses "
                    "of its own"
                )
    return words


def _check(step: Step, position: int, address: int) -> None:
    problem = ""
    if address % STEP_BYTES:
        problem = f"is at {address:#x}; a step is at a multiple of {STEP_BYTES}"
    elif isinstance(step, Work) and step.instructions < 0:
        problem = "cannot be done; work is 0 instructions or more"
    elif isinstance(step, Load | Store) and step.size not in LOAD_KINDS:
        problem = "is no access of a hart; its size is 1, 2 or 4 bytes"
    elif isinstance(step, Answer | Work) and (step.word & 3 != 3 or step.word >> 32):
        problem = "is no 4-byte instruction; only such are steps"
    elif isinstance(step, Back) and not 0 < step.steps <= position:
        problem = f"leads out of its sequence; there are {position} steps before it"
    if problem:
        raise UsageError(f"step {position} of a script, {step}, {problem}")
