"""Figures for tiles come from the boards' own tables and parameters."""

from __future__ import annotations

import dataclasses

import pytest

from vplat.deploy.memory import Rates
from vplat.errors import DeployError
from vplat.machine.board import Board
from vplat.machine.isa import InstructionClass
from vplat.plugins import Plugins
from vplat.session.boards import find_board


def board_named(name: str) -> Board:
    return find_board(name, Plugins(installed=False))


def with_parameter(board: Board, device: str, name: str, value: object) -> Board:
    """``board`` with one parameter changed."""
    devices = tuple(
        dataclasses.replace(each, parameters={**each.parameters, name: value})
        if each.name == device
        else each
        for each in board.devices
    )
    return dataclasses.replace(board, devices=devices)


def test_jobs_of_ita_take_what_the_rtl_takes_and_the_idle_cycle_between_them() -> None:
    ita = Rates.of(board_named("snitch-ita")).ita
    assert ita is not None
    assert (ita.inner_job, ita.output_job) == (271 + 1, 306 + 1)
    assert ita.product(2, 2, 2) == 4 * (272 + 307)
    older = Rates.of(board_named("snitch-ita-2024")).ita
    assert older is not None
    assert older.output_job == 304 + 1


def test_a_copy_of_4_kib_takes_the_snitch_dma_what_the_trace_shows() -> None:
    dma = Rates.of(board_named("snitch-ita")).dma
    assert 74 <= dma.cycles(4096) <= 79  # snitch-ita-cluster.md section 9
    assert dma.cycles(4096, 64) == dma.cycles(4096)
    assert dma.cycles(0, 0) <= dma.latency


def test_the_dma_s_width_is_the_board_s() -> None:
    board = board_named("pulp-ita")
    assert Rates.of(board).dma.cycles(4096) == pytest.approx(4096 / 8, rel=0.1)
    wide = with_parameter(board, "mchan", "bytes_per_cycle", 32)
    assert Rates.of(wide).dma.cycles(4096) == pytest.approx(4096 / 32, rel=0.3)
    assert Rates.of(board_named("pulp-ita-idma")).dma.kind == "idma"


def test_short_rows_are_bound_by_the_bursts_under_way() -> None:
    dma = Rates.of(board_named("pulp-ita")).dma
    assert dma.cycles(3 * 64, 64) > 3 * dma.cycles(3 * 64)


def test_harts_share_one_multiplier_on_snitch_and_none_on_ri5cy() -> None:
    mix = {InstructionClass.MUL: 1.0, InstructionClass.ALU: 1.0}
    snitch, ri5cy = (Rates.of(board_named(name)).cores for name in ("snitch-ita", "pulp-ita"))
    assert snitch.harts == ri5cy.harts == 8
    assert snitch.cycles(8000, mix) == 8000
    assert ri5cy.cycles(8000, mix) == 2000


def test_loads_of_snitch_come_every_four_cycles_at_best() -> None:
    cores = Rates.of(board_named("snitch-ita")).cores
    alone = cores.cycles(8, {InstructionClass.LOAD: 2.0})
    assert alone == pytest.approx(8.0)
    load, add = {InstructionClass.LOAD: 1.0}, {InstructionClass.ALU: 3.0}
    assert cores.cycles(8, load | add) < cores.cycles(8, load) + cores.cycles(8, add)


def test_a_board_without_a_dma_is_refused() -> None:
    board = board_named("pulp-ita")
    bare = dataclasses.replace(
        board, devices=tuple(each for each in board.devices if each.kind != "mchan")
    )
    with pytest.raises(DeployError, match="'pulp-ita' has no DMA"):
        Rates.of(bare)


def test_a_board_without_ita_has_no_figures_of_it() -> None:
    board = board_named("pulp-ita")
    bare = dataclasses.replace(
        board, devices=tuple(each for each in board.devices if each.kind != "ita")
    )
    assert Rates.of(bare).ita is None
