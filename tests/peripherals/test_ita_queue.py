"""ITA's queue: when jobs start and end, whom they tell, and what a soft clear leaves."""

from __future__ import annotations

import pytest

from tests.peripherals.ita_driver import (
    ACQUIRE,
    CTRL_STREAM,
    FINISHED,
    INPUT_PTR,
    NEXTLOAD,
    NO_OUTPUT,
    OUTPUT,
    OUTPUT_PTR,
    PRELOAD,
    RUNNING_JOB,
    SOFT_CLEAR,
    STATUS,
    STORED_CYCLES,
    TILES,
    TRIGGER,
    Driver,
    random_tile,
)

LOCKED = 0xFFFF_FFFE
COMMIT_ONLY = 1
TWO_INNER_TILES = {TILES: 0x1121, CTRL_STREAM: PRELOAD | NO_OUTPUT}


@pytest.fixture
def ita() -> Driver:
    return Driver()


def test_busy_rises_a_cycle_after_the_trigger_and_falls_with_the_event(ita: Driver) -> None:
    ita.program()
    triggered = ita.bench.now
    ita.put(TRIGGER, 0, hart=5)
    ita.bench.settle()
    assert ita.course == [(triggered + 1, triggered + 1 + STORED_CYCLES)]
    assert ita.events == [(triggered + 1 + STORED_CYCLES, 1 << 5)]
    assert ita.rules == []


def test_between_queued_jobs_busy_is_low_for_one_cycle(ita: Driver) -> None:
    for _ in range(3):
        ita.commit()
    ita.bench.settle()
    (first, _), *_ = ita.course
    step = STORED_CYCLES + 1
    assert ita.course == [(first + n * step, first + n * step + STORED_CYCLES) for n in range(3)]


def test_the_event_goes_to_the_hart_that_committed(ita: Driver) -> None:
    for hart in (2, 8, 0):
        ita.commit(hart=hart)
    ita.bench.settle()
    assert [harts for _, harts in ita.events] == [1 << 2, 1 << 8, 1 << 0]


@pytest.mark.parametrize("master", [-1, 9])
def test_a_master_without_an_event_line_leaves_the_event_to_who_used_the_context(
    ita: Driver, master: int
) -> None:
    for hart in (3, 4, 5, 6, master, 7, master):
        ita.commit(hart=hart)
        ita.bench.settle()
    assert [harts for _, harts in ita.events] == [1 << hart for hart in (3, 4, 5, 6, 3, 7, 5)]


def test_committed_jobs_wait_for_a_trigger_that_releases_them_all(ita: Driver) -> None:
    for _ in range(2):
        ita.program()
        ita.put(TRIGGER, COMMIT_ONLY)
    ita.bench.settle()
    assert ita.course == []
    assert ita.ita.doing() == "2 jobs queued, not triggered"
    ita.commit()
    ita.bench.settle()
    assert len(ita.course) == 3
    assert ita.get(FINISHED) == 2


def test_the_trigger_flag_stays_until_a_soft_clear(ita: Driver) -> None:
    ita.run()
    ita.program()
    ita.put(TRIGGER, COMMIT_ONLY)
    assert ita.get(STATUS) == 0
    ita.bench.settle()
    assert len(ita.course) == 2
    ita.clear(1)
    ita.program()
    ita.put(TRIGGER, COMMIT_ONLY)
    ita.bench.settle()
    assert len(ita.course) == 2


def test_status_has_a_byte_for_each_triggered_job_until_it_ends(ita: Driver) -> None:
    for expected in (0x1, 0x101, 0x10101):
        ita.commit()
        assert ita.get(STATUS) == expected
    seen = [ita.get(STATUS) for _ in range(3 * STORED_CYCLES)]
    assert list(dict.fromkeys(seen)) == [0x10101, 0x10100, 0x10000, 0]


def test_a_context_that_is_only_committed_never_shows_in_status(ita: Driver) -> None:
    ita.program()
    ita.put(TRIGGER, COMMIT_ONLY)
    ita.commit()
    assert ita.get(STATUS) == 0x100
    ita.bench.settle()
    assert ita.get(STATUS) == 0
    assert ita.get(FINISHED) == 2


def test_finished_saturates_at_two_and_any_access_clears_it(ita: Driver) -> None:
    for _ in range(3):
        ita.commit()
    ita.bench.settle()
    assert [ita.get(FINISHED), ita.get(FINISHED)] == [2, 0]
    ita.run()
    ita.put(FINISHED, 0xFFFF_FFFF)
    assert ita.get(FINISHED) == 0
    ita.run()
    assert ita.get(FINISHED + 2, size=1) == 0
    assert ita.get(FINISHED) == 0


def test_running_job_counts_finished_jobs_modulo_256(ita: Driver) -> None:
    ita.program()
    for count in range(1, 258):
        ita.put(TRIGGER, 0)
        if count < 4:
            ita.program()
        ita.bench.settle()
        assert ita.get(RUNNING_JOB) == count % 256


def test_a_fifth_commit_is_reported_and_runs_the_first_context_again(ita: Driver) -> None:
    for job in range(4):
        ita.program({OUTPUT_PTR: OUTPUT + 0x1000 * job})
        ita.put(TRIGGER, COMMIT_ONLY)
    ita.put(TRIGGER, 0)
    assert ita.rules == ["ita-queue-overrun"]
    assert "all 4 contexts" in ita.sentence
    ita.bench.settle()
    assert len(ita.course) == 5
    assert ita.get(RUNNING_JOB) == 5


def test_eight_commits_too_many_make_the_counter_forget_them(ita: Driver) -> None:
    ita.program()
    for _ in range(8):
        ita.put(TRIGGER, COMMIT_ONLY)
    assert ita.get(ACQUIRE) == 0
    ita.put(TRIGGER, 0)
    ita.bench.settle()
    assert len(ita.course) == 1


def test_a_register_written_while_all_contexts_are_pending_is_reported(ita: Driver) -> None:
    for _ in range(4):
        ita.commit()
    ita.put(INPUT_PTR, 0x7000)
    assert ita.rules == ["ita-context-overwritten"]
    assert "INPUT_PTR is set to 0x00007000" in ita.sentence
    assert "job 0 (context 0" in ita.sentence


def test_a_job_that_a_lagging_hart_commits_starts_after_the_one_that_has_ended(
    ita: Driver,
) -> None:
    ita.run()
    ((_, fall),) = ita.course
    ita.program()
    ita.bench.now = fall - 200
    ita.put(TRIGGER, 0)
    ita.bench.settle()
    assert ita.course[1][0] == fall + 1


def test_a_clear_of_everything_zeroes_registers_ids_and_counts(ita: Driver) -> None:
    assert ita.get(ACQUIRE) == 0
    ita.run()
    assert ita.get(ACQUIRE) == 1
    ita.clear(0)
    assert [ita.get(each) for each in (STATUS, FINISHED, RUNNING_JOB, INPUT_PTR)] == [0] * 4
    assert [ita.get(INPUT_PTR + 0x100 * page) for page in range(1, 5)] == [0] * 4
    assert ita.get(ACQUIRE) == 0
    assert ita.rules == []


def test_a_clear_with_another_value_keeps_all_but_queue_lock_and_trigger(ita: Driver) -> None:
    assert ita.get(ACQUIRE) == 0
    ita.run()
    assert ita.get(ACQUIRE) == 1
    ita.put(INPUT_PTR, 0x1234)
    ita.clear(1)
    assert ita.get(ACQUIRE) == 2
    assert ita.get(INPUT_PTR) == 0x1000
    assert ita.get(INPUT_PTR + 0x200) == 0x1234
    assert ita.get(RUNNING_JOB) == 1
    assert ita.get(FINISHED) == 1
    assert ita.rules == []


def test_who_gets_the_event_of_a_context_survives_a_clear(ita: Driver) -> None:
    ita.commit(hart=6)
    ita.bench.settle()
    ita.clear(0)
    ita.commit(hart=-1)
    ita.bench.settle()
    assert [harts for _, harts in ita.events] == [1 << 6, 1 << 6]


def test_a_clear_drops_waiting_jobs_and_keeps_their_status_bytes_if_told(ita: Driver) -> None:
    ita.program()
    ita.put(TRIGGER, 0)
    ita.bench.advance(STORED_CYCLES)
    for _ in range(2):
        ita.put(TRIGGER, 0)
    ita.bench.advance(STORED_CYCLES - 200)
    ita.put(SOFT_CLEAR, 1)
    ita.bench.settle()
    assert ita.get(STATUS) == 0x10100
    ita.clear(0)
    assert ita.get(STATUS) == 0


def test_an_access_within_six_cycles_of_a_clear_is_undone_and_reported_once(ita: Driver) -> None:
    ita.put(SOFT_CLEAR, 0)
    ita.put(INPUT_PTR, 0x1111)
    assert ita.get(ACQUIRE) == 0
    ita.put(INPUT_PTR, 0x2222)
    ita.put(TRIGGER, 0)
    ita.bench.settle()
    assert ita.rules == ["ita-access-during-clear"]
    assert "INPUT_PTR" in ita.sentence
    assert [ita.get(INPUT_PTR), ita.get(ACQUIRE), ita.get(STATUS)] == [0, 0, 0]
    assert ita.course == []


def test_an_access_to_a_page_during_a_clear_is_reported_too(ita: Driver) -> None:
    ita.put(SOFT_CLEAR, 1)
    ita.get(TILES + 0x300)
    assert ita.rules == ["ita-access-during-clear"]
    assert "TILES" in ita.sentence


def test_six_cycles_after_a_clear_everything_works(ita: Driver) -> None:
    ita.bench.store(ita.ita, SOFT_CLEAR, 0)
    ita.bench.advance(6)
    ita.run()
    assert len(ita.course) == 1
    assert ita.rules == []


def test_a_clear_during_a_job_stops_busy_without_an_event_and_leaves_the_engine_stuck(
    ita: Driver,
) -> None:
    ita.fill(OUTPUT, before := random_tile())
    ita.commit()
    ita.bench.advance(100)
    cleared = ita.bench.now
    ita.clear(0)
    assert ita.rules == ["ita-clear-while-running"]
    assert "MATMUL tile 1/1" in ita.sentence
    ((_, fall),) = ita.course
    assert fall == cleared + 2
    assert ita.events == []
    assert (ita.tile(OUTPUT) == before).all()
    assert ita.ita.doing() == "stuck in the middle of a tile until a hard reset"
    ita.run()
    assert ita.rules[-1] == "ita-engine-stuck"
    assert ita.events == []
    assert ita.get(STATUS) == 1


def test_a_hard_reset_recovers_a_stuck_engine(ita: Driver) -> None:
    ita.commit()
    ita.bench.advance(100)
    ita.clear(0)
    ita.ita.reset()
    ita.run()
    assert len(ita.events) == 1
    assert ita.ita.doing() == ""


def test_a_hard_reset_forgets_the_running_job(ita: Driver) -> None:
    ita.commit()
    ita.bench.advance(100)
    ita.ita.reset()
    ita.bench.settle()
    assert ita.events == []
    assert ita.get(STATUS) == 0


def test_a_clear_between_the_inner_tiles_of_an_output_is_reported(ita: Driver) -> None:
    ita.commit(TWO_INNER_TILES)
    ita.program(TWO_INNER_TILES)
    ita.bench.settle()
    assert ita.rules == []
    ita.clear(1)
    assert ita.rules == ["ita-clear-in-sequence"]
    assert "step MATMUL" in ita.sentence


def test_a_clear_with_prefetched_weights_is_reported_and_they_come_first(ita: Driver) -> None:
    ita.run({CTRL_STREAM: PRELOAD | NEXTLOAD})
    ita.clear(0)
    assert ita.rules == ["ita-clear-with-prefetch"]
    assert "0x00003000" in ita.sentence
    ita.run()
    assert ita.rules[-1] == "ita-weights-left-over"


def test_the_lock_is_taken_anew_after_a_clear(ita: Driver) -> None:
    assert [ita.get(ACQUIRE), ita.get(ACQUIRE)] == [0, LOCKED]
    ita.clear(1)
    assert [ita.get(ACQUIRE), ita.get(ACQUIRE)] == [1, LOCKED]


def test_an_access_without_a_clock_is_reported_until_the_clock_runs() -> None:
    ita = Driver(clock_gated=True)
    ita.get(STATUS)
    ita.get(STATUS)
    assert ita.rules == ["ita-clock-off"]
    clock = ita.ita.input("clock_enable")
    clock(1, 0)
    ita.get(STATUS)
    assert ita.rules == ["ita-clock-off"]
    ita.commit()
    clock(0, 0)
    assert ita.rules == ["ita-clock-off", "ita-clock-stopped"]


def test_without_a_gate_the_clock_always_runs(ita: Driver) -> None:
    ita.run()
    assert ita.rules == []
