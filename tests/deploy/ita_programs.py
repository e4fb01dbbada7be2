"""Layers on ITA as programs of their own: built, run on a board, and what they leave at home."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tests.system.firmware_tree import COMPILER, FIRMWARE, PACKAGES
from vplat.deploy.layers import Code, Layer, Tiling
from vplat.deploy.memory.rates import Rates
from vplat.machine.console import RecordingConsole
from vplat.plugins import Plugins
from vplat.session import Result, Session, Settings
from vplat.session.boards import find_board

ARENA_BYTES = 100 * 1024
ALIGNMENT = 64
GAP = 0x5A
SOURCES = (
    "drivers/*.[cS]",
    "runtime/*.[cS]",
    "kernels/softmax.c",
    "deploy/ita_*.c",
    "deploy/stripe_*.[cS]",
)
ARCH = {
    "pulp": ("-march=rv32imafc_zicsr_zifencei", "-mabi=ilp32f", "-march=rv32imafc"),
    "snitch": ("-march=rv32ima_zicsr_zifencei", "-mabi=ilp32", "-march=rv32im"),
}
Bytes = npt.NDArray[np.int8]


def rates_of(board: str) -> Rates:
    """The board's figures."""
    return Rates.of(find_board(board, Plugins(installed=False)))


class Homes:
    """Where tensors and constants are: one image outside L1, with gaps that nobody may write to."""

    def __init__(self) -> None:
        self.image = bytearray()
        self.at: dict[str, int] = {}

    def put(self, name: str, data: bytes) -> None:
        """Lay it out, aligned as homes are."""
        self.image += bytes([GAP]) * (ALIGNMENT + -len(self.image) % ALIGNMENT)
        self.at[name] = len(self.image)
        self.image += data


@dataclasses.dataclass
class Places:
    """`Names` of one layer in the test's program."""

    prefix: str
    homes: Homes
    buffers: Mapping[str, int]

    def home(self, tensor: str) -> str:
        return f"(homes + {self.homes.at[tensor]})"

    def constant(self, name: str) -> str:
        return f"(homes + {self.homes.at[f'{self.prefix}.{name}']})"

    def scratch(self, buffer: str) -> str:
        return f"(homes + {self.homes.at[f'{self.prefix}.{buffer}']})"

    def l1(self, buffer: str) -> str:
        return f"(arena + {self.buffers[buffer]})"


def placed(tiling: Tiling) -> dict[str, int]:
    """A place for each buffer, one behind the other."""
    places, end = {}, 0
    for buffer in tiling.buffers:
        end += -end % max(buffer.alignment, 8)
        places[buffer.name] = end
        end += buffer.bytes
    assert end <= ARENA_BYTES
    return places


@dataclasses.dataclass
class Program:
    """Some layers and what tensors hold before them; each runs ``times`` times."""

    layers: Sequence[Layer]
    tensors: Mapping[str, npt.NDArray[Any]]
    l1_bytes: int = ARENA_BYTES - 2048
    times: int = 1
    choice: int = 0
    """Which tiling; the last one, where there are fewer."""
    homes: Homes = dataclasses.field(default_factory=Homes)

    def source(self) -> str:
        """The program in C; lays out its homes."""
        for name, values in self.tensors.items():
            self.homes.put(name, np.ascontiguousarray(values).tobytes())
        codes = [self._code(number, layer) for number, layer in enumerate(self.layers)]
        self.homes.put("end", b"\0" * ALIGNMENT)
        includes = dict.fromkeys(each for code in codes for each in code.includes)
        functions = "".join(
            f"{code.declarations}\nstatic void layer_{number}(void)\n{{\n{code.body}}}\n\n"
            for number, code in enumerate(codes)
        )
        calls = "".join(
            "    hal_barrier();\n"
            f"    if (hal_drives())\n        MARK({number + 1});\n"
            f"    layer_{number}();\n"
            "    hal_barrier();\n"
            f"    if (hal_drives())\n        MARK({-number - 1});\n"
            for number in range(len(codes))
        )
        return (
            '#include "hal/hal.h"\n'
            + "".join(f'#include "{name}"\n' for name in includes)
            + '#define MARK(n) __asm__ volatile("slti x0, x0, " #n : : : "memory")\n'
            "extern int8_t homes[];\n"
            f"static int8_t arena[{ARENA_BYTES}] IN_L1_ZEROED __attribute__((aligned(64)));\n\n"
            f"{functions}int main(void)\n{{\n"
            f"    for (int i = 0; i < {self.times}; i++) {{\n{calls}    }}\n"
            "    hal_barrier();\n    return 0;\n}\n"
        )

    def _code(self, number: int, layer: Layer) -> Code:
        prefix = f"layer_{number}"
        for constant in layer.constants:
            self.homes.put(f"{prefix}.{constant.name}", constant.values.tobytes())
        for buffer in layer.scratch:
            self.homes.put(f"{prefix}.{buffer.name}", b"\0" * buffer.bytes)
        tilings = layer.tilings(self.l1_bytes)
        tiling = tilings[min(self.choice, len(tilings) - 1)]
        return layer.code(tiling, Places(prefix, self.homes, placed(tiling)))


@dataclasses.dataclass(frozen=True)
class Ran:
    """A run that is over."""

    result: Result
    session: Session
    program: Program
    image: bytes

    def tensor(self, name: str) -> npt.NDArray[Any]:
        """What it holds now."""
        before = self.program.tensors[name]
        start = self.program.homes.at[name]
        return np.frombuffer(self.image[start : start + before.nbytes], before.dtype).reshape(
            before.shape
        )

    def untouched(self) -> bool:
        """Whether all but the tensors is what it was."""
        mask = np.ones(len(self.image), np.bool_)
        for name, values in self.program.tensors.items():
            start = self.program.homes.at[name]
            mask[start : start + values.nbytes] = False
        now = np.frombuffer(self.image, np.uint8)
        before = np.frombuffer(bytes(self.program.homes.image), np.uint8)
        return bool(np.array_equal(now[mask], before[mask]))


class Workshop:
    """Builds programs for one board, in a folder."""

    def __init__(self, board: str, folder: Path) -> None:
        if shutil.which(COMPILER) is None:
            pytest.fail(
                f"{COMPILER} is missing: install {PACKAGES}; toolchain.md has other systems"
            )
        self.board, self._folder = board, folder
        folder.mkdir(parents=True, exist_ok=True)
        self._arch = ARCH[board.partition("-")[0]]
        self._count = 0
        sources = [path for pattern in SOURCES for path in sorted(FIRMWARE.glob(pattern))]
        objects = [folder / f"{path.parent.name}_{path.name}.o" for path in sources]
        for source, to in zip(sources, objects, strict=True):
            self._compile(source, to)
        self._library = folder / "shared.a"
        self._call("riscv64-unknown-elf-ar", "rcs", self._library, *objects)

    def _flags(self) -> list[str]:
        return [
            *("--specs=picolibc.specs", f"-I{FIRMWARE}", f"-I{FIRMWARE / 'include'}", "-g1"),
            *self._arch[:2],
        ]

    def _compile(self, source: Path, to: Path) -> None:
        warnings = (
            "-std=gnu11",
            "-O2",
            "-ffunction-sections",
            "-fdata-sections",
            "-Wall",
            "-Wextra",
        )
        options = (*warnings, "-Werror") if source.suffix == ".c" else ()
        header = f"-DVPLAT_BOARD_HEADER=<vplat/{self.board}.h>"
        self._call(COMPILER, *self._flags(), *options, header, "-c", "-o", to, source)

    def _call(self, *command: object) -> None:
        made = subprocess.run(
            list(map(str, command)), cwd=self._folder, capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stderr

    def build(self, program: Program) -> Path:
        """The program's ELF."""
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        (folder / "main.c").write_text(program.source())
        (folder / "homes.bin").write_bytes(program.homes.image)
        (folder / "homes.S").write_text(
            '.section .l3, "aw"\n.globl homes\n.balign 64\nhomes:\n'
            f'.incbin "{folder / "homes.bin"}"\n'
        )
        objects = []
        for name in ("main.c", "homes.S"):
            objects.append(folder / f"{name}.o")
            self._compile(folder / name, objects[-1])
        elf = folder / "program.elf"
        self._call(
            COMPILER, "--specs=picolibc.specs", self._arch[2], self._arch[1], "-nostartfiles",
            "-Wl,--gc-sections", "-Wl,--defsym=__stack_size=0x800", "-Wl,--undefined=stdout",
            "-T", FIRMWARE / "runtime" / f"{self.board}.ld", "-o", elf, *objects, self._library,
        )  # fmt: skip
        return elf

    def run(self, program: Program) -> Ran:
        """Build it and run it to its end, with the driver checks."""
        elf = self.build(program)
        session = Session(
            elf,
            Plugins(installed=False),
            RecordingConsole(),
            Settings(board=self.board, check=True),
        )
        result = session.run()
        firmware = session.machine.firmware
        assert firmware is not None
        start = firmware.symbol("homes")
        assert start is not None
        image = session.machine.bus.peek(start, len(program.homes.image))
        return Ran(result, session, program, image)
