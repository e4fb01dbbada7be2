"""Small C programs that come to no good, built for a board and run in a session."""

from __future__ import annotations

import functools
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from tests.system.firmware_tree import COMPILER
from vplat.machine.console import RecordingConsole
from vplat.machine.explain.explanation import HartReport, Loop
from vplat.plugins import Plugins
from vplat.session import Result, Session, Settings

START = """
    .globl _start, _end_run
_start:
    csrr a0, mhartid
    andi a0, a0, 31
    li   sp, 0x1001F000
    slli t0, a0, 10
    sub  sp, sp, t0
    call test
rest:
    wfi
    j    rest
_end_run:
    slli a0, a0, 1
    ori  a0, a0, 1
    la   t6, tohost
    sw   a0, 0(t6)
    j    rest
    .data
    .balign 64
    .globl tohost, fromhost
tohost: .dword 0
fromhost: .dword 0
"""
PRELUDE = """
typedef volatile unsigned Word;
#define AT(address) (*(Word *)(address))
void _end_run(int status) __attribute__((noreturn));
#line 1 "program.c"
"""
BOARDS = {
    "pulp-ita": ("rv32imac_zicsr_zifencei", 0x1C00_8000),
    "pulp-ita-idma": ("rv32imac_zicsr_zifencei", 0x1C00_8000),
    "snitch-ita": ("rv32ima_zicsr_zifencei", 0x8000_0000),
}
"""What is built for, and where code lies."""
LIMIT = 4_000_000
"""Cycles; the first look for endless polls of a hart that runs alone is before 3 million."""


@functools.cache
def build(text: str, board: str = "pulp-ita", optimise: str = "-O1") -> bytes:
    """The ELF of C text with ``void test(unsigned hart)``, which every hart calls."""
    march, code = BOARDS[board]
    with tempfile.TemporaryDirectory() as folder:
        start, source, elf = (Path(folder) / name for name in ("start.S", "program.c", "a.elf"))
        start.write_text(START)
        source.write_text(PRELUDE + text)
        command = [COMPILER, f"-march={march}", "-mabi=ilp32", "-nostdlib", "-static", "-g"]
        command += [optimise, "-ffreestanding", "-fno-tree-loop-distribute-patterns"]
        command += [f"-Wl,-Ttext={code:#x},--build-id=none,-zmax-page-size=64"]
        stacks = ("__stack_top=0x1001f000", "__stack_size=0x400", "__stacks_start=0x1001d000")
        command += [f"-Wl,--defsym={each}" for each in stacks]
        command += ["-o", str(elf), str(start), str(source)]
        built = subprocess.run(command, check=False, capture_output=True, text=True)
        assert built.returncode == 0, built.stderr
        return elf.read_bytes()


def session(
    folder: Path,
    text: str,
    board: str = "pulp-ita",
    *,
    native: bool = True,
    optimise: str = "-O1",
    typed: bytes = b"",
    limit: int = LIMIT,
) -> Session:
    """A session of a program, which has not begun."""
    elf = folder / "program.elf"
    elf.write_bytes(build(text, board, optimise))
    settings = Settings(board=board, native=native, max_cycles=limit)
    return Session(elf, Plugins(installed=False), RecordingConsole(typed), settings)


def run(folder: Path, text: str, board: str = "pulp-ita", **choices: Any) -> Result:
    """What a program comes to."""
    return session(folder, text, board, **choices).run()


def hart(result: Result, index: int = 0) -> HartReport:
    """What is told of one hart."""
    assert result.explanation is not None
    return result.explanation.harts[index]


def loop(result: Result, index: int = 0) -> Loop:
    """The loop that one hart is in."""
    found = hart(result, index).loop
    assert found is not None
    return found


def told(result: Result) -> str:
    """The whole explanation as text."""
    assert result.explanation is not None
    return str(result.explanation)
