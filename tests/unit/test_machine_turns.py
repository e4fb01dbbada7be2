"""Turns: how far a hart runs before the others, and before what is due."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.unit.machine_samples import COUNT, FLASH, GATE, OPEN, STAMP, beacon, machine
from vplat.engines.script import Step
from vplat.machine.machine import FIRST_TURN
from vplat.machine.outcome import Ending
from vplat.machine.run import SOLO_TURNS, Run
from vplat.testing import Back, Call, Load, ScriptedMachine, Store, Work

TURN = 100
LATER = 20 * TURN
"""By then turns are as long as the board has them, however short they begin."""


class Course:
    """Notes at which cycles harts have their turns."""

    def __init__(self) -> None:
        self.turns: list[tuple[int, int, int]] = []
        self._of: dict[int, int] = {}

    def watch(self, of: Sequence[ScriptedMachine], hart: int) -> list[Step]:
        """A cycle of work, again and again, noted."""

        def note() -> None:
            subject = of[0].harts[hart]
            if self._of.get(hart) != subject.turn:
                self._of[hart] = subject.turn
                self.turns.append((hart, subject.clock, subject.clock))
            else:
                last = max(i for i, turn in enumerate(self.turns) if turn[0] == hart)
                self.turns[last] = hart, self.turns[last][1], subject.clock

        return [Call(note), Work(1), Back(2)]


def course(harts: int, *, turn_cycles: int = TURN, until: int = 2 * LATER) -> Course:
    """The turns of harts that all run."""
    noted = Course()
    made: list[ScriptedMachine] = []
    scripts = {hart: noted.watch(made, hart) for hart in range(harts)}
    made.append(machine(scripts, turn_cycles=turn_cycles))
    made[0].run(max_cycles=until)
    return noted


def test_harts_take_turns_in_their_order() -> None:
    order = [hart for hart, _, _ in course(3).turns]
    assert order == [0, 1, 2] * (len(order) // 3)


def test_a_turn_is_as_long_as_the_board_says() -> None:
    turns = [turn for turn in course(2).turns if LATER <= turn[1] < 2 * LATER - 2 * TURN]
    assert turns
    assert all(last - first in (TURN - 2, TURN) for _, first, last in turns)


def test_turns_begin_short_after_a_start() -> None:
    first = [turn for turn in course(2).turns if turn[0] == 0]
    assert [turn[1] for turn in first[:3]] == [0, FIRST_TURN, 2 * FIRST_TURN]


def test_one_cycle_turns_keep_harts_in_step() -> None:
    turns = course(2, turn_cycles=1, until=100).turns
    assert all(abs(turns[i][1] - turns[i + 1][1]) <= 2 for i in range(len(turns) - 1))


def test_no_turn_passes_the_next_due_call() -> None:
    clocks: list[int] = []
    made = machine(
        {
            0: [Work(LATER), Store(FLASH, 30), Work(500)],
            1: [Work(LATER + 200)],
        },
        turn_cycles=TURN,
    )
    beacon(made).connect("flashed", lambda _, __: clocks.extend(h.clock for h in made.harts))
    made.run()
    assert beacon(made).flashes == [LATER + 30]
    assert clocks[0] == LATER + 30
    assert LATER + 30 <= clocks[1] <= LATER + TURN, "its turn may have ended before the store"


def test_a_hart_woken_after_its_turn_catches_up_before_anything_is_due() -> None:
    seen: list[int] = []
    made = machine(
        {
            0: [Load(GATE), Load(COUNT, into=seen), Load(STAMP, into=seen)],
            1: [Work(LATER), Store(OPEN, 1), Store(FLASH, 20), Work(500)],
        },
        turn_cycles=TURN,
    )
    made.run()
    assert seen == [0, LATER + 2], "the flash comes 18 cycles later"
    assert beacon(made).flashes == [LATER + 21]


def test_a_hart_woken_after_its_turn_still_has_the_round() -> None:
    seen: list[int] = []
    note = Call(lambda: seen.append(made.harts[1].clock))
    made = machine(
        {
            0: [Load(GATE), note],
            1: [Work(LATER), Store(OPEN, 1), Work(500)],
        },
        turn_cycles=TURN,
    )
    made.run()
    (clock,) = seen
    assert clock <= LATER + TURN + 1


def test_a_hart_that_runs_alone_has_long_turns() -> None:
    made = machine({0: [Work(SOLO_TURNS * TURN)]}, turn_cycles=TURN)
    made.run()
    alone = made.harts[0].turn
    made = machine({0: [Work(SOLO_TURNS * TURN)], 1: [Work(SOLO_TURNS * TURN)]}, turn_cycles=TURN)
    made.run()
    assert alone < 20 < SOLO_TURNS - 20 < made.harts[0].turn


def test_a_hart_that_runs_alone_stops_for_what_is_due() -> None:
    made = machine({0: [Work(LATER), Store(FLASH, 7), Work(10 * TURN)]}, turn_cycles=TURN)
    clocks: list[int] = []
    beacon(made).connect("flashed", lambda _, __: clocks.append(made.harts[0].clock))
    made.run()
    assert clocks == [LATER + 7]


@pytest.mark.parametrize("waker", [0, 1])
def test_waking_another_hart_shortens_the_turn_of_one_that_ran_alone(waker: int) -> None:
    clocks: list[int] = []
    sleeper = 1 - waker
    note = Call(lambda: clocks.append(made.harts[waker].clock))
    made = machine(
        {
            waker: [Work(LATER), Store(OPEN, 1 << sleeper), Work(100 * TURN)],
            sleeper: [Load(GATE), note, Work(100 * TURN)],
        },
        turn_cycles=TURN,
    )
    made.run()
    (clock,) = clocks
    assert LATER < clock <= LATER + TURN + 1


def test_no_turn_passes_the_limit_of_the_run() -> None:
    for harts in (1, 2):
        made = machine({hart: [Work(1), Back(1)] for hart in range(harts)}, turn_cycles=TURN)
        outcome = made.run(max_cycles=LATER + 33)
        assert outcome.ending is Ending.OUT_OF_CYCLES
        assert outcome.message == f"the firmware had not ended after {LATER + 33} cycles"
        assert {hart.clock for hart in made.harts} == {LATER + 33}


def test_where_slices_end_changes_nothing() -> None:
    def noted(every: int) -> list[tuple[int, int]]:
        made = machine(
            {
                0: [Work(950), Store(FLASH, 400), Work(300), Store(OPEN, 2), Work(1000)],
                1: [Work(17), Load(GATE), Work(700)],
                2: [Work(2000)],
            },
            turn_cycles=TURN,
        )
        run = Run(made)
        run.slice_cycles = every
        run.until()
        return [(hart.clock, hart.turn) for hart in made.harts]

    assert noted(1) == noted(77) == noted(10_000_000)
