"""Custom instructions and CSRs of plugins, on a machine's harts."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from vplat.model import AccessFault, Peripheral

from .board import InstructionsSpec
from .hart import Hart
from .instruction_set import InstructionSet
from .isa import Instruction

if TYPE_CHECKING:
    from .machine import Machine


class StoreFault(AccessFault):
    """It was a store that faulted."""


class Port:
    """``HartPort`` of one hart, with the device of one instruction set."""

    def __init__(self, machine: Machine, hart: Hart, device: Peripheral | None) -> None:
        self._machine, self._hart = machine, hart
        self.index, self.device = hart.index, device

    @property
    def cycles(self) -> int:
        """The hart's cycle."""
        return self._hart.cycles

    @property
    def instructions(self) -> int:
        """Instructions retired so far."""
        return self._hart.instructions

    def read(self, register: int) -> int:
        """A general register."""
        return self._machine.engine.read_register(self.index, register)

    def write(self, register: int, value: int) -> None:
        """Set a general register."""
        self._machine.engine.write_register(self.index, register, value)

    def load(self, address: int, size: int) -> int:
        """A load by the hart."""
        try:
            return self._machine.accesses.hart_load(self.index, address, size)
        except AccessFault as fault:
            raise AccessFault(fault.message, address=fault.address or address) from None

    def store(self, address: int, size: int, value: int) -> None:
        """A store by the hart."""
        try:
            self._machine.accesses.hart_store(self.index, address, size, value)
        except AccessFault as fault:
            raise StoreFault(fault.message, address=fault.address or address) from None


class Meaning(NamedTuple):
    """A word as a hart understands it: which set it belongs to, decoded, and the hart's port."""

    owner: InstructionSet
    instruction: Instruction
    port: Port


class CustomInstructions:
    """Which hart has which set; finds what an instruction means to a hart."""

    def __init__(self, machine: Machine, sets: Sequence[InstructionSet]) -> None:
        self._given = list(given_sets(machine.board.harts.instructions, sets))
        self._owned: list[list[tuple[InstructionSet, Port]]] = []
        self._known: list[dict[int, Meaning | None]] = [{} for _ in machine.harts]
        """What is in ``_owned``, by word: decoded once for each hart that met it."""
        for hart in machine.harts:
            owned = []
            for spec, each in self._given:
                if spec.includes(hart.index):
                    device = machine.devices[spec.device] if spec.device else None
                    port = Port(machine, hart, device)
                    owned.append((each, port))
                    _add_csrs(hart, each, port)
            self._owned.append(owned)

    def find(self, hart: int, word: int) -> Meaning | None:
        """What ``word`` means to ``hart``; None where none of its sets has it."""
        known = self._known[hart]
        if word not in known:
            known[word] = next(self._meanings(hart, word), None)
        return known[word]

    def why_missing(self, hart: int, instruction: Instruction) -> str:
        """Why ``hart`` does not have an instruction that others have."""
        for spec, each in self._given:
            if spec.harts is not None and each.decode(instruction.word) is not None:
                owners = ", ".join(map(str, spec.harts))
                return (
                    f"{instruction.mnemonic} belongs to the instruction set {spec.name}, which "
                    f"hart {hart} lacks; on this board hart {owners} has it"
                )
        return f"hart {hart} has no instruction set with {instruction.mnemonic}"

    def _meanings(self, hart: int, word: int) -> Iterator[Meaning]:
        for owner, port in self._owned[hart]:
            instruction = owner.decode(word)
            if instruction is not None:
                yield Meaning(owner, instruction, port)


def given_sets(
    specs: Sequence[InstructionsSpec], sets: Sequence[InstructionSet]
) -> Iterator[tuple[InstructionsSpec, InstructionSet]]:
    """Each set as the board gives it to harts; one that it does not mention goes to all of them."""
    named = {each.name: each for each in sets}
    mentioned = {spec.name for spec in specs}
    for spec in specs:
        if spec.name in named:
            yield spec, named[spec.name]
    for each in sets:
        if each.name not in mentioned:
            yield InstructionsSpec(each.name), each


def _add_csrs(hart: Hart, each: InstructionSet, port: Port) -> None:
    for csr in each.csrs:
        write = csr.write and functools.partial(csr.write, port)
        read = functools.partial(csr.read, port)
        hart.csrs.add(csr.number, read, write, has_effects=csr.has_effects)
