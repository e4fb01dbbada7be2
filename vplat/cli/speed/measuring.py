"""Times of the same machine code on the bare engine and on the platform, a few rounds of each.

It is this process's time on the processor, so that what else runs on the host counts little.
"""

from __future__ import annotations

import dataclasses
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

from vplat.engines.bare import BareEngine
from vplat.errors import VplatError
from vplat.machine.board import PAGE, Board
from vplat.plugins import Plugins
from vplat.session import HostConsole, Result, Session, Settings, find_board

from .accelerator import JOBS, Flow, Kinds, attention
from .flat import run_flat
from .places import CODE_OFFSET, code_memory, data_memory, loop_for, place
from .program import LOAD_LOOP, MEMORY_LOOP, STORE_LOOP, TABLE_LOOP, Access, Loop

PYTHON_PROBE_SHARE: Final = 50
"""The probe in Python gets so many times fewer iterations."""


@dataclasses.dataclass(frozen=True)
class Extent:
    """How long to measure.

    Every round builds its engines anew: how fast one is depends a little on where its code ends up.
    """

    rounds: int
    iterations: int
    accesses: int
    attentions: int


FULL: Final = Extent(rounds=11, iterations=8_000_000, accesses=50_000, attentions=100)
QUICK: Final = Extent(rounds=3, iterations=3_000_000, accesses=20_000, attentions=30)


@dataclasses.dataclass(frozen=True)
class Speed:
    """Millions of instructions a second, in each round."""

    rounds: tuple[float, ...]

    @property
    def mips(self) -> float:
        """The median."""
        return statistics.median(self.rounds)

    def ratio_to(self, other: Speed) -> float:
        """The median of the ratios of rounds: what slows the host for a while slows both."""
        return statistics.median(a / b for a, b in zip(self.rounds, other.rounds, strict=True))


@dataclasses.dataclass(frozen=True)
class Loops:
    """The memory loop in all the ways in which it is compared."""

    bare: Speed
    one_hart: Speed
    all_harts: Speed
    flat_costs: Speed
    """On all harts, of a platform that accounts for nothing."""
    profiled: Speed
    """On all harts, with a profile."""
    covered: Speed
    """On all harts, with coverage."""


class Stand:
    """Where programs are measured: one board, and a directory for their ELF files."""

    def __init__(self, board: str, plugins: Plugins, extent: Extent) -> None:
        self.plugins, self.extent = plugins, extent
        self.board: Board = find_board(board, plugins)
        self.kinds: Kinds = plugins.named("vplat_peripherals", "kind", "peripheral kind")
        self._name = board
        self._folder = tempfile.TemporaryDirectory(prefix="vplat-bench-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def loops(self, progress: Callable[[], None]) -> Loops:
        """The memory loop bare, on one hart, and in all ways on all harts, in turns."""
        one = loop_for(self.board, MEMORY_LOOP, self.extent.iterations, harts=1)
        every = dataclasses.replace(one, harts=self.board.harts.count)
        measures: tuple[Callable[[], float], ...] = (
            lambda: self.bare_mips(one),
            lambda: self.platform_mips(one),
            lambda: self.platform_mips(every),
            lambda: self.flat_mips(every),
            lambda: self.platform_mips(every, profile=True),
            lambda: self.platform_mips(every, coverage=True),
        )
        found: tuple[list[float], ...] = tuple([] for _ in measures)
        for _ in range(self.extent.rounds):
            for measure, rounds in zip(measures, found, strict=True):
                rounds.append(measure())
                progress()
        return Loops(*(Speed(tuple(rounds)) for rounds in found))

    def python_probe(self) -> Speed:
        """The loop on one hart with the probe in Python."""
        iterations = max(self.extent.iterations // PYTHON_PROBE_SHARE, 1)
        loop = loop_for(self.board, MEMORY_LOOP, iterations, harts=1)
        return Speed((self.platform_mips(loop, native=False),))

    def access_microseconds(self, address: int, *, store: bool) -> float:
        """The median cost of one access to a device register."""
        body = STORE_LOOP if store else LOAD_LOOP
        loop = dataclasses.replace(
            loop_for(self.board, body, self.extent.accesses, harts=1), target=address, shared=True
        )
        rounds = [self.run(loop)[1] for _ in range(self.extent.rounds)]
        return 1e6 * statistics.median(rounds) / loop.iterations

    def job_microseconds(self) -> tuple[float, float] | None:
        """The median cost of a tile job on ITA: by itself, and as a driver makes it.

        By itself it is what starting jobs adds to writing their registers; a driver also writes
        them and sleeps until the job's event. None for a board that has no ITA, or none that could
        be programmed here.
        """
        flows = [attention(self.board, self.kinds, flow) for flow in Flow]
        if None in flows:
            return None
        found: dict[Flow, list[float]] = {flow: [] for flow in Flow}
        for _ in range(self.extent.rounds):
            for flow, accesses in zip(Flow, flows, strict=True):
                found[flow].append(self._job_seconds(accesses or ()))
        timed, written = found[Flow.TIMED], found[Flow.WRITTEN]
        alone = statistics.median(a - b for a, b in zip(timed, written, strict=True))
        return 1e6 * alone, 1e6 * statistics.median(found[Flow.DRIVEN])

    def _job_seconds(self, accesses: tuple[Access, ...]) -> float:
        loop = loop_for(self.board, TABLE_LOOP, self.extent.attentions, harts=1)
        result, seconds = self.run(dataclasses.replace(loop, table=accesses))
        if result.findings:
            raise VplatError(f"the benchmark drives ITA wrongly: {result.findings[0][0].sentence}")
        return seconds / (loop.iterations * JOBS)

    def register(self, kind: str, name: str, window: str = "") -> int | None:
        """The address of a register of the first device of a kind, if the board has one."""
        for device in self.board.devices:
            if device.kind == kind and window in device.windows:
                return device.windows[window] + self.kinds[kind].registers[name].offset
        return None

    def bare_mips(self, loop: Loop) -> float:
        """Millions of instructions a second that the bare engine makes of ``loop``, on one hart."""
        program = place(self.board, loop)
        code, data = code_memory(self.board), data_memory(self.board)
        places = {(each.base, -(-each.size // PAGE) * PAGE) for each in (code, data)}
        engine = BareEngine(sorted(places))
        engine.load(code.base + CODE_OFFSET, program.code)
        return loop.instructions / engine.run(program.base, program.finish) / 1e6

    def platform_mips(self, loop: Loop, **wanted: Any) -> float:
        """Millions of instructions a second that all harts of the platform make of it together.

        ``wanted`` are settings of the session.
        """
        return loop.instructions / self.run(loop, **wanted)[1] / 1e6

    def flat_mips(self, loop: Loop) -> float:
        """The same of a platform with flat costs."""
        return loop.instructions / run_flat(self.board, self.kinds, self._write(loop)) / 1e6

    def run(self, loop: Loop, **wanted: Any) -> tuple[Result, float]:
        """Run ``loop`` on the platform: what it came to, and the seconds of processor time it took.

        A ``VplatError`` if it does not end with status 0.
        """
        settings = Settings(board=self._name, **wanted)
        session = Session(self._write(loop), self.plugins, HostConsole(), settings)
        started = time.process_time()
        result = session.run()
        seconds = time.process_time() - started
        if result.exit_status:
            raise VplatError(f"the benchmark did not end well on this board: {result.outcome}")
        return result, seconds

    def _write(self, loop: Loop) -> Path:
        elf = Path(self._folder.name) / "loop.elf"
        elf.write_bytes(place(self.board, loop).elf())
        return elf
