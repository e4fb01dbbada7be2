"""What blocks cost by RI5CY's table; the programs are those its RTL was measured with."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.rv32_code import (
    A0,
    A1,
    T0,
    T1,
    X0,
    addi,
    auipc,
    branch,
    decoded,
    fadd,
    fence,
    flw,
    jal,
    jalr,
    load_constant,
    lw,
    multiply,
    read_csr,
    sw,
)
from vplat.instructions.event_load import decode as decode_event_load
from vplat.machine.cost_table import CostTable, Figure
from vplat.machine.first_touch import DataMemory, first_look
from vplat.machine.isa import Instruction, InstructionClass
from vplat.machine.pricing import UNSEEN, FirstRun, Seen
from vplat.timing import TimingTable
from vplat.timing.table import FOLDER

RI5CY = TimingTable.load("ri5cy")
UNTIED = TimingTable(
    CostTable("untied.toml", (FOLDER / "ri5cy.toml").read_text("utf-8").partition("[divider]")[0])
)
"""RI5CY without the lines by which a constant of one block makes a later division cheaper."""
CODE = 0x1C00_8000

TOLERANCE = 15
"""Cycles by which the upstream calibration lets a model differ from the RTL."""
MULH, DIV, DIVU, REM = 1, 4, 5, 6
BEQ, BNE = 0, 1


class Map:
    """Nothing but memory as fast as the TCDM; targets that begin between words are split."""

    def data_memory(self, address: int | None) -> DataMemory:
        return DataMemory(0, False)

    def splits(self, target: int) -> bool:
        return bool(target & 2)


def prices(block: Sequence[Instruction], table: TimingTable = RI5CY, **registers: int) -> list[int]:
    """The cycles of each instruction; a register that is not named holds 0."""
    values = {int(name[1:]): value for name, value in registers.items()}
    seen = first_look(CODE, block, lambda number: values.get(number, 0), Map())
    return list(table.price(FirstRun(CODE, block, seen)).cycles)


def total(block: Sequence[Instruction], table: TimingTable = RI5CY) -> int:
    return sum(prices(block, table))


def test_256_loads_take_256_cycles() -> None:
    loads = [lw(T0 + number % 3, 4 * (number % 8), A0) for number in range(256)]
    assert total(loads) == 256


def test_128_loads_each_used_by_the_next_instruction_take_384_cycles() -> None:
    pairs = [lw(T0, 0, A0), addi(T0, T0, 1)] * 128
    assert total(pairs) == 384


def test_64_high_multiplications_take_323_cycles_within_tolerance() -> None:
    independent = [multiply(MULH, T0, A0, A1)] * 64
    chained = [multiply(MULH, T0, T0, A1)] * 64
    assert abs(total(independent) - 323) <= TOLERANCE
    assert total(chained) == total(independent)


def test_128_branches_that_compare_x0_with_itself_take_387_cycles_within_tolerance() -> None:
    assert abs(total([branch(BEQ, X0, X0, 4)] * 128) - 387) <= TOLERANCE


def test_32_jumps_to_a_register_just_computed_take_161_cycles_within_tolerance() -> None:
    trios = [auipc(T0), addi(T0, T0, 12), jalr(T0)] * 32
    assert abs(total(trios) - 161) <= TOLERANCE


@pytest.mark.parametrize("operation", [DIV, DIVU, REM])
@pytest.mark.parametrize(
    ("divisor", "measured"), [(0x9876, 307), (1, 547), (0x40000000, 67), (0, 563)]
)
def test_16_divisions_by_a_constant_of_the_block_take_what_was_measured(
    operation: int, divisor: int, measured: int
) -> None:
    block = load_constant(A1, divisor)
    set_up = len(block)
    for chained in (T0, A0):
        divisions = [multiply(operation, T0, chained, A1)] * 16
        assert abs(total([*block, *divisions]) - set_up - measured) <= TOLERANCE


def test_a_division_by_what_another_block_has_left_costs_what_that_is_at_first() -> None:
    division = multiply(DIV, T0, A0, A1)
    assert prices([division], x11=7) == [3 + 29]
    assert prices([division], x11=0) == [3 + 32]


def test_a_division_by_what_the_block_has_loaded_costs_the_mean() -> None:
    division = multiply(DIV, T0, A0, A1)
    assert total([*load_constant(A1, 7), lw(A1, 0, A0), fence(), division]) == 4 + 19


def test_a_copied_or_compressed_constant_is_known_as_well() -> None:
    li_a1_5, mv_a0_a1 = decoded(0x4595), decoded(0x852E)
    block = [li_a1_5, mv_a0_a1, multiply(DIVU, T0, T1, A0)]
    assert prices(block) == [1, 1, 3 + 29]


def test_a_signed_division_by_a_negative_divisor_goes_by_its_leading_ones() -> None:
    block = load_constant(A1, 0xFFFFFFF9)
    assert total([*block, multiply(DIV, T0, A0, A1)]) == 2 + 2 + 29
    assert total([*block, multiply(DIVU, T0, A0, A1)]) == 2 + 3


def test_a_loaded_value_used_one_instruction_later_costs_no_wait() -> None:
    assert prices([lw(T0, 0, A0), addi(T1, X0, 1), addi(T0, T0, 1)]) == [1, 1, 1]


def test_a_store_waits_for_the_value_just_loaded() -> None:
    assert prices([lw(T0, 0, A0), sw(T0, A1)]) == [1, 2]


def test_a_jump_to_a_loaded_register_waits_two_cycles_and_one_an_instruction_later() -> None:
    assert prices([lw(T0, 0, A0), jalr(T0)]) == [1, 4]
    assert prices([lw(T0, 0, A0), fence(), jalr(T0)]) == [1, 1, 3]


def test_a_float_just_loaded_delays_its_use_but_not_that_of_the_integer_register() -> None:
    assert prices([flw(A0, A1), fadd(T0, A0, A0)]) == [1, 2]
    assert prices([flw(A0, A1), addi(T0, A0, 1)]) == [1, 1]


def test_backward_branches_count_as_taken_and_forward_ones_as_not() -> None:
    assert prices([branch(BNE, A0, A1, -16)]) == [3]
    assert prices([branch(BNE, A0, A1, 16)]) == [1]


def test_a_branch_that_no_register_value_can_take_costs_one_cycle_even_backward() -> None:
    assert prices([branch(BNE, A0, A0, -16)]) == [1]


@pytest.mark.parametrize(("csr", "cycles"), [(0x300, 4), (0xB00, 4), (0xF14, 1), (0x340, 1)])
def test_csrs_that_flush_the_pipeline_take_four_cycles(csr: int, cycles: int) -> None:
    assert prices([read_csr(T0, csr)]) == [cycles]


def test_a_jump_takes_two_cycles() -> None:
    assert prices([jal(8)]) == [2]


def test_a_target_that_is_split_between_words_takes_a_cycle_more() -> None:
    assert prices([jal(6)]) == [3]
    assert prices([jalr(A0)], x10=CODE + 6) == [3]
    assert prices([branch(BNE, A0, A1, -6)]) == [4]
    assert prices([branch(BNE, A0, A1, 6)]) == [1], "not taken"


@pytest.mark.parametrize(("word", "cycles"), [(0x0104_6283, 3), (0x0104_330B, 4)])
def test_a_load_that_waits_for_an_event_has_a_line_of_its_own(word: int, cycles: int) -> None:
    event_load = decode_event_load(word)
    assert event_load is not None
    assert prices([event_load]) == [cycles]


@given(st.integers(0, 500))
def test_wait_states_hold_the_pipeline_up(wait: int) -> None:
    block = [lw(T0, 0, A0), addi(T1, X0, 1), addi(T0, T0, 1)]
    run = FirstRun(CODE, block, [Seen(wait_states=wait), UNSEEN, UNSEEN])
    assert list(RI5CY.price(run).cycles) == [1 + wait, 1, 1]


@given(st.integers(0, 500))
def test_a_misaligned_access_waits_for_the_memory_twice(wait: int) -> None:
    run = FirstRun(CODE, [lw(T0, 1, A0)], [Seen(wait_states=wait, crosses=True)])
    assert list(RI5CY.price(run).cycles) == [2 * (1 + wait)]


def test_a_loop_is_priced_as_it_runs_once_it_goes_round() -> None:
    loop = [addi(T1, T0, 1), lw(T0, 0, A0), branch(BNE, A0, A1, -8)]
    assert prices(loop) == [1, 1, 3], "the branch is as long as the load's result takes"
    tight = [addi(T1, T0, 1), addi(A0, A0, 4), lw(T0, 0, A0), jal(-12)]
    assert prices(tight) == [1, 1, 1, 2]


def test_nothing_of_ri5cy_is_shared() -> None:
    block = [lw(T0, 0, A0), multiply(0, T0, T0, T0), multiply(DIV, T0, T0, T1)]
    price = RI5CY.price(FirstRun(CODE, block, [UNSEEN] * 3))
    assert list(price.unit_cycles) == [0, 0, 0]
    assert RI5CY.cache is None


def test_a_sum_of_cycles_is_only_as_good_as_the_weakest_line() -> None:
    assert RI5CY.figure is Figure.ESTIMATED


def test_an_empty_block_costs_nothing() -> None:
    assert prices([]) == []


def unseen(block: Sequence[Instruction]) -> list[int]:
    """The prices of a block of which nothing but its instructions is known."""
    return list(UNTIED.price(FirstRun(CODE, block, [UNSEEN] * len(block))).cycles)


def comes_round(block: Sequence[Instruction]) -> bool:
    """The block ends by jumping to its beginning."""
    if not block or block[-1].kind not in (InstructionClass.BRANCH, InstructionClass.JUMP):
        return False
    return block[-1].imm == -sum(each.length for each in block[:-1])


opcodes = st.sampled_from((0x03, 0x07, 0x13, 0x23, 0x2F, 0x33, 0x53, 0x63, 0x67, 0x6F, 0x73))
words = st.integers(0, 0xFFFF) | st.builds(
    lambda opcode, rest: rest & ~0x7F | opcode, opcodes, st.integers(0, 0xFFFFFFFF)
)
short_multiplications = st.builds(
    multiply, st.integers(0, 7), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)
)
blocks = st.lists(words.map(decoded) | short_multiplications, max_size=12)


@given(blocks)
def test_every_instruction_takes_time(block: list[Instruction]) -> None:
    found = prices(block)
    assert len(found) == len(block)
    assert all(price >= 1 for price in found)


@given(blocks, blocks)
def test_what_follows_changes_nothing_of_what_came_before(
    first: list[Instruction], second: list[Instruction]
) -> None:
    assume(not comes_round(first) and not comes_round([*first, *second]))
    assert prices([*first, *second])[: len(first)] == prices(first)


@given(blocks, blocks)
def test_the_price_of_blocks_adds_up_once_every_result_is_there(
    first: list[Instruction], second: list[Instruction]
) -> None:
    between = [fence()] * 4
    whole = [*first, *between, *second]
    assume(not any(comes_round(block) for block in (first, second, whole)))
    apart = unseen(first) + unseen(between) + unseen(second)
    assert unseen(whole) == apart


@given(blocks, blocks)
def test_two_blocks_run_together_never_take_less_than_apart(
    first: list[Instruction], second: list[Instruction]
) -> None:
    assume(not any(comes_round(block) for block in (first, second, [*first, *second])))
    together, apart = sum(unseen([*first, *second])), sum(unseen(first)) + sum(unseen(second))
    assert apart <= together <= apart + 3


@given(st.lists(st.sampled_from(list(InstructionClass)), max_size=8))
def test_instructions_without_operands_cost_their_lines(kinds: list[InstructionClass]) -> None:
    block = [
        Instruction(word=0, length=4, mnemonic="any", kind=kind, imm=16, rs1=0, rs2=1)
        for kind in kinds
    ]
    lines = [RI5CY.lines[f"instructions.{kind}"].amount for kind in kinds]
    assert unseen(block) == lines
