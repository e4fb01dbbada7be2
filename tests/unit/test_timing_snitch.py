"""What blocks cost by Snitch's table: loads in flight, one write port, a shared unit, fetching."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rv32_code import (
    A0,
    A1,
    T0,
    T1,
    X0,
    addi,
    branch,
    fence,
    jal,
    jalr,
    lw,
    multiply,
    sw,
)
from vplat.machine.isa import Instruction
from vplat.machine.pricing import UNSEEN, FirstRun, InstructionCache, Seen
from vplat.timing import TimingTable

SNITCH = TimingTable.load("snitch")
CODE = 0x8000_0000
T2 = 7
MUL, DIV, DIVU, REM, REMU = 0, 4, 5, 6, 7
BEQ, BNE = 0, 1
LINE, BUFFER = 32, 8
OUTSIDE = 30
"""Wait states of the memory outside the cluster."""


def cycles(block: Sequence[Instruction], *seen: Seen, at: int = CODE) -> list[int]:
    known = [*seen, *[UNSEEN] * (len(block) - len(seen))]
    return list(SNITCH.price(FirstRun(at, block, known)).cycles)


def unit_cycles(block: Sequence[Instruction], *seen: Seen) -> list[int]:
    known = [*seen, *[UNSEEN] * (len(block) - len(seen))]
    return list(SNITCH.price(FirstRun(CODE, block, known)).unit_cycles)


# Loads and stores.


def test_a_load_is_issued_in_a_cycle_and_its_result_used_three_later() -> None:
    assert cycles([lw(T0, 0, A0), addi(T0, T0, 1)]) == [1, 4]
    assert cycles([lw(T0, 0, A0), addi(T1, A0, 1), sw(X0, A0), addi(T0, T0, 1)]) == [1, 1, 1, 2]


def test_the_next_load_waits_until_the_one_before_is_answered() -> None:
    assert cycles([lw(T0, 0, A0), lw(T1, 0, A0), lw(T2, 0, A0)]) == [1, 4, 4]


def test_a_load_from_outside_holds_nothing_up_but_its_use() -> None:
    slow = Seen(wait_states=OUTSIDE)
    block = [lw(T0, 0, A0), addi(T1, A1, 1), sw(T1, A1), addi(T0, T0, 1)]
    assert cycles(block, slow) == [1, 1, 1, OUTSIDE + 2]


def test_stores_are_posted_until_four_accesses_are_unanswered() -> None:
    slow = Seen(wait_states=OUTSIDE)
    assert cycles([sw(T0, A0)] * 6, *[slow] * 6) == [1, 1, 1, 1, OUTSIDE + 1, 1]
    assert cycles([sw(T0, A0)] * 6) == [1] * 6


def test_a_fence_waits_for_all_accesses() -> None:
    slow = Seen(wait_states=OUTSIDE)
    assert cycles([sw(T0, A0), fence(), addi(T0, T0, 1)], slow) == [1, OUTSIDE + 4, 1]
    assert cycles([fence(), fence()]) == [1, 1]


def test_a_loop_of_loads_takes_what_its_loads_take() -> None:
    loop = [lw(T0, 0, A0), addi(A0, A0, 4), branch(BNE, A0, A1, -8)]
    assert sum(cycles(loop, UNSEEN, UNSEEN, Seen(target=CODE))) == 4
    assert sum(cycles(loop)) == 5, "it leads to somewhere else, as far as is known"


# One write port.


def test_a_late_result_waits_for_a_cycle_in_which_nobody_else_writes() -> None:
    busy = [addi(T1, T1, 1)] * 6
    assert cycles([lw(T0, 0, A0), *busy, addi(T0, T0, 1)]) == [1, *[1] * 6, 2]
    free = [*busy[:4], sw(X0, A0), addi(T1, T1, 1)]
    assert cycles([lw(T0, 0, A0), *free, addi(T0, T0, 1)]) == [1, *[1] * 6, 1]


def test_of_two_late_results_a_loads_is_written_first() -> None:
    busy = [addi(T1, T1, 1)] * 6
    product, load = multiply(MUL, T2, A0, A1), lw(T0, 0, A0)
    assert cycles([product, load, *busy, addi(T0, T0, 1)])[-1] == 2
    assert cycles([product, load, *busy, addi(T2, T2, 1)])[-1] == 3


def test_a_register_that_is_yet_to_be_written_is_not_written_over() -> None:
    assert cycles([lw(T0, 0, A0), addi(T0, A1, 1)]) == [1, 4]


# Multiplications and divisions.


def test_a_product_is_used_three_cycles_after_it_was_begun() -> None:
    assert cycles([multiply(MUL, T0, A0, A1), addi(T0, T0, 1)]) == [1, 4]


def test_products_are_begun_one_a_cycle() -> None:
    block = [multiply(MUL, register, A0, A1) for register in (T0, T1, T2)]
    assert cycles(block) == [1, 1, 1]
    assert unit_cycles(block) == [1, 1, 1]


def shifted(dividend: int, divisor: int, *, signed: bool) -> int | None:
    """The places that the serial divider shifts the divisor up by, None where it ends at once.

    Worked out bit by bit, as its leading-zero counters see the operands.
    """

    def zeros(bits: list[int]) -> int:
        return bits.index(1) if 1 in bits else 32

    def bits(word: int) -> list[int]:
        return [word >> 31 - place & 1 for place in range(32)]

    a, b = bits(dividend), bits(divisor)
    if signed and a[0]:
        a = [*(1 - bit for bit in a[1:]), 0]
    if signed and b[0]:
        b = [1 - bit for bit in b]
    places = 32 if 1 not in b else zeros(b) - zeros(a)
    return None if places < 0 else places


words = st.integers(0, 0xFFFF_FFFF) | st.integers(0, 40) | st.integers(0xFFFF_FFC0, 0xFFFF_FFFF)


@given(words, words, st.sampled_from([DIV, DIVU, REM, REMU]))
def test_a_division_takes_a_cycle_for_each_place_of_the_quotient(
    dividend: int, divisor: int, operation: int
) -> None:
    block = [multiply(operation, T0, A0, A1), addi(T0, T0, 1)]
    known = Seen(operands=(dividend, divisor))
    places = shifted(dividend, divisor, signed=operation in (DIV, REM))
    if places is None:
        assert (cycles(block, known), unit_cycles(block, known)) == ([1, 4], [2, 0])
    else:
        assert (cycles(block, known), unit_cycles(block, known)) == (
            [1, 5 + places],
            [3 + places, 0],
        )


@pytest.mark.parametrize("operands", [(None, 3), (100, None), (None, None)])
def test_a_division_of_which_too_little_is_known_takes_that_of_eight_bits(
    operands: tuple[int | None, int | None],
) -> None:
    block = [multiply(DIVU, T0, A0, A1), addi(T0, T0, 1)]
    assert cycles(block, Seen(operands=operands)) == [1, 13]


def test_divisions_of_a_hart_go_one_after_the_other_and_two_may_wait() -> None:
    block = [multiply(DIVU, register, A0, A1) for register in (T0, T1, T2)]
    known = Seen(operands=(0x100, 1))  # eight places
    assert cycles(block, *[known] * 3) == [1, 10, 11]


def test_a_product_passes_a_division_that_is_under_way() -> None:
    block = [multiply(DIVU, T0, A0, A1), multiply(MUL, T1, A0, A1), addi(T1, T1, 1)]
    assert cycles(block, Seen(operands=(0x100, 1))) == [1, 1, 4]


# Fetching.


def test_a_jump_within_the_buffer_or_to_the_next_line_costs_nothing_extra() -> None:
    for offset in (-4 * 8 * (BUFFER - 1), -4, 8, LINE):
        target = CODE + 0x1000 + offset
        assert cycles([jal(offset)], Seen(target=target), at=CODE + 0x1000) == [1]


@pytest.mark.parametrize(("position", "extra"), [(0, 2), (1, 1), (2, 0), (7, 0)])
def test_a_line_that_is_asked_for_ahead_comes_two_instructions_into_this_one(
    position: int, extra: int
) -> None:
    at = CODE + 0x1000 + 4 * position
    far = CODE + 0x1000 - LINE * BUFFER
    for jump in (jal(-LINE * BUFFER - 4 * position), branch(BNE, A0, A1, -LINE * BUFFER)):
        assert cycles([jump], Seen(target=far), at=at) == [1 + extra]


def test_where_a_register_leads_is_not_asked_for_ahead() -> None:
    assert cycles([jalr(A0)], Seen(target=CODE + 0x400)) == [3]
    assert cycles([jalr(A0)], Seen(target=CODE + 0x10)) == [1]
    assert cycles([jalr(A0)]) == [3], "nobody knows where"


def test_a_branch_that_is_not_taken_fetches_nothing() -> None:
    assert cycles([branch(BEQ, A0, A1, 0x400)], Seen(target=CODE + 0x400)) == [1]


def test_the_cache_of_all_harts_has_lines_of_32_bytes() -> None:
    assert SNITCH.cache == InstructionCache(line_bytes=LINE, miss_cycles=6)


# In general.


registers = st.integers(0, 6)
blocks = st.lists(
    st.builds(lw, registers, st.just(0), registers)
    | st.builds(sw, registers, registers)
    | st.builds(addi, registers, registers, st.just(1))
    | st.builds(multiply, st.integers(0, 7), registers, registers, registers)
    | st.just(fence()),
    max_size=14,
)
waits = st.sampled_from([0, 0, OUTSIDE])


@given(blocks, st.data())
def test_a_block_takes_at_least_a_cycle_an_instruction_and_ends(
    block: list[Instruction], data: st.DataObject
) -> None:
    seen = [Seen(wait_states=data.draw(waits)) for _ in block]
    found = cycles(block, *seen)
    assert len(found) == len(block)
    assert all(1 <= each <= 4 * (OUTSIDE + 13) for each in found)


@given(blocks, blocks)
def test_what_follows_changes_nothing_of_what_came_before(
    first: list[Instruction], second: list[Instruction]
) -> None:
    assert cycles([*first, *second])[: len(first)] == cycles(first)
