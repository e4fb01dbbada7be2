"""Going back in a run: every moment is the same again, and nobody outside notices."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.system.lab import DATA, run
from tests.system.session_runs import ending, session_of
from vplat.errors import UsageError
from vplat.machine.console import RecordingConsole
from vplat.machine.holding import standing
from vplat.machine.machine import Machine
from vplat.machine.position import Position
from vplat.machine.rows import COLUMNS, HELD, HOLD_AT, LIMIT, NOW, SAMPLE, STEP
from vplat.machine.run import Run
from vplat.machine.seeking import Goal, Seeker
from vplat.machine.snapshot.encoding import encode_state
from vplat.machine.timeline import Timeline
from vplat.session import Session

HOW_HELD = (LIMIT, HELD, STEP, HOLD_AT, SAMPLE)
"""Columns that say how a hart came to stand where it stands."""


def fingerprint(machine: Machine) -> Any:
    """Everything about a moment but how the machine came to stand there."""
    state = machine.snapshot()
    found = encode_state(machine, state).state
    del found["rows"], found["parts"]["console"]
    found["turns"] = machine.turns[NOW]
    rows = memoryview(state.rows).cast("q").tolist()
    kept = [column for column in range(COLUMNS) if column not in HOW_HELD]
    return Position.of(machine), found, state.memories, [rows[column::COLUMNS] for column in kept]


def run_to(machine: Machine, timeline: Timeline, end: Position | None = None) -> None:
    """Run on, to a position or to the end, as whoever runs a machine with a timeline does."""
    seeker = None
    if end is not None:
        seeker = machine.control = Seeker(machine, Goal(end))
    live = Run(machine)
    while machine.outcome is None and not (seeker is not None and seeker.done):
        live.advance(machine.turns[NOW] + 3000)
        timeline.checkpoint()
    machine.control = None


class Recorded:
    """A program that was run to its end with a timeline, which knows some moments of it."""

    def __init__(self, program: str, *, native: bool, moments: int = 6) -> None:
        self.plain = ending(session_of(program))
        self.session = session_of(program, native=native)
        self.machine = self.session.machine
        self.console = self.session.console
        self.timeline = Timeline(self.machine, interval_cycles=15_000)
        whole = self.plain["instructions"]
        self.seen = []
        for part in range(moments):
            end = Position(whole * part // moments + part, 0, 0)
            run_to(self.machine, self.timeline, end)
            self.seen.append((self.timeline.position, fingerprint(self.machine)))
        run_to(self.machine, self.timeline)
        self.end = self.timeline.position

    @property
    def text(self) -> bytes:
        """What was shown."""
        assert isinstance(self.console, RecordingConsole)
        return self.console.text


@pytest.fixture(scope="module", params=[("interrupts", True), ("barrier", True), ("hello", False)])
def recorded(request: pytest.FixtureRequest) -> Recorded:
    """Programs in which much happens, one of them on the Python probe."""
    program, native = request.param
    return Recorded(program, native=native)


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_every_moment_that_is_gone_to_is_what_it_was(
    recorded: Recorded, data: st.DataObject
) -> None:
    text = recorded.text
    for position, seen in data.draw(
        st.lists(st.sampled_from(recorded.seen), min_size=1, max_size=4)
    ):
        recorded.timeline.go_to(position)
        assert fingerprint(recorded.machine) == seen
    assert recorded.text == text


def test_a_run_that_goes_on_from_its_past_ends_as_it_did(recorded: Recorded) -> None:
    for position, _ in (recorded.seen[3], recorded.seen[1]):
        recorded.timeline.go_to(position)
        assert recorded.timeline.in_past
        run_to(recorded.machine, recorded.timeline)
        assert recorded.timeline.position == recorded.end
        assert not recorded.timeline.in_past
        assert recorded.text == recorded.plain["console"]
        found = ending(recorded.session)
        assert found == recorded.plain | {"console": found["console"]}


def test_a_moment_that_has_not_been_is_refused(recorded: Recorded) -> None:
    later = recorded.end._replace(instructions=recorded.end.instructions + 1)
    for position in (later, Position(-1, 0, 0)):
        with pytest.raises(UsageError, match="choose one in between"):
            recorded.timeline.go_to(position)


def a_session(program: str = "interrupts") -> tuple[Session, Timeline]:
    """A session with a timeline from its beginning."""
    session = session_of(program)
    return session, Timeline(session.machine, interval_cycles=10_000)


class Meeting(Seeker):
    """A seeker that stops at an instruction as well, once for each time that a hart comes to it."""

    def __init__(self, machine: Machine, goal: Goal, address: int) -> None:
        self._address, self._everybody = address, range(len(machine.harts))
        self._passed = [standing(machine, hart) for hart in self._everybody]
        self._places = machine.holds
        for hart in self._everybody:
            self._places.add(hart, address)
        self.met = False
        super().__init__(machine, goal)

    def reached(self, hart: int, address: int) -> bool:
        """Whether the hart is held there."""
        here = self._passed[hart]
        again = (here.pc, here.instructions) == (address, self._machine.harts[hart].instructions)
        if address == self._address and not again:
            self.met = True
            return True
        return super().reached(hart, address)

    def look(self) -> bool:
        """Come closer, unless it is met."""
        super().look()
        self.done = self.done or self.met
        return self.done

    def leave(self) -> None:
        """Stop nowhere any more."""
        self._seeking.leave()
        for hart in self._everybody:
            self._places.drop(hart, self._address)
        self._machine.control = None


class Finder:
    """Looks for the last time that a hart came to an address."""

    def __init__(self, machine: Machine, timeline: Timeline, name: str) -> None:
        self.machine, self.timeline = machine, timeline
        assert machine.firmware is not None
        symbol = machine.firmware.symbols.find(name)
        assert symbol is not None
        self.address = symbol.address

    def advance(self, end: Position) -> bool:
        """To the next time, or to ``end``."""
        meeting = self.machine.control = Meeting(self.machine, Goal(end), self.address)
        self.timeline.repeat(lambda: meeting.done)
        meeting.leave()
        return meeting.met

    def all(self) -> list[Position]:
        """Every time, from the beginning to where the machine stands."""
        end, found = self.timeline.position, []
        self.timeline.go_to(self.timeline.start)
        with self.timeline.repeating():
            while self.advance(end):
                found.append(self.timeline.position)
        return found

    def last(self) -> Position | None:
        """The last time before where the machine stands."""
        return self.timeline.find_last(self.advance)


def test_the_last_stop_before_each_is_found_back_to_the_beginning() -> None:
    session, timeline = a_session()
    run_to(session.machine, timeline)
    text = session.console.text  # type: ignore[attr-defined]
    finder = Finder(session.machine, timeline, "printf")
    every = finder.all()
    assert len(every) > 5
    timeline.go_to(timeline.latest)
    for position in reversed(every):
        assert finder.last() == position
        assert timeline.position == position
        assert any(hart.pc == finder.address for hart in session.machine.harts)
    assert finder.last() is None
    assert timeline.position == timeline.start
    assert session.console.text == text  # type: ignore[attr-defined]


LOOP = """
    li s0, {count}
    li s1, DATA
1:  addi s0, s0, -1
    .globl hot
hot:
    sw s0, (s1)
    bnez s0, 1b
    li a0, 0
    j finish
"""


@pytest.mark.parametrize("count", [3, 499, 500, 501, 5000])
def test_the_last_of_very_many_stops_is_found(count: int) -> None:
    timelines: list[Timeline] = []
    ran = run(LOOP.format(count=count), prepare=lambda each: timelines.append(Timeline(each)))
    machine, (timeline,) = ran.machine, timelines
    finder = Finder(machine, timeline, "hot")
    for left in (0, 1, 2):
        found = finder.last()
        assert found is not None
        assert machine.harts[0].pc == finder.address
        assert machine.engine.read_register(0, 8) == left
        assert ran.word(DATA) == (left + 1 if left + 1 < count else 0)


def test_snapshots_stay_within_their_budget_and_every_moment_in_reach() -> None:
    budget = 1 << 20
    session = session_of("barrier")
    timeline = Timeline(session.machine, interval_cycles=1000, budget_bytes=budget)
    marks = []
    live = Run(session.machine)
    while session.machine.outcome is None:
        live.advance(session.machine.turns[NOW] + 1000)
        timeline.checkpoint()
        assert timeline.held_bytes <= budget
        marks.append(timeline.position)
    for position in marks[:: len(marks) // 6]:
        timeline.go_to(position)
        assert timeline.position == position


def test_what_is_changed_in_the_past_changes_what_follows() -> None:
    text = """
        li s1, DATA
        li s0, 1000
    1:  addi s0, s0, -1
        bnez s0, 1b
        lw a0, (s1)
        li t0, PROBE
        j finish
    """
    timelines: list[Timeline] = []
    ran = run(text, prepare=lambda each: timelines.append(Timeline(each)))
    machine, (timeline,) = ran.machine, timelines
    end = timeline.position
    assert ran.outcome.status == 0
    timeline.go_to(Position(500, 0, 0))
    machine.bus.write(DATA, b"\x07")
    timeline.forget_future()
    assert not timeline.in_past
    with pytest.raises(UsageError, match="choose one in between"):
        timeline.go_to(end)
    timeline.checkpoint(at_once=True)
    run_to(machine, timeline)
    assert machine.outcome is not None
    assert machine.outcome.status == 7
    timeline.go_to(Position(600, 0, 0))
    assert machine.peek_word(DATA) == 7
    timeline.go_to(Position(400, 0, 0))
    assert machine.peek_word(DATA) == 0


def test_output_of_another_future_is_shown() -> None:
    session, timeline = a_session("hello")
    run_to(session.machine, timeline)
    plain = session.console.text  # type: ignore[attr-defined]
    timeline.go_to(timeline.start)
    timeline.forget_future()
    run_to(session.machine, timeline)
    assert session.console.text == plain + plain  # type: ignore[attr-defined]
