"""What fetching costs on harts with an instruction cache, on real code and on both probes."""

from __future__ import annotations

import dataclasses

import pytest

from tests.system.lab import DATA, Ran, board, run
from vplat.timing import TimingTable

SNITCH = TimingTable.load("snitch")
RV32IMA = "rv32ima_zicsr_zifencei"
WAIT_STATES, MISS, LINE_WORDS = 30, 6, 8
STAMP = 4
"""The probe's register with the cycle of a load."""
both_probes = pytest.mark.parametrize("native", [True, False], ids=["native", "python"])


def timed(text: str, *, native: bool, harts: int = 1) -> Ran:
    """Run code that lies in slow memory."""
    base = board(harts, RV32IMA, user=False)
    memories = tuple(
        dataclasses.replace(each, wait_states=WAIT_STATES) if each.name == "ram" else each
        for each in base.memories
    )
    on = dataclasses.replace(base, memories=memories)
    ran = run(text, on=on, native=native, march=RV32IMA, timing=SNITCH)
    assert ran.outcome.status == 0, ran.outcome
    return ran


TWO_LINES = "addi t0, t0, 1\n" * 2 * LINE_WORDS
TWICE = f"""
    li   s0, PROBE
    li   s1, DATA
    call subject
    sw   a1, 0(s1)
    {{between}}
    call subject
    sw   a1, 4(s1)
    li   a0, 0
    j    finish
    .balign 64
    subject:
    lw   a2, {STAMP}(s0)
    addi t0, a2, 0
    j    lines
    .balign 32
    lines:
    {TWO_LINES}
    j    back
    .balign 32
    back:
    lw   a1, {STAMP}(s0)
    sub  a1, a1, a2
    ret
"""
COLD = 4 * (WAIT_STATES + MISS)
"""Two lines, that of the jump behind them, and the one with the second stamp."""


@both_probes
def test_a_line_is_waited_for_once(native: bool) -> None:
    ran = timed(TWICE.format(between=""), native=native)
    first, second = ran.words(DATA, 2)
    assert first - second == COLD


@both_probes
def test_fence_i_empties_the_cache(native: bool) -> None:
    ran = timed(TWICE.format(between="fence.i"), native=native)
    first, second = ran.words(DATA, 2)
    assert first == second


@both_probes
def test_what_one_hart_has_fetched_is_there_for_the_others(native: bool) -> None:
    ran = timed(
        f"""
        csrr s2, mhartid
        li   s0, PROBE
        li   s1, DATA
        slli t0, s2, 2
        add  s1, s1, t0
        lw   a2, {STAMP}(s0)
        j    lines
        .balign 32
        lines:
        {TWO_LINES}
        lw   a1, {STAMP}(s0)
        sub  a1, a1, a2
        sw   a1, 0(s1)
        fence
        beqz s2, first
        park:
        wfi
        j    park
        first:
        li   s1, DATA
        wait:
        lw   t0, 4(s1)
        beqz t0, wait
        li   a0, 0
        """,
        native=native,
        harts=2,
    )
    there, fetched = sorted(ran.words(DATA, 2))
    assert there < 2 * len(TWO_LINES.splitlines())
    assert fetched - there == 3 * (WAIT_STATES + MISS)


@both_probes
def test_a_snapshot_knows_what_the_cache_holds(native: bool) -> None:
    ran = timed(TWICE.format(between=""), native=native)
    machine = ran.machine
    held = machine.code.snapshot()
    assert held
    machine.code.flush()
    assert machine.code.fetch(ran.firmware.entry, 4) == WAIT_STATES + MISS
    machine.code.restore(held)
    assert machine.code.fetch(ran.firmware.entry, 4) == 0
    assert machine.code.snapshot() == held


@both_probes
def test_a_loop_that_outgrows_a_harts_lines_asks_for_its_beginning_ahead(native: bool) -> None:
    """A branch at the very beginning of a line leaves no time for that."""

    def rounds(words: int) -> int:
        body = "addi t0, t0, 1\n" * (words - 2)
        ran = timed(
            f"""
            li   s0, PROBE
            li   s1, DATA
            li   t1, 100
            lw   a2, {STAMP}(s0)
            addi a3, a2, 0
            j    again
            .balign 32
            again:
            {body}
            addi t1, t1, -1
            bnez t1, again
            lw   a1, {STAMP}(s0)
            sub  a1, a1, a2
            sw   a1, 0(s1)
            li   a0, 0
            """,
            native=native,
        )
        return ran.word(DATA) // 100 - words

    fits, at_line_start, third = (rounds(words) for words in (64, 65, 67))
    cold = 10 * (WAIT_STATES + MISS) // 100
    assert (fits - cold, at_line_start - cold, third - cold) == pytest.approx((0, 2, 0), abs=1)
    assert at_line_start > fits
