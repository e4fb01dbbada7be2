"""Putting a run together, and running it."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vplat.energy import Energy, EnergyMeter, EnergyTable
from vplat.engines.unicorn_engine import UnicornEngine
from vplat.errors import BoardError, FirmwareError, VplatError
from vplat.machine.arrival import go_on
from vplat.machine.board import Board, OperatingPoint
from vplat.machine.board_file import check_devices, check_instructions, load_board
from vplat.machine.console import Console
from vplat.machine.elf import Firmware
from vplat.machine.fitting import explain_misfit, fit
from vplat.machine.hart_identity import tells_harts_apart
from vplat.machine.instruction_set import InstructionSet
from vplat.machine.machine import Machine
from vplat.machine.outcome import Ending, Outcome
from vplat.machine.rows import NOW
from vplat.machine.run import Run
from vplat.machine.snapshot.state import MachineState
from vplat.machine.statistics import Sampler, Statistics
from vplat.plugins import Plugins
from vplat.timing import TimingTable

from .blame import blame
from .boards import board_paths, find_board
from .moments import Moments, find_moment
from .observing import FunctionNumbers, Observers
from .result import Result
from .settings import Settings
from .snapshots import load, save

if TYPE_CHECKING:
    from vplat.machine.explain.explanation import Explanation
    from vplat.model import Observer

SLICE_SECONDS: Final = 0.03
"""Host time between two looks at the clock, at signals and at whoever watches."""
FIRST_SLICE_CYCLES: Final = 2_000
PARTS_OF_WHAT_IS_DONE: Final = 32
"""A slice is at most this part of the cycles before it."""
LONGEST_SLICE_CYCLES: Final = 50_000_000

Watch = Callable[["Session"], bool]
"""Called between slices; True ends the run as interrupted."""


class Session:
    """One run of one firmware on one board.

    ``plugins`` says what there is to choose from. Errors are of ``vplat.errors``.
    """

    def __init__(
        self, elf: Path, plugins: Plugins, console: Console, settings: Settings | None = None
    ) -> None:
        self.settings = settings or Settings()
        self.plugins, self.console = plugins, console
        self.board = find_board(self.settings.board, plugins)
        self.point = _operating_point(self.board, self.settings.operating_point)
        self.firmware = Firmware.read(elf)
        self._check_fit()
        kinds = plugins.named("vplat_peripherals", "kind", "peripheral kind")
        check_devices(self.board, kinds)
        sets = plugins.named("vplat_instructions", "name", "instruction set")
        check_instructions(self.board, sets)
        self.timing = TimingTable.load(self.board.timing)
        follows_calls = self.settings.trace is not None and self.settings.trace.functions
        self.machine = Machine(
            self.board,
            kinds,
            functools.partial(
                UnicornEngine,
                native=self.settings.native,
                counts_falls=self.settings.coverage,
                function_of=FunctionNumbers(self.firmware.symbols) if follows_calls else None,
            ),
            self.timing,
            console,
            instruction_sets=_distinct(sets[each.name] for each in self.board.harts.instructions),
            hertz=self.point.hertz,
        )
        self.machine.load(self.firmware, files=self.settings.files, lone_hart=self.lone_hart)
        table = EnergyTable.load(self.board.energy)
        self.meter = EnergyMeter(table, self.point, self._extra_costs())
        self._sampler = Sampler(self.machine)
        self._moments = Moments(self.machine)
        self.seconds = 0.0
        self._is_steered = True
        self._checkers = self._begin_checks() if self.settings.check else []
        for each in self._checkers:
            self.machine.watching.watch(each)

    def _begin_checks(self) -> list[Observer]:
        from vplat.checks import checkers

        return checkers(self.machine)

    @property
    def lone_hart(self) -> bool:
        """Hart 0 alone runs the firmware, which cannot tell the harts of the board apart."""
        harts = self.board.harts
        shared = harts.count > 1 and harts.begins_at_entry
        return shared and not tells_harts_apart(self.firmware.segments)

    def run(
        self,
        watch: Watch | None = None,
        *,
        ready: Callable[[], None] | None = None,
        steers: bool | None = None,
    ) -> Result:
        """Run to the end; ``watch`` is called some 30 times a second of host time.

        ``ready`` is called once, in front of the first instruction. ``steers`` says whether
        ``watch`` may change the machine. If nobody can, the run ends as deadlocked once it is
        certain that harts poll what nothing changes any more. None: it may.
        """
        self._is_steered = watch is not None if steers is None else steers
        self.observers = Observers(self)
        self.plugins.call("vplat_session_started", session=self)
        started = time.perf_counter()
        try:
            if ready is not None:
                ready()
            outcome = self._run(started, watch)
        except Exception as error:
            culprit = None if isinstance(error, VplatError) else blame(error)
            if culprit is None:
                raise
            raise culprit from error
        self.seconds = self._seconds_since(started)
        self.observers.finish()
        for each in self._checkers:
            each.finish()
        result = Result.of(self, outcome)
        self.plugins.call("vplat_session_finished", session=self, outcome=outcome)
        return result

    def when(
        self, place: int | str | None, action: Callable[[], None], *, steers: bool = True
    ) -> None:
        """Call ``action`` once when the run has come to a cycle, a function or ``FILE:LINE``.

        That is between two turns, or with the first hart that comes there about to execute the
        first instruction. The run goes on as if there had been nothing. None stands for the moment
        when a limit or somebody ends a run that could go on. ``UsageError`` if the firmware has no
        such place. ``steers`` says whether ``action`` may change the machine, as for ``run``.
        """
        moment = None if place is None else find_moment(place, self.firmware)
        self._moments.when(moment, action, steers=steers)

    def snapshot(self) -> MachineState:
        """Everything that the future depends on, and all that was counted so far.

        Between two slices: before or after ``run``, in its ``watch``, or in the action of ``when``.
        """
        return self.machine.snapshot()

    def restore(self, state: MachineState) -> None:
        """Go back to a ``snapshot`` of this session: its future is the same again.

        What it costs are the pages of memory written in between, a few milliseconds.
        """
        self.machine.restore(state)
        go_on(self.machine)

    @contextlib.contextmanager
    def fork(self) -> Iterator[Session]:
        """What happens to the machine inside has not happened afterwards."""
        state = self.snapshot()
        try:
            yield self
        finally:
            self.restore(state)

    def save(self, path: Path) -> None:
        """Write a snapshot to a file; ``UsageError`` or ``SnapshotError`` if that cannot be."""
        save(self, path)

    def load(self, path: Path) -> None:
        """Go on from a file that was saved by a session of the same board and firmware.

        ``SnapshotError`` if it is of another one or damaged; the session is then as it was.
        """
        load(self, path)

    def statistics(self) -> Statistics:
        """What harts and devices have done so far."""
        return self._sampler.sample()

    def explain(self) -> Explanation:
        """What harts and devices do, and what each hart waits for or polls; it changes nothing.

        At the end of a run, or while it stands still between two slices.
        """
        from vplat.machine.explain.building import explain

        return explain(self.machine, self.machine.outcome)

    def energy(self, statistics: Statistics) -> Energy:
        """What that has cost."""
        return self.meter.measure(statistics)

    def _run(self, started: float, watch: Watch | None) -> Outcome:
        run = Run(self.machine)
        pace = _Pace()

        def between_slices() -> bool:
            self._moments.look()
            done = self.machine.turns[NOW]
            steady = self.observers.next_slice(done)
            cycles = steady or pace.next_slice(run.slice_cycles, done)
            run.slice_cycles = self._moments.slice_cycles(cycles)
            run.ends_polls = not (self._is_steered or self._moments.may_steer)
            self.observers.sample()
            limit = self.settings.timeout_seconds
            if limit is not None and self._seconds_since(started) > limit:
                sentence = f"the firmware had not ended after {limit:g} s of host time"
                self.machine.end(Outcome(Ending.OUT_OF_CYCLES, message=sentence))
            return watch is not None and watch(self)

        self._moments.look()
        cycles = self.observers.next_slice(0) or FIRST_SLICE_CYCLES
        run.slice_cycles = self._moments.slice_cycles(cycles)
        run.ends_polls = not (self._is_steered or self._moments.may_steer)
        run.at_end = self._moments.end
        return run.until(max_cycles=self.settings.max_cycles, watch=between_slices)

    def _seconds_since(self, started: float) -> float:
        """Host time, without that for which a debugger made the machine stand still."""
        return time.perf_counter() - started - self.machine.halted_seconds

    def _check_fit(self) -> None:
        memories = _memories(self.board)
        if not fit(self.firmware, memories):
            return
        others = {}
        for name, path in board_paths(self.plugins).items():
            with contextlib.suppress(BoardError):  # a board that is broken is none to recommend
                others[name] = _memories(load_board(path, board_paths(self.plugins)))
        others.pop(self.board.name, None)
        problem = explain_misfit(self.firmware, self.board.name, memories, others)
        raise FirmwareError(problem or f"{self.firmware.path} does not fit {self.board.name}")

    def _extra_costs(self) -> dict[str, float]:
        costs: dict[str, float] = {}
        for _, answer in self.plugins.call("vplat_energy_costs", board=self.board):
            costs.update(answer)
        return costs


class _Pace:
    """Chooses slices of about the same host time."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def next_slice(self, cycles: int, done: int) -> int:
        """The next slice, after one of ``cycles`` that ended at cycle ``done``.

        Early slices are short, so that whoever watches sees a short run in some detail.
        """
        now = time.perf_counter()
        elapsed, self._last = now - self._last, now
        if elapsed < SLICE_SECONDS / 2:
            cycles = min(2 * cycles, LONGEST_SLICE_CYCLES)
        elif elapsed > 2 * SLICE_SECONDS:
            cycles //= 2
        return max(min(cycles, done // PARTS_OF_WHAT_IS_DONE), FIRST_SLICE_CYCLES)


def _distinct(sets: Iterable[InstructionSet]) -> list[InstructionSet]:
    return list({each.name: each for each in sets}.values())


def _memories(board: Board) -> list[tuple[str, int, int]]:
    return [(m.name, span.base, span.size) for m in board.memories for span in m.spans]


def _operating_point(board: Board, name: str | None) -> OperatingPoint:
    try:
        return board.operating_point(name)
    except KeyError:
        known = ", ".join(point.name for point in board.operating_points)
        raise BoardError(
            f"board {board.name} has no operating point {name!r}; choose one of {known}"
        ) from None
