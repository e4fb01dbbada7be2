"""The driver checker on numbers that a device gives out: what is forgotten is told at the end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from vplat.checks import HandedBackRules
from vplat.engines.script import Step
from vplat.machine.board import DeviceSpec
from vplat.machine.run import Run
from vplat.model import RO, W1C, WO, HandedBack, Peripheral, Register, State, Word, bits
from vplat.testing import Load, ScriptedMachine, Store, Work, scripted_board
from vplat.testing.scripted_machine import SCRIPT_BYTES

OFFICE = 0x3000_0000
TICKET, DONE, END = OFFICE, OFFICE + 4, OFFICE + 8


class Office(Peripheral, kind="office", size=0x10):
    """Gives out numbers."""

    ticket = Word(0x0, RO, "The next number.")
    done = Register(0x4, "Numbers.", numbers=bits(15, 8, W1C, "To hand back."))
    end = Word(0x8, WO, "Ends the run.")
    given = State(0, "Numbers given out.")

    numbers = HandedBack(
        taken=ticket, by=done.numbers, because="there are eight of them", section="office.md 4"
    )

    @ticket.on_read
    def give(self) -> int:
        self.given += 1
        return self.given - 1

    @end.on_write
    def close(self) -> None:
        self.platform.finish(0)


def watched(*scripts: Sequence[Step]) -> tuple[ScriptedMachine, HandedBackRules]:
    board = scripted_board([DeviceSpec("office", "office", {"": OFFICE})], harts=len(scripts))
    machine = ScriptedMachine(board, [Office], dict(enumerate(scripts)))
    rules = HandedBackRules(machine)
    machine.watching.watch(rules)
    return machine, rules


def found(*scripts: Sequence[Step]) -> list[tuple[int, int, str]]:
    """Harts, steps and sentences of what is told at the end of a run."""
    machine, rules = watched(*scripts)
    machine.run()
    rules.finish()
    assert {each.rule for each in machine.findings} <= {"never-handed-back"}
    return [(each.hart, each.pc % SCRIPT_BYTES // 4, each.sentence) for each in machine.findings]


def test_a_number_that_is_handed_back_is_forgotten_by_nobody() -> None:
    assert found([Load(TICKET), Load(TICKET), Store(DONE, 0x300), Store(END, 0)]) == []


def test_a_number_that_is_not_is_told_where_it_was_taken() -> None:
    told = found([Load(TICKET), Load(TICKET), Store(DONE, 0x100), Store(END, 0)])
    sentence = (
        "what a load of office.ticket gave out here has not been handed back at the end (1): "
        "there are eight of them (office.md 4)"
    )
    assert told == [(0, 1, sentence)]


def test_each_hart_may_hand_back_what_another_has_taken() -> None:
    second = [Work(50), Store(DONE, 0x100)]
    told = found([Load(TICKET), Work(20), Load(TICKET), Work(100), Store(END, 0)], second)
    assert [(hart, step) for hart, step, _ in told] == [(0, 2)]


def test_numbers_of_one_place_are_told_together() -> None:
    (told,) = found([Load(TICKET), Store(END, 0)], [Work(20)])
    assert "(0)" in told[2]


def test_a_run_that_did_not_end_by_itself_has_forgotten_nothing() -> None:
    assert found([Load(TICKET)]) == []


@pytest.mark.parametrize("late", [False, True])
def test_what_is_taken_is_part_of_a_snapshot(late: bool) -> None:
    machine, rules = watched([Load(TICKET), Work(9000), Store(DONE, 0x100), Store(END, 0)])
    Run(machine).advance(3000)
    state = machine.snapshot()
    assert [key[2] for key in rules.snapshot().taken] == [0]
    machine.run()
    assert not rules.snapshot().taken
    machine.restore(state)
    assert [key[2] for key in rules.snapshot().taken] == [0]
    if late:
        rules.begin_late()
        assert not rules.snapshot().taken
