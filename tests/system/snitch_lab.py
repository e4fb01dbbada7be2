"""Programs for the Snitch boards: C or assembly, built, run, and looked into afterwards."""

from __future__ import annotations

import dataclasses
import functools
import subprocess
import tempfile
from pathlib import Path

from vplat.boards import board_files
from vplat.engines.unicorn_engine import UnicornEngine
from vplat.machine.board import Board
from vplat.machine.board_file import check_devices, check_instructions, load_board
from vplat.machine.console import RecordingConsole
from vplat.machine.elf import Firmware
from vplat.machine.machine import Machine
from vplat.machine.outcome import Outcome
from vplat.machine.run import Run
from vplat.plugins import Plugins
from vplat.timing import TimingTable

HERE = Path(__file__).parent
COMPILER = "riscv64-unknown-elf-gcc"
FLAGS = ("-march=rv32ima_zicsr_zifencei", "-mabi=ilp32", "-nostdlib", "-static", "-g")
LIMIT = 5_000_000
L3, TCDM, ZEROS = 0x8000_0000, 0x1000_0000, 0x1003_0000

ASSEMBLY_PRELUDE = """
    .option norelax
    .globl _start
_start:
"""
ASSEMBLY_END = """
finish:                     # hart 0 ends the run with what is in a0
    slli a0, a0, 1
    ori  a0, a0, 1
    la   t6, tohost
    sw   a0, 0(t6)
rest:
    wfi
    j    rest
    .data
    .balign 64
    .globl tohost, fromhost
tohost:
    .dword 0
    .balign 64
fromhost:
    .dword 0
    .balign 64
    .globl words
words:
    .zero 1024
"""


@dataclasses.dataclass
class Ran:
    """A run that is over."""

    outcome: Outcome
    machine: Machine
    text: str

    @property
    def status(self) -> int:
        """The firmware's exit status; the run must have come to one."""
        assert self.outcome.status is not None, self.outcome
        return self.outcome.status

    @property
    def rules(self) -> list[str]:
        """What was reported."""
        return [finding.rule for finding in self.machine.findings]

    def word(self, address: int) -> int:
        """The word in memory."""
        return self.machine.peek_word(address)

    def words(self, count: int) -> list[int]:
        """What the program left at ``words``."""
        firmware = self.machine.firmware
        assert firmware is not None
        start = firmware.symbol("words")
        assert start is not None
        return [self.word(start + 4 * index) for index in range(count)]


@functools.cache
def board(name: str = "snitch-ita") -> Board:
    """A board that comes with vplat."""
    return load_board(board_files()[name], board_files())


@functools.cache
def plugins() -> Plugins:
    """What comes with vplat."""
    return Plugins(installed=False)


@functools.cache
def assemble(text: str) -> bytes:
    """The ELF of assembly text at the beginning of L3."""
    return _build({"program.S": ASSEMBLY_PRELUDE + text + ASSEMBLY_END}, [f"-Wl,-Ttext={L3:#x}"])


@functools.cache
def compile_c(text: str) -> bytes:
    """The ELF of C text with a function ``int test(unsigned hart)``, on our own runtime."""
    sources = {"program.c": '#include "snitch_runtime.h"\n#line 1 "program.c"\n' + text}
    runtime = [str(HERE / "snitch_runtime.S"), str(HERE / "snitch_runtime.c")]
    flags = [
        "-O1",
        "-ffreestanding",
        "-ftls-model=local-exec",
        "-fno-tree-loop-distribute-patterns",
    ]
    flags += [f"-I{HERE}", f"-T{HERE / 'snitch_runtime.ld'}"]
    return _build(sources, [*flags, *runtime])


def _build(sources: dict[str, str], flags: list[str]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in sources.items():
            (Path(folder) / name).write_text(text)
        elf = Path(folder) / "program.elf"
        paths = [str(Path(folder) / name) for name in sources]
        command = [COMPILER, *FLAGS, "-Wl,--build-id=none", "-o", str(elf), *paths, *flags]
        built = subprocess.run(command, check=False, capture_output=True, text=True)
        assert built.returncode == 0, built.stderr
        return elf.read_bytes()


def run(
    elf: bytes, on: Board | str = "snitch-ita", *, native: bool = True, limit: int = LIMIT
) -> Ran:
    """Run an ELF to its end."""
    chosen = board(on) if isinstance(on, str) else on
    kinds = plugins().named("vplat_peripherals", "kind", "peripheral kind")
    sets = plugins().named("vplat_instructions", "name", "instruction set")
    check_devices(chosen, kinds)
    check_instructions(chosen, sets)
    console = RecordingConsole(b"")
    machine = Machine(
        chosen,
        kinds,
        functools.partial(UnicornEngine, native=native),
        TimingTable.load(chosen.timing),
        console,
        instruction_sets=[sets[each.name] for each in chosen.harts.instructions],
    )
    machine.load(Firmware.parse(elf, Path("program.elf")))
    outcome = Run(machine).until(max_cycles=limit)
    return Ran(outcome, machine, console.text.decode())
