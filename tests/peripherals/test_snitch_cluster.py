"""The peripherals of a Snitch cluster: counters, interrupts between harts, state of the HWPE."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.model import HartCounters
from vplat.peripherals.snitch_cluster import SnitchClusterPeripherals
from vplat.peripherals.snitch_cluster.events import EVENTS, selected
from vplat.testing import Bench

ENABLE, HART, COUNTER, HIGH = 0x000, 0x080, 0x100, 0x104
SET, CLEAR, BARRIER, PREFETCH, EVENT, BUSY = 0x180, 0x188, 0x190, 0x198, 0x1A0, 0x1A8
BIT = {event.name: 1 << number for number, event in enumerate(EVENTS)}
ONES = 0xFFFF_FFFF


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def cluster(bench: Bench) -> SnitchClusterPeripherals:
    return bench.build(SnitchClusterPeripherals, {"dma": "dma"})


def count(bench: Bench, cluster: SnitchClusterPeripherals, index: int = 0) -> int:
    """All 48 bits of a counter."""
    low = bench.load(cluster, COUNTER + 8 * index)
    return low | bench.load(cluster, HIGH + 8 * index) << 32


def harts(bench: Bench, hart: int, instructions: int, **by_class: int) -> None:
    """Let a hart have done so much."""
    bench.counters[hart] = HartCounters(0, instructions, by_class)


def test_there_are_31_events_in_the_order_of_the_register_description() -> None:
    assert len(EVENTS) == 31
    assert (EVENTS[0].name, EVENTS[6].name, EVENTS[25].name, EVENTS[30].name) == (
        "cycle",
        "retired_instr",
        "dma_busy",
        "icache_stall",
    )


@given(st.integers(0, ONES))
def test_the_lowest_bit_chooses_the_event(enable: int) -> None:
    chosen = selected(enable)
    if enable & 0x7FFF_FFFF == 0:
        assert chosen == -1
    else:
        assert enable >> chosen & 1
        assert enable & ((1 << chosen) - 1) == 0


def test_a_counter_counts_cycles_while_it_is_enabled(
    bench: Bench, cluster: SnitchClusterPeripherals
) -> None:
    bench.advance(100)
    bench.store(cluster, ENABLE + 8 * 3, BIT["cycle"])
    bench.advance(50)
    assert count(bench, cluster, 3) == 50
    bench.store(cluster, ENABLE + 8 * 3, 0)
    bench.advance(50)
    assert count(bench, cluster, 3) == 50
    bench.store(cluster, ENABLE + 8 * 3, BIT["cycle"])
    bench.advance(7)
    assert count(bench, cluster, 3) == 57
    assert count(bench, cluster, 2) == 0


def test_a_counter_counts_what_the_selected_hart_retires(
    bench: Bench, cluster: SnitchClusterPeripherals
) -> None:
    harts(bench, 8, 1000, load=100)
    harts(bench, 2, 50)
    bench.store(cluster, HART, 8)
    bench.store(cluster, ENABLE, BIT["retired_instr"])
    harts(bench, 8, 1011, load=107)
    assert count(bench, cluster) == 11
    bench.store(cluster, HART, 2)
    harts(bench, 2, 54)
    assert count(bench, cluster) == 15, "what it has is kept"
    bench.store(cluster, HART, 9 + 8)
    harts(bench, 8, 1012)
    assert count(bench, cluster) == 16, "hart 17 of 9 is hart 8"


def test_accesses_to_the_tcdm_are_those_of_all_harts(
    bench: Bench, cluster: SnitchClusterPeripherals
) -> None:
    bench.counters[3] = HartCounters(0, 0, {}, accesses=7)
    bench.store(cluster, ENABLE, BIT["tcdm_accessed"])
    bench.counters[3] = HartCounters(0, 0, {}, accesses=10)
    bench.counters[8] = HartCounters(0, 0, {}, accesses=2)
    assert count(bench, cluster) == 5


def test_loads_base_and_offloaded_results_are_told_apart(
    bench: Bench, cluster: SnitchClusterPeripherals
) -> None:
    for index, name in enumerate(("retired_load", "retired_i", "retired_acc")):
        bench.store(cluster, ENABLE + 8 * index, BIT[name])
    harts(bench, 0, 99, load=3, amo=1, alu=20, jump=2, csr=1, mul=4, div=2, store=7, branch=9)
    assert [count(bench, cluster, index) for index in range(3)] == [4, 23, 6]


@pytest.mark.parametrize(
    ("event", "amount"),
    [
        ("dma_aw_done", 5),
        ("dma_ar_done", 4),
        ("dma_ar_bw", 640),
        ("dma_aw_bw", 704),
        ("dma_r_done", 10),
        ("dma_r_bw", 640),
        ("dma_w_done", 11),
        ("dma_w_bw", 600),
        ("dma_b_done", 5),
        ("dma_busy", 77),
    ],
)
def test_events_of_the_dma_are_what_it_accounts_for(
    bench: Bench, cluster: SnitchClusterPeripherals, event: str, amount: int
) -> None:
    bench.others["dma"] = {"read_beats": 1, "write_beats": 1, "busy_cycles": 3}
    bench.store(cluster, ENABLE, BIT[event])
    bench.others["dma"] = {
        "read_bursts": 4,
        "write_bursts": 5,
        "read_beats": 11,
        "write_beats": 12,
        "bytes_written": 600,
        "busy_cycles": 80,
    }
    assert count(bench, cluster) == amount


@pytest.mark.parametrize("event", ["issue_fpu", "issue_fpu_seq", "issue_core_to_fpu"])
def test_without_an_fpu_its_events_never_happen(
    bench: Bench, cluster: SnitchClusterPeripherals, event: str
) -> None:
    bench.store(cluster, ENABLE, BIT[event])
    bench.advance(100)
    assert count(bench, cluster) == 0
    assert bench.reports == []


def test_an_event_that_the_platform_does_not_know_is_reported_once(
    bench: Bench, cluster: SnitchClusterPeripherals
) -> None:
    bench.store(cluster, ENABLE, BIT["icache_miss"])
    bench.store(cluster, ENABLE + 8, BIT["icache_miss"])
    bench.advance(100)
    assert count(bench, cluster) == 0
    assert [rule for rule, _ in bench.reports] == ["not-modelled"]
    assert "icache_miss is not counted" in bench.reports[0][1]


def test_a_counter_can_be_written(bench: Bench, cluster: SnitchClusterPeripherals) -> None:
    bench.store(cluster, ENABLE, BIT["cycle"])
    bench.store(cluster, COUNTER, ONES)
    bench.store(cluster, HIGH, 0x12)
    bench.advance(1)
    assert count(bench, cluster) == 0x13_0000_0000
    bench.store(cluster, COUNTER, 5)
    bench.advance(1)
    assert count(bench, cluster) == 6, "a store to the lower word clears the upper bits"


def test_a_counter_has_48_bits(bench: Bench, cluster: SnitchClusterPeripherals) -> None:
    bench.store(cluster, COUNTER, ONES)
    bench.store(cluster, HIGH, ONES)
    bench.store(cluster, ENABLE, BIT["cycle"])
    bench.advance(3)
    assert count(bench, cluster) == 2


def test_harts_interrupt_one_another(bench: Bench, cluster: SnitchClusterPeripherals) -> None:
    bench.store(cluster, SET, 0b1_0000_0110)
    bench.store(cluster, SET, 0b10)
    bench.store(cluster, CLEAR, 0b110)
    bench.store(cluster, CLEAR, 0b001)
    assert [(sent.output, sent.level, sent.harts) for sent in bench.sent] == [
        ("interrupt", 1, 0b1_0000_0110),
        ("interrupt", 0, 0b110),
    ]
    assert cluster.doing() == "interrupt of hart 8"
    assert (bench.load(cluster, SET), bench.load(cluster, CLEAR)) == (0, 0)


def test_bits_without_a_hart_interrupt_nobody(
    bench: Bench, cluster: SnitchClusterPeripherals
) -> None:
    bench.store(cluster, SET, 0xFFFF_FE00)
    assert bench.sent == []


def test_the_old_barrier_reads_as_zero_at_once(
    bench: Bench, cluster: SnitchClusterPeripherals
) -> None:
    assert bench.load(cluster, BARRIER) == 0


def test_the_accelerator_s_state_shows(bench: Bench, cluster: SnitchClusterPeripherals) -> None:
    busy, finished = cluster.input("hwpe_running"), cluster.input("hwpe_finished")
    assert bench.load(cluster, BUSY) == 0
    busy(1, ONES)
    assert bench.load(cluster, BUSY) == 1
    bench.advance(10)
    finished(1, 1 << 8)
    busy(0, ONES)
    assert (bench.load(cluster, BUSY), bench.load(cluster, EVENT)) == (0, 1 << 16)
    bench.advance(1)
    assert bench.load(cluster, EVENT) == 0


def test_offsets_without_a_register_read_as_ones_and_all_repeats(
    bench: Bench, cluster: SnitchClusterPeripherals
) -> None:
    assert bench.load(cluster, SET + 4) == ONES
    assert bench.load(cluster, 0x1B0) == ONES
    bench.store(cluster, 0x1B0, 1)
    bench.store(cluster, 0x200 + HART, 3)
    assert bench.load(cluster, 0xFE00 + HART) == 3


def test_prefetching_can_be_switched_and_makes_no_difference(
    bench: Bench, cluster: SnitchClusterPeripherals
) -> None:
    bench.store(cluster, PREFETCH, 0)
    assert bench.load(cluster, PREFETCH) == 0
