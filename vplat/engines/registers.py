"""All registers of one Unicorn instance at once."""

from __future__ import annotations

from typing import Final

from unicorn.riscv_const import (
    UC_RISCV_REG_F0,
    UC_RISCV_REG_FCSR,
    UC_RISCV_REG_MSTATUS,
    UC_RISCV_REG_X0,
)
from unicorn.unicorn_py3 import Uc

from vplat.machine.engine import Registers

FLOAT_STATUS_SHIFT: Final = 13
FLOATS_ON: Final = 1 << FLOAT_STATUS_SHIFT
WORD: Final = 0xFFFF_FFFF
GENERAL: Final = tuple(range(UC_RISCV_REG_X0, UC_RISCV_REG_X0 + 32))
FLOATS: Final = tuple(range(UC_RISCV_REG_F0, UC_RISCV_REG_F0 + 32))


def read_registers(engine: Uc) -> Registers:
    """What the registers hold."""
    status: int = engine.reg_read(UC_RISCV_REG_MSTATUS)
    general = engine.reg_read_batch(GENERAL)
    floats = engine.reg_read_batch(FLOATS)
    # Whatever mstatus.FS says, fcsr exists; but the engine reads and writes it only while it is on.
    engine.reg_write(UC_RISCV_REG_MSTATUS, FLOATS_ON)
    flags: int = engine.reg_read(UC_RISCV_REG_FCSR)
    engine.reg_write(UC_RISCV_REG_MSTATUS, status)
    return Registers(
        tuple(value & WORD for value in general),
        tuple(floats),
        flags & WORD,
        status >> FLOAT_STATUS_SHIFT & 3,
    )


def write_registers(engine: Uc, registers: Registers) -> None:
    """Let the registers hold that."""
    engine.reg_write_batch(list(zip(GENERAL[1:], registers.general[1:], strict=True)))
    engine.reg_write_batch(list(zip(FLOATS, registers.floats, strict=True)))
    engine.reg_write(UC_RISCV_REG_MSTATUS, FLOATS_ON)
    engine.reg_write(UC_RISCV_REG_FCSR, registers.float_csr)
    engine.reg_write(UC_RISCV_REG_MSTATUS, registers.float_status << FLOAT_STATUS_SHIFT)
