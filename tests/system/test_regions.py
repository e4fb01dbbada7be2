"""Regions of interest: what firmware marks is measured by itself."""

from __future__ import annotations

from tests.system.lab import run
from vplat.machine.isa import InstructionClass


def test_what_lies_between_two_marks_is_counted_by_itself(native: bool) -> None:
    text = """
        .rept 50
        mul t0, t0, t0
        .endr
        slti x0, x0, 1
        .rept 20
        addi t0, t0, 1
        .endr
        slti x0, x0, -1
        .rept 30
        mul t0, t0, t0
        .endr
        li a0, 0
        j finish
    """
    ran = run(text, native=native)
    assert ran.outcome.status == 0
    (region,) = ran.machine.regions.finished
    assert region.number == 1
    (hart, *_) = region.statistics.harts
    assert 20 <= hart.instructions <= 21
    assert hart.mix[InstructionClass.MUL] == 0
    assert region.cycles == region.statistics.cycles == region.end - region.begin
    assert 20 <= region.cycles <= 21


def test_regions_nest_and_come_again(native: bool) -> None:
    text = """
        li t1, 3
    again:
        slti x0, x0, 7
        slti x0, x0, 2047
        addi t1, t1, -1
        slti x0, x0, -2047
        slti x0, x0, -7
        bnez t1, again
        li a0, 0
        j finish
    """
    ran = run(text, native=native)
    assert [region.number for region in ran.machine.regions.finished] == [2047, 7] * 3
    assert not ran.machine.findings


def test_marks_that_do_not_pair_are_reported_where_they_stand(native: bool) -> None:
    text = """
        slti x0, x0, 3
    twice:
        slti x0, x0, 3
    never:
        slti x0, x0, -4
        li a0, 0
        j finish
    """
    ran = run(text, native=native)
    assert ran.outcome.status == 0
    twice, never = ran.machine.findings
    assert "region 3 begins, but it has begun before" in twice.sentence
    assert "region 4 ends, but it has not begun" in never.sentence
    assert never.pc == twice.pc + 4
    assert ran.machine.regions.finished == []


def test_other_hints_are_left_to_the_engine(native: bool) -> None:
    ran = run("slti x0, x0, 0\nslti x0, t0, 5\nli a0, 0\nj finish", native=native)
    assert ran.outcome.status == 0
    assert not ran.machine.findings
    assert not ran.machine.regions.begun
