"""Cases for the program in core_kernels/: kernels, parameters, and what memory must hold after.

Operands and results of all cases lie in one arena, with gaps between them that nobody may write to.
"""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.system.core_kernels_reference import Matrix, Scale
from tests.system.firmware_tree import copy_of_firmware, make
from vplat.plugins import Plugins
from vplat.session import HostConsole, Session, Settings

SOURCES = Path(__file__).with_name("core_kernels")
KERNELS = (
    "gemm",
    "softmax",
    "isoftmax",
    "norm",
    "no_norm",
    "add",
    "add_rescaled",
    "head_sum",
    "table",
    "transpose",
    "attention",
)
"""In the order of ``runs`` in main.c."""

GAP = 0x5A
GAP_BYTES = 5
NOWHERE = -1
BYTE, WORD = np.dtype("<i1"), np.dtype("<i4")
ENDINGS = {"pulp-ita": "", "snitch-ita": "_snitch"}
HARTS = {"pulp-ita": 8, "snitch-ita": 9}
COMPUTING = 8


@dataclasses.dataclass(frozen=True)
class Case:
    """A kernel, run by ``workers`` harts; ``number`` counts cases from 0."""

    number: int
    kernel: str
    workers: int
    parameters: tuple[int, ...]
    outputs: slice
    """Where in the arena its result is."""


class Script:
    """Cases, and the arena before and after them."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self.alignment = 1
        """Of what is laid into the arena from now on: at least so many bytes."""
        self._before, self._after = bytearray(), bytearray()
        self._sizes: dict[int, int] = {}
        self._scratch: list[slice] = []

    def put(self, values: Matrix, of: np.dtype[np.signedinteger] = BYTE) -> int:
        """Lay ``values`` into the arena as operands; uint8 may be given as int8. Its offset."""
        data = self._bytes(values, of)
        return self._place(data, data, of.itemsize)

    def words(self, values: Matrix) -> int:
        """The same as int32."""
        return self.put(values, WORD)

    def room(self, bytes_: int) -> int:
        """Room for something that a kernel leaves behind and nobody looks at."""
        offset = self._place(b"\0" * bytes_, b"\0" * bytes_, WORD.itemsize)
        self._scratch.append(slice(offset, offset + bytes_))
        return offset

    def expect(self, values: Matrix, of: np.dtype[np.signedinteger] = BYTE, stride: int = 0) -> int:
        """Room for a result, which must become ``values`` [rows, columns]. Its offset.

        Rows are ``stride`` elements apart, side by side if it is 0; what is between stays.
        """
        rows, columns = values.shape
        stride = max(stride, columns)
        after = np.full((rows, stride * of.itemsize), GAP, np.uint8)
        if rows and columns:
            data = np.frombuffer(self._bytes(values, of), np.uint8).reshape(rows, -1)
            after[:, : columns * of.itemsize] = data
        return self._place(bytes([GAP]) * after.size, after.tobytes(), of.itemsize)

    def expect_in_place(self, before: Matrix, after: Matrix) -> int:
        """int8 operands that must become ``after``."""
        return self._place(self._bytes(before, BYTE), self._bytes(after, BYTE), 1)

    def run(self, kernel: str, workers: int, *parameters: int, out: int) -> Case:
        """A case, whose result is at the offset ``out``."""
        outputs = slice(out, out + self._sizes[out])
        case = Case(len(self.cases), kernel, workers, parameters, outputs)
        self.cases.append(case)
        return case

    def _place(self, before: bytes, after: bytes, alignment: int) -> int:
        gap = GAP_BYTES + -(len(self._before) + GAP_BYTES) % max(alignment, self.alignment)
        self._before += bytes([GAP]) * gap + before
        self._after += bytes([GAP]) * gap + after
        offset = len(self._before) - len(before)
        self._sizes[offset] = len(before)
        return offset

    @staticmethod
    def _bytes(values: Matrix, of: np.dtype[np.signedinteger]) -> bytes:
        return np.ascontiguousarray(values).astype(np.int64).astype(of).tobytes()

    @property
    def before(self) -> bytes:
        """The arena's bytes before the first case."""
        return bytes(self._before) + bytes([GAP]) * GAP_BYTES

    @property
    def after(self) -> bytes:
        """The arena's bytes after the last case."""
        return bytes(self._after) + bytes([GAP]) * GAP_BYTES

    @property
    def is_scratch(self) -> NDArray[np.bool_]:
        """Which bytes of the arena were handed out as room."""
        scratch = np.zeros(len(self.after), np.bool_)
        for each in self._scratch:
            scratch[each] = True
        return scratch

    @property
    def binary(self) -> bytes:
        """The cases as the program reads them."""
        words = [len(self.cases)]
        for case in self.cases:
            words += [KERNELS.index(case.kernel), case.workers, len(case.parameters)]
            words += case.parameters
        return np.array(words, np.int64).astype(WORD).tobytes()


def scale(by: Scale) -> tuple[int, ...]:
    """``by`` as ``scale`` in main.c reads it."""
    low, high = by.before & 0xFFFF_FFFF, by.before >> 32
    return (_signed(by.mult), _signed(low), high, by.after, by.shift, by.least, by.greatest)


def _signed(word: int) -> int:
    return word - (1 << 32) if word >= 1 << 31 else word


@dataclasses.dataclass(frozen=True)
class Ran:
    """What was left of a script: the arena, and the instructions of each case on each hart."""

    script: Script
    arena: bytes
    instructions: NDArray[np.uint32]

    def check(self, case: Case) -> None:
        """The case's result is the expected one."""
        got = np.frombuffer(self.arena[case.outputs], np.uint8)
        wanted = np.frombuffer(self.script.after[case.outputs], np.uint8)
        wrong = np.flatnonzero(got != wanted)
        assert not wrong.size, (
            f"{case.kernel} {case.parameters}: {wrong.size} of {got.size} bytes differ, the first "
            f"is byte {wrong[0]}: {got[wrong[0]]} instead of {wanted[wrong[0]]}"
        )


def run(script: Script, folder: Path, board: str) -> Ran:
    """Build the program for ``board`` with the script, and run it to its end."""
    firmware = copy_of_firmware(folder)
    app = firmware / "apps" / "core_kernels"
    shutil.copytree(SOURCES, app)
    (app / "script.bin").write_bytes(script.binary)
    (app / "arena.bin").write_bytes(script.before)
    program = f"core_kernels{ENDINGS[board]}"
    make(firmware, program, f"PROGRAMS={program}")
    session = Session(
        firmware / "prebuilt" / f"{program}.elf",
        Plugins(installed=False),
        HostConsole(),
        Settings(board=board),
    )
    result = session.run()
    assert result.exit_status == 0, result.as_json()
    arena, counts = session.firmware.symbol("arena"), session.firmware.symbol("instructions")
    assert arena is not None
    assert counts is not None
    harts, cases = HARTS[board], len(script.cases)
    words = session.machine.bus.read(counts, 4 * harts * cases)
    return Ran(
        script,
        session.machine.bus.read(arena, len(script.after)),
        np.frombuffer(words, np.uint32).reshape(cases, harts),
    )
