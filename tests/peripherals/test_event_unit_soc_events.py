"""The FIFO of SoC events and the level of line 27."""

from __future__ import annotations

import pytest

from tests.peripherals.event_unit_cluster import Cluster

SOC = 1 << 27
VALID = 1 << 31


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def pop(cluster: Cluster) -> int:
    return cluster.periph_load("soc_event_fifo")


def test_an_id_is_read_once_and_marked_valid(cluster: Cluster) -> None:
    assert pop(cluster) == 0
    cluster.soc_event(0xA5)
    assert pop(cluster) == VALID | 0xA5
    assert pop(cluster) == 0


def test_ids_come_out_in_order_for_any_master(cluster: Cluster) -> None:
    for event in (3, 255, 0, 3):
        cluster.soc_event(event)
    read = [cluster.periph_load(0x700, hart=master) & 0xFF for master in (0, 5, -1, 7)]
    assert read == [3, 255, 0, 3]


def test_every_hart_sees_event_27_while_an_id_is_there(cluster: Cluster) -> None:
    cluster.soc_event(1)
    assert [cluster.buffer(hart) for hart in range(8)] == [SOC] * 8


def test_the_level_is_latched_again_after_a_clear_until_the_fifo_is_empty(
    cluster: Cluster,
) -> None:
    cluster.mask(SOC, 2)
    cluster.soc_event(1)
    cluster.soc_event(2)
    cluster.store("buffer_clear", SOC, hart=2)
    assert cluster.buffer(2) == SOC
    assert cluster.read(2, "event_wait_clear")
    pop(cluster)
    assert cluster.read(2, "event_wait_clear")
    pop(cluster)
    # What was latched stays until it is cleared once more.
    assert cluster.read(2, "event_wait_clear")
    assert not cluster.read(2, "event_wait_clear")


def test_a_soc_event_wakes_a_sleeper(cluster: Cluster) -> None:
    cluster.mask(SOC, 2)
    cluster.read(2, "event_wait")
    cluster.soc_event(9)
    cluster.wake_now()
    assert cluster.answers[2].value == SOC


def test_a_soc_event_interrupts_again_until_the_fifo_is_empty(cluster: Cluster) -> None:
    cluster.store("irq_mask", SOC, hart=1)
    cluster.soc_event(9)
    assert cluster.bench.requests == {1: 27}
    cluster.unit.interrupt_taken(1, 27)
    assert cluster.bench.requests == {1: 27}
    pop(cluster)
    cluster.unit.interrupt_taken(1, 27)
    assert cluster.bench.requests == {1: None}


def test_a_full_fifo_holds_producers_back_and_loses_nothing(cluster: Cluster) -> None:
    for event in range(12):
        cluster.soc_event(event)
    assert cluster.unit.activities == {"soc_events": 8}
    assert cluster.unit.doing() == "SoC event FIFO: 8 events"
    assert [pop(cluster) & 0xFF for _ in range(12)] == list(range(12))
    assert pop(cluster) == 0
    assert cluster.buffer(0) == SOC


def test_a_producer_that_is_held_back_raises_no_second_event(cluster: Cluster) -> None:
    for event in (*range(8), 20, 20, 21):
        cluster.soc_event(event)
    assert [pop(cluster) & 0xFF for _ in range(10)] == [*range(8), 20, 21]
    assert pop(cluster) == 0


def test_the_end_of_a_level_is_no_event(cluster: Cluster) -> None:
    cluster.unit.input("soc_events", 4)(0, 0xFF)
    assert pop(cluster) == 0


def test_the_inter_cluster_fifo_reads_zero_and_is_a_finding(cluster: Cluster) -> None:
    assert cluster.periph_load("inter_cluster_fifo") == 0
    cluster.periph_store("inter_cluster_fifo", 1)
    assert cluster.rules == ["inter-cluster-fifo"]
