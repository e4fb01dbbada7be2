"""The C header of a board, as text; what a compiler makes of it is a system test."""

from __future__ import annotations

import dataclasses

import pytest

from tests.unit.export_samples import BOARD, TCDM, Mover
from vplat.errors import DeclarationError
from vplat.export.board_header import board_header
from vplat.model.exporting import HART, Connection, DeviceInstance

LINES = board_header(BOARD).splitlines()


def with_connections(*connections: Connection) -> list[str]:
    return board_header(dataclasses.replace(BOARD, connections=connections)).splitlines()


def test_a_window_with_registers_is_a_pointer_to_its_struct() -> None:
    assert "#define VPLAT_ARBITER_DEMUX ((arbiter_demux_t *)0x10204000u)" in LINES
    assert "#define VPLAT_MOVER ((mover_registers_t *)0x10200000u)" in LINES
    assert "#define VPLAT_OLD_MOVER ((mover_registers_t *)0x10200080u)" in LINES


def test_a_window_without_registers_has_a_base_only() -> None:
    assert "#define VPLAT_PIPE_BODY_BASE VPLAT_U(0x40001000)" in LINES
    assert not any(line.startswith("#define VPLAT_PIPE_BODY ") for line in LINES)


def test_a_window_that_the_board_gives_no_base_is_left_out() -> None:
    board = dataclasses.replace(BOARD, devices=[DeviceInstance("pipe", BOARD.devices[3].kind, {})])
    assert "VPLAT_PIPE" not in board_header(dataclasses.replace(board, connections=()))


def test_memories_have_bases_and_sizes() -> None:
    assert "#define VPLAT_TCDM_BASE VPLAT_U(0x10000000)" in LINES
    assert "#define VPLAT_TCDM_SIZE VPLAT_U(0x00020000)" in LINES


def test_the_header_of_each_kind_is_included_once() -> None:
    assert [line for line in LINES if line.startswith('#include "')] == [
        '#include "mover.h"',
        '#include "arbiter.h"',
        '#include "pipe.h"',
    ]


def test_harts_are_counted() -> None:
    assert "#define VPLAT_HARTS VPLAT_U(8)" in LINES


def test_parameters_are_those_of_the_board_and_defaults_for_the_rest() -> None:
    assert '#define VPLAT_MOVER_REVISION "new"' in LINES
    assert '#define VPLAT_OLD_MOVER_REVISION "old"' in LINES
    assert "#define VPLAT_MOVER_ORIGIN VPLAT_U(0x10000000)" in LINES
    assert "#define VPLAT_OLD_MOVER_DEPTH VPLAT_U(4)" in LINES
    assert "#define VPLAT_OLD_MOVER_TRACED VPLAT_U(1)" in LINES


def test_a_connection_gives_its_output_the_number_of_the_line() -> None:
    assert "#define VPLAT_MOVER_ARRIVED_LINE VPLAT_U(8)" in LINES


def test_a_connection_to_the_harts_is_an_interrupt() -> None:
    assert "#define VPLAT_MOVER_BUSY_LINE VPLAT_U(9)" in LINES
    assert "#define VPLAT_MOVER_BUSY_INTERRUPT VPLAT_U(11)" in LINES


def test_an_output_wired_to_two_devices_names_them() -> None:
    lines = with_connections(
        Connection("mover", "arrived", "arbiter", "lines", 8),
        Connection("mover", "arrived", "other", "doorbell", 0),
    )
    assert "#define VPLAT_MOVER_ARRIVED_ARBITER_LINES_LINE VPLAT_U(8)" in lines
    assert "#define VPLAT_MOVER_ARRIVED_OTHER_DOORBELL_LINE VPLAT_U(0)" in lines


def test_an_output_wired_to_two_lines_of_one_device_numbers_them() -> None:
    assert "#define VPLAT_OLD_MOVER_ARRIVED_ARBITER_LINES_LINE_10 VPLAT_U(10)" in LINES
    assert "#define VPLAT_OLD_MOVER_ARRIVED_ARBITER_LINES_LINE_12 VPLAT_U(12)" in LINES


def test_a_connection_given_twice_is_one() -> None:
    once = Connection("mover", "busy", HART, "external", 11)
    assert with_connections(once, once) == with_connections(once)


def test_a_device_and_a_memory_of_one_name_are_an_error_naming_both() -> None:
    devices = [DeviceInstance("tcdm", Mover, {"": 0x2000_0000})]
    board = dataclasses.replace(BOARD, devices=devices, memories=[TCDM], connections=())
    with pytest.raises(
        DeclarationError, match=r"my-board: the memory 'tcdm' and the device 'tcdm'"
    ):
        board_header(board)
