"""The control and status registers of one hart: the privileged specification 1.12 for M and U.

The engine keeps fflags, frm and fcsr; every other CSR instruction comes here. Existence, privilege
and read-only checks follow section 2.1, the fields sections 3.1 and 3.3; names are the
specification's.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from .board import HartsSpec

MACHINE: Final = 3
USER: Final = 0

MSTATUS_MIE: Final = 1 << 3
MSTATUS_MPIE: Final = 1 << 7
MSTATUS_MPP: Final = 3 << 11
MSTATUS_FS: Final = 3 << 13
MSTATUS_MPRV: Final = 1 << 17
MSTATUS_TW: Final = 1 << 21
MSTATUS_SD: Final = 1 << 31

MIP_SOFTWARE: Final = 3
MIP_TIMER: Final = 7
MIP_EXTERNAL: Final = 11
FAST_INTERRUPTS: Final = 0xFFFF_0000
"""Interrupts 16..31, "designated for platform use" (privileged specification, section 3.1.9)."""

FFLAGS, FRM, FCSR = 0x001, 0x002, 0x003
MSTATUS, MISA, MIE, MTVEC, MCOUNTEREN, MSTATUSH = 0x300, 0x301, 0x304, 0x305, 0x306, 0x310
MCOUNTINHIBIT, MSCRATCH, MEPC, MCAUSE, MTVAL, MIP = 0x320, 0x340, 0x341, 0x342, 0x343, 0x344
MENVCFG, MENVCFGH, MCYCLE, MINSTRET, MHARTID = 0x30A, 0x31A, 0xB00, 0xB02, 0xF14

WORD: Final = 0xFFFF_FFFF
Read = Callable[[], int]
Write = Callable[[int], None]


class NoSuchCsr(Exception):  # noqa: N818 - becomes an illegal-instruction exception of the hart
    """The hart has no such CSR, may not touch it, or may not write it."""


class HartView(Protocol):
    """What CSRs need to know of the hart around them."""

    privilege: int

    @property
    def cycles(self) -> int:
        """The hart's cycle, at the instruction being executed."""
        ...

    @property
    def instructions(self) -> int:
        """Instructions retired before the one being executed."""
        ...

    @property
    def pending(self) -> int:
        """mip: the levels of the interrupt lines."""
        ...

    @property
    def time(self) -> int:
        """The platform's real-time counter."""
        ...

    @property
    def float_status(self) -> int:
        """mstatus.FS."""
        ...

    def set_float_status(self, value: int) -> None:
        """Set mstatus.FS."""
        ...

    def read_float_csr(self, number: int) -> int:
        """fflags, frm or fcsr."""
        ...

    def interrupts_changed(self) -> None:
        """Something that enables or requests interrupts has changed."""
        ...

    def dump(self, number: int, value: int) -> None:
        """``value`` was written to a CSR that does not exist, on a board that shows such writes."""
        ...


@dataclasses.dataclass(frozen=True)
class CsrState:
    """What the CSRs of one hart hold."""

    mstatus: int
    mie: int
    mtvec: int
    mtvec_written: bool
    values: Mapping[int, int]
    offsets: Mapping[int, int]
    frozen: Mapping[int, int | None]


class CsrFile:
    """Every CSR the hart has, by number."""

    def __init__(self, spec: HartsSpec, index: int, hart: HartView) -> None:
        self._hart, self._spec = hart, spec
        self.user_mode = spec.isa.has("u")
        self.floats = spec.isa.has("f")
        self.mstatus = 0 if self.user_mode else MSTATUS_MPP
        self.mie = 0
        self.mtvec = spec.mtvec
        self.mtvec_written = False
        self.values = {MSCRATCH: 0, MEPC: 0, MCAUSE: 0, MTVAL: 0, MCOUNTEREN: 0, MCOUNTINHIBIT: 0}
        self._offsets = {MCYCLE: 0, MINSTRET: 0}
        self._frozen: dict[int, int | None] = {MCYCLE: None, MINSTRET: None}
        self._hidden: set[int] = set()
        self._table = self._build(index)

    def read(self, number: int) -> int:
        """The value a CSR instruction reads; ``NoSuchCsr`` where it must trap."""
        read, _ = self._entry(number)
        return read()

    def write(self, number: int, value: int) -> None:
        """Write as a CSR instruction does; ``NoSuchCsr`` where it must trap."""
        _, write = self._entry(number)
        if write is None:
            raise NoSuchCsr
        write(value & WORD)

    def check_writable(self, number: int) -> None:
        """Raise ``NoSuchCsr`` unless a write would be allowed."""
        _, write = self._entry(number)
        if write is None:
            raise NoSuchCsr

    def peek(self, number: int) -> int | None:
        """The value for people, whatever the privilege.

        None if there is no such CSR, or if reading it changes something.
        """
        entry = self._table.get(number)
        return None if entry is None or number in self._hidden else entry[0]()

    def poke(self, number: int, value: int) -> bool:
        """Write for people, whatever the privilege; False where nothing can be written."""
        _, write = self._table.get(number, (None, None))
        if write is None or number in self._hidden:
            return False
        write(value & WORD)
        return True

    def add(
        self, number: int, read: Read, write: Write | None, *, has_effects: bool = False
    ) -> None:
        """Give the hart a further CSR (a custom one); ``has_effects`` hides it from ``peek``."""
        self._table[number] = read, write
        if has_effects:
            self._hidden.add(number)

    def snapshot(self) -> CsrState:
        """What they hold, but for those that the engine or a device keeps."""
        return CsrState(
            self.mstatus,
            self.mie,
            self.mtvec,
            self.mtvec_written,
            dict(self.values),
            dict(self._offsets),
            dict(self._frozen),
        )

    def restore(self, state: CsrState) -> None:
        """Go back to what ``snapshot`` gave."""
        self.mstatus, self.mie = state.mstatus, state.mie
        self.mtvec, self.mtvec_written = state.mtvec, state.mtvec_written
        self.values.update(state.values)
        self._offsets.update(state.offsets)
        self._frozen.update(state.frozen)

    def _entry(self, number: int) -> tuple[Read, Write | None]:
        entry = self._table.get(number)
        if entry is None and self._spec.dumps_unknown_csrs:
            entry = _zero, functools.partial(self._hart.dump, number)
        if entry is None or self._hart.privilege < number >> 8 & 3:
            raise NoSuchCsr
        if 0xC00 <= number <= 0xC9F and self._hart.privilege < MACHINE:
            enabled = self.values[MCOUNTEREN] >> (number & 31) & 1
            if not enabled:
                raise NoSuchCsr
        return entry

    def _build(self, index: int) -> dict[int, tuple[Read, Write | None]]:
        spec = self._spec
        table: dict[int, tuple[Read, Write | None]] = {
            MSTATUS: (self._read_mstatus, self._write_mstatus),
            MSTATUSH: (_zero, _ignore),
            MISA: (lambda: spec.isa.misa, _ignore),
            MIE: (lambda: self.mie, self._write_mie),
            MIP: (lambda: self._hart.pending, _ignore),
            MTVEC: (lambda: self.mtvec, self._write_mtvec),
            MSCRATCH: self._plain(MSCRATCH),
            MEPC: self._plain(MEPC, ~1 if spec.isa.has("zca") else ~3),
            MCAUSE: self._plain(MCAUSE, 0x8000_001F),
            MTVAL: self._plain(MTVAL),
            MCOUNTINHIBIT: (lambda: self.values[MCOUNTINHIBIT], self._write_inhibit),
            0xF11: (lambda: spec.vendor_id, None),
            0xF12: (lambda: spec.architecture_id, None),
            0xF13: (lambda: spec.implementation_id, None),
            MHARTID: (lambda: spec.first_id + index, None),
            0xF15: (_zero, None),
        }
        self._add_counters(table)
        if self.user_mode:
            table[MCOUNTEREN] = self._plain(MCOUNTEREN, 0x7)
            table[MENVCFG] = table[MENVCFGH] = (_zero, _ignore)
        if self.floats:
            for number in (FFLAGS, FRM, FCSR):
                table[number] = functools.partial(self._hart.read_float_csr, number), None
        for number in range(0x7A0, 0x7A5):
            # No trigger is implemented: tselect and tdata1 read zero, which is "no such trigger"
            # (debug specification 0.13, section 5.2).
            table[number] = (_zero, _ignore)
        return table

    def _add_counters(self, table: dict[int, tuple[Read, Write | None]]) -> None:
        for number in (MCYCLE, MINSTRET):
            for high, shift in ((0, 0), (0x80, 32)):
                read = functools.partial(self._read_count, number, shift)
                write = functools.partial(self._write_count, number, shift)
                table[number + high] = read, write
                table[number + high + 0x100] = read, None
        table[0xC01] = (lambda: self._hart.time & WORD), None
        table[0xC81] = (lambda: self._hart.time >> 32 & WORD), None
        for event in range(3, 32):
            table[0x320 + event] = table[0xB00 + event] = table[0xB80 + event] = (_zero, _ignore)
            table[0xC00 + event] = table[0xC80 + event] = (_zero, None)

    def _plain(self, number: int, mask: int = WORD) -> tuple[Read, Write]:
        def write(value: int) -> None:
            self.values[number] = value & mask

        return (lambda: self.values[number]), write

    def _read_mstatus(self) -> int:
        float_status = self._hart.float_status if self.floats else 0
        dirty = MSTATUS_SD if float_status == 3 else 0
        return self.mstatus | float_status << 13 | dirty

    def _write_mstatus(self, value: int) -> None:
        keep = MSTATUS_MIE | MSTATUS_MPIE
        if self.user_mode:
            keep |= MSTATUS_MPRV | MSTATUS_TW
        previous = value & MSTATUS_MPP
        if previous not in self._privileges():
            previous = self.mstatus & MSTATUS_MPP
        self.mstatus = value & keep | previous
        if self.floats:
            self._hart.set_float_status(value >> 13 & 3)
        self._hart.interrupts_changed()

    def _privileges(self) -> tuple[int, ...]:
        return (0, MSTATUS_MPP) if self.user_mode else (MSTATUS_MPP,)

    def _write_mie(self, value: int) -> None:
        standard = 1 << MIP_SOFTWARE | 1 << MIP_TIMER | 1 << MIP_EXTERNAL
        self.mie = value & (standard | FAST_INTERRUPTS)
        self._hart.interrupts_changed()

    def _write_mtvec(self, value: int) -> None:
        # Mode 0 is direct, 1 vectored; the reserved 2 and 3 read back as 0 and 1 (section 3.1.7).
        self.mtvec = value & ~2
        self.mtvec_written = True

    def _live(self, number: int) -> int:
        return self._hart.cycles if number == MCYCLE else self._hart.instructions

    def _count(self, number: int) -> int:
        frozen = self._frozen[number]
        value = self._live(number) + self._offsets[number] if frozen is None else frozen
        return value & 0xFFFF_FFFF_FFFF_FFFF

    def _read_count(self, number: int, shift: int) -> int:
        return self._count(number) >> shift & WORD

    def _write_count(self, number: int, shift: int, half: int) -> None:
        value = self._count(number) & ~(WORD << shift) | half << shift
        if self._frozen[number] is not None:
            self._frozen[number] = value
            return
        # The write itself retires after the value is set, so the next reading is one more
        # (section 3.1.10: a write takes the place of the increment of its own instruction).
        own = 1 if number == MINSTRET else 0
        self._offsets[number] = value - self._live(number) - own

    def _write_inhibit(self, value: int) -> None:
        for number, position in ((MCYCLE, 0), (MINSTRET, 2)):
            stop = value >> position & 1
            frozen = self._frozen[number]
            if stop and frozen is None:
                self._frozen[number] = self._count(number)
            elif not stop and frozen is not None:
                self._frozen[number] = None
                self._offsets[number] = frozen - self._live(number)
        self.values[MCOUNTINHIBIT] = value & 0x5


def _zero() -> int:
    return 0


def _ignore(value: int) -> None:
    """A field that is hardwired: the write is legal and changes nothing."""
