"""What the first run of a block tells of its instructions."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rv32_code import (
    A0,
    A1,
    DECODER,
    T0,
    T1,
    addi,
    branch,
    jal,
    jalr,
    load_constant,
    lw,
    multiply,
    sw,
)
from vplat.machine.first_touch import DataMemory, first_look
from vplat.machine.isa import Instruction
from vplat.machine.pricing import Seen

CODE = 0x1C00_8000
SLOW = range(0x1C00_0000, 0x1C20_0000)
TCDM = range(0x1000_0000, 0x1002_0000)
DIVU = 5


class Map:
    """13 wait states in slow memory, banks in the TCDM, split targets where it is told so."""

    def __init__(self, split: int | None = None) -> None:
        self._split = split

    def data_memory(self, address: int | None) -> DataMemory:
        if address is None:
            return DataMemory(0, True)
        return DataMemory(13 if address in SLOW else 0, address in TCDM)

    def splits(self, target: int) -> bool:
        return target == self._split


def look(
    *block: Instruction, registers: Mapping[int, int] | None = None, split: int | None = None
) -> list[Seen]:
    values = [0] * 32
    for number, value in (registers or {}).items():
        values[number] = value
    return first_look(CODE, block, values.__getitem__, Map(split))


def waits(*words: int, registers: Mapping[int, int] | None = None) -> list[int]:
    """The wait states of 32-bit instructions."""
    block = DECODER.block(b"".join(word.to_bytes(4, "little") for word in words), CODE)
    return [each.wait_states for each in look(*block, registers=registers)]


def test_a_load_waits_for_the_memory_its_base_register_points_to() -> None:
    load = 0x0005_2583  # lw a1, 0(a0)
    assert waits(load, registers={10: 0x1C00_0000}) == [13]
    assert waits(load, registers={10: 0x1000_0000}) == [0]


def test_an_address_made_of_constants_is_known() -> None:
    upper, load = 0x1C00_0537, 0x0045_2583  # lui a0, 0x1c000; lw a1, 4(a0)
    assert waits(upper, load) == [0, 13]


def test_an_address_relative_to_the_pc_is_known() -> None:
    assert waits(0x0000_0517, 0x0005_2583) == [0, 13]  # auipc a0, 0; lw a1, 0(a0)


def test_an_address_that_was_loaded_counts_as_a_hit() -> None:
    first, second = 0x0005_2503, 0x0005_2583  # lw a0, 0(a0); lw a1, 0(a0)
    assert waits(first, second, registers={10: 0x1C00_0000}) == [13, 0]


def test_a_computed_address_is_followed_through_additions() -> None:
    add, load = 0x00B5_0533, 0x0005_2583  # add a0, a0, a1; lw a1, 0(a0)
    assert waits(add, load, registers={10: 0x1BFF_FFF0, 11: 0x20}) == [0, 13]


@pytest.mark.parametrize(
    ("word", "left"),
    [
        (0x00B5_7533, 0x1C00_000F),  # and a0, a0, a1
        (0x00B5_6533, 0x1CFF_FFFF),  # or
        (0x00B5_4533, 0x00FF_FFF0),  # xor
        (0xFFF5_7513, 0x1C00_00FF),  # andi a0, a0, -1
        (0x0085_5513, 0x001C_0000),  # srli a0, a0, 8
        (0x0045_1513, 0xC000_0FF0),  # slli a0, a0, 4
        (0x40B5_0533, 0xFF00_01F0),  # sub
    ],
)
def test_a_value_is_followed_through_logic_and_shifts(word: int, left: int) -> None:
    [_, seen] = look(
        DECODER.decode(word),
        multiply(DIVU, T0, T1, A0),
        registers={A0: 0x1C00_00FF, A1: 0x1CFF_FF0F},
    )
    assert seen.operands[1] == left


def test_accesses_to_banks_are_counted_and_unknown_ones_are_taken_for_such() -> None:
    block = lw(A1, 0, A0), sw(T0, A0), lw(T1, 0, A1), addi(T0, T0, 1)
    assert [each.accesses for each in look(*block, registers={A0: TCDM.start})] == [1, 1, 1, 0]
    assert [each.accesses for each in look(*block, registers={A0: SLOW.start})] == [0, 0, 1, 0]


def test_an_amo_has_its_bank_twice() -> None:
    amoadd = DECODER.decode(0x00B5_252F)  # amoadd.w a0, a1, (a0)
    [seen] = look(amoadd, registers={A0: TCDM.start})
    assert seen.accesses == 2


@given(st.integers(0, 64), st.sampled_from([(0, 1), (1, 2), (2, 4), (4, 1), (5, 2)]))
def test_an_access_crosses_where_its_bytes_lie_in_two_words(
    offset: int, kind: tuple[int, int]
) -> None:
    width, size = kind
    load = DECODER.decode(A0 << 15 | width << 12 | A1 << 7 | 0x03)
    [seen] = look(load, registers={A0: TCDM.start + offset})
    words = {(offset + byte) // 4 for byte in range(size)}
    assert seen.crosses == (len(words) == 2)
    assert seen.accesses == len(words)


def test_the_operands_of_a_division_come_from_constants_or_from_registers() -> None:
    division = multiply(DIVU, T0, A0, A1)
    [seen] = look(division, registers={A0: 1000, A1: 7})
    assert seen.operands == (1000, 7)
    *_, seen = look(*load_constant(A1, 0x9876), division, registers={A0: 1000, A1: 7})
    assert seen.operands == (1000, 0x9876)
    *_, seen = look(lw(A1, 0, A0), division, registers={A0: 1000, A1: 7})
    assert seen.operands == (1000, None)
    *_, seen = look(division, multiply(DIVU, T1, T0, A1), registers={A0: 1000, A1: 7})
    assert seen.operands == (None, 7)


def test_where_jumps_lead_is_known_unless_the_register_was_loaded() -> None:
    assert [each.target for each in look(branch(1, A0, A1, -16))] == [CODE - 16]
    assert [each.target for each in look(jal(64))] == [CODE + 64]
    assert [each.target for each in look(jalr(A0), registers={A0: 0x1234})] == [0x1234]
    assert [each.target for each in look(lw(A0, 0, A1), jalr(A0))] == [None, None]


def test_a_target_between_words_is_told_of_a_jump_a_branch_and_a_jump_to_a_register() -> None:
    there = CODE + 6
    for jump in (jal(6), branch(1, A0, A1, 6), jalr(A0)):
        assert [each.split_target for each in look(jump, registers={A0: there})] == [False]
        assert [each.split_target for each in look(jump, registers={A0: there}, split=there)] == [
            True
        ]
