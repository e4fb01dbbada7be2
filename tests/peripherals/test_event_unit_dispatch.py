"""The dispatch FIFO: a value for each hart of a team, in order, and no protection."""

from __future__ import annotations

import pytest

from tests.peripherals.event_unit_cluster import DISPATCH, RUNTIME_MASK, Answer, Cluster


@pytest.fixture
def cluster() -> Cluster:
    made = Cluster()
    made.mask(RUNTIME_MASK)
    return made


def push(cluster: Cluster, team: int, *values: int) -> None:
    """Hart 0 configures the team and hands it the values, one a cycle."""
    cluster.store("dispatch_team_config", team)
    for value in values:
        cluster.store("dispatch_fifo", value)
        cluster.run()


def pop(cluster: Cluster, hart: int) -> int:
    cluster.read(hart, "dispatch_fifo")
    cluster.run(10)
    assert hart not in cluster.stalled
    return cluster.answers[hart].value


def test_sleeping_workers_get_a_value_two_cycles_after_the_push(cluster: Cluster) -> None:
    for hart in (1, 2, 3):
        assert not cluster.read(hart, "dispatch_fifo")
    assert cluster.stalled[1] == ("dispatch_fifo", "dispatch_fifo")
    cluster.run(20)
    cluster.store("dispatch_team_config", 0b1110)
    cluster.store("dispatch_fifo", 0x1C00_8000)
    cluster.run(1)
    assert cluster.answers == {}
    cluster.run(1)
    assert cluster.answers == {hart: Answer(22, 0x1C00_8000, extra=1) for hart in (1, 2, 3)}
    assert cluster.buffer(1) == 0
    assert cluster.unit.activities == {"dispatched_values": 1}
    assert cluster.rules == []


def test_a_value_that_is_there_is_read_in_the_cycle_after_the_request(cluster: Cluster) -> None:
    push(cluster, 0b10, 7)
    cluster.run(9)
    assert not cluster.read(1, "dispatch_fifo")
    cluster.run()
    assert cluster.answers[1] == Answer(11, 7, extra=1)


def test_each_hart_of_the_team_reads_all_values_in_order(cluster: Cluster) -> None:
    push(cluster, 0b0110, 10, 20, 30)
    assert [pop(cluster, 1) for _ in range(3)] == [10, 20, 30]
    assert [pop(cluster, 2) for _ in range(3)] == [10, 20, 30]
    assert not cluster.read(1, "dispatch_fifo")
    cluster.run(10)
    assert 1 in cluster.stalled


def test_a_value_keeps_the_team_it_was_pushed_for(cluster: Cluster) -> None:
    push(cluster, 0b0010, 10)
    push(cluster, 0b0100, 20)
    push(cluster, 0b0110, 30)
    assert [pop(cluster, 1), pop(cluster, 1)] == [10, 30]
    assert [pop(cluster, 2), pop(cluster, 2)] == [20, 30]


def test_a_hart_skips_the_values_of_others_at_one_a_cycle(cluster: Cluster) -> None:
    push(cluster, 0b0010, 1, 2, 3)
    push(cluster, 0b0100, 4)
    start = cluster.now
    cluster.read(2, "dispatch_fifo")
    cluster.run(3)
    assert 2 in cluster.stalled
    cluster.run()
    assert cluster.answers[2] == Answer(start + 4, 4, extra=1)


def test_a_sleeping_hart_has_skipped_the_values_of_others_already(cluster: Cluster) -> None:
    cluster.read(2, "dispatch_fifo")
    push(cluster, 0b0010, 1, 2, 3)
    cluster.run(10)
    push(cluster, 0b0100, 4)
    start = cluster.now
    cluster.run()
    assert cluster.answers[2] == Answer(start + 1, 4, extra=1)


def test_no_event_comes_without_a_request(cluster: Cluster) -> None:
    push(cluster, 0xFF, 1)
    cluster.run(5)
    assert [cluster.buffer(hart) for hart in range(8)] == [0] * 8


def test_the_pointer_is_asked_for_once_however_often_the_read_is_issued(
    cluster: Cluster,
) -> None:
    for _ in range(3):
        assert not cluster.read(1, "dispatch_fifo")
        cluster.run()
    push(cluster, 0b10, 5, 6)
    cluster.run(3)
    assert cluster.answers[1].value == 5
    assert pop(cluster, 1) == 6


def test_eight_values_wait_and_wrap_around(cluster: Cluster) -> None:
    for start in (0, 100, 200):
        push(cluster, 0b10, *range(start, start + 8))
        assert [pop(cluster, 1) for _ in range(8)] == list(range(start, start + 8))
    assert cluster.rules == []


def test_a_ninth_value_overwrites_the_oldest_and_is_a_finding(cluster: Cluster) -> None:
    push(cluster, 0b110, *range(10, 18))
    assert pop(cluster, 2) == 10
    push(cluster, 0b110, 18)
    assert cluster.rules == ["dispatch-overflow"]
    assert (
        "the value 0xa is overwritten by 0x12 before hart 1 read it"
        in (cluster.bench.reports[0][1])
    )
    assert [pop(cluster, 1) for _ in range(8)] == [18, 11, 12, 13, 14, 15, 16, 17]
    assert [pop(cluster, 2) for _ in range(8)] == [11, 12, 13, 14, 15, 16, 17, 18]


def test_a_push_for_nobody_is_a_finding_and_reaches_nobody(cluster: Cluster) -> None:
    cluster.read(1, "dispatch_fifo")
    cluster.store("dispatch_fifo", 3)
    cluster.run(10)
    assert 1 in cluster.stalled
    assert cluster.rules == ["dispatch-team"]


def test_a_team_has_only_harts_that_exist() -> None:
    cluster = Cluster(harts=4)
    cluster.mask(DISPATCH)
    push(cluster, 0xFFFF, 3)
    assert [pop(cluster, hart) for hart in range(4)] == [3] * 4
    assert cluster.unit.doing() == ""


def test_a_pop_that_another_event_grants_later_skips_a_place_as_the_hardware_does(
    cluster: Cluster,
) -> None:
    cluster.store("event_mask_or", 1 << 8, hart=1)
    cluster.read(1, "dispatch_fifo")
    cluster.run(3)
    cluster.pulse(8)
    cluster.wake_now()
    assert cluster.answers[1].value == 0
    assert cluster.rules == ["other-event"]
    # The read pointer is one ahead of the write pointer now: the next value passes unseen.
    push(cluster, 0b10, 5)
    cluster.read(1, "dispatch_fifo")
    cluster.run(20)
    assert 1 in cluster.stalled


def test_a_pop_that_another_event_grants_at_once_stays_in_progress(cluster: Cluster) -> None:
    cluster.store("event_mask_or", 1 << 8, hart=1)
    cluster.pulse(8)
    assert cluster.read(1, "dispatch_fifo")
    assert cluster.rules == ["other-event"]
    push(cluster, 0b10, 5)
    cluster.run(2)
    assert cluster.buffer(1) == DISPATCH


def test_a_sleeper_is_explained_by_what_the_fifo_has_for_it(cluster: Cluster) -> None:
    push(cluster, 0b1100, 1)
    cluster.read(1, "dispatch_fifo")
    assert cluster.unit.explain_wait(1) == (
        "dispatch FIFO: no values for hart 1, team is harts 2-3; "
        "event mask 0x00070000, buffer 0x00000000"
    )
    assert cluster.unit.doing() == "dispatch FIFO: 1 values not read by all"
