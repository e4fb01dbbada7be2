"""The registers of harts as gdb knows them, and the target description that says so (E.23, G.5)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import quoteattr

from vplat.machine.debug import RunControl
from vplat.machine.machine import Machine

from .csr_names import CSR_NAMES

GENERAL_NAMES: Final = (
    *("zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1"),
    *(f"a{n}" for n in range(8)),
    *(f"s{n}" for n in range(2, 12)),
    *(f"t{n}" for n in range(3, 7)),
)
FLOAT_NAMES: Final = (
    *(f"ft{n}" for n in range(8)),
    *("fs0", "fs1"),
    *(f"fa{n}" for n in range(8)),
    *(f"fs{n}" for n in range(2, 12)),
    *(f"ft{n}" for n in range(8, 12)),
)
POINTERS: Final = {"ra": "code_ptr", "sp": "data_ptr", "gp": "data_ptr", "tp": "data_ptr"}
GENERAL: Final = 32
PC: Final = 32
FIRST_FLOAT: Final = 33
FIRST_CSR: Final = 65
"""Numbers as gdb has had them since before targets described themselves."""
PRIVILEGE: Final = FIRST_CSR + 0x1000
FLOAT_CSRS: Final = range(1, 4)
"""fflags, frm and fcsr, which the engine keeps."""
FEATURE: Final = "org.gnu.gdb.riscv."


@dataclasses.dataclass(frozen=True)
class Register:
    """One register: its number, and what the target description says of it."""

    number: int
    name: str
    bits: int
    type: str
    feature: str


class Registers:
    """Reads and writes registers of a machine's harts by number.

    They are read while the machine stands still, or in a callback before an instruction.
    """

    def __init__(self, machine: Machine, control: RunControl, custom: dict[int, str]) -> None:
        """``custom`` are the names of CSRs beside the standard ones, by number."""
        self._machine, self._control = machine, control
        self._csr_names = {**CSR_NAMES, **custom}
        self.known = {each.number: each for each in self._all()}

    def read(self, hart: int, number: int) -> int | None:
        """The register's value; None if this hart has none, or reading it would change something.

        ``KeyError`` if there is no such register at all.
        """
        self.known[number]
        engine = self._machine.engine
        if number < GENERAL:
            return engine.read_register(hart, number)
        if number == PC:
            return self._machine.harts[hart].place
        if number < FIRST_CSR:
            bits = 8 * self.size(number)
            return engine.read_float_register(hart, number - FIRST_FLOAT) & (1 << bits) - 1
        if number == PRIVILEGE:
            return self._machine.harts[hart].privilege
        return self._machine.harts[hart].csrs.peek(number - FIRST_CSR)

    def write(self, hart: int, number: int, value: int) -> bool:
        """Set a register; False if it cannot be set."""
        self.known[number]
        engine = self._machine.engine
        if number < GENERAL:
            engine.write_register(hart, number, value)
        elif number == PC:
            self._control.set_pc(hart, value & 0xFFFF_FFFE)
        elif number < FIRST_CSR:
            ones = -1 << 32 if self.size(number) == 4 else 0  # a narrow value is boxed in a NaN
            bits = (ones | value) & 0xFFFF_FFFF_FFFF_FFFF
            engine.write_float_register(hart, number - FIRST_FLOAT, bits)
        elif number == PRIVILEGE:
            return self._set_privilege(hart, value)
        elif number - FIRST_CSR in FLOAT_CSRS:
            engine.write_csr(hart, number - FIRST_CSR, value)
        else:
            return self._machine.harts[hart].csrs.poke(number - FIRST_CSR, value)
        return True

    def size(self, number: int) -> int:
        """Bytes of the register; ``KeyError`` if there is none."""
        return self.known[number].bits // 8

    def shown(self, hart: int, number: int) -> bytes:
        """The register's bytes in hexadecimal, in memory order; ``x`` where it has no value."""
        value, size = self.read(hart, number), self.size(number)
        return b"xx" * size if value is None else value.to_bytes(size, "little").hex().encode()

    def description(self) -> str:
        """The target description in XML."""
        lines = [
            '<?xml version="1.0"?>',
            '<!DOCTYPE target SYSTEM "gdb-target.dtd">',
            '<target version="1.0">',
            "<architecture>riscv:rv32</architecture>",
        ]
        for feature in dict.fromkeys(each.feature for each in self.known.values()):
            lines.append(f"<feature name={quoteattr(FEATURE + feature)}>")
            lines += [_line(each) for each in self.known.values() if each.feature == feature]
            lines.append("</feature>")
        return "\n".join([*lines, "</target>\n"])

    def _all(self) -> Iterator[Register]:
        for number, name in enumerate(GENERAL_NAMES):
            yield Register(number, name, 32, POINTERS.get(name, "int"), "cpu")
        yield Register(PC, "pc", 32, "code_ptr", "cpu")
        isa = self._machine.board.harts.isa
        if isa.has("f"):
            bits, kind = (64, "ieee_double") if isa.has("d") else (32, "ieee_single")
            for number, name in enumerate(FLOAT_NAMES):
                yield Register(FIRST_FLOAT + number, name, bits, kind, "fpu")
        for number, name in sorted(self._csr_names.items()):
            if any(hart.csrs.peek(number) is not None for hart in self._machine.harts):
                feature = "fpu" if number in FLOAT_CSRS else "csr"
                yield Register(FIRST_CSR + number, name, 32, "int", feature)
        yield Register(PRIVILEGE, "priv", 32, "int", "virtual")

    def _set_privilege(self, hart: int, value: int) -> bool:
        subject = self._machine.harts[hart]
        if value != 3 and not (value == 0 and subject.csrs.user_mode):
            return False
        subject.privilege = value
        subject.interrupts_changed()
        return True


def _line(register: Register) -> str:
    return (
        f"<reg name={quoteattr(register.name)} bitsize={quoteattr(str(register.bits))} "
        f"regnum={quoteattr(str(register.number))} type={quoteattr(register.type)}/>"
    )
