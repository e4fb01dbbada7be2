"""The benchmark's firmware: a counted loop, as machine code and as an ELF, without a toolchain."""

from __future__ import annotations

import dataclasses
import struct
from typing import Final

ZERO: Final = 0
COUNT: Final = 10
"""a0: iterations left; a1 holds the target."""
TARGET: Final = 11
DONE, ONE, BEFORE = 12, 13, 14
HART, HARTS, ENTRY = 5, 6, 30
"""t0, t1, t5."""
MHARTID: Final = 0xF14
CORE_OF_MHARTID: Final = 0x1F
"""On PULP the bits above are the cluster's number (`pulp-cluster.md` section 0)."""
STRIDE_SHIFT: Final = 6
"""The words of two harts are 64 bytes apart, so that they share no cache line of the host."""
WAIT_FOR_INTERRUPT: Final = 0x1050_0073
SEMIHOSTING_CALL: Final = (0x01F0_1013, 0x0010_0073, 0x4070_5013)
SYS_EXIT: Final = 0x18
APPLICATION_EXIT: Final = 0x20026


@dataclasses.dataclass(frozen=True)
class Access:
    """A store of ``value`` to the word at ``address``, or a load if there is no value."""

    address: int
    value: int | None = None

    @property
    def entry(self) -> tuple[int, int]:
        """As ``TABLE_LOOP`` reads it: bit 0 of the address marks a load."""
        return (self.address | 1, 0) if self.value is None else (self.address, self.value)


@dataclasses.dataclass(frozen=True)
class Loop:
    """What each of ``harts`` harts repeats ``iterations`` times before the last one ends the run.

    ``body`` are instruction words that may use t3 to t6 and the target's address in a1: ``target``
    itself if it is ``shared``, else words of the hart's own from there on. ``counter`` is the
    address of a word, zero at the start, where the harts count themselves done. ``table`` is for
    ``TABLE_LOOP``.
    """

    body: tuple[int, ...]
    iterations: int
    target: int
    counter: int
    harts: int = 1
    shared: bool = False
    table: tuple[Access, ...] = ()

    @property
    def instructions(self) -> int:
        """How many all harts execute in the loop."""
        return self.harts * self.iterations * (len(self.body) + 2)


@dataclasses.dataclass(frozen=True)
class Program:
    """Machine code at ``base``; ``finish`` is where the last hart arrives when all is done."""

    base: int
    words: tuple[int, ...]
    finish: int

    @property
    def code(self) -> bytes:
        """The bytes in memory."""
        return struct.pack(f"<{len(self.words)}I", *self.words)

    def elf(self) -> bytes:
        """An executable of one segment, which is all the code there is."""
        header_size, program_size = 52, 32
        offset = header_size + program_size
        executable, riscv, version = 2, 243, 1
        header = struct.pack(
            "<4sBBB9xHHIIIIIHHHHHH",
            *(b"\x7fELF", 1, 1, 1, executable, riscv, version, self.base, header_size),
            *(0, 0, header_size, program_size, 1, 40, 0, 0),
        )
        load, read_write_execute, size = 1, 7, len(self.code)
        segment = (load, offset, self.base, self.base, size, size, read_write_execute, 4)
        return header + struct.pack("<8I", *segment) + self.code


MEMORY_LOOP: Final = (
    0x0005_AE03,  # lw   t3, 0(a1)
    0x01CE_8EB3,  # add  t4, t4, t3
    0x01E5_A223,  # sw   t5, 4(a1)
    0x001F_0F13,  # addi t5, t5, 1
)
"""With the count and the branch six instructions, a load and a store among them.

The load does not wait for the store of the round before: whether a host forwards the one to the
other at once depends on where the engine happens to put things, and would drown what is compared.
"""
LOAD_LOOP: Final = (MEMORY_LOOP[0],)
STORE_LOOP: Final = (0x01C5_A023,)  # sw t3, 0(a1)


TABLE_OFFSET: Final = 0x1000
"""From the start of the program to the table."""
TABLE_LOOP: Final = (
    0x000F_2E83,  # next: lw   t4, 0(t5)
    0x004F_2E03,  #       lw   t3, 4(t5)
    0x008F_0F13,  #       addi t5, t5, 8
    0x000E_8E63,  #       beqz t4, done
    0x001E_FF93,  #       andi t6, t4, 1
    0x000F_9663,  #       bnez t6, load
    0x01CE_A023,  #       sw   t3, 0(t4)
    0xFE5F_F06F,  #       j    next
    0xFFFE_AE03,  # load: lw   t3, -1(t4)
    0xFDDF_F06F,  #       j    next
)
"""Makes the accesses of the table that t5 points to; an address of 0 ends it."""


def build(loop: Loop, base: int) -> Program:
    """The firmware that does ``loop``, with its entry at ``base``."""
    body = [*_load_immediate(ENTRY, base + TABLE_OFFSET), *loop.body] if loop.table else loop.body
    repeat = [*body, _addi(COUNT, COUNT, -1), _branch(1, COUNT, ZERO, -4 * len(body) - 4)]
    work = [
        *_load_immediate(TARGET, loop.target),
        *(() if loop.shared else (_shift_left(HART, STRIDE_SHIFT), _add(TARGET, TARGET, HART))),
        *_load_immediate(COUNT, loop.iterations),
        *repeat,
        *_load_immediate(DONE, loop.counter),
        _addi(ONE, ZERO, 1),
        _amoadd(BEFORE, ONE, DONE),
        _addi(HARTS, HARTS, -1),
    ]
    exit_words = [
        *_load_immediate(COUNT, SYS_EXIT),
        *_load_immediate(TARGET, APPLICATION_EXIT),
        *SEMIHOSTING_CALL,
    ]
    # Others than the last one skip the exit and sleep for good.
    work.append(_branch(1, BEFORE, HARTS, 4 * len(exit_words) + 4))
    start = [
        _read_csr(HART, MHARTID),
        0x01F2_F293,  # andi t0, t0, 31
        _addi(HARTS, ZERO, loop.harts),
        _branch(7, HART, HARTS, 4 * (len(work) + len(exit_words)) + 4),  # bgeu: not one of them
    ]
    words = [*start, *work, *exit_words, WAIT_FOR_INTERRUPT, _jump(-4)]
    finish = base + 4 * (len(start) + len(work))
    if loop.table:
        words += [0] * (TABLE_OFFSET // 4 - len(words))
        words += [word for access in loop.table for word in access.entry] + [0, 0]
    return Program(base, tuple(words), finish)


def _addi(rd: int, rs1: int, value: int) -> int:
    return (value & 0xFFF) << 20 | rs1 << 15 | rd << 7 | 0x13


def _add(rd: int, rs1: int, rs2: int) -> int:
    return rs2 << 20 | rs1 << 15 | rd << 7 | 0x33


def _shift_left(register: int, bits: int) -> int:
    return bits << 20 | register << 15 | 1 << 12 | register << 7 | 0x13


def _load_immediate(rd: int, value: int) -> list[int]:
    upper = (value + 0x800) >> 12 & 0xFFFFF
    return [upper << 12 | rd << 7 | 0x37, _addi(rd, rd, value & 0xFFF)]


def _read_csr(rd: int, number: int) -> int:
    return number << 20 | 2 << 12 | rd << 7 | 0x73


def _amoadd(rd: int, rs2: int, rs1: int) -> int:
    return rs2 << 20 | rs1 << 15 | 2 << 12 | rd << 7 | 0x2F


def _branch(function: int, rs1: int, rs2: int, offset: int) -> int:
    high = (offset >> 12 & 1) << 31 | (offset >> 5 & 0x3F) << 25
    low = (offset >> 1 & 0xF) << 8 | (offset >> 11 & 1) << 7
    return high | rs2 << 20 | rs1 << 15 | function << 12 | low | 0x63


def _jump(offset: int) -> int:
    high = (offset >> 20 & 1) << 31 | (offset >> 1 & 0x3FF) << 21
    return high | (offset >> 11 & 1) << 20 | (offset >> 12 & 0xFF) << 12 | 0x6F
