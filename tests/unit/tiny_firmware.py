"""Firmware of a few instructions for tests of everything around it, made without a toolchain."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.unit.elf_builder import CODE, DATA, build_elf
from tests.unit.rv32_code import A0, A1, T0, load_constant

BASE = 0x1C00_8000
TEXT = BASE + 0x1000
"""Where a program's data is."""
WRITE0, EXIT_EXTENDED, APPLICATION_EXIT = 0x04, 0x20, 0x20026
SEMIHOSTING_CALL = [0x01F0_1013, 0x0010_0073, 0x4070_5013]
READ_MHARTID_TO_T0 = 0xF140_22F3
WAIT_FOR_INTERRUPT, JUMP_TO_ITSELF = 0x1050_0073, 0x0000_006F
LOAD_A0_FROM_A1 = 0x0005_A503
SLEEP = [WAIT_FOR_INTERRUPT, 0xFFDF_F06F]
"""wfi, and back to it."""


def li(register: int, value: int) -> list[int]:
    return [each.word for each in load_constant(register, value)]


def call(operation: int, parameter: int) -> list[int]:
    """A semihosting call."""
    return [*li(A0, operation), *li(A1, parameter), *SEMIHOSTING_CALL]


def on_hart_0(words: list[int]) -> list[int]:
    """Hart 0 does ``words``, the others sleep."""
    skip = 4 * len(words) + 4
    branch = (skip >> 5 & 0x3F) << 25 | T0 << 15 | 1 << 12 | (skip >> 1 & 0xF) << 8 | 0x63
    return [READ_MHARTID_TO_T0, branch, *words, *SLEEP]


def write_elf(
    path: Path,
    words: list[int],
    data: bytes = b"",
    symbols: dict[str, tuple[int, int]] | None = None,
) -> Path:
    """``words`` at ``BASE`` and ``data`` at ``TEXT``, in a file."""
    code = struct.pack(f"<{len(words)}I", *words)
    pieces = [(BASE, code, CODE), *([(TEXT, data, DATA)] if data else [])]
    path.write_bytes(build_elf(pieces, symbols={"main": (BASE, len(code)), **(symbols or {})}))
    return path


def exits(path: Path, status: int = 0, *, says: bytes = b"") -> Path:
    """Prints ``says``, then ends the run."""
    block = struct.pack("<2I", APPLICATION_EXIT, status & 0xFFFF_FFFF)
    words = [*(call(WRITE0, TEXT + len(block)) if says else []), *call(EXIT_EXTENDED, TEXT)]
    return write_elf(path, on_hart_0(words), block + says + b"\0")


def spins(path: Path, *, says: bytes = b"") -> Path:
    """Prints ``says``, then runs for ever."""
    words = [*(call(WRITE0, TEXT) if says else []), JUMP_TO_ITSELF]
    return write_elf(path, on_hart_0(words), says + b"\0")


def loads_from(path: Path, address: int) -> Path:
    """Loads a word, then ends the run with it as the status."""
    store_status = [*li(A1, TEXT + 4), 0x00A5_A023]  # sw a0, 0(a1)
    words = [*li(A1, address), LOAD_A0_FROM_A1, *store_status, *call(EXIT_EXTENDED, TEXT)]
    return write_elf(path, on_hart_0(words), struct.pack("<2I", APPLICATION_EXIT, 0))


def sleeps(path: Path) -> Path:
    """Every hart sleeps for ever."""
    return write_elf(path, [READ_MHARTID_TO_T0, *SLEEP])
