"""Harts that wait for the host's input: asleep in semihosting, or looking at ``fromhost``."""

from __future__ import annotations

from collections.abc import Sequence

from tests.unit.machine_samples import machine
from vplat.engines.script import Step
from vplat.machine.board import PAGE
from vplat.machine.hart import HartState
from vplat.machine.host import Htif
from vplat.machine.host.semihosting import TRAP_SEQUENCE
from vplat.machine.outcome import Ending
from vplat.machine.run import Run
from vplat.testing import EBREAK, Back, Load, ScriptedMachine, Store, Work

SYS_READC = 7
TOHOST, FROMHOST = 0x8000_8000, 0x8000_8008
CONSOLE = 1 << 24
"""The high word of a command to the console, and of its answer."""


class SlowTypist:
    """A console whose input comes a piece at a time, each when somebody has waited for it.

    An empty piece is a wait that brings nothing.
    """

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.here = b""
        self.waits = 0

    def print(self, text: bytes, stream: int) -> None:
        """Nobody listens."""

    def receive(self, limit: int) -> bytes:
        """What is here."""
        taken, self.here = self.here[:limit], self.here[limit:]
        return taken

    def input_ended(self) -> bool:
        """All pieces were typed."""
        return not self.here and not self.pieces

    def wait_for_input(self) -> bool:
        """The next piece is typed."""
        self.waits += 1
        if self.pieces:
            self.here += self.pieces.pop(0)
        return not self.input_ended()


def reader(console: SlowTypist, others: Sequence[Step] = ()) -> ScriptedMachine:
    """Hart 0 asks the host for a character, after two cycles."""
    before, _, after = TRAP_SEQUENCE
    scripts: dict[int, Sequence[Step]] = {0: [Work(2, before), EBREAK, Work(3, after)], 1: others}
    made = machine(scripts, console=console)
    made.engine.write_register(0, 10, SYS_READC)
    return made


def test_a_hart_that_waits_for_input_sleeps_until_it_is_typed() -> None:
    console = SlowTypist(b"", b"", b"x")
    made = reader(console)
    made.run()
    assert made.engine.read_register(0, 10) == ord("x")
    assert console.waits == 3
    assert made.harts[0].state is HartState.RUNNING


def test_a_call_that_waited_for_input_is_counted_once() -> None:
    waited, at_once = reader(SlowTypist(b"", b"x")), reader(SlowTypist(b"x"))
    at_once.console.wait_for_input()
    waited.run()
    at_once.run()
    assert (waited.harts[0].clock, waited.harts[0].instructions) == (6, 6)
    assert (at_once.harts[0].clock, at_once.harts[0].instructions) == (6, 6)


def test_input_that_has_ended_is_an_answer_and_no_deadlock() -> None:
    made = reader(SlowTypist())
    made.run()
    assert made.engine.read_register(0, 10) == 0xFFFF_FFFF
    assert made.harts[0].instructions == 6


def test_input_that_ends_while_a_hart_waits_is_an_answer_too() -> None:
    made = reader(SlowTypist(b"", b""))
    made.run()
    assert made.engine.read_register(0, 10) == 0xFFFF_FFFF


def test_whoever_watches_can_end_a_wait_for_input() -> None:
    made, looks = reader(SlowTypist(*[b""] * 10)), []

    def look() -> bool:
        looks.append(made.turns[0])
        return len(looks) == 4

    outcome = Run(made).until(watch=look)
    assert outcome.ending is Ending.INTERRUPTED
    assert made.harts[0].awaits_input


def test_input_is_offered_while_other_harts_run() -> None:
    console = SlowTypist(b"x")
    made = reader(console, [Work(1), Back(1)])

    def look() -> bool:
        if made.harts[0].awaits_input and not console.here:
            console.wait_for_input()
        return made.harts[1].clock > 5000

    run = Run(made)
    run.slice_cycles = 1000
    run.until(watch=look)
    assert made.engine.read_register(0, 10) == ord("x")
    assert made.harts[0].sleep_cycles >= 1000


def test_a_character_that_was_asked_for_comes_to_fromhost_when_it_is_typed() -> None:
    seen: list[int] = []
    console = SlowTypist(b"", b"x")
    steps = [
        Store(TOHOST + 4, CONSOLE),
        Store(TOHOST, 0),
        Load(FROMHOST, into=seen),
        Back(1, until=lambda: seen[-1] != 0),
    ]
    made = machine({0: steps}, console=console)
    made.htif = Htif(made.host, TOHOST, FROMHOST)
    page = TOHOST & ~(PAGE - 1)
    made.accesses.watched[page] = made.htif.stored
    made.engine.watch(page, loads=False, stores=True)
    run = Run(made)
    run.slice_cycles = 500

    def look() -> bool:
        console.wait_for_input()
        return len(seen) > 10_000

    outcome = run.until(watch=look)
    assert outcome.ending is Ending.DEADLOCKED, "the script is over"
    assert seen[-1] == 0x100 | ord("x")
    assert made.peek_word(FROMHOST + 4) == CONSOLE
