"""Harts that sleep for ever: what each waits for, who is missing, and what is held back where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.explain_lab import hart, loop, run, told
from vplat.machine.outcome import Ending

EVENT_MASK = "AT(0x10204000)"
MASKED = """
void test(unsigned hart)
{
    if (hart != 0) return;
    AT(0x02040000) = 1;
    __asm__ volatile("csrs mie, %0" : : "r"(0x80));
    for (;;)
        __asm__ volatile("wfi");
}
"""
CLOSED = f"""
void test(unsigned hart)
{{
    if (hart != 0) return;
    __asm__ volatile("csrs mie, %0" : : "r"(8));
    AT(0x02040000) = 1;
    {EVENT_MASK} = 0x100;
    (void)AT(0x1020403c);
}}
"""
BARRIER = f"""
Word flag;

void test(unsigned hart)
{{
    if (hart == 0) {{
        AT(0x10200c00) = 0xff;
        AT(0x10200c0c) = 0xff;
        flag = 1;
    }}
    while (!flag)
        ;
    {EVENT_MASK} = 0x10000;
    if (hart == 5)
        while (flag != 3)
            ;
    (void)AT(0x1020421c);
}}
"""
WRONG_MASK = f"""
void test(unsigned hart)
{{
    if (hart > 1) return;
    if (hart == 1) {{
        AT(0x10204100) = 1;
        return;
    }}
    {EVENT_MASK} = 0x2;
    (void)AT(0x1020403c);
}}
"""
MUTEX = f"""
void test(unsigned hart)
{{
    if (hart > 1) return;
    {EVENT_MASK} = 0x20000;
    if (hart == 1)
        for (Word count = 0; count < 100; count++)
            ;
    (void)AT(0x102040c0);
    {EVENT_MASK} = 0x100;
    (void)AT(0x1020403c);
}}
"""
SNITCH_BARRIER = """
Word flag;

void test(unsigned hart)
{
    if (hart == 3) {
        while (!flag)
            ;
        return;
    }
    __asm__ volatile("csrr x0, 0x7c2");
}
"""


@pytest.mark.parametrize("native", [True, False])
def test_an_interrupt_that_is_pending_and_not_enabled_is_named(
    tmp_path: Path, native: bool
) -> None:
    result = run(tmp_path, MASKED, native=native)
    assert result.outcome.ending is Ending.DEADLOCKED
    report = hart(result)
    assert report.state == "waiting"
    (held,) = report.held
    assert str(held) == (
        "the machine software interrupt (mip.MSIP) is pending, held back by mie.MSIE, which is 0, "
        "and mstatus.MIE is 0"
    )
    (raiser,) = report.raisers
    assert str(raiser) == (
        "the machine timer interrupt comes from clint.timer: nothing will raise it; "
        "clint has nothing under way"
    )


def test_a_wait_for_a_dma_that_has_nothing_to_do_is_told_with_what_mstatus_holds_back(
    tmp_path: Path,
) -> None:
    result = run(tmp_path, CLOSED)
    report = hart(result)
    assert report.state == "stalled"
    assert [each.output for each in report.raisers] == ["mchan.finished"]
    assert "mchan has nothing under way" in str(report.raisers[0])
    assert [each.by for each in report.held] == ["mstatus.MIE, which is 0"]


def test_a_barrier_names_the_hart_that_is_missing_and_where_it_is(tmp_path: Path) -> None:
    result = run(tmp_path, BARRIER)
    assert result.outcome.ending is Ending.DEADLOCKED
    report = hart(result, 2)
    ((index, where),) = report.missing
    assert index == 5
    assert where.startswith("which runs at ")
    assert "in test" in where
    assert "program.c:1" in where
    assert loop(result, 5).polls[0].name == "flag in l2"
    assert "it waits for hart 5, which runs at" in told(result)
    assert "missing hart 5" in report.explanation


def test_an_event_that_has_come_and_is_masked_is_told_with_the_mask(tmp_path: Path) -> None:
    result = run(tmp_path, WRONG_MASK)
    report = hart(result, 0)
    (held,) = report.held
    assert held.what == "event 0 (SW event 0)"
    assert held.by == "event_unit.event_mask and irq_mask of hart 0, whose bits 0 are 0"
    assert str(report.raisers[0]).startswith("event 1 (SW event 1): no device is wired to it")


def test_a_mutex_names_its_owner(tmp_path: Path) -> None:
    result = run(tmp_path, MUTEX)
    assert [index for index, _ in hart(result, 1).missing] == [0]
    assert "which itself waits for event_wait_clear" in hart(result, 1).missing[0][1]


def test_the_barrier_of_snitch_names_the_hart_that_polls(tmp_path: Path) -> None:
    result = run(tmp_path, SNITCH_BARRIER, "snitch-ita")
    assert result.outcome.ending is Ending.DEADLOCKED
    report = hart(result, 8)
    assert [index for index, _ in report.missing] == [3]
    assert loop(result, 3).is_endless


def test_harts_that_are_alike_share_their_lines(tmp_path: Path) -> None:
    result = run(tmp_path, BARRIER)
    assert result.explanation is not None
    groups = [harts for harts, _ in result.explanation.groups()]
    assert groups == [(0, 1, 2, 3, 4, 6, 7), (5,)]
    assert any(line.startswith("harts 0-4, 6-7: waiting for") for line in told(result).splitlines())
