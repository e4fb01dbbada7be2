"""Waiting for events: who sleeps, who wakes when, what is cleared, and software events."""

from __future__ import annotations

import pytest

from tests.peripherals.event_unit_cluster import BARRIER, RUNTIME_MASK, Answer, Cluster


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def test_a_pending_event_is_granted_at_once_and_stays(cluster: Cluster) -> None:
    cluster.mask(1 << 8, 1)
    cluster.pulse(8)
    cluster.pulse(9)
    assert cluster.read(1, "event_wait")
    assert cluster.answers[1] == Answer(0, 1 << 8)
    assert cluster.buffer(1) == 1 << 8 | 1 << 9


def test_waiting_with_clear_clears_what_is_masked_and_costs_one_more_cycle(
    cluster: Cluster,
) -> None:
    cluster.mask(1 << 8 | 1 << 12, 1)
    for line in (8, 9, 12):
        cluster.pulse(line)
    assert cluster.read(1, "event_wait_clear")
    assert cluster.answers[1] == Answer(0, 1 << 8 | 1 << 12, extra=1)
    assert cluster.buffer(1) == 1 << 9


def test_without_an_unmasked_event_a_hart_sleeps_until_one_is_latched(cluster: Cluster) -> None:
    cluster.mask(1 << 8, 1)
    cluster.pulse(9)
    assert not cluster.read(1, "event_wait_clear")
    assert cluster.stalled[1] == ("event_wait_clear", "event_wait_clear")
    cluster.run(5)
    cluster.pulse(9)
    cluster.wake_now()
    assert 1 in cluster.stalled
    cluster.pulse(8)
    cluster.wake_now()
    assert cluster.answers[1] == Answer(5, 1 << 8, extra=1)


def test_an_event_wakes_those_alone_whose_mask_has_it(cluster: Cluster) -> None:
    cluster.mask(1 << 8, 0, 1)
    cluster.mask(1 << 9, 2)
    for hart in range(3):
        cluster.read(hart, "event_wait")
    cluster.pulse(8, harts=0b110)
    assert cluster.bench.woken == [1]


def test_unmasking_a_pending_event_wakes_a_sleeper(cluster: Cluster) -> None:
    cluster.mask(1 << 8, 3)
    cluster.read(3, "event_wait")
    cluster.pulse(9)
    assert cluster.bench.woken == []
    cluster.periph_store("hart_event_mask_or[3]", 1 << 9, hart=0)
    cluster.wake_now()
    assert cluster.answers[3].value == 1 << 9


def test_an_interrupt_that_takes_the_event_leaves_the_hart_asleep(cluster: Cluster) -> None:
    cluster.mask(1 << 8, 0)
    cluster.store("irq_mask", 1 << 8)
    cluster.read(0, "event_wait")
    cluster.pulse(8)
    cluster.unit.interrupt_taken(0, 8)
    cluster.wake_now()
    assert 0 in cluster.stalled
    cluster.pulse(8)
    cluster.wake_now()
    assert cluster.answers[0].value == 1 << 8


def test_a_masked_event_in_the_cycle_of_the_clear_is_lost_and_another_one_is_kept(
    cluster: Cluster,
) -> None:
    cluster.mask(1 << 8, 1)
    cluster.pulse(8)
    cluster.read(1, "event_wait_clear")
    cluster.bench.advance(1)
    cluster.pulse(8)
    cluster.pulse(12)
    assert cluster.buffer(1) == 1 << 12
    assert cluster.buffer(2) == 1 << 8 | 1 << 12
    cluster.read(1, "event_wait_clear")
    assert "event 8 (DMA) came in the cycle of a clear and was lost" in cluster.unit.explain_wait(1)
    cluster.bench.advance(1)
    cluster.pulse(8)
    cluster.wake_now()
    assert cluster.answers[1].value == 1 << 8
    cluster.mask(0, 1)
    cluster.read(1, "event_wait")
    assert "lost" not in cluster.unit.explain_wait(1)


@pytest.mark.parametrize("cycles", [0, 2])
def test_a_masked_event_beside_the_cycle_of_the_clear_is_kept(
    cluster: Cluster, cycles: int
) -> None:
    cluster.mask(1 << 8, 1)
    cluster.pulse(8)
    cluster.read(1, "event_wait_clear")
    cluster.bench.advance(cycles)
    cluster.pulse(8)
    assert cluster.buffer(1) == 1 << 8


def test_a_wait_without_clear_loses_nothing(cluster: Cluster) -> None:
    cluster.mask(1 << 8, 1)
    cluster.pulse(8)
    cluster.read(1, "event_wait")
    cluster.store("buffer_clear", 1 << 8, hart=1)
    cluster.bench.advance(1)
    cluster.pulse(8)
    assert cluster.buffer(1) == 1 << 8


def test_a_hart_that_waits_again_meets_no_clear_of_before(cluster: Cluster) -> None:
    cluster.mask(1 << 8, 1)
    cluster.pulse(8)
    cluster.read(1, "event_wait_clear")
    cluster.bench.advance(1)
    cluster.read(1, "event_wait_clear")
    cluster.pulse(8)
    cluster.wake_now()
    assert cluster.answers[1].cycle == 1


def test_a_trigger_reaches_other_harts_in_the_next_cycle(cluster: Cluster) -> None:
    cluster.mask(1 << 3)
    cluster.read(5, "event_wait_clear")
    cluster.run(10)
    cluster.store("sw_event_trigger[3]", 1 << 5, hart=0)
    assert cluster.buffer(5) == 0
    cluster.run()
    assert cluster.answers[5] == Answer(11, 1 << 3, extra=1)
    assert [cluster.buffer(hart) for hart in range(8)] == [0] * 8


def test_a_trigger_of_zero_reaches_all_harts(cluster: Cluster) -> None:
    cluster.store("sw_event_trigger[7]", 0, hart=2)
    cluster.run()
    assert [cluster.buffer(hart) for hart in range(8)] == [1 << 7] * 8


def test_a_hart_finds_its_own_trigger_with_its_next_access(cluster: Cluster) -> None:
    cluster.store("sw_event_trigger[2]", 1 << 4, hart=4)
    assert cluster.buffer(4) == 1 << 2


@pytest.mark.parametrize("master", [0, -1])
def test_the_periph_view_triggers_as_well(cluster: Cluster, master: int) -> None:
    cluster.periph_store("periph_sw_event_trigger[1]", 0b1000, hart=master)
    cluster.periph_store("periph_sw_event_trigger[6]", 0, hart=master)
    cluster.run()
    assert cluster.buffer(3) == 1 << 1 | 1 << 6
    assert cluster.buffer(7) == 1 << 6


def test_trigger_and_wait_sends_to_the_target_mask_and_sleeps_for_any_event(
    cluster: Cluster,
) -> None:
    cluster.mask(1 << 5, 0)
    cluster.mask(1 << 0, 1)
    cluster.store("sw_events_mask", 1 << 1)
    assert not cluster.read(1, "event_wait_clear")
    assert not cluster.read(0, "sw_event_trigger_wait[0]")
    assert cluster.stalled[0][1] == "sw_event_trigger_wait[0]"
    cluster.run()
    assert cluster.answers[1] == Answer(1, 1, extra=1)
    assert cluster.buffer(2) == 0
    cluster.run(6)
    cluster.store("sw_event_trigger[5]", 1, hart=1)
    cluster.run()
    assert cluster.answers[0] == Answer(8, 1 << 5)
    assert cluster.buffer(0) == 1 << 5


def test_trigger_and_wait_without_targets_sends_to_all_and_to_oneself(cluster: Cluster) -> None:
    cluster.mask(1 << 4)
    cluster.run(3)
    assert cluster.read(6, "sw_event_trigger_wait_clear[4]")
    # One cycle until the own event is in the buffer, one for the clear.
    assert cluster.answers[6] == Answer(3, 1 << 4, extra=2)
    assert cluster.buffer(6) == 0
    cluster.run()
    assert cluster.buffer(0) == 1 << 4


def test_trigger_and_wait_with_an_event_pending_takes_both_along(cluster: Cluster) -> None:
    cluster.mask(0xFF, 0)
    cluster.pulse(7)
    assert cluster.read(0, "sw_event_trigger_wait_clear[4]")
    assert cluster.answers[0] == Answer(0, 1 << 7 | 1 << 4, extra=1)
    cluster.run(2)
    assert cluster.buffer(0) == 0


def test_the_trigger_of_a_stalled_read_fires_once_however_often_it_is_issued(
    cluster: Cluster,
) -> None:
    cluster.mask(1 << 5, 0)
    cluster.store("sw_events_mask", 1 << 1)
    for _ in range(3):
        cluster.read(0, "sw_event_trigger_wait[0]")
        cluster.run(2)
        assert cluster.unit.activities == {"software_events": 1}
    cluster.pulse(5)
    cluster.wake_now()
    cluster.store("buffer_clear", 0xFFFF_FFFF)
    cluster.read(0, "sw_event_trigger_wait[0]")
    assert cluster.unit.activities == {"software_events": 2}


def test_a_handler_may_wait_while_the_main_code_sleeps_in_a_barrier(cluster: Cluster) -> None:
    cluster.mask(RUNTIME_MASK | 1)
    cluster.barrier(0b11)
    cluster.read(0, "barrier_trigger_wait_clear[0]")
    # An interrupt handler of hart 0 locks a mutex and exchanges SW events.
    cluster.read(0, "mutex[0]")
    cluster.run()
    assert cluster.answers[0].cycle == 1
    cluster.store("mutex[0]", 7)
    cluster.store("sw_events_mask", 0b10)
    cluster.read(0, "sw_event_trigger_wait_clear[1]")
    cluster.run(2)
    assert cluster.buffer(1) == 1 << 1
    cluster.store("sw_event_trigger[0]", 0b01, hart=1)
    cluster.run()
    assert cluster.answers[0].value == 1
    # The main code issues its read again; its arrival still counts, once.
    assert not cluster.read(0, "barrier_trigger_wait_clear[0]")
    assert cluster.load("barrier_status[0]") == 0b01
    cluster.read(1, "barrier_trigger_wait_clear[0]")
    cluster.run(2)
    assert cluster.answers[0] == Answer(6, BARRIER, extra=1)
    assert cluster.load("barrier_status[0]") == 0
    assert cluster.rules == []


def test_a_wait_that_no_event_can_end_is_a_finding(cluster: Cluster) -> None:
    cluster.read(4, "event_wait_clear")
    assert cluster.rules == ["event-mask"]
    sentence = cluster.bench.reports[0][1]
    assert "hart 4 waits in event_wait_clear with no bit set in its event_mask" in sentence
    cluster.read(4, "event_wait_clear")
    assert cluster.rules == ["event-mask"]


@pytest.mark.parametrize(
    ("register", "bit", "unit"),
    [
        ("barrier_trigger_wait[1]", 16, "barrier"),
        ("barrier_trigger_wait_clear[0]", 16, "barrier"),
        ("mutex[0]", 17, "mutex"),
        ("dispatch_fifo", 18, "dispatch"),
    ],
)
def test_a_wait_whose_own_bit_is_masked_is_a_finding_and_hangs(
    cluster: Cluster, register: str, bit: int, unit: str
) -> None:
    cluster.mask(RUNTIME_MASK & ~(1 << bit))
    cluster.barrier(1, index=0)
    cluster.barrier(1, index=1)
    cluster.store("dispatch_team_config", 1, hart=1)
    cluster.store("dispatch_fifo", 0xCAFE, hart=1)
    cluster.run(2)
    cluster.read(0, register)
    cluster.run(20)
    assert 0 in cluster.stalled
    assert cluster.buffer(0) == 1 << bit
    assert cluster.rules == ["event-mask"]
    assert f"bit {bit} ({unit}) not set in its event_mask" in cluster.bench.reports[0][1]
    explained = cluster.unit.explain_wait(0)
    assert f"event {bit} ({unit}) has come but bit {bit} of the mask is clear" in explained
    cluster.store("event_mask_or", 1 << bit)
    cluster.wake_now()
    assert 0 in cluster.answers


def test_a_wait_that_is_granted_by_another_event_is_a_finding(cluster: Cluster) -> None:
    cluster.mask(RUNTIME_MASK | 1 << 8, 0)
    cluster.barrier(0b11)
    cluster.read(0, "barrier_trigger_wait_clear[0]")
    cluster.pulse(8)
    cluster.wake_now()
    assert cluster.answers[0].value == 1 << 8
    assert cluster.rules == ["other-event"]
    assert "event 8 (DMA)" in cluster.bench.reports[0][1]
    assert "event 16 (barrier) has not come" in cluster.bench.reports[0][1]


def test_a_sleeper_is_explained_by_the_events_it_waits_for(cluster: Cluster) -> None:
    cluster.mask(1 << 8 | 1 << 12 | 1 << 20, 2)
    cluster.pulse(9)
    cluster.read(2, "event_wait_clear")
    assert cluster.unit.explain_wait(2) == (
        "event_wait_clear: none of events 8 (DMA), 12 (accelerator event 0), 20 has come; "
        "event mask 0x00101100, buffer 0x00000200"
    )
    assert cluster.unit.explain_wait(1) == ""
    assert cluster.unit.explain_wait(-1) == ""


def test_a_sleeper_with_an_empty_mask_is_told_so(cluster: Cluster) -> None:
    cluster.pulse(9)
    cluster.read(2, "event_wait")
    assert cluster.unit.explain_wait(2) == (
        "event_wait; event mask 0x00000000, buffer 0x00000200; the mask is 0, so no event ends the "
        "wait, not even event 9 (DMA irq), which has come"
    )


def test_who_goes_on_is_not_explained_any_more(cluster: Cluster) -> None:
    cluster.mask(1 << 8, 2)
    cluster.read(2, "event_wait")
    cluster.pulse(8)
    cluster.wake_now()
    assert cluster.unit.explain_wait(2) == ""
