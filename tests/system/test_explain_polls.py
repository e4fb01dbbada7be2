"""Loops that wait for what never comes: which of them end a run, and what is told of each."""

from __future__ import annotations

import functools
import itertools
from pathlib import Path

import pytest

from tests.system.explain_lab import hart, loop, run, session, told
from vplat.machine.outcome import Ending

HART_0 = "if (hart > 1) return; if (hart == 1) for (;;) ;"
"""Hart 0 goes on. Hart 1 goes round and reads nothing, so that turns are short."""
ITA_ON = "AT(0x10200018) |= 0x800;"
NO_JOB = f"""
void test(unsigned hart)
{{
    {HART_0}
    {ITA_ON}
    while (!(AT(0x1020100c) & 1))
        ;
}}
"""
NEVER_SET = """
Word flag;

static int is_set(void)
{
    return flag == 7;
}

void test(unsigned hart)
{
    if (hart > 1) return;
    while (!is_set())
        ;
}
"""
SET_LATE = """
Word flag;

void test(unsigned hart)
{
    if (hart == 1) {
        for (Word count = 0; count < 700000; count++)
            ;
        flag = 7;
        return;
    }
    if (hart != 0) return;
    while (flag != 7)
        ;
    _end_run(5);
}
"""
ELAPSES = """
void test(unsigned hart)
{
    if (hart != 0) return;
    while (AT(0x0204bff8) < 3000000)
        ;
    _end_run(6);
}
"""
COUNTS_CYCLES = """
void test(unsigned hart)
{
    unsigned now;
    if (hart != 0) return;
    do
        __asm__ volatile("csrr %0, mcycle" : "=r"(now));
    while (now < 3000000);
    _end_run(7);
}
"""
GIVES_UP = """
Word flag;

void test(unsigned hart)
{
    if (hart != 0) return;
    for (unsigned tries = 0; tries < 600000; tries++)
        if (flag)
            _end_run(1);
    _end_run(8);
}
"""
TIMER_COMES = """
void handler(void) __attribute__((interrupt, aligned(256)));
Word flag;

void handler(void)
{
    AT(0x02044000) = 0xffffffff;
    AT(0x02044004) = 0xffffffff;
    flag = 1;
}

void test(unsigned hart)
{
    if (hart != 0) return;
    __asm__ volatile("csrw mtvec, %0" : : "r"(&handler));
    AT(0x02044000) = 3000000;
    AT(0x02044004) = 0;
    __asm__ volatile("csrs mie, %0; csrsi mstatus, 8" : : "r"(0x80));
    while (!flag)
        ;
    _end_run(9);
}
"""
DEAD_OWNER = """
Word lock;

static void take(void)
{
    while (__atomic_exchange_n((unsigned *)&lock, 1, __ATOMIC_ACQUIRE))
        ;
}

void test(unsigned hart)
{
    if (hart > 2) return;
    if (hart != 0)
        for (Word count = 0; count < 1000; count++)
            ;
    take();
    if (hart == 0)
        __asm__ volatile("csrw mie, x0; wfi");
    lock = 0;
}
"""
TEST_AND_SET = f"""
void test(unsigned hart)
{{
    {HART_0}
    (void)AT(0x10100100);
    while (AT(0x10100100))
        ;
}}
"""
WAITS_A_WHILE = """
Word flag;

void test(unsigned hart)
{
    if (hart != 0) return;
    while (!flag)
        for (unsigned count = 0; count < 20; count++)
            __asm__ volatile("");
}
"""
PENDING_NOT_MASKED = """
void test(unsigned hart)
{
    unsigned pending;
    if (hart == 1) for (;;) ;
    if (hart != 0) return;
    do
        __asm__ volatile("csrr %0, mip" : "=r"(pending));
    while (!(pending & 8));
}
"""


@pytest.mark.parametrize("native", [True, False])
def test_a_poll_of_an_accelerator_without_a_job_ends_the_run(tmp_path: Path, native: bool) -> None:
    result = run(tmp_path, NO_JOB, native=native)
    assert result.outcome.ending is Ending.DEADLOCKED
    assert result.exit_status == 126
    assert result.outcome.message == (
        "hart 0 polls what nothing can change any more, no other hart changes it, nothing is due"
    )
    found = loop(result)
    assert found.is_endless
    (poll,) = found.polls
    assert (poll.name, poll.address, poll.value) == ("ita.status.context0", 0x1020_100C, 0)
    assert poll.until == "(it & 0x1) != 0x0"
    assert poll.work == "ita has nothing under way"
    assert {place.line.rpartition(":")[2] for place in found.places} <= {"6", "7"}


def test_both_probes_tell_the_same(tmp_path: Path) -> None:
    native, python = (
        run(tmp_path, NO_JOB, native=choice).as_json() | {"seconds": 0} for choice in (True, False)
    )
    assert native == python
    assert native["explanation"]["harts"][0]["loop"]["polls"][0]["device"] == "ita"


def test_the_run_ends_in_the_same_cycle_however_it_is_cut_into_slices(tmp_path: Path) -> None:
    cycles = set()
    for looks in (0, 3, 300):
        made = session(tmp_path, NO_JOB)
        done = itertools.count()
        for cycle in range(looks):
            made.when(1000 + 797 * cycle, functools.partial(next, done), steers=False)
        cycles.add(made.run().statistics.cycles)
        assert next(done) == looks
    assert len(cycles) == 1


@pytest.mark.parametrize("optimise", ["-O1", "-O0"])
def test_a_flag_that_nobody_sets_is_polled_for_ever(tmp_path: Path, optimise: str) -> None:
    result = run(tmp_path, NEVER_SET, optimise=optimise)
    assert result.outcome.ending is Ending.DEADLOCKED
    assert "harts 0 and 1 poll" in result.outcome.message
    for index in (0, 1):
        (poll,) = loop(result, index).polls
        assert poll.name == "flag in l2"
        assert poll.value == 0
        assert poll.lasts
    assert "it == 0x7" in told(result)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        pytest.param(SET_LATE, 5, id="another hart sets the flag"),
        pytest.param(ELAPSES, 6, id="a timer goes on"),
        pytest.param(COUNTS_CYCLES, 7, id="cycles are counted"),
        pytest.param(GIVES_UP, 8, id="tries are counted"),
        pytest.param(TIMER_COMES, 9, id="an interrupt comes"),
    ],
)
def test_a_poll_that_ends_after_all_is_not_called_endless(
    tmp_path: Path, text: str, status: int
) -> None:
    result = run(tmp_path, text, limit=40_000_000)
    assert (result.outcome.ending, result.outcome.status) == (Ending.EXITED, status)
    assert result.explanation is None
    assert result.statistics.cycles > 2_500_000


def test_a_lock_whose_owner_sleeps_is_polled_for_ever(tmp_path: Path) -> None:
    result = run(tmp_path, DEAD_OWNER)
    assert result.outcome.ending is Ending.DEADLOCKED
    assert hart(result, 0).state == "waiting"
    for index in (1, 2):
        (poll,) = loop(result, index).polls
        assert (poll.name, poll.value, poll.until) == ("lock in l2", 1, "it == 0x0")


def test_a_test_and_set_lock_that_is_taken_is_polled_for_ever(tmp_path: Path) -> None:
    result = run(tmp_path, TEST_AND_SET)
    assert result.outcome.ending is Ending.DEADLOCKED
    assert loop(result).polls[0].address == 0x1010_0100


def test_a_poll_that_waits_a_while_in_each_round_is_found_later(tmp_path: Path) -> None:
    result = run(tmp_path, WAITS_A_WHILE, limit=200_000_000)
    assert result.outcome.ending is Ending.DEADLOCKED
    assert loop(result).polls[0].name == "flag in l2"


def test_a_pending_bit_that_nothing_raises_is_polled_for_ever(tmp_path: Path) -> None:
    result = run(tmp_path, PENDING_NOT_MASKED)
    assert result.outcome.ending is Ending.DEADLOCKED
    assert loop(result).polls[0].name == "mip"


@pytest.mark.parametrize("board", ["pulp-ita-idma", "pulp-ita"])
def test_an_identifier_of_a_dma_that_was_never_started(tmp_path: Path, board: str) -> None:
    register = {"pulp-ita-idma": 0x10204484, "pulp-ita": 0x10201804}[board]
    text = f"""
void test(unsigned hart)
{{
    {HART_0}
    while (!(AT({register:#x}) & 4))
        ;
}}
"""
    result = run(tmp_path, text, board)
    assert result.outcome.ending is Ending.DEADLOCKED
    poll = loop(result).polls[0]
    assert poll.work.endswith("has nothing under way")
    assert poll.device in ("idma", "mchan")


def test_a_copy_that_snitch_never_started(tmp_path: Path) -> None:
    text = """
void test(unsigned hart)
{
    unsigned done;
    if (hart == 1) for (;;) ;
    if (hart != 8) return;
    do
        __asm__ volatile(".insn r 0x2b, 0, 4, %0, x0, x0" : "=r"(done));
    while (done < 3);
}
"""
    result = run(tmp_path, text, "snitch-ita")
    assert result.outcome.ending is Ending.DEADLOCKED
    assert loop(result, 8).polls[0].name == "dmstati"


def test_the_accelerator_of_snitch_without_a_job(tmp_path: Path) -> None:
    text = f"""
void test(unsigned hart)
{{
    {HART_0}
    AT(0x10020204) = 3;
    while (!(AT(0x1004000c) & 1))
        ;
}}
"""
    result = run(tmp_path, text, "snitch-ita")
    assert result.outcome.ending is Ending.DEADLOCKED
    assert loop(result).polls[0].name == "ita.status.context0"
    assert hart(result, 8).state == "waiting"


def test_a_character_is_awaited_for_ever_only_when_input_has_ended(tmp_path: Path) -> None:
    text = f"""
void test(unsigned hart)
{{
    {HART_0}
    while (!(AT(0x03002014) & 1))
        ;
    _end_run(AT(0x03002000) & 0x3f);
}}
"""
    ended = run(tmp_path, text)
    assert ended.outcome.ending is Ending.DEADLOCKED
    assert loop(ended).polls[0].name == "uart.lsr.dr"
    assert loop(ended).polls[0].until == "dr != 0x0"
    typed = run(tmp_path, text, typed=b"A")
    assert typed.outcome.status == 1


def test_input_that_may_still_come_keeps_the_run_going(tmp_path: Path) -> None:
    text = f"void test(unsigned hart) {{ {HART_0} while (!(AT(0x03002014) & 1)) ; }}"
    made = session(tmp_path, text, limit=600_000)
    made.console.input_ended = lambda: False  # type: ignore[method-assign]
    assert made.run().outcome.ending is Ending.OUT_OF_CYCLES


def test_whoever_may_change_the_machine_keeps_the_run_going(tmp_path: Path) -> None:
    assert session(tmp_path, NEVER_SET).run(lambda _: False).outcome.ending is Ending.OUT_OF_CYCLES
    harmless = session(tmp_path, NEVER_SET).run(lambda _: False, steers=False)
    assert harmless.outcome.ending is Ending.DEADLOCKED
    made = session(tmp_path, NEVER_SET)
    made.when(900_000, lambda: None)
    assert made.run().outcome.ending is not Ending.EXITED
    assert made.machine.turns[0] >= 900_000


def test_a_loop_that_reads_nothing_is_left_alone(tmp_path: Path) -> None:
    result = run(tmp_path, f"void test(unsigned hart) {{ {HART_0} for (;;) ; }}")
    assert result.outcome.ending is Ending.OUT_OF_CYCLES
    assert "it reads nothing" in told(result)


def test_out_of_cycles_tells_what_was_polled_and_that_it_counts(tmp_path: Path) -> None:
    result = run(tmp_path, GIVES_UP, limit=300_000)
    assert result.outcome.ending is Ending.OUT_OF_CYCLES
    found = loop(result)
    assert not found.is_endless
    assert found.counts
    assert found.rounds > 10_000
    assert found.polls[0].name == "flag in l2"
    assert "it counts as well" in told(result)


def test_out_of_cycles_tells_of_a_timer_that_is_polled(tmp_path: Path) -> None:
    result = run(tmp_path, ELAPSES, limit=300_000)
    (poll,) = loop(result).polls
    assert poll.name == "clint.mtime_lo"
    assert not poll.lasts


def test_a_snapshot_in_the_midst_of_a_poll_has_the_same_end(tmp_path: Path) -> None:
    plain = run(tmp_path, NO_JOB).as_json() | {"seconds": 0}
    made = session(tmp_path, NO_JOB)
    made.when(50_000, lambda: made.save(tmp_path / "state"), steers=False)
    made.run()
    again = session(tmp_path, NO_JOB)
    again.load(tmp_path / "state")
    assert again.run().as_json() | {"seconds": 0} == plain
