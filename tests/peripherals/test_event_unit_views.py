"""The registers of each hart in both views, its interrupts, and the event lines."""

from __future__ import annotations

import pytest

from tests.peripherals.event_unit_cluster import DEMUX, Cluster
from vplat.errors import DeclarationError
from vplat.model import AccessFault
from vplat.peripherals.event_unit import EventUnit
from vplat.testing import Bench


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.mark.parametrize(
    ("offset", "name"),
    [
        (0x00, "event_mask"),
        (0x04, "event_mask_and"),
        (0x08, "event_mask_or"),
        (0x0C, "irq_mask"),
        (0x10, "irq_mask_and"),
        (0x14, "irq_mask_or"),
        (0x18, "clock_status"),
        (0x1C, "event_buffer"),
        (0x20, "buffer_masked"),
        (0x24, "buffer_irq_masked"),
        (0x28, "buffer_clear"),
        (0x2C, "sw_events_mask"),
        (0x30, "sw_events_mask_and"),
        (0x34, "sw_events_mask_or"),
        (0x38, "event_wait"),
        (0x3C, "event_wait_clear"),
        (0x80, "dispatch_fifo"),
        (0x84, "dispatch_team_config"),
        (0xC0 + 4 * 15, "mutex[15]"),
        (0x100 + 4 * 7, "sw_event_trigger[7]"),
        (0x140 + 4 * 7, "sw_event_trigger_wait[7]"),
        (0x180 + 4 * 7, "sw_event_trigger_wait_clear[7]"),
        (0x200 + 0x20 * 3, "barrier_trigger_mask[3]"),
        (0x204 + 0x20 * 3, "barrier_status[3]"),
        (0x208 + 0x20 * 3, "barrier_status_summary[3]"),
        (0x20C + 0x20 * 3, "barrier_target_mask[3]"),
        (0x210 + 0x20 * 3, "barrier_trigger[3]"),
        (0x214 + 0x20 * 3, "barrier_trigger_self[3]"),
        (0x218 + 0x20 * 3, "barrier_trigger_wait[3]"),
        (0x21C + 0x20 * 15, "barrier_trigger_wait_clear[15]"),
    ],
)
def test_the_core_private_view_lies_as_in_the_table(
    cluster: Cluster, offset: int, name: str
) -> None:
    assert cluster.unit.ports["demux"].name_at(offset) == f"event_unit.{name}"


@pytest.mark.parametrize(
    ("offset", "name"),
    [
        (0x40 * 5 + 0x00, "hart_event_mask[5]"),
        (0x40 * 5 + 0x1C, "hart_event_buffer[5]"),
        (0x40 * 15 + 0x34, "hart_sw_events_mask_or[15]"),
        (0x400 + 0x20 * 2, "periph_barrier_trigger_mask[2]"),
        (0x404 + 0x20 * 2, "periph_barrier_status[2]"),
        (0x40C + 0x20 * 2, "periph_barrier_target_mask[2]"),
        (0x410 + 0x20 * 2, "periph_barrier_trigger[2]"),
        (0x600 + 4 * 6, "periph_sw_event_trigger[6]"),
        (0x700, "soc_event_fifo"),
        (0x780, "inter_cluster_fifo"),
    ],
)
def test_the_periph_view_lies_as_in_the_table(cluster: Cluster, offset: int, name: str) -> None:
    assert cluster.unit.ports[""].name_at(offset) == f"event_unit.{name}"


def test_windows_have_the_sizes_of_the_memory_map(cluster: Cluster) -> None:
    assert cluster.unit.ports[""].size == 0x800
    assert cluster.unit.ports["demux"].size == 0x400


def test_every_readable_register_is_zero_after_reset(cluster: Cluster) -> None:
    waits = ("wait", "mutex", "dispatch_fifo", "trigger_self", "clock_status")
    read = 0
    for register, index, window, offset in cluster.unit.elements():
        if not any(part in register.name for part in waits):
            port = cluster.unit.ports[window.name]
            assert port.load(offset, 4, 0) == 0, register.element_name(index)
            read += 1
    assert read > 200


@pytest.mark.parametrize("mask", ["event_mask", "irq_mask"])
def test_masks_are_written_and_changed_bit_by_bit_in_the_own_unit(
    cluster: Cluster, mask: str
) -> None:
    cluster.store(mask, 0xFFFF_FFFF, hart=3)
    assert cluster.load(mask, 3) == 0xFFFF_FFFF
    cluster.store(f"{mask}_and", 0x0F0F_0000, hart=3)
    assert cluster.load(mask, 3) == 0xF0F0_FFFF
    cluster.store(f"{mask}_or", 0x0001_0000, hart=3)
    assert cluster.load(mask, 3) == 0xF0F1_FFFF
    assert cluster.load(mask, 2) == 0


@pytest.mark.parametrize("mask", ["event_mask", "irq_mask", "sw_events_mask"])
def test_both_views_show_one_mask(cluster: Cluster, mask: str) -> None:
    cluster.store(mask, 0x35, hart=6)
    assert cluster.periph_load(f"hart_{mask}[6]") == 0x35
    cluster.periph_store(f"hart_{mask}[6]", 0x77, hart=-1)
    assert cluster.load(mask, 6) == 0x77
    cluster.periph_store(f"hart_{mask}_and[6]", 0x11)
    cluster.periph_store(f"hart_{mask}_or[6]", 0x80)
    assert cluster.load(mask, 6) == 0xE6
    assert cluster.load(mask, 0) == 0


def test_the_target_mask_of_sw_events_is_as_wide_as_there_are_harts(cluster: Cluster) -> None:
    cluster.store("sw_events_mask", 0xFFFF_FFFF)
    assert cluster.load("sw_events_mask") == 0xFF
    cluster.store("sw_events_mask_and", 0xF0)
    cluster.store("sw_events_mask_or", 0xFF20)
    assert cluster.load("sw_events_mask") == 0x2F


@pytest.mark.parametrize(
    "register",
    [
        "event_mask_and",
        "event_mask_or",
        "irq_mask_and",
        "irq_mask_or",
        "buffer_clear",
        "sw_events_mask_and",
        "sw_events_mask_or",
        "dispatch_team_config",
        "sw_event_trigger[2]",
        "barrier_trigger[2]",
    ],
)
def test_write_only_registers_read_zero(cluster: Cluster, register: str) -> None:
    cluster.store(register, 0xFFFF_FFFF)
    assert cluster.load(register) == 0


@pytest.mark.parametrize(
    "register",
    [
        "clock_status",
        "event_buffer",
        "buffer_masked",
        "event_wait",
        "event_wait_clear",
        "barrier_status[0]",
        "barrier_status_summary[0]",
        "barrier_trigger_self[0]",
        "barrier_trigger_wait[0]",
        "sw_event_trigger_wait[0]",
    ],
)
def test_a_store_to_a_register_that_is_only_read_has_no_effect(
    cluster: Cluster, register: str
) -> None:
    before = cluster.unit.snapshot()
    cluster.store(register, 0xFFFF_FFFF)
    cluster.run(4)
    assert cluster.unit.snapshot() == before


def test_a_hole_in_the_map_reads_zero_and_takes_stores(cluster: Cluster) -> None:
    cluster.bench.store(cluster.unit, 0x44, 1, window=DEMUX)
    assert cluster.bench.load(cluster.unit, 0x44, window=DEMUX) == 0
    cluster.periph_store(0x414, 1)
    assert cluster.periph_load(0x414) == 0


def test_a_narrow_store_changes_its_own_lanes_of_a_mask(cluster: Cluster) -> None:
    cluster.store("event_mask", 0x1122_3344, hart=1)
    cluster.bench.store(cluster.unit, 0x01, 0xAB, hart=1, size=1, window=DEMUX)
    assert cluster.load("event_mask", 1) == 0x1122_AB44
    assert cluster.bench.load(cluster.unit, 0x02, hart=1, size=2, window=DEMUX) == 0x1122


def test_a_pulse_is_latched_for_the_harts_it_names_whatever_the_masks_say(
    cluster: Cluster,
) -> None:
    cluster.pulse(8, harts=0b0010_0100)
    assert [cluster.buffer(hart) for hart in range(8)] == [0, 0, 256, 0, 0, 256, 0, 0]
    cluster.pulse(31)
    assert all(cluster.buffer(hart) >> 31 for hart in range(8))
    assert cluster.periph_load("hart_event_buffer[2]") == 1 << 31 | 1 << 8


def test_the_end_of_a_level_is_no_event(cluster: Cluster) -> None:
    cluster.unit.input("lines", 10)(0, 0xFF)
    assert cluster.buffer(0) == 0


def test_the_masked_views_of_the_buffer_follow_the_masks(cluster: Cluster) -> None:
    cluster.pulse(8)
    cluster.pulse(12)
    cluster.store("event_mask", 1 << 12, hart=1)
    cluster.store("irq_mask", 1 << 8 | 1 << 3, hart=1)
    assert cluster.load("buffer_masked", 1) == 1 << 12
    assert cluster.load("buffer_irq_masked", 1) == 1 << 8
    assert cluster.periph_load("hart_buffer_masked[1]") == 1 << 12
    assert cluster.periph_load("hart_buffer_irq_masked[1]") == 1 << 8
    assert cluster.load("buffer_masked", 0) == 0


def test_buffer_clear_takes_out_the_bits_that_are_set(cluster: Cluster) -> None:
    for line in (8, 9, 10):
        cluster.pulse(line)
    cluster.store("buffer_clear", 1 << 8, hart=4)
    assert cluster.buffer(4) == 1 << 9 | 1 << 10
    cluster.periph_store("hart_buffer_clear[4]", 1 << 10)
    assert cluster.buffer(4) == 1 << 9
    assert cluster.buffer(5) == 0x700


def test_the_clock_status_is_that_of_the_hart_and_one_for_a_reader_itself(
    cluster: Cluster,
) -> None:
    cluster.bench.asleep = {2, 3}
    assert cluster.load("clock_status", 2) == 1
    assert cluster.periph_load("hart_clock_status[2]", hart=2) == 1
    assert cluster.periph_load("hart_clock_status[2]", hart=0) == 0
    assert cluster.periph_load("hart_clock_status[3]", hart=-1) == 0
    assert cluster.periph_load("hart_clock_status[4]", hart=-1) == 1


def test_the_registers_of_a_hart_that_does_not_exist_read_zero_and_a_store_is_a_finding(
    cluster: Cluster,
) -> None:
    cluster.periph_store("hart_event_mask[9]", 0xFF)
    cluster.periph_store("hart_irq_mask_or[9]", 0xFF)
    cluster.periph_store("hart_buffer_clear[9]", 0xFF)
    assert cluster.rules == ["no-such-hart"] * 3
    assert "hart 9" in cluster.bench.reports[0][1]
    cluster.pulse(3)
    for name in ("event_mask", "irq_mask", "event_buffer", "clock_status", "buffer_masked"):
        assert cluster.periph_load(f"hart_{name}[9]") == 0


def test_a_master_that_is_no_hart_is_refused_a_unit_of_its_own(cluster: Cluster) -> None:
    for register in ("event_mask", "event_wait", "mutex[0]", "barrier_trigger_self[0]"):
        with pytest.raises(AccessFault, match="no hart"):
            cluster.load(register, hart=-1)
    for register in ("event_mask_or", "buffer_clear", "mutex[0]"):
        with pytest.raises(AccessFault, match="no hart"):
            cluster.store(register, 1, hart=-1)
    assert cluster.load("clock_status", hart=-1) == 0


def test_a_hart_beyond_the_parameter_is_refused_with_its_number() -> None:
    cluster = Cluster(harts=4)
    with pytest.raises(AccessFault, match=r"hart 6 .*serves 4 harts"):
        cluster.load("event_wait", hart=6)


@pytest.mark.parametrize(
    "parameters", [{"harts": 0}, {"harts": 17}, {"barriers": 17}, {"mutexes": 0}, {"mutexes": 17}]
)
def test_parameters_stay_within_the_address_room(parameters: dict[str, int]) -> None:
    with pytest.raises(DeclarationError, match=r"it must be 1\.\.16"):
        Bench().build(EventUnit, parameters)


def test_an_interrupt_is_asked_for_with_the_highest_event_of_the_irq_mask(
    cluster: Cluster,
) -> None:
    cluster.store("irq_mask", 1 << 8 | 1 << 10, hart=2)
    cluster.pulse(12)
    assert cluster.bench.requests == {}
    cluster.pulse(8)
    assert cluster.bench.requests == {2: 8}
    cluster.pulse(10)
    assert cluster.bench.requests == {2: 10}


def test_taking_an_interrupt_clears_its_event_and_asks_for_the_next_one(
    cluster: Cluster,
) -> None:
    cluster.store("irq_mask", 1 << 8 | 1 << 10, hart=2)
    cluster.pulse(8)
    cluster.pulse(10)
    cluster.unit.interrupt_taken(2, 10)
    assert cluster.buffer(2) == 1 << 8
    assert cluster.bench.requests == {2: 8}
    cluster.unit.interrupt_taken(2, 8)
    assert cluster.buffer(2) == 0
    assert cluster.bench.requests == {2: None}
    assert cluster.buffer(3) == 1 << 8 | 1 << 10


def test_an_event_that_comes_again_interrupts_again(cluster: Cluster) -> None:
    cluster.store("irq_mask", 1 << 8)
    cluster.pulse(8)
    cluster.unit.interrupt_taken(0, 8)
    cluster.pulse(8)
    assert cluster.bench.requests[0] == 8


def test_masking_or_clearing_withdraws_an_interrupt_and_unmasking_asks_for_it(
    cluster: Cluster,
) -> None:
    cluster.pulse(9)
    cluster.store("irq_mask_or", 1 << 9, hart=1)
    assert cluster.bench.requests == {1: 9}
    cluster.store("irq_mask_and", 1 << 9, hart=1)
    assert cluster.bench.requests == {1: None}
    cluster.periph_store("hart_irq_mask[1]", 1 << 9)
    assert cluster.bench.requests == {1: 9}
    cluster.store("buffer_clear", 1 << 9, hart=1)
    assert cluster.bench.requests == {1: None}


def test_a_snapshot_brings_back_buffers_masks_and_who_waits(cluster: Cluster) -> None:
    cluster.mask(1 << 8, 0)
    cluster.pulse(9)
    assert not cluster.read(0, "event_wait")
    saved = cluster.unit.snapshot()
    said = cluster.unit.explain_wait(0)
    cluster.unit.reset()
    assert cluster.periph_load("hart_event_mask[0]") == 0
    assert cluster.unit.explain_wait(0) == ""
    cluster.unit.restore(saved)
    assert cluster.load("event_mask") == 1 << 8
    assert cluster.periph_load("hart_event_buffer[7]") == 1 << 9
    assert cluster.unit.explain_wait(0) == said
