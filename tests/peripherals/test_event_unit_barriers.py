"""Barriers: arrivals, masks, the two cycles to the release, and what hangs."""

from __future__ import annotations

import pytest

from tests.peripherals.event_unit_cluster import BARRIER, RUNTIME_MASK, Answer, Cluster

WAIT_CLEAR = "barrier_trigger_wait_clear[0]"


@pytest.fixture
def cluster() -> Cluster:
    made = Cluster()
    made.mask(RUNTIME_MASK)
    return made


def test_all_harts_are_granted_two_cycles_after_the_last_one_reads(cluster: Cluster) -> None:
    cluster.barrier(0xFF)
    for hart in (3, 0, 7, 1, 2, 6, 5):
        assert not cluster.read(hart, WAIT_CLEAR)
        cluster.run(10)
    assert cluster.stalled[3] == (WAIT_CLEAR, WAIT_CLEAR)
    assert cluster.load("barrier_status[0]") == 0xEF
    assert not cluster.read(4, WAIT_CLEAR)
    assert cluster.now == 70
    cluster.run()
    assert cluster.answers == {}
    cluster.run()
    assert cluster.answers == {hart: Answer(72, BARRIER, extra=1) for hart in range(8)}
    assert cluster.load("barrier_status[0]") == 0
    assert [cluster.buffer(hart) for hart in range(8)] == [0] * 8
    assert cluster.rules == []


def test_a_barrier_is_used_again_and_again(cluster: Cluster) -> None:
    cluster.barrier(0b111)
    for round_ in range(5):
        for hart in range(3):
            cluster.read(hart, WAIT_CLEAR)
        cluster.run(2)
        assert cluster.answers[0].cycle == 2 * round_ + 2
    assert cluster.unit.activities == {"barriers": 5}


def test_harts_that_ran_ahead_count_with_their_own_time(cluster: Cluster) -> None:
    cluster.barrier(0b11)
    cluster.bench.now = 1000
    cluster.read(0, WAIT_CLEAR)
    cluster.bench.now = 400
    cluster.read(1, WAIT_CLEAR)
    cluster.run(601)
    assert cluster.answers == {}
    cluster.run()
    assert {hart: answer.cycle for hart, answer in cluster.answers.items()} == {0: 1002, 1: 1002}


def test_waiting_without_clear_leaves_the_event_pending(cluster: Cluster) -> None:
    cluster.barrier(0b1)
    cluster.read(0, "barrier_trigger_wait[0]")
    cluster.run(2)
    assert cluster.answers[0] == Answer(2, BARRIER)
    assert cluster.buffer(0) == BARRIER


def test_triggering_alone_marks_the_reader_and_does_not_wait(cluster: Cluster) -> None:
    cluster.barrier(0b11)
    cluster.pulse(8)
    cluster.store("event_mask_or", 1 << 8, hart=1)
    assert cluster.load("barrier_trigger_self[0]", 1) == 1 << 8
    assert cluster.load("barrier_status[0]") == 0b10
    assert cluster.load("barrier_trigger_self[0]", 0) == 0
    cluster.run(2)
    assert cluster.buffer(0) == 1 << 8 | BARRIER
    cluster.read(1, "event_wait_clear")
    assert cluster.answers[1].value == 1 << 8 | BARRIER


@pytest.mark.parametrize("view", ["barrier", "periph_barrier"])
def test_a_store_marks_other_harts_as_arrived(cluster: Cluster, view: str) -> None:
    cluster.barrier(0b1111)
    store = cluster.store if view == "barrier" else cluster.periph_store
    cluster.read(3, WAIT_CLEAR)
    store(f"{view}_trigger[0]", 0b0110)
    assert cluster.load("barrier_status[0]") == 0b1110
    cluster.run(5)
    store(f"{view}_trigger[0]", 0b0001)
    cluster.run(2)
    assert cluster.answers[3].cycle == 7
    assert cluster.buffer(0) == BARRIER


def test_both_views_show_the_registers_of_one_barrier(cluster: Cluster) -> None:
    cluster.periph_store("periph_barrier_trigger_mask[5]", 0x0F, hart=-1)
    cluster.periph_store("periph_barrier_target_mask[5]", 0x03, hart=-1)
    assert cluster.load("barrier_trigger_mask[5]") == 0x0F
    assert cluster.load("barrier_target_mask[5]") == 0x03
    cluster.store("barrier_trigger[5]", 0x04)
    assert cluster.periph_load("periph_barrier_status[5]") == 0x04
    cluster.store("barrier_trigger_mask[5]", 0x1C)
    assert cluster.periph_load("periph_barrier_trigger_mask[5]") == 0x1C
    assert cluster.load("barrier_trigger_mask[4]") == 0


def test_barrier_masks_are_as_wide_as_there_are_harts(cluster: Cluster) -> None:
    cluster.store("barrier_trigger_mask[1]", 0xFFFF_FFFF)
    cluster.periph_store("periph_barrier_target_mask[1]", 0xFFFF_FFFF)
    cluster.store("barrier_trigger[1]", 0xFF01)
    assert cluster.load("barrier_trigger_mask[1]") == 0xFF
    assert cluster.load("barrier_target_mask[1]") == 0xFF
    assert cluster.load("barrier_status[1]") == 0x01


def test_only_the_targets_get_the_event(cluster: Cluster) -> None:
    cluster.barrier(0b0011, targets=0b1100)
    cluster.store("barrier_trigger[0]", 0b0011)
    cluster.run(2)
    assert [cluster.buffer(hart) for hart in range(5)] == [0, 0, BARRIER, BARRIER, 0]


def test_an_empty_trigger_mask_never_matches(cluster: Cluster) -> None:
    cluster.store("barrier_target_mask[0]", 0xFF)
    cluster.read(0, WAIT_CLEAR)
    cluster.run(10)
    assert 0 in cluster.stalled
    assert cluster.unit.explain_wait(0).startswith(
        "barrier 0: arrived hart 0, its trigger mask is 0, so nobody's arrival completes it; "
    )


def test_a_trigger_mask_that_is_written_last_completes_the_barrier(cluster: Cluster) -> None:
    cluster.store("barrier_target_mask[0]", 0b11)
    cluster.read(0, WAIT_CLEAR)
    cluster.read(1, WAIT_CLEAR)
    cluster.run(9)
    cluster.store("barrier_trigger_mask[0]", 0b11, hart=5)
    cluster.run(2)
    assert cluster.answers[0].cycle == 11


def test_a_trigger_mask_that_grows_in_time_holds_the_barrier_back(cluster: Cluster) -> None:
    cluster.barrier(0b011)
    cluster.read(0, WAIT_CLEAR)
    cluster.read(1, WAIT_CLEAR)
    cluster.run()
    cluster.barrier(0b111)
    cluster.run(5)
    assert cluster.answers == {}
    cluster.read(2, WAIT_CLEAR)
    cluster.run(2)
    assert cluster.answers[0].cycle == 8


def test_an_arrival_from_outside_the_mask_is_kept_hangs_the_barrier_and_is_a_finding(
    cluster: Cluster,
) -> None:
    cluster.barrier(0b0111)
    cluster.read(3, WAIT_CLEAR)
    assert cluster.rules == ["barrier-outsider"]
    assert "barrier 0 keeps the arrival of hart 3" in cluster.bench.reports[0][1]
    for hart in range(3):
        cluster.read(hart, WAIT_CLEAR)
    cluster.run(20)
    assert sorted(cluster.stalled) == [0, 1, 2, 3]
    assert cluster.load("barrier_status[0]") == 0b1111
    assert "hart 3 arrived without being in its trigger mask 0x0007" in cluster.unit.explain_wait(0)
    cluster.barrier(0b1111)
    cluster.run(2)
    assert cluster.stalled == {}


def test_a_mask_that_leaves_out_who_has_arrived_is_a_finding(cluster: Cluster) -> None:
    cluster.store("barrier_trigger[2]", 0b1001)
    cluster.store("barrier_trigger_mask[2]", 0b0001)
    assert cluster.rules == ["barrier-outsider"]
    assert "hart 3" in cluster.bench.reports[0][1]


def test_a_target_mask_that_forgets_a_sleeper_is_a_finding(cluster: Cluster) -> None:
    cluster.barrier(0b111, targets=0b011)
    for hart in range(3):
        cluster.read(hart, WAIT_CLEAR)
    cluster.run(2)
    assert sorted(cluster.answers) == [0, 1]
    assert cluster.rules == ["barrier-target"]
    assert "its target mask 0x0003 leaves out hart 2" in cluster.bench.reports[0][1]
    assert "its target mask 0x0003 leaves out hart 2" in cluster.unit.explain_wait(2)


def test_barriers_share_one_event(cluster: Cluster) -> None:
    cluster.barrier(0b01, targets=0b10, index=3)
    cluster.barrier(0b10, targets=0b10, index=4)
    cluster.load("barrier_trigger_self[3]", 0)
    cluster.load("barrier_trigger_self[4]", 1)
    cluster.run(2)
    assert cluster.buffer(1) == BARRIER


def test_barriers_of_different_teams_do_not_meet(cluster: Cluster) -> None:
    cluster.barrier(0x0F, index=1)
    cluster.barrier(0xF0, index=2)
    for hart in range(4):
        cluster.read(hart, "barrier_trigger_wait_clear[1]")
    for hart in range(4, 7):
        cluster.read(hart, "barrier_trigger_wait_clear[2]")
    cluster.run(3)
    assert sorted(cluster.answers) == [0, 1, 2, 3]
    cluster.read(7, "barrier_trigger_wait_clear[2]")
    cluster.run(2)
    assert sorted(cluster.answers) == list(range(8))


def test_a_stalled_read_that_is_issued_again_after_the_release_does_not_arrive_again(
    cluster: Cluster,
) -> None:
    cluster.barrier(0b11)
    cluster.read(0, WAIT_CLEAR)
    # Hart 0 is in an interrupt handler while the barrier is released.
    cluster.stalled.clear()
    cluster.read(1, WAIT_CLEAR)
    cluster.run(5)
    assert cluster.buffer(0) == BARRIER
    assert cluster.read(0, WAIT_CLEAR)
    cluster.run(5)
    assert cluster.load("barrier_status[0]") == 0


def test_the_manual_s_status_summary_reads_zero(cluster: Cluster) -> None:
    cluster.store("barrier_trigger[0]", 0xFF)
    assert cluster.load("barrier_status_summary[0]") == 0


def test_a_barrier_that_does_not_exist_is_a_finding_and_hangs(cluster: Cluster) -> None:
    cluster.store("barrier_trigger_mask[8]", 1)
    cluster.periph_store("periph_barrier_target_mask[8]", 1)
    assert cluster.load("barrier_trigger_mask[8]") == 0
    assert cluster.load("barrier_target_mask[8]") == 0
    cluster.read(0, "barrier_trigger_wait_clear[8]")
    cluster.run(10)
    assert 0 in cluster.stalled
    assert cluster.load("barrier_status[8]") == 0
    assert cluster.rules == ["no-such-barrier"] * 3
    assert "barrier 8 does not exist" in cluster.bench.reports[0][1]
    assert cluster.unit.explain_wait(0).startswith("barrier 8, which does not exist; ")


def test_sixteen_harts_and_sixteen_barriers_work() -> None:
    cluster = Cluster(harts=16, barriers=16)
    cluster.mask(BARRIER)
    cluster.barrier(0xFFFF, index=15)
    for hart in range(16):
        cluster.read(hart, "barrier_trigger_wait_clear[15]")
    cluster.run(2)
    assert sorted(cluster.answers) == list(range(16))


def test_a_sleeper_is_explained_by_who_is_missing(cluster: Cluster) -> None:
    cluster.barrier(0xFF)
    for hart in range(7):
        cluster.read(hart, WAIT_CLEAR)
    assert cluster.unit.explain_wait(0) == (
        "barrier 0: arrived harts 0-6, missing hart 7; event mask 0x00070000, buffer 0x00000000"
    )
    assert cluster.unit.doing() == "barrier 0: arrived harts 0-6, missing hart 7"


def test_a_sleeper_whose_mask_lacks_the_barrier_is_told_which_bit(cluster: Cluster) -> None:
    cluster.barrier(0b1011)
    cluster.mask(1 << 17, 0)
    cluster.read(0, WAIT_CLEAR)
    assert cluster.unit.explain_wait(0) == (
        "barrier 0: arrived hart 0, missing harts 1, 3; event mask 0x00020000, buffer 0x00000000; "
        "event 16 (barrier) would not end the wait: bit 16 of the mask is clear"
    )


def test_an_idle_unit_says_nothing(cluster: Cluster) -> None:
    assert cluster.unit.doing() == ""
