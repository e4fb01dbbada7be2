"""What a hart would see and leave behind, while nothing is done to the machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from vplat.model import HART_PORT, Declared, Port

from ..bus import DevicePlace, MemoryPlace
from ..csr import (
    MACHINE,
    MCAUSE,
    MCOUNTEREN,
    MCOUNTINHIBIT,
    MEPC,
    MHARTID,
    MIE,
    MIP,
    MISA,
    MSCRATCH,
    MSTATUS,
    MTVAL,
    MTVEC,
    NoSuchCsr,
)
from ..isa import Instruction

if TYPE_CHECKING:
    from ..machine import Machine

LASTING_CSRS: Final = {
    MSTATUS: "mstatus",
    MISA: "misa",
    MIE: "mie",
    MTVEC: "mtvec",
    MCOUNTEREN: "mcounteren",
    MCOUNTINHIBIT: "mcountinhibit",
    MSCRATCH: "mscratch",
    MEPC: "mepc",
    MCAUSE: "mcause",
    MTVAL: "mtval",
    MIP: "mip",
    MHARTID: "mhartid",
}
"""CSRs that change only when somebody does something, by number."""
Key = tuple[str, int]
"""A byte of a memory: the memory's name and the byte's offset."""


class Obstacle(Exception):  # noqa: N818 - no error: a hart is followed as far as it goes
    """A hart cannot be followed any further: why."""


class Sight:
    """Memory, devices and CSRs as one hart sees them, with its own stores laid over them."""

    def __init__(self, machine: Machine, hart: int, *, strict: bool) -> None:
        self._machine, self._hart, self._strict = machine, hart, strict
        self.memory: dict[Key, int] = {}
        """What the hart stores, where it differs or differed from what is there."""
        self.changed: set[Key] = set()
        self.touched: set[Key] = set()

    @property
    def passes_wfi(self) -> bool:
        """``wfi`` does not sleep, since an interrupt that is enabled in ``mie`` is pending."""
        hart = self._machine.harts[self._hart]
        pending = bool(hart.lines & hart.csrs.mie) or hart.request is not None
        return pending and hart.privilege == MACHINE

    def fetch(self, pc: int) -> Instruction:
        """The instruction at ``pc``."""
        machine = self._machine
        if pc % machine.code.alignment or not isinstance(machine.bus.place_at(pc), MemoryPlace):
            raise Obstacle("a jump to where no instruction is")
        return machine.blocks.decode(machine.peek_word(pc))

    def touch_code(self, pc: int, length: int) -> None:
        """Note what was fetched; an ``Obstacle`` if it is also stored to."""
        if self.changed & {self._byte(pc + count)[0] for count in range(length)}:
            raise Obstacle("code that changes")

    def load(self, address: int, size: int) -> tuple[int, bool]:
        """What a load gives, and whether that lasts while nobody does anything."""
        place = self._machine.bus.place_at(address)
        if isinstance(place, DevicePlace):
            return self._load_device(place, address, size)
        if (
            self.memory
            or not isinstance(place, MemoryPlace)
            or place.count(address, address + size) < size
        ):
            value = 0
            for count in range(size):
                key, there = self._byte(address + count)
                value |= self.memory.get(key, there) << 8 * count
            return value, True
        offset, name = place.offset(address), place.memory.name
        self.touched.update((name, each) for each in range(offset, offset + size))
        return int.from_bytes(place.data[offset : offset + size].tobytes(), "little"), True

    def store(self, address: int, size: int, value: int) -> None:
        """Note a store; one that changes nothing counts for nothing."""
        machine = self._machine
        if isinstance(machine.bus.place_at(address), DevicePlace):
            if self._strict:
                raise Obstacle("a store to a device")
            return
        minded = machine.htif is not None and machine.htif.minds(address, size)
        if minded or any(machine.blocks.overlaps_code(address + n, 1) for n in range(size)):
            raise Obstacle("a store that has effects")
        for count in range(size):
            key, there = self._byte(address + count, stores=True)
            byte = value >> 8 * count & 0xFF
            if byte != there or key in self.memory:
                self.memory[key] = byte
                self.changed.add(key)

    def csr(self, instruction: Instruction) -> tuple[int, bool]:
        """What a CSR instruction reads that writes nothing."""
        sets = instruction.mnemonic in ("csrrs", "csrrc") and instruction.rs1 == 0
        sets |= instruction.mnemonic in ("csrrsi", "csrrci") and instruction.imm == 0
        if not sets:
            raise Obstacle("a write to a CSR")
        csrs, number = self._machine.harts[self._hart].csrs, instruction.csr
        lasts = number in LASTING_CSRS
        try:
            value = csrs.read(number) if lasts else None if self._strict else csrs.peek(number)
        except NoSuchCsr:
            value = None
        if value is None:
            raise Obstacle("a CSR that changes by itself, or that the hart may not read")
        return value, lasts

    def custom(self, instruction: Instruction, registers: Sequence[int]) -> tuple[int, bool]:
        """What a custom instruction writes into its register, if that is all it does."""
        meaning = self._machine.custom.find(self._hart, instruction.word)
        answers = None if meaning is None else meaning.owner.lasting
        if meaning is None or answers is None:
            raise Obstacle(f"{instruction.mnemonic}, which is not followed")
        operands = [registers[max(each, 0)] for each in (instruction.rs1, instruction.rs2)]
        value = answers(meaning.port.device, meaning.instruction, *operands)
        if value is None:
            raise Obstacle(f"{instruction.mnemonic}, which has effects")
        return value, True

    def _byte(self, address: int, *, stores: bool = False) -> tuple[Key, int]:
        place = self._machine.bus.place_at(address & 0xFFFF_FFFF)
        if not isinstance(place, MemoryPlace) or (stores and not place.memory.writable):
            raise Obstacle("an access that traps")
        offset = place.offset(address)
        key = place.memory.name, offset
        self.touched.add(key)
        return key, int(place.data[offset])

    def _load_device(self, place: DevicePlace, address: int, size: int) -> tuple[int, bool]:
        offset = address - place.base
        if offset % 4 + size > 4:
            raise Obstacle("an access to two registers")
        machine, found = self._machine, place.port.register_at(offset)
        if machine.control is None or machine.accesses.watches is None:  # nothing is to be noticed
            lasting = place.port.lasting_load(offset, size, self._hart)
            if lasting is not None:
                if lasting.address is not None:
                    for count in range(size):
                        self._byte(lasting.address + count)
                return lasting.value, True
        if self._strict or found is None:
            raise Obstacle("a load that has effects or changes by itself")
        word = peek_register(place.port, *found, self._hart)
        return word >> 8 * (offset & 3) & (1 << 8 * size) - 1, False


def peek_register(port: Port, register: Declared, index: int, hart: int) -> int:
    """What a register holds, as ``hart`` would see it through ``port``; nothing happens."""
    words = port.device.words[register.name]
    if not register.ports:
        return words[index]
    own = hart if port.window.port == HART_PORT else port.window.port
    return words[own] if 0 <= own < len(words) else 0
