"""Platforms as the pytest plugin gives them to tests, without pytest in between."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.system.firmware_tree import COMPILER, PREBUILT
from vplat.plugins import Plugins
from vplat.testing import Platform
from vplat.testing.boots import Boots, Wanted
from vplat.testing.moments import moment_of

DMA_COPY = PREBUILT / "dma_copy.elf"
ECHO = """
        .equ    UART, 0x03002000
        .equ    LCR, 0x0c
        .equ    LSR, 0x14
        .globl  _start
        .type   _start, @function
_start: csrr    t0, mhartid
        andi    t0, t0, 0x1f
        beqz    t0, ask
1:      wfi
        j       1b
        .type   ask, @function
ask:    li      t1, UART
        li      t0, 3
        sw      t0, LCR(t1)
        la      s0, question
        call    say
        la      s1, name
1:      call    hear
        sb      a0, 0(s1)
        addi    s1, s1, 1
        li      t0, 10
        bne     a0, t0, 1b
        sb      zero, 0(s1)
        .type   greet, @function
greet:  la      s0, hello
        call    say
        la      s0, name
        call    say
        j       ask
        .type   say, @function
say:    mv      s2, ra
1:      lbu     a0, 0(s0)
        beqz    a0, 2f
        call    send
        addi    s0, s0, 1
        j       1b
2:      jr      s2
        .type   send, @function
send:   li      t1, UART
1:      lw      t0, LSR(t1)
        andi    t0, t0, 0x20
        beqz    t0, 1b
        sw      a0, 0(t1)
        ret
        .type   hear, @function
hear:   li      t1, UART
1:      lw      t0, LSR(t1)
        andi    t0, t0, 1
        beqz    t0, 1b
        lw      a0, 0(t1)
        ret
        .data
question: .asciz "Who is there? "
hello:  .asciz  "Hello, "
        .type   name, @object
name:   .space  64
        .size   name, 64
"""
"""Asks for a name at the UART and greets, for ever."""


def echo_firmware(folder: Path) -> Path:
    """Build ``ECHO`` for pulp-ita."""
    assert shutil.which(COMPILER) is not None, f"{COMPILER} is missing; see toolchain.md"
    source, elf = folder / "echo.S", folder / "echo.elf"
    source.write_text(ECHO)
    flags = ["-march=rv32imafc_zicsr", "-mabi=ilp32f", "-nostdlib", "-Wl,-Ttext=0x1c008000"]
    flags += ["-Wl,--no-relax"]  # nobody sets gp
    subprocess.run([COMPILER, *flags, "-g", "-o", elf, source], check=True)
    return elf


@contextmanager
def platform_of(
    boots: Boots, firmware: Path = DMA_COPY, until: str | int | None = "main", **wanted: int | bool
) -> Iterator[Platform]:
    """A platform for as long as it is used here."""
    fork = boots.fork(
        Wanted(
            "pulp-ita",
            firmware,
            None if until is None else moment_of(until),
            **wanted,  # type: ignore[arg-type]
        )
    )
    try:
        yield Platform(fork)
    finally:
        boots.give_back(fork)


def new_boots() -> Boots:
    """Machines that nobody else has."""
    return Boots(Plugins(installed=False))
