"""Crashes: what probably lies behind them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.explain_lab import hart, run
from vplat.machine.outcome import Ending

NULL = """
struct job { int a, b, c; };
struct job *volatile next;
void test(unsigned hart)
{
    if (hart == 0)
        next->c = 1;
}
"""
BEHIND = """
void test(unsigned hart)
{
    if (hart == 0)
        AT(0x1c200004) = 1;
}
"""
IN_FRONT = "void test(unsigned hart) { if (hart == 0) AT(0x1bfffffc) = 1; }"
NULL_CALL = """
void (*volatile hook)(void);
void test(unsigned hart)
{
    if (hart == 0)
        hook();
}
"""
SMASHED = """
static void __attribute__((noinline)) fill(volatile unsigned *words, unsigned count)
{
    while (count--)
        *words++ = 0x55555554;
}

static void __attribute__((noinline)) work(void)
{
    volatile unsigned words[2];
    fill(words, 12);
}

void test(unsigned hart)
{
    if (hart == 0)
        work();
}
"""
RUNS_OVER = """
int __attribute__((noinline)) depth(volatile int *before)
{
    volatile int words[16];
    words[0] = before[0] + 1;
    if (words[0] > 40)
        AT(0x0) = 0;
    return depth(words) + words[0];
}

void test(unsigned hart)
{
    volatile int none[1] = { 0 };
    if (hart == 0)
        depth(none);
}
"""
NO_STACK = """
void test(unsigned hart)
{
    if (hart == 0)
        __asm__ volatile("li sp, 0x70000000; lw a0, 0(sp)");
}
"""


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (NULL, "that is a null pointer, at a member 0x8 bytes behind it"),
        (BEHIND, "0x1c200004 is 5 bytes behind the last byte of l2"),
        (IN_FRONT, "0x1bfffffc is 4 bytes in front of l2"),
        (NULL_CALL, "the hart has jumped through a null function pointer, which is no code; "),
        (SMASHED, "the hart has returned to 0x55555554, which is no code: the return address"),
        (RUNS_OVER, "below the stack of hart 0 (0x1001ec00 to 0x1001f000): it has run over"),
        (NO_STACK, "sp is 0x70000000, where there is no memory: the stack has run over"),
    ],
)
def test_a_crash_says_what_it_is_probably_about(tmp_path: Path, text: str, hint: str) -> None:
    result = run(tmp_path, text)
    assert result.outcome.ending is Ending.CRASHED
    assert result.crash is not None
    assert hint in "\n".join(result.crash.hints)
    assert hint in "\n".join(result.crash.lines())
    assert result.as_json()["crash"]["hints"] == result.crash.hints
    assert hart(result).state == "crashed"
    assert hart(result).hints == result.crash.hints


def test_the_last_call_in_front_of_a_jump_to_nowhere_is_named(tmp_path: Path) -> None:
    result = run(tmp_path, NULL_CALL)
    assert result.crash is not None
    assert "the last call was at" in result.crash.hints[0]
    assert "program.c:6" in result.crash.hints[0]


def test_the_register_that_forms_the_address_is_named(tmp_path: Path) -> None:
    result = run(tmp_path, NULL)
    assert result.crash is not None
    assert "forms the address from a" in result.crash.hints[0]
    assert "+ 8" in result.crash.hints[0]


def test_a_crash_tells_what_the_other_harts_did(tmp_path: Path) -> None:
    result = run(tmp_path, NULL)
    assert result.explanation is not None
    assert {report.state for report in result.explanation.harts[1:]} <= {"waiting", "running"}
