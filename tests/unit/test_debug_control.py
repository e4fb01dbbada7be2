"""Run control: where the machine stands still, and that the run does not notice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import pytest

from tests.unit.machine_samples import COUNT, FLASH, GATE, LEVEL, OPEN, beacon, enable_interrupts
from tests.unit.machine_samples import machine as sample
from vplat.engines.script import MRET, Step
from vplat.machine.board import DeviceSpec
from vplat.machine.debug import Resume, RunControl, Stop, StopReason
from vplat.machine.debug_watches import Watch
from vplat.machine.holding import standing
from vplat.machine.outcome import Ending, Outcome
from vplat.machine.position import Position
from vplat.machine.run import Run
from vplat.machine.seeking import Goal, Seeker
from vplat.machine.snapshot.state import MachineState
from vplat.machine.statistics import Statistics
from vplat.model import RW, Peripheral, Word
from vplat.testing import Back, Call, Load, ScriptedMachine, Store, Work, scripted_board
from vplat.testing.scripted_machine import SCRIPTS

RAM = 0x8000_F000
COPIER = 0x3000_0000


class Copier(Peripheral, kind="copier", size=0x10):
    """Writes words to memory, by itself or while it is stored to."""

    later = Word(0x00, RW, "Writes the word to RAM in so many cycles.")
    at_once = Word(0x04, RW, "Writes the word to RAM at once.")

    @later.on_write
    def plan(self, value: int) -> None:
        self.after(value, self.copy, value)

    @at_once.on_write
    def copy(self, value: int) -> None:
        self.bus.write(RAM, value.to_bytes(4, "little"))


def copying(*steps: Store | Work | Load) -> ScriptedMachine:
    """A machine with a copier and one hart."""
    board = scripted_board([DeviceSpec("copier", "copier", {"": COPIER})], harts=1)
    return ScriptedMachine(board, [Copier], {0: steps})


class Debugger:
    """Notes every stop, and goes on as a list says; then as nothing says."""

    def __init__(
        self, machine: ScriptedMachine, resumes: Iterable[Resume | Callable[[], Resume]] = ()
    ) -> None:
        self._machine, self._resumes = machine, list(resumes)
        self.stops: list[Stop] = []
        self.pcs: list[tuple[int, ...]] = []
        self.control = RunControl(machine, self._stopped)

    def run(self) -> Outcome:
        """From a first stop, in front of everything, to the end."""
        self.control.interrupt(0)
        return Run(self._machine).until(max_cycles=100_000)

    def _stopped(self, stop: Stop) -> Resume:
        self.stops.append(stop)
        self.pcs.append(tuple(hart.pc for hart in self._machine.harts))
        resume = self._resumes.pop(0) if self._resumes else Resume()
        return resume if isinstance(resume, Resume) else resume()

    @property
    def reasons(self) -> list[StopReason]:
        """Why it stood still, after the first stop."""
        return [stop.reason for stop in self.stops[1:]]


def at(of: ScriptedMachine, hart: int, step: int) -> int:
    """The address of a step."""
    return of.entry(hart) + 4 * step


def test_a_breakpoint_stops_its_harts_in_front_of_the_step_and_no_others() -> None:
    done: list[int] = []
    steps = [Work(5), Call(lambda: done.append(1)), Work(1)]
    of = sample({0: steps, 1: steps})
    debugger = Debugger(of)
    for hart in (0, 1):
        debugger.control.breakpoints.set(hart, at(of, hart, 1), [1])
    assert debugger.run().ending is Ending.DEADLOCKED
    assert debugger.reasons == [StopReason.BREAKPOINT, StopReason.ENDED]
    assert debugger.stops[1].hart == 1
    assert debugger.pcs[1][1] == at(of, 1, 1)
    assert done == [1, 1]


def test_a_breakpoint_stops_once_each_time_the_hart_comes_by() -> None:
    turns: list[int] = []
    steps = [Work(1), Call(lambda: turns.append(1)), Back(2, until=lambda: len(turns) == 4)]
    of = sample({0: steps})
    debugger = Debugger(of)
    debugger.control.breakpoints.set("key", at(of, 0, 1))
    debugger.run()
    assert debugger.reasons == [StopReason.BREAKPOINT] * 4 + [StopReason.ENDED]


def test_a_condition_decides_whether_a_breakpoint_stops() -> None:
    asked: list[int] = []

    def condition(hart: int) -> bool:
        asked.append(hart)
        return len(asked) == 3

    of = sample({0: [Work(1), Back(1, until=lambda: len(asked) == 5)]})
    debugger = Debugger(of)
    debugger.control.breakpoints.set("key", at(of, 0, 0), None, condition)
    debugger.run()
    assert debugger.reasons == [StopReason.BREAKPOINT, StopReason.ENDED]
    assert asked == [0] * 5


def test_a_load_that_waits_at_a_breakpoint_stops_once() -> None:
    of = sample({0: [Load(GATE), Work(1)], 1: [Work(50), Store(OPEN, 1)]})
    debugger = Debugger(of)
    debugger.control.breakpoints.set("key", at(of, 0, 0))
    debugger.run()
    assert debugger.reasons == [StopReason.BREAKPOINT, StopReason.ENDED]
    assert len(beacon(of).issued) == 2


def test_a_step_takes_one_hart_one_instruction_further_while_the_others_run() -> None:
    of = sample({0: [Work(1)] * 4, 1: [Work(1)] * 40})
    debugger = Debugger(of, [Resume({1: None})] * 3)
    debugger.run()
    assert debugger.reasons == [*[StopReason.STEP] * 3, StopReason.ENDED]
    assert [pcs[1] for pcs in debugger.pcs[:4]] == [at(of, 1, step) for step in range(4)]
    assert debugger.pcs[3][0] > debugger.pcs[0][0]


def test_a_step_of_a_waiting_load_is_over_when_somebody_has_answered_it() -> None:
    of = sample({0: [Load(GATE), Work(1)], 1: [Work(50), Store(OPEN, 1), Work(5)]})
    debugger = Debugger(of, [Resume({0: None})])
    debugger.run()
    assert debugger.reasons == [StopReason.STEP, StopReason.ENDED]
    assert debugger.pcs[1] == (at(of, 0, 1), at(of, 1, 2))


def test_a_range_is_left_before_a_stop() -> None:
    turns: list[int] = []
    loop = [Work(1), Call(lambda: turns.append(1)), Back(2, until=lambda: len(turns) == 9)]
    of = sample({0: [*loop, Work(1)]})
    debugger = Debugger(of, [Resume({0: range(SCRIPTS, SCRIPTS + 12)})])
    debugger.run()
    assert debugger.reasons == [StopReason.STEP, StopReason.ENDED]
    assert len(turns) == 9
    assert debugger.pcs[1] == (at(of, 0, 3),)


def test_a_hart_steps_while_the_others_stand_still() -> None:
    of = sample({0: [Work(1)] * 9, 1: [Work(1)] * 9})
    debugger = Debugger(of, [Resume({1: None}, frozenset({1}))] * 4)
    debugger.run()
    assert [pcs[0] for pcs in debugger.pcs[:5]] == [at(of, 0, 0)] * 5
    assert [pcs[1] for pcs in debugger.pcs[:5]] == [at(of, 1, step) for step in range(5)]
    assert debugger.control.took_disorder()


def test_a_hart_that_sleeps_cannot_go_on_alone() -> None:
    of = sample({0: [Load(GATE)], 1: [Work(1), Work(50), Store(OPEN, 1)]}, turn_cycles=10)
    debugger = Debugger(of, [Resume({1: None}), Resume({0: None}, frozenset({0}))])
    debugger.run()
    assert debugger.reasons == [StopReason.STEP, StopReason.ASLEEP, StopReason.ENDED]


def test_harts_that_stood_still_catch_up() -> None:
    of = sample({0: [Work(1)] * 20, 1: [Work(1)] * 20})
    debugger = Debugger(of, [Resume(only=frozenset({1}))])
    debugger.control.breakpoints.set("key", at(of, 1, 15))
    debugger.run()
    assert debugger.pcs[1] == (at(of, 0, 0), at(of, 1, 15))
    assert [hart.instructions for hart in of.harts] == [20, 20]


def interrupted() -> ScriptedMachine:
    """Hart 0 is interrupted in the middle of its steps by hart 1; the handler takes a while."""
    scripts: dict[int, Sequence[Step] | Mapping[int, Sequence[Step]]] = {
        0: {0: [Work(1)] * 60, 0x800: [Store(LEVEL, 1), Work(9), MRET]},
        1: [Work(20), Store(LEVEL, 1 << 16 | 1)],
    }
    of = sample(scripts, events={"lit": ("harts.external",)})
    enable_interrupts(of, 0, handler=of.entry(0) + 0x800, mie=1 << 11)
    return of


def test_a_step_goes_over_the_handler_of_an_interrupt() -> None:
    of = interrupted()
    debugger = Debugger(of, [Resume({0: None})] * 59)
    debugger.run()
    assert [pcs[0] for pcs in debugger.pcs[:60]] == [at(of, 0, step) for step in range(60)]


def test_a_step_goes_into_the_handler_if_somebody_wants_that() -> None:
    of = interrupted()
    debugger = Debugger(of, [Resume({0: None})] * 40)
    debugger.control.steps_into_interrupts = True
    debugger.run()
    assert at(of, 0, 0x200) in [pcs[0] for pcs in debugger.pcs]


def test_a_store_is_told_with_who_made_it_and_what_was_there() -> None:
    of = copying(Store(RAM, 7), Work(3), Store(RAM + 1, 9, 1), Store(RAM + 4, 1), Work(1))
    debugger = Debugger(of)
    debugger.control.watches.add(Watch(RAM, 4, loads=False, stores=True))
    debugger.run()
    first, second = (stop.hits[0] for stop in debugger.stops[1:3])
    assert (first.hart, first.device, first.old, first.new) == (0, "", bytes(4), b"\7\0\0\0")
    assert (second.address, second.old, second.new) == (RAM + 1, b"\0", b"\t")
    assert debugger.reasons == [*[StopReason.WATCHPOINT] * 2, StopReason.ENDED]
    assert debugger.pcs[1] == (at(of, 0, 1),)


def test_a_load_is_told_and_a_store_is_not_where_loads_are_watched() -> None:
    of = copying(Store(RAM, 7), Load(RAM, 2), Load(RAM + 4), Work(1))
    debugger = Debugger(of)
    debugger.control.watches.add(Watch(RAM, 4, loads=True, stores=False))
    debugger.run()
    assert [stop.hits[0].new for stop in debugger.stops[1:2]] == [b"\7\0"]
    assert debugger.reasons == [StopReason.WATCHPOINT, StopReason.ENDED]


def test_what_a_device_writes_is_told_with_its_name_and_nothing_but_the_watched_bytes() -> None:
    of = copying(Store(COPIER, 30), Work(60))
    debugger = Debugger(of)
    debugger.control.watches.add(Watch(RAM + 1, 2, loads=False, stores=True))
    debugger.run()
    (hit,) = debugger.stops[1].hits
    assert (hit.hart, hit.device, hit.address, hit.new) == (-1, "copier", RAM + 1, b"\0\0")
    assert hit.cycle == 30


def test_a_device_that_writes_while_it_is_stored_to_is_told_with_the_hart() -> None:
    of = copying(Store(COPIER + 4, 30), Work(60))
    debugger = Debugger(of)
    debugger.control.watches.add(Watch(RAM, 4, loads=False, stores=True))
    debugger.run()
    (hit,) = debugger.stops[1].hits
    assert (hit.hart, hit.device, hit.new) == (0, "copier", b"\x1e\0\0\0")


def test_a_store_that_changes_nothing_is_told_only_where_somebody_wants_that() -> None:
    for only_changes, reasons in ((True, []), (False, [StopReason.WATCHPOINT])):
        of = copying(Store(RAM, 0), Work(1))
        debugger = Debugger(of)
        watch = Watch(RAM, 4, loads=False, stores=True, only_changes=only_changes)
        debugger.control.watches.add(watch)
        debugger.run()
        assert debugger.reasons == [*reasons, StopReason.ENDED]


def everything() -> ScriptedMachine:
    """Harts that compute, wait for one another, and use a device that has things due."""
    hammer = [Work(1), Work(1), Store(FLASH, 17), Load(COUNT), Store(RAM, 5), Load(RAM, 1)]
    worker = [*[Work(1)] * 70, Store(OPEN, 1)]
    return sample({0: [*hammer, Load(GATE), *hammer], 1: worker, 2: hammer})


def summary(of: ScriptedMachine) -> object:
    statistics = Statistics.of(of)
    return statistics, [hart.pc for hart in of.harts], beacon(of).flashes


@pytest.mark.parametrize("stepped", [0, 1, 2])
def test_a_run_that_was_stepped_through_is_like_one_that_was_not(stepped: int) -> None:
    plain = everything()
    plain.run()
    of = everything()
    debugger = Debugger(of, [Resume({stepped: None})] * 200)
    for hart in range(3):
        debugger.control.breakpoints.set(hart, at(of, hart, 2))
    debugger.control.watches.add(Watch(RAM, 4, loads=True, stores=True))
    debugger.run()
    assert summary(of) == summary(plain)


def test_nothing_stays_of_a_debugger_that_has_gone() -> None:
    of = everything()

    def leave() -> Resume:
        debugger.control.close()
        return Resume()

    debugger = Debugger(of, [leave])
    debugger.control.breakpoints.set("key", at(of, 0, 2))
    debugger.control.watches.add(Watch(RAM, 4, loads=True, stores=True))
    debugger.run()
    assert len(debugger.stops) == 1
    assert of.control is None
    assert of.accesses.watches is None


def test_an_end_is_told_once_and_can_be_taken_back() -> None:
    of = sample({0: [Work(1)] * 5})
    kept: list[MachineState] = []

    def keep() -> Resume:
        debugger.control.set_aside()
        kept.append(of.snapshot())
        debugger.control.set_out()
        return Resume()

    def take_back() -> Resume:
        debugger.control.set_aside()
        of.restore(kept[0])
        debugger.control.moved()
        return Resume()

    debugger = Debugger(of, [Resume(), keep, take_back])
    debugger.control.breakpoints.set("key", at(of, 0, 3))
    debugger.run()
    assert debugger.reasons == [StopReason.BREAKPOINT, StopReason.ENDED] * 2
    assert of.harts[0].instructions == 5


@pytest.mark.parametrize("instructions", [0, 1, 2, 10, 11, 17, 25])
def test_a_position_is_reached_exactly(instructions: int) -> None:
    of = everything()
    seeker = of.control = Seeker(of, Goal(Position(instructions, 0, 0)))
    run = Run(of)
    while not seeker.done:
        run.advance(1_000_000)
    assert Position.of(of).instructions == instructions
    of.control = None
    run.until(max_cycles=100_000)
    plain = everything()
    plain.run()
    assert summary(of) == summary(plain)


def test_a_hart_is_stopped_after_so_many_instructions_whatever_the_others_do() -> None:
    of = everything()
    seeker = of.control = Seeker(of, Goal(hart=2, instructions=3))
    while not seeker.done:
        Run(of).advance(1_000_000)
    assert standing(of, 2).instructions == 3
