"""The cluster control unit, from its registers; `pulp-cluster.md` sections 4.1 and 4.2."""

from __future__ import annotations

import pytest

from vplat.errors import DeclarationError
from vplat.peripherals.cluster_control import ClusterControl
from vplat.testing.bench import Bench

HWPE_ENABLE = 1 << 11


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def control(bench: Bench) -> ClusterControl:
    return bench.build(ClusterControl)


def test_a_run_ends_with_the_low_31_bits_of_the_return_value(
    bench: Bench, control: ClusterControl
) -> None:
    bench.store(control, "return_value", 0x8000_0005)
    assert bench.status is None
    bench.store(control, "eoc", 1)
    assert bench.status == 5
    assert bench.load(control, "eoc") == 1
    assert bench.reports == []


def test_a_run_that_returns_zero_with_bit_31_has_passed(
    bench: Bench, control: ClusterControl
) -> None:
    bench.store(control, "return_value", 0x8000_0000)
    bench.store(control, "eoc", 1)
    assert bench.status == 0


def test_storing_zero_to_the_end_of_computation_does_not_end_the_run(
    bench: Bench, control: ClusterControl
) -> None:
    bench.store(control, "eoc", 0xFFFF_FFFE)
    assert bench.status is None
    assert bench.load(control, "eoc") == 0


def test_a_run_that_never_returned_fails_as_on_the_testbench_and_is_reported(
    bench: Bench, control: ClusterControl
) -> None:
    assert bench.load(control, "return_value") == 0xFFFF_FFFF
    bench.store(control, "eoc", 1)
    assert bench.status == 0x7FFF_FFFF
    (finding,) = bench.reports
    assert finding[0] == "no-exit-status"
    assert "return_value never written" in finding[1]


def test_a_board_may_let_a_run_that_never_returned_pass(bench: Bench) -> None:
    control = bench.build(ClusterControl, {"return_reset": 0})
    bench.store(control, "eoc", 1)
    assert bench.status == 0


def test_setting_a_fetch_bit_starts_the_hart_at_its_boot_address(
    bench: Bench, control: ClusterControl
) -> None:
    bench.store(control, "boot_addr[2]", 0x1C00_8080)
    bench.store(control, "fetch_en", 0b0000_0101)
    assert bench.started == {0: 0x1C00_0000, 2: 0x1C00_8080}
    assert bench.load(control, "fetch_en") == 0b101


def test_a_fetch_bit_that_stays_set_does_not_start_the_hart_again(
    bench: Bench, control: ClusterControl
) -> None:
    bench.store(control, "fetch_en", 0b01)
    bench.started.clear()
    bench.store(control, "fetch_en", 0b11)
    assert list(bench.started) == [1]
    assert bench.halted == set()


def test_clearing_a_fetch_bit_halts_the_hart(bench: Bench, control: ClusterControl) -> None:
    bench.store(control, "fetch_en", 0xFF)
    bench.store(control, "fetch_en", 0xF3)
    assert bench.halted == {2, 3}


def test_fetch_bits_of_harts_that_do_not_exist_stay_zero(bench: Bench) -> None:
    control = bench.build(ClusterControl, {"harts": 2})
    bench.store(control, "fetch_en", 0xFFFF_FFFF)
    assert bench.load(control, "fetch_en") == 0b11
    assert list(bench.started) == [0, 1]


def test_harts_that_fetch_from_reset_on_are_not_started_by_the_unit_but_may_be_halted(
    bench: Bench,
) -> None:
    control = bench.build(ClusterControl, {"fetch_enabled_at_reset": 0xFFFF})
    assert bench.started == {}
    assert bench.load(control, "fetch_en") == 0xFF
    bench.store(control, "fetch_en", 0x7F)
    assert bench.halted == {7}


def test_boot_addresses_start_with_what_the_board_chooses(bench: Bench) -> None:
    control = bench.build(ClusterControl, {"boot_address": 0x7800_0000})
    assert [bench.load(control, 0x40 + 4 * hart) for hart in range(16)] == [0x7800_0000] * 16


def test_boot_addresses_start_with_the_base_of_l2(bench: Bench, control: ClusterControl) -> None:
    assert bench.load(control, 0x40) == bench.load(control, 0x7C) == 0x1C00_0000


def test_hwpe_enable_drives_its_line_when_it_changes(bench: Bench, control: ClusterControl) -> None:
    bench.store(control, "cluster_cfg", HWPE_ENABLE)
    bench.store(control, "cluster_cfg", HWPE_ENABLE | 0x20)
    bench.store(control, "cluster_cfg", 0x20)
    assert [(sent.output, sent.level) for sent in bench.sent] == [
        ("hwpe_enabled", 1),
        ("hwpe_enabled", 0),
    ]


def test_the_accelerator_that_is_selected_shows(bench: Bench, control: ClusterControl) -> None:
    assert control.doing() == ""
    bench.store(control, "cluster_cfg", HWPE_ENABLE | 5 << 13)
    assert control.cluster_cfg.hwpe_sel == 5
    assert control.doing() == "accelerator 5 clocked"


def test_the_cluster_configuration_keeps_its_fields(bench: Bench, control: ClusterControl) -> None:
    bench.store(control, "cluster_cfg", 0xFFFF_FFFF)
    assert bench.load(control, "cluster_cfg") == 0xF9FF
    assert control.cluster_cfg.hci_max_stall == 0xFF
    assert control.cluster_cfg.hci_invert_priority == 1
    assert control.cluster_cfg.fregfile_dis == 1


def test_the_event_output_follows_its_bit_and_reads_as_zero(
    bench: Bench, control: ClusterControl
) -> None:
    bench.store(control, "event", 1)
    assert bench.load(control, "event") == 0
    bench.store(control, "event", 0)
    assert [(sent.output, sent.level) for sent in bench.sent] == [
        ("event_output", 1),
        ("event_output", 0),
    ]


@pytest.mark.parametrize("offset", [0x20, 0x80, 0x88])
def test_settings_of_clock_and_arbitration_are_kept_in_one_bit(
    bench: Bench, control: ClusterControl, offset: int
) -> None:
    assert bench.load(control, offset) == 0
    bench.store(control, offset, 0xFFFF_FFFF)
    assert bench.load(control, offset) == 1
    assert bench.reports == []


def test_the_debug_registers_say_that_they_are_not_modelled(
    bench: Bench, control: ClusterControl
) -> None:
    bench.store(control, "debug_status", 0xFF)
    assert bench.load(control, "debug_status") == 0
    bench.store(control, "halt_mask", 0x0F)
    assert bench.load(control, "halt_mask") == 0x0F
    assert {rule for rule, _ in bench.reports} == {"not-modelled"}
    assert len(bench.reports) == 4


@pytest.mark.parametrize("offset", [0x04, 0x30, 0x84, 0x104, 0x3FC])
def test_what_is_no_register_reads_as_zero(
    bench: Bench, control: ClusterControl, offset: int
) -> None:
    bench.store(control, offset, 1)
    assert bench.load(control, offset) == 0
    assert bench.status is None


def test_seventeen_harts_are_refused(bench: Bench) -> None:
    with pytest.raises(DeclarationError, match="harts"):
        bench.build(ClusterControl, {"harts": 17})
