"""The linker script of a board, as text; what ld makes of it is a system test."""

from __future__ import annotations

import dataclasses

import pytest

from tests.unit.export_samples import BOARD, L2
from vplat.errors import BoardError
from vplat.export.linker_script import linker_script


def test_memories_are_those_of_the_board() -> None:
    script = linker_script(BOARD)
    assert "  tcdm (rwx) : ORIGIN = 0x10000000, LENGTH = 0x20000\n" in script
    assert "  rom (rx) : ORIGIN = 0x1a000000, LENGTH = 0x2000\n" in script


def test_the_script_says_where_a_variable_can_go() -> None:
    head = linker_script(BOARD).partition("*/")[0]
    assert ".tcdm, .l1, .l3, .l2." in head


def test_nothing_is_put_into_a_memory_that_cannot_be_written() -> None:
    assert "> rom" not in linker_script(BOARD)


def test_vectors_outside_every_memory_are_an_error() -> None:
    board = dataclasses.replace(BOARD, vectors=0x2000_0000)
    with pytest.raises(BoardError, match="my-board: the vectors at 0x20000000 are in no memory"):
        linker_script(board)


def test_stacks_in_an_unknown_memory_are_an_error_that_lists_the_memories() -> None:
    board = dataclasses.replace(BOARD, stack_memory="l4", memories=[L2])
    with pytest.raises(BoardError, match=r"'l4'.*l2 at 0x1c000000\.\.0x1c0fffff"):
        linker_script(board)
