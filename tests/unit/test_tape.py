"""A console that gives what it gave, and shows nothing twice."""

from __future__ import annotations

from tests.unit.machine_samples import machine
from vplat.engines.script import Work
from vplat.machine.console import ConsoleState, RecordingConsole
from vplat.machine.machine import Machine
from vplat.machine.rows import NOW
from vplat.machine.tape import Tape


def taped(typed: bytes = b"") -> tuple[Machine, Tape, RecordingConsole]:
    """A machine whose console is a tape."""
    console = RecordingConsole(typed)
    made = machine({0: [Work(1)]}, console=console)
    made.console = tape = Tape(made)
    return made, tape, console


def test_output_goes_through_once() -> None:
    _, tape, console = taped()
    tape.print(b"one ", 0)
    mark = tape.mark
    tape.print(b"two ", 0)
    tape.play_from(mark)
    tape.print(b"two ", 0)
    assert console.text == b"one two "
    tape.print(b"three", 0)
    assert console.text == b"one two three"


def test_output_that_is_only_partly_new_is_shown_in_part() -> None:
    _, tape, console = taped()
    mark = tape.mark
    tape.print(b"ab", 0)
    tape.play_from(mark)
    tape.print(b"abcd", 0)
    assert console.text == b"abcd"


def test_input_comes_again_at_its_moment_and_at_no_other() -> None:
    made, tape, _ = taped(b"xyz")
    mark = tape.mark
    made.turns[NOW] = 100
    assert tape.receive(2) == b"xy"
    made.turns[NOW] = 200
    assert tape.receive(2) == b"z"
    assert tape.input_ended()
    tape.play_from(mark)
    made.turns[NOW] = 50
    assert tape.receive(2) == b""
    assert not tape.input_ended()
    assert tape.wait_for_input()
    made.turns[NOW] = 100
    assert tape.receive(2) == b"xy"
    made.turns[NOW] = 200
    assert tape.receive(2) == b"z"
    assert tape.input_ended()
    assert not tape.wait_for_input()


def test_input_of_a_future_that_is_cut_off_is_given_whenever_it_is_asked_for() -> None:
    made, tape, console = taped(b"abcdef")
    mark = tape.mark
    made.turns[NOW] = 100
    assert tape.receive(3) == b"abc"
    tape.play_from(mark)
    tape.cut()
    made.turns[NOW] = 5
    assert not tape.input_ended()
    assert tape.receive(2) == b"ab"
    assert tape.receive(2) == b"c"
    assert tape.receive(2) == b"de"
    assert console.typed == b"f"


def test_its_state_is_that_of_the_console_of_a_run_that_stands_there() -> None:
    made, tape, console = taped(b"abc")
    tape.print(b"early ", 0)
    assert tape.receive(1) == b"a"
    mark, early = tape.mark, console.snapshot()
    assert tape.snapshot() == early
    tape.print(b"late", 0)
    made.turns[NOW] = 9
    assert tape.receive(5) == b"bc"
    assert tape.snapshot() == ConsoleState(b"early late", 0, 3, False)
    assert tape.input_ended()
    assert tape.snapshot() == console.snapshot()
    tape.play_from(mark)
    assert tape.snapshot() == early


def test_a_state_from_elsewhere_is_a_new_beginning() -> None:
    _, tape, console = taped(b"abc")
    before = tape.snapshot()
    tape.print(b"something", 0)
    assert tape.receive(1) == b"a"
    tape.restore(before)
    assert console.text == b""
    assert tape.receive(1) == b"a"
    assert tape.receive(3) == b"bc"
    tape.print(b"something", 0)
    assert console.text == b"something"


def test_moments_of_looking_for_input_are_remembered_in_their_order() -> None:
    made, tape, _ = taped()
    for cycle in (10, 10, 30, 50):
        tape.looked(cycle)
    assert [tape.next_look(cycle) for cycle in (0, 10, 49, 50)] == [10, 30, 50, None]
    made.turns[NOW] = 30
    tape.cut()
    assert tape.next_look(30) is None
