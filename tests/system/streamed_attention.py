"""Streamed attention: operands, the plan of jobs and copies, what must come out, and the ELF."""

from __future__ import annotations

import dataclasses
import itertools
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.system.firmware_tree import COMPILER, PACKAGES

SOURCE = Path(__file__).with_name("streamed_attention.c")
TILE = 4096
STAGE_BYTES = 108
EDGE = 64
S, E, P = 128, 128, 64
TCDM, CODE, OPERANDS, RESULTS = 0x1000_0000, 0x8000_0000, 0x8010_0000, 0x8020_0000
INPUT_POOLS, WEIGHT_POOLS, OUTPUT_POOLS, BIASES = 0, 4, 10, 16 * TILE
TILES = S // EDGE | E // EDGE << 4 | P // EDGE << 8
PRELOAD, NEXTLOAD, NO_BIAS, BIAS_BY_ROW, NO_OUTPUT = 1, 2, 4, 8, 16
MULT, SHIFT, ADD = (11, 12, 10, 25, 12, 21), (14, 14, 14, 13, 8, 13), (1, -2, 3, 0, 2, -1)
"""By step: Q, K, V, QK, AV, OW."""

Ints = NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Copy:
    """Bytes on the way; addresses are the bus's."""

    to: int = 0
    source: int = 0
    length: int = 0


@dataclasses.dataclass
class Stage:
    """One job, as the program's ``struct stage``."""

    input: int
    weights: int
    bias: int
    output: int
    flags: int = 0
    first: bool = True
    """It begins an output tile."""
    operands: list[Copy] = dataclasses.field(default_factory=list)
    next_weights: Copy = Copy()
    next_weights_at: int = 0
    results: Copy = Copy()
    late_weights: bool = False

    def pack(self) -> bytes:
        """Its words."""
        registers = [self.input, self.weights, self.next_weights_at, self.bias, self.output]
        words = [address - TCDM if address else 0 for address in registers] + [0, TILES]
        words += [*_registers(MULT), *_registers(SHIFT), *_registers(ADD), self.flags]
        first, second = [*self.operands, Copy(), Copy()][:2]
        copies = first, second, self.next_weights, self.results
        flat = [field for copy in copies for field in dataclasses.astuple(copy)]
        return struct.pack("<27I", *flat, self.late_weights, *words)


def _registers(octets: tuple[int, ...]) -> tuple[int, ...]:
    return struct.unpack("<2I", bytes(each & 0xFF for each in octets).ljust(8, b"\0"))


class Attention:
    """One head with made-up operands: where they are, and what the accelerator makes of them."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)

        def draw(*shape: int) -> Ints:
            return random.integers(-128, 128, shape, dtype=np.int64)

        self.q, self.k = draw(S, E), draw(S, E)
        self.wq, self.wk, self.wv, self.wo = draw(E, P), draw(E, P), draw(E, P), draw(P, E)
        self.biases = {
            step: draw(size) * 20 for step, size in zip("QKVO", (P, P, P, E), strict=True)
        }
        images = {
            "q": self.q, "k": self.k, "Wq": self.wq.T, "Wk": self.wk.T, "Wv": self.wv.T,
            "Wo": self.wo.T,
        }  # fmt: skip
        self.at: dict[str, int] = {}
        self.image = b""
        for name, matrix in images.items():
            self._place(name, tiled(matrix))
        for name, biases in self.biases.items():
            self._place(
                f"B{name}",
                b"".join(int(each).to_bytes(3, "little", signed=True) for each in biases),
            )
        address = RESULTS
        for name, matrix in self.results().items():
            self.at[name] = address
            address += matrix.size

    def _place(self, name: str, data: bytes) -> None:
        self.at[name] = OPERANDS + len(self.image)
        self.image += data.ljust(-(-len(data) // EDGE) * EDGE, b"\0")

    def results(self) -> dict[str, Ints]:
        """Every matrix that the program leaves outside L1."""
        q = requantise(self.q @ self.wq + self.biases["Q"], 0)
        k = requantise(self.k @ self.wk + self.biases["K"], 1)
        v = requantise(self.k @ self.wv + self.biases["V"], 2)
        logits = requantise(q @ k.T, 3)
        attended = requantise(probabilities(logits) @ v, 4)
        output = requantise(attended @ self.wo + self.biases["O"], 5)
        return {"Q": q, "K": k, "V": v.T, "QK": logits, "AV": attended, "OW": output}

    def tile(self, name: str, number: int) -> int:
        """Where a tile is."""
        return self.at[name] + TILE * number

    # The plan.

    def plan(self) -> bytes:
        """All stages, and one more whose results are those of the last job."""
        stages = list(self._stages())
        for stage, after in itertools.pairwise(stages):
            stage.next_weights_at = after.weights
            stage.flags |= NEXTLOAD
        # What a job's weights are copied from is known to the job itself; it is loaded one earlier.
        sources = [stage.next_weights for stage in stages]
        for stage, source in zip(stages, [*sources[1:], Copy()], strict=True):
            stage.next_weights = source
        stages[0].flags |= PRELOAD
        stages[0].results = sources[0]
        end = Stage(0, 0, 0, 0)
        end.results = Copy(self.tile("OW", 3), stages[-1].output, TILE)
        return b"".join(stage.pack() for stage in [*stages, end])

    def _stages(self) -> Iterator[Stage]:
        written = Copy()
        for stage, result in self._jobs():
            if stage.first:
                stage.results, written = written, Copy()
            yield stage
            if not stage.flags & NO_OUTPUT:
                written = Copy(result, stage.output, TILE)

    def _jobs(self) -> Iterator[tuple[Stage, int]]:
        yield from self._projection("Q", "q", "Wq", 0)
        yield from self._projection("K", "k", "Wk", 1)
        yield from self._values()
        for row in range(S // EDGE):
            yield from self._logits(row)
            yield from self._attended(row)
        yield from self._embedded()

    def _projection(
        self, step: str, source: str, weights: str, pool: int
    ) -> Iterator[tuple[Stage, int]]:
        for number in range(4):
            row, inner = divmod(number, 2)
            stage = self._stage(pool, pool, (pool, row), number, inner)
            if inner == 0:
                stage.operands.append(self._biases(step, stage, pool))
            stage.bias = TCDM + BIASES + 0x100 * pool
            stage.operands.append(Copy(stage.input, self.tile(source, number), TILE))
            stage.next_weights = Copy(stage.weights, self.tile(weights, inner), TILE)
            yield stage, self.tile(step, row)

    def _values(self) -> Iterator[tuple[Stage, int]]:
        for number in range(4):
            column, inner = divmod(number, 2)
            stage = self._stage(0, 2, (2, column), number, inner)
            stage.flags |= BIAS_BY_ROW
            if number == 0:
                stage.operands.append(self._biases("V", stage, 2))
            stage.bias = TCDM + BIASES + 0x200
            stage.operands.append(Copy(stage.input, self.tile("Wv", inner), TILE))
            stage.next_weights = Copy(stage.weights, self.tile("k", number), TILE)
            yield stage, self.tile("V", column)

    def _logits(self, row: int) -> Iterator[tuple[Stage, int]]:
        for column in range(2):
            stage = self._stage(1, 0, (0, column), column)
            stage.flags |= NO_BIAS
            stage.late_weights = True
            stage.operands.append(Copy(stage.input, self.tile("Q", row), TILE))
            stage.next_weights = Copy(stage.weights, self.tile("K", column), TILE)
            yield stage, self.tile("QK", 2 * row + column)

    def _attended(self, row: int) -> Iterator[tuple[Stage, int]]:
        for inner in range(2):
            stage = self._stage(0, 1, (1, row), inner, inner)
            stage.flags |= NO_BIAS
            stage.operands.append(Copy(stage.input, self.tile("QK", 2 * row + inner), TILE))
            stage.next_weights = Copy(stage.weights, self.tile("V", inner), TILE)
            yield stage, self.tile("AV", row)

    def _embedded(self) -> Iterator[tuple[Stage, int]]:
        for number in range(4):
            row, column = divmod(number, 2)
            stage = self._stage(0, 2, (2, column), number)
            stage.input = TCDM + TILE * (OUTPUT_POOLS + 2 + row)
            stage.operands.append(self._biases("O", stage, 3, column))
            stage.next_weights = Copy(stage.weights, self.tile("Wo", column), TILE)
            yield stage, self.tile("OW", number)

    def _stage(
        self, inputs: int, weights: int, output: tuple[int, int], number: int, inner: int = -1
    ) -> Stage:
        """The ``number``-th job of a step, with buffers of these pools; ``inner`` is its inner tile
        of two, -1 where there is only one."""
        side = number % 2
        return Stage(
            input=TCDM + TILE * (INPUT_POOLS + 2 * inputs + side),
            weights=TCDM + TILE * (WEIGHT_POOLS + 2 * weights + side),
            bias=0,
            output=TCDM + TILE * (OUTPUT_POOLS + 2 * output[0] + output[1]),
            flags=NO_OUTPUT if inner == 0 else 0,
            first=inner <= 0,
        )

    def _biases(self, step: str, stage: Stage, place: int, number: int = 0) -> Copy:
        stage.bias = TCDM + BIASES + 0x100 * place
        return Copy(stage.bias, self.at[f"B{step}"] + 192 * number, 192)


def requantise(values: Ints, step: int) -> Ints:
    """`ita.md` section 5.2."""
    product = values * MULT[step]
    rounded = (product >> SHIFT[step]) + (product >> SHIFT[step] - 1 & 1)
    clipped: Ints = np.clip(rounded + ADD[step], -128, 127)
    return clipped


def probabilities(logits: Ints) -> Ints:
    """`snitch-ita-cluster.md` section 9."""

    def exponent(distance: Ints) -> Ints:
        return distance + 16 >> 5

    highest, total = np.full(len(logits), -128), np.zeros(len(logits), np.int64)
    for group in np.split(logits, logits.shape[1] // 16, axis=1):
        new = np.maximum(highest, group.max(axis=1))
        total >>= exponent(new - highest)
        total += (256 >> exponent(new[:, None] - group)).sum(axis=1)
        highest = new
    inverse: Ints = 127 * 256 // total
    return inverse[:, None] >> exponent(highest[:, None] - logits)


def tiled(matrix: Ints) -> bytes:
    """A matrix as an image of tiles (`ita.md` section 4)."""
    rows, columns = matrix.shape
    tiles = matrix.reshape(rows // EDGE, EDGE, columns // EDGE, EDGE).swapaxes(1, 2)
    return tiles.astype(np.int8).tobytes()


def build(attention: Attention, folder: Path) -> Path:
    """The ELF of the program with this head's operands and plan."""
    (folder / "plan.bin").write_bytes(plan := attention.plan())
    (folder / "operands.bin").write_bytes(attention.image)
    (folder / "data.s").write_text(
        ".section .rodata\n.balign 64\n.globl plan, plan_stages\n"
        f'plan_stages: .word {len(plan) // STAGE_BYTES}\n.balign 64\nplan: .incbin "plan.bin"\n'
        '.section .operands, "a"\n.incbin "operands.bin"\n'
    )
    if shutil.which(COMPILER) is None:
        pytest.fail(f"{COMPILER} is missing: install {PACKAGES}; toolchain.md has other systems")
    elf = folder / "streamed_attention.elf"
    command = [COMPILER, "-march=rv32ima_zicsr", "-mabi=ilp32", "-O2", "-nostdlib", "-static"]
    command += ["-ffreestanding", f"-Wl,-Ttext={CODE:#x},--section-start=.operands={OPERANDS:#x}"]
    command += ["-Wl,--build-id=none", "-o", str(elf), str(SOURCE), "data.s"]
    subprocess.run(command, check=True, cwd=folder)
    return elf
