"""Mutexes: one owner at a time, the lowest waiting hart next, and a message with each unlock."""

from __future__ import annotations

import pytest

from tests.peripherals.event_unit_cluster import MUTEX, RUNTIME_MASK, Answer, Cluster


@pytest.fixture
def cluster() -> Cluster:
    made = Cluster(mutexes=4)
    made.mask(RUNTIME_MASK)
    return made


def test_a_free_mutex_is_granted_in_the_cycle_after_the_request(cluster: Cluster) -> None:
    cluster.run(10)
    assert not cluster.read(3, "mutex[0]")
    assert cluster.stalled[3] == ("mutex[0]", "mutex[0]")
    cluster.run()
    assert cluster.answers[3] == Answer(11, 0, extra=1)
    assert cluster.buffer(3) == 0
    assert cluster.unit.doing() == "mutex 0: owned by hart 3, wanted by no hart"
    assert cluster.unit.activities == {"mutex_locks": 1}


def test_the_lowest_of_those_that_ask_in_one_cycle_wins(cluster: Cluster) -> None:
    for hart in (6, 2, 4):
        cluster.read(hart, "mutex[0]")
    cluster.run(5)
    assert sorted(cluster.answers) == [2]


def test_who_asks_earlier_wins_although_the_machine_runs_it_later(cluster: Cluster) -> None:
    cluster.bench.now = 500
    cluster.read(0, "mutex[0]")
    cluster.bench.now = 100
    cluster.read(5, "mutex[0]")
    cluster.run(450)
    assert cluster.answers == {5: Answer(101, 0, extra=1)}


def test_an_unlock_hands_the_mutex_and_its_message_to_the_lowest_waiting_hart(
    cluster: Cluster,
) -> None:
    cluster.read(1, "mutex[0]")
    cluster.run()
    for hart in (7, 3, 5):
        cluster.read(hart, "mutex[0]")
        cluster.run()
    for owner, message in ((1, 0x11), (3, 0x33), (5, 0x55), (7, 0x77)):
        cluster.run(20)
        cluster.store("mutex[0]", message, hart=owner)
        cluster.run()
    assert {hart: (a.value, a.cycle) for hart, a in cluster.answers.items()} == {
        1: (0, 1),
        3: (0x11, 25),
        5: (0x33, 46),
        7: (0x55, 67),
    }
    cluster.read(0, "mutex[0]")
    cluster.run()
    assert cluster.answers[0].value == 0x77
    assert cluster.rules == []


def test_the_unlocking_hart_does_not_get_it_back_before_those_that_wait(
    cluster: Cluster,
) -> None:
    cluster.read(0, "mutex[0]")
    cluster.run()
    cluster.read(4, "mutex[0]")
    cluster.run(5)
    cluster.store("mutex[0]", 0)
    cluster.read(0, "mutex[0]")
    cluster.run(5)
    assert 4 not in cluster.stalled
    assert 0 in cluster.stalled
    cluster.store("mutex[0]", 0, hart=4)
    cluster.run(1)
    assert 0 not in cluster.stalled


def test_a_hart_may_lock_again_at_once_if_nobody_waits(cluster: Cluster) -> None:
    cluster.read(2, "mutex[0]")
    cluster.run()
    cluster.store("mutex[0]", 9, hart=2)
    cluster.read(2, "mutex[0]")
    cluster.run()
    assert cluster.answers[2].value == 9
    assert cluster.rules == []


def test_mutexes_are_independent(cluster: Cluster) -> None:
    cluster.read(0, "mutex[0]")
    cluster.read(1, "mutex[3]")
    cluster.run()
    assert sorted(cluster.answers) == [0, 1]
    cluster.store("mutex[3]", 5, hart=1)
    cluster.read(2, "mutex[3]")
    cluster.run(2)
    assert cluster.answers[2].value == 5
    cluster.read(3, "mutex[0]")
    cluster.run(5)
    assert 3 in cluster.stalled


def test_a_request_is_made_once_however_often_the_read_is_issued(cluster: Cluster) -> None:
    cluster.read(0, "mutex[0]")
    cluster.run()
    cluster.read(1, "mutex[0]")
    for _ in range(3):
        cluster.run()
        assert not cluster.read(1, "mutex[0]")
    cluster.store("mutex[0]", 0)
    cluster.run()
    cluster.store("mutex[0]", 0, hart=1)
    cluster.read(2, "mutex[0]")
    cluster.run()
    assert 2 in cluster.answers
    assert cluster.unit.activities == {"mutex_locks": 3}


def test_unlocking_a_free_mutex_keeps_the_message_only_and_is_a_finding(
    cluster: Cluster,
) -> None:
    cluster.store("mutex[1]", 0xBEEF, hart=6)
    cluster.run()
    assert cluster.rules == ["mutex-not-locked"]
    assert "hart 6 unlocks mutex 1, which nobody has locked" in cluster.bench.reports[0][1]
    assert cluster.buffer(6) == 0
    cluster.read(0, "mutex[1]")
    cluster.run()
    assert cluster.answers[0] == Answer(2, 0xBEEF, extra=1)


def test_anybody_s_unlock_works_as_in_the_hardware_and_is_a_finding(cluster: Cluster) -> None:
    cluster.read(0, "mutex[0]")
    cluster.run()
    cluster.read(1, "mutex[0]")
    cluster.store("mutex[0]", 4, hart=7)
    assert cluster.rules == ["mutex-not-owner"]
    assert "hart 7 unlocks mutex 0, which hart 0 owns" in cluster.bench.reports[0][1]
    cluster.run()
    assert cluster.answers[1].value == 4


def test_locking_twice_waits_for_oneself_and_is_a_finding(cluster: Cluster) -> None:
    cluster.read(0, "mutex[0]")
    cluster.run()
    cluster.read(0, "mutex[0]")
    cluster.run(10)
    assert 0 in cluster.stalled
    assert cluster.rules == ["mutex-relock"]
    assert cluster.unit.explain_wait(0).startswith("mutex 0: owned by hart 0, wanted by hart 0; ")


def test_a_lock_that_another_event_grants_does_not_own_and_is_a_finding(
    cluster: Cluster,
) -> None:
    cluster.read(0, "mutex[0]")
    cluster.run()
    cluster.store("event_mask_or", 1 << 8, hart=1)
    cluster.read(1, "mutex[0]")
    cluster.pulse(8)
    cluster.wake_now()
    assert 1 in cluster.answers
    assert cluster.rules == ["other-event"]
    cluster.store("mutex[0]", 0)
    cluster.run()
    assert cluster.buffer(1) == MUTEX


def test_a_mutex_that_does_not_exist_is_a_finding_and_hangs(cluster: Cluster) -> None:
    cluster.read(0, "mutex[4]")
    cluster.run(10)
    cluster.store("mutex[4]", 1, hart=1)
    cluster.run(10)
    assert 0 in cluster.stalled
    assert cluster.rules == ["no-such-mutex"] * 2
    assert cluster.unit.explain_wait(0).startswith("mutex 4, which does not exist; ")


def test_by_default_there_is_one_mutex() -> None:
    cluster = Cluster()
    cluster.mask(MUTEX)
    cluster.read(0, "mutex[1]")
    assert cluster.rules == ["no-such-mutex"]


def test_a_sleeper_is_explained_by_the_owner_and_the_others(cluster: Cluster) -> None:
    cluster.read(2, "mutex[0]")
    cluster.run()
    for hart in (3, 4, 5):
        cluster.read(hart, "mutex[0]")
    assert cluster.unit.explain_wait(4) == (
        "mutex 0: owned by hart 2, wanted by harts 3-5; event mask 0x00070000, buffer 0x00000000"
    )
