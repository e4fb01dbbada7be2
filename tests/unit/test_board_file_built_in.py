"""The boards that come with vplat."""

from __future__ import annotations

import pytest

from tests.unit.export_samples import registered_kinds
from vplat.boards import board_files, vplat_boards
from vplat.machine.board import Board, DeviceSpec
from vplat.machine.board_file import check_devices, load_board

KINDS = {each.kind: each for each in registered_kinds()}
NAMES = ("pulp-ita", "pulp-ita-idma")
DEVICES = {
    "test_and_set": {"": 0x1010_0000},
    "cluster_control": {"": 0x1020_0000},
    "timer": {"": 0x1020_0400},
    "event_unit": {"": 0x1020_0800, "demux": 0x1020_4000},
    "ita": {"": 0x1020_1000},
    "icache_control": {"": 0x1020_1400},
    "stdout": {"": 0x4000_0000},
    "uart": {"": 0x0300_2000},
    "clint": {"": 0x0204_0000},
}
"""Section 4.1 of pulp-cluster.md, and the design's section on boards."""


def board(name: str) -> Board:
    """A board of vplat."""
    return load_board(board_files()[name], board_files())


def device(name: str, of: str = "pulp-ita") -> DeviceSpec:
    """A device of a board of vplat."""
    return {each.name: each for each in board(of).devices}[name]


def test_plugins_and_code_see_the_same_files() -> None:
    assert sorted(path.stem for path in vplat_boards()) == sorted(board_files())
    assert set(NAMES) <= set(board_files())


@pytest.mark.parametrize("name", sorted(board_files()))
def test_every_board_fits_the_devices_that_come_with_it(name: str) -> None:
    check_devices(board(name), KINDS)


@pytest.mark.parametrize("name", sorted(board_files()))
def test_every_board_is_called_like_its_file_and_says_what_it_is(name: str) -> None:
    assert board(name).name == name
    assert board(name).doc


@pytest.mark.parametrize("name", NAMES)
def test_a_pulp_cluster_has_eight_harts_with_user_mode_that_start_at_the_entry(name: str) -> None:
    harts = board(name).harts
    assert (harts.count, harts.first_id, harts.boot) == (8, 0, None)
    assert harts.isa.canonical == "rv32imafc_zicsr_zifencei_u"
    assert harts.mtvec_follows_boot


@pytest.mark.parametrize("name", NAMES)
def test_a_pulp_cluster_has_its_devices_where_firmware_expects_them(name: str) -> None:
    found = {each.name: each.windows for each in board(name).devices}
    assert {each: found[each] for each in DEVICES} == DEVICES
    dma = {each for each in set(found) - set(DEVICES) if found[each]}
    assert dma == ({"mchan"} if name == "pulp-ita" else {"idma"})


def test_both_transfer_engines_are_at_the_same_places() -> None:
    assert device("mchan").windows == {
        "core": 0x1020_4400,
        "cluster": 0x1020_1800,
        "fabric": 0x1020_1C00,
    }
    assert device("idma", "pulp-ita-idma").windows == {"core": 0x1020_4400, "cluster": 0x1020_1800}


@pytest.mark.parametrize("address", [0x1000_0000, 0x1001_FFFF, 0x1003_FFF0, 0x100F_FFFC])
def test_the_tcdm_wraps_up_to_the_test_and_set_alias(address: int) -> None:
    memory = board("pulp-ita").memory_at(address)
    assert memory is not None
    assert (memory.name, memory.size) == ("tcdm", 128 << 10)
    assert board("pulp-ita").memory_at(0x1010_0000) is None


def test_l2_and_l3_hold_what_the_design_asks_for() -> None:
    sizes = {each.name: (each.base, each.size) for each in board("pulp-ita").memories}
    base, size = sizes["l2"]
    assert base == 0x1C00_0000
    assert size >= 1 << 20
    assert sizes["l3"] == (0x8000_0000, 64 << 20)


def test_event_lines_are_those_of_the_cluster() -> None:
    targets = {
        f"{each.name}.{output}": target
        for each in board("pulp-ita").devices
        for output, targets in each.events.items()
        for target in targets
    }
    assert targets == {
        "mchan.finished": "event_unit.lines[8]",
        "mchan.interrupt": "event_unit.lines[9]",
        "mchan.external_finished": "event_unit.lines[22]",
        "timer.low": "event_unit.lines[10]",
        "timer.high": "event_unit.lines[11]",
        "ita.finished": "event_unit.lines[12]",
        "cluster_control.hwpe_enabled": "ita.clock_enable",
        "icache_control.flush": "machine.flush_code",
        "uart.irq": "harts.external",
        "clint.software": "harts.software",
        "clint.timer": "harts.timer",
    }
    assert device("idma", "pulp-ita-idma").events == {"finished": ("event_unit.lines[8]",)}


def test_the_harts_own_ports_are_as_fast_as_the_tcdm() -> None:
    assert device("event_unit").wait_states == {"": 3, "demux": 0}
    assert device("mchan").wait_states == {"core": 0, "cluster": 3, "fabric": 3}


@pytest.mark.parametrize("name", NAMES)
def test_parameters_agree_with_the_harts_and_the_tcdm_they_repeat(name: str) -> None:
    the_board = board(name)
    tcdm = {each.name: each for each in the_board.memories}["tcdm"]
    repeated = {
        "harts": the_board.harts.count,
        "tcdm_base": tcdm.base,
        "tcdm_size": tcdm.size,
        "memory_base": tcdm.base,
        "memory_size": tcdm.size + sum(alias.size for alias in tcdm.aliases),
        "fetch_enabled_at_reset": (1 << the_board.harts.count) - 1,
    }
    found = {
        (each.name, key): value
        for each in the_board.devices
        for key, value in each.parameters.items()
        if key in repeated
    }
    assert found
    assert found == {(name, key): repeated[key] for name, key in found}


@pytest.mark.parametrize("name", NAMES)
def test_the_paper_s_operating_points_are_there_the_efficient_one_first(name: str) -> None:
    points = [(each.name, each.volts, each.hertz) for each in board(name).operating_points]
    assert points == [("0.65V", 0.65, 425_000_000), ("0.80V", 0.8, 500_000_000)]
