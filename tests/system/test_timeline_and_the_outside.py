"""Going back in a run: console, input, observers and findings know nothing of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tests.system.lab import DATA, run
from tests.system.session_runs import ending, session_of
from tests.system.test_timeline import a_session, fingerprint, run_to
from vplat.machine.machine import Machine
from vplat.machine.position import Position
from vplat.machine.rows import NOW
from vplat.machine.run import Run
from vplat.machine.timeline import Timeline
from vplat.model import Observer, Peripheral


class Typist:
    """A console whose input comes while somebody waits, or while the run goes on."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces, self.given, self.text = pieces, b"", b""
        self.looks = 0

    def print(self, text: bytes, stream: int) -> None:
        """Keep it."""
        self.text += text

    def receive(self, limit: int) -> bytes:
        """Every third time there is something."""
        self.looks += 1
        if self.looks % 3 or not self.pieces:
            return b""
        piece = self.pieces.pop(0)
        self.given += piece
        return piece

    def input_ended(self) -> bool:
        """All of it was given."""
        return not self.pieces

    def wait_for_input(self) -> bool:
        """There will be some."""
        return bool(self.pieces)


ECHO = """
    csrr t0, mhartid
    bnez t0, busy
    li s0, 6
    li s1, DATA
next:
    li a0, 7
    li a1, 0
    .option push
    .option norvc
    slli x0, x0, 0x1f
    ebreak
    srai x0, x0, 7
    .option pop
    sb a0, (s1)
    rdcycle t1
    sw t1, 0x100(s1)
    addi s1, s1, 4
    addi s0, s0, -1
    bnez s0, next
    li a0, 0
    j finish
busy:
    li t1, {rounds}
1:  addi t1, t1, -1
    bnez t1, 1b
2:  wfi
    j 2b
"""


@pytest.mark.parametrize("rounds", [1, 3000])
def test_input_that_came_at_some_moment_comes_at_it_again(rounds: int) -> None:
    from tests.system.lab import board

    timelines: list[Timeline] = []
    typist = Typist([b"a", b"b", b"c", b"d", b"e", b"f"])
    marks: list[tuple[Position, Any]] = []

    def prepare(machine: Machine) -> None:
        machine.console = typist
        timelines.append(Timeline(machine, interval_cycles=500))
        live, beginning = Run(machine), itertools.count()
        while machine.outcome is None and next(beginning) < 200:
            live.advance(machine.turns[NOW] + 700)
            timelines[0].checkpoint()
            if machine.outcome is None:
                marks.append((timelines[0].position, fingerprint(machine)))

    ran = run(ECHO.format(rounds=rounds), on=board(2), prepare=prepare)
    assert ran.outcome.status == 0
    machine, (timeline,) = ran.machine, timelines
    end, looks = fingerprint(machine), typist.looks
    assert bytes(machine.bus.peek(DATA, 24)[::4]) == b"abcdef"
    for position, _ in marks[:: max(len(marks) // 5, 1)]:
        timeline.go_to(position)
        assert timeline.position == position
    timeline.go_to(timeline.start)
    timeline.go_to(end[0])
    assert machine.bus.peek(DATA, 0x1000) == end[2]["tcdm"][0]
    assert typist.looks == looks


def test_input_of_a_future_that_will_not_be_is_given_anew() -> None:
    timelines: list[Timeline] = []

    def prepare(machine: Machine) -> None:
        timelines.append(Timeline(machine))

    ran = run(ECHO.format(rounds=1), typed=b"abcdef", prepare=prepare)
    machine, (timeline,) = ran.machine, timelines
    timeline.go_to(Position(40, 0, 0))
    timeline.forget_future()
    run_to(machine, timeline)
    assert bytes(machine.bus.peek(DATA, 24)[::4]) == b"abcdef"


class Listener(Observer):
    """Counts what it is told."""

    def __init__(self) -> None:
        self.heard = 0

    def activity(self, device: Peripheral, what: str, amount: int) -> None:
        self.heard += 1


def test_observers_are_told_once() -> None:
    session, timeline = a_session("dma_copy")
    listener = Listener()
    session.machine.watching.watch(listener)
    run_to(session.machine, timeline)
    heard = listener.heard
    assert heard
    timeline.go_to(timeline.start)
    timeline.go_to(timeline.latest)
    assert listener.heard == heard
    assert session.machine.watching.observers == [listener]


def test_findings_are_not_doubled() -> None:
    session, timeline = a_session("devices")
    session.machine.report("timer", "early", "before anything")
    timeline.checkpoint(at_once=True)
    run_to(session.machine, timeline)
    findings = list(session.machine.findings)
    assert findings
    timeline.go_to(Position(1000, 0, 0))
    timeline.go_to(timeline.latest)
    assert session.machine.findings == findings


def test_a_timeline_that_is_closed_leaves_the_console_as_it_found_it() -> None:
    session, timeline = a_session("hello")
    assert session.machine.console is not session.console
    run_to(session.machine, timeline)
    timeline.close()
    assert session.machine.console is session.console
    assert session.machine.on_look is None


def test_a_snapshot_taken_in_the_past_says_what_had_been_shown_by_then() -> None:
    session, timeline = a_session()
    run_to(session.machine, timeline)
    whole = session.console.text  # type: ignore[attr-defined]
    timeline.go_to(Position(20_000, 0, 0))
    shown = session.snapshot().parts["console"].text
    assert 0 < len(shown) < len(whole)
    assert whole.startswith(shown)


def test_a_state_from_elsewhere_begins_another_past() -> None:
    session = session_of("interrupts")
    states: list[Any] = []
    take: Callable[[], None] = lambda: states.append(session.snapshot())  # noqa: E731
    session.when(50_000, take)
    plain = ending(session)
    session.restore(states[0])
    timeline = Timeline(session.machine)
    run_to(session.machine, timeline)
    session.restore(states[0])
    timeline.begin_anew()
    assert timeline.start == timeline.latest == timeline.position
    run_to(session.machine, timeline)
    assert session.console.text == plain["console"]  # type: ignore[attr-defined]
