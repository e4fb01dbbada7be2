"""The PULP timer unit, from its registers; `pulp-cluster.md` section 4.1."""

from __future__ import annotations

import pytest

from vplat.peripherals.timer import PulpTimer
from vplat.testing.bench import Bench

ENABLE, RESET, IRQ, IEM, CLEAR, ONE_SHOT, PRESCALE, REF_CLOCK = (1 << n for n in range(8))
WIDE = 1 << 31
DIVIDER = 10


def prescaler(value: int) -> int:
    return PRESCALE | value << 8


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def timer(bench: Bench) -> PulpTimer:
    return bench.build(PulpTimer, {"ref_clock_divider": DIVIDER})


def events(bench: Bench) -> list[tuple[int, str]]:
    return [(sent.cycle, sent.output) for sent in bench.sent]


def test_registers_are_zero_after_reset_and_nothing_counts(bench: Bench, timer: PulpTimer) -> None:
    bench.advance(100)
    names = ["cfg_lo", "cfg_hi", "cnt_lo", "cnt_hi", "cmp_lo", "cmp_hi"]
    assert [bench.load(timer, name) for name in names] == [0] * 6
    assert timer.doing() == ""


@pytest.mark.parametrize("offset", [0x18, 0x1C, 0x20, 0x24, 0x28, 0x3FC])
def test_commands_and_what_is_no_register_read_as_zero(
    bench: Bench, timer: PulpTimer, offset: int
) -> None:
    bench.store(timer, offset, 0xFFFF_FFFF)
    assert bench.load(timer, offset) == 0


@pytest.mark.parametrize("half", ["lo", "hi"])
def test_an_enabled_counter_counts_cycles(bench: Bench, timer: PulpTimer, half: str) -> None:
    bench.advance(7)
    bench.store(timer, f"cfg_{half}", ENABLE)
    bench.advance(123)
    assert bench.load(timer, f"cnt_{half}") == 123


@pytest.mark.parametrize("half", ["lo", "hi"])
def test_a_disabled_counter_keeps_its_value(bench: Bench, timer: PulpTimer, half: str) -> None:
    bench.store(timer, f"cfg_{half}", ENABLE)
    bench.advance(50)
    bench.store(timer, f"cfg_{half}", 0)
    bench.advance(50)
    assert bench.load(timer, f"cnt_{half}") == 50


@pytest.mark.parametrize("half", ["lo", "hi"])
def test_start_enables_and_reset_clears_the_counter_alone(
    bench: Bench, timer: PulpTimer, half: str
) -> None:
    bench.store(timer, f"start_{half}", 0)
    assert bench.load(timer, f"cfg_{half}") == ENABLE
    bench.advance(30)
    bench.store(timer, f"reset_{half}", 1)
    assert bench.load(timer, f"cnt_{half}") == 0
    bench.advance(5)
    assert bench.load(timer, f"cnt_{half}") == 5


@pytest.mark.parametrize("half", ["lo", "hi"])
def test_the_reset_bit_clears_the_counter_and_reads_as_zero(
    bench: Bench, timer: PulpTimer, half: str
) -> None:
    bench.store(timer, f"cnt_{half}", 1000)
    bench.store(timer, f"cfg_{half}", ENABLE | RESET)
    assert bench.load(timer, f"cfg_{half}") == ENABLE
    bench.advance(3)
    assert bench.load(timer, f"cnt_{half}") == 3


def test_the_two_counters_do_not_disturb_one_another(bench: Bench, timer: PulpTimer) -> None:
    bench.store(timer, "cfg_lo", ENABLE)
    bench.advance(10)
    bench.store(timer, "cfg_hi", ENABLE)
    bench.advance(10)
    bench.store(timer, "reset_lo", 1)
    bench.advance(10)
    assert (bench.load(timer, "cnt_lo"), bench.load(timer, "cnt_hi")) == (10, 20)


@pytest.mark.parametrize(("half", "output"), [("lo", "low"), ("hi", "high")])
def test_a_match_pulses_the_counters_event_line_in_its_cycle(
    bench: Bench, timer: PulpTimer, half: str, output: str
) -> None:
    bench.store(timer, f"cmp_{half}", 40)
    bench.advance(2)
    bench.store(timer, f"cfg_{half}", ENABLE | IRQ)
    bench.advance(100)
    assert events(bench) == [(42, output)]
    assert bench.load(timer, f"cnt_{half}") == 100


def test_without_irq_enable_a_match_is_silent_and_nothing_is_scheduled(
    bench: Bench, timer: PulpTimer
) -> None:
    bench.store(timer, "cmp_lo", 40)
    bench.store(timer, "cfg_lo", ENABLE | CLEAR)
    bench.settle(limit=0)
    bench.advance(100)
    assert bench.sent == []


def test_clear_on_compare_repeats_every_compare_value_plus_one_cycles(
    bench: Bench, timer: PulpTimer
) -> None:
    bench.store(timer, "cmp_lo", 9)
    bench.store(timer, "cfg_lo", ENABLE | IRQ | CLEAR)
    bench.advance(35)
    assert events(bench) == [(9, "low"), (19, "low"), (29, "low")]
    assert bench.load(timer, "cnt_lo") == 5


def test_one_shot_stops_at_the_compare_value(bench: Bench, timer: PulpTimer) -> None:
    bench.store(timer, "cmp_lo", 9)
    bench.store(timer, "cfg_lo", ENABLE | IRQ | ONE_SHOT)
    bench.advance(100)
    assert events(bench) == [(9, "low")]
    assert bench.load(timer, "cfg_lo") == IRQ | ONE_SHOT
    assert bench.load(timer, "cnt_lo") == 9
    assert timer.doing() == ""


def test_one_shot_with_clear_stops_at_zero_and_starts_again(bench: Bench, timer: PulpTimer) -> None:
    bench.store(timer, "cmp_hi", 9)
    bench.store(timer, "cfg_hi", ENABLE | IRQ | ONE_SHOT | CLEAR)
    bench.advance(50)
    assert bench.load(timer, "cnt_hi") == 0
    bench.store(timer, "start_hi", 1)
    bench.advance(50)
    assert events(bench) == [(9, "high"), (59, "high")]


def test_a_silent_one_shot_stops_too(bench: Bench, timer: PulpTimer) -> None:
    bench.store(timer, "cmp_lo", 9)
    bench.store(timer, "cfg_lo", ENABLE | ONE_SHOT)
    bench.advance(50)
    assert bench.load(timer, "cfg_lo") == ONE_SHOT
    assert bench.sent == []


def test_a_one_shot_leaves_the_other_counter_alone(bench: Bench, timer: PulpTimer) -> None:
    bench.store(timer, "cmp_lo", 9)
    bench.store(timer, "cfg_hi", ENABLE)
    bench.store(timer, "cfg_lo", ENABLE | ONE_SHOT)
    bench.advance(50)
    assert bench.load(timer, "cnt_hi") == 50


def test_a_compare_value_in_the_past_matches_after_the_counter_has_gone_round(
    bench: Bench, timer: PulpTimer
) -> None:
    bench.store(timer, "cfg_lo", ENABLE | IRQ)
    bench.advance(100)
    bench.store(timer, "cmp_lo", 60)
    bench.advance((1 << 32) - 100)
    assert bench.sent == []
    bench.advance(60)
    assert events(bench) == [((1 << 32) + 60, "low")]


def test_a_later_compare_value_takes_the_place_of_the_one_before(
    bench: Bench, timer: PulpTimer
) -> None:
    bench.store(timer, "cmp_lo", 50)
    bench.store(timer, "cfg_lo", ENABLE | IRQ)
    bench.advance(20)
    bench.store(timer, "cmp_lo", 70)
    bench.advance(100)
    assert events(bench) == [(70, "low")]


def test_a_counter_written_while_it_runs_goes_on_from_there(bench: Bench, timer: PulpTimer) -> None:
    bench.store(timer, "cmp_lo", 500)
    bench.store(timer, "cfg_lo", ENABLE | IRQ)
    bench.advance(20)
    bench.store(timer, "cnt_lo", 490)
    bench.advance(20)
    assert bench.load(timer, "cnt_lo") == 510
    assert events(bench) == [(30, "low")]


def test_a_counter_goes_round_at_its_32_bits(bench: Bench, timer: PulpTimer) -> None:
    bench.store(timer, "cnt_lo", 0xFFFF_FFFE)
    bench.store(timer, "cmp_lo", 1)
    bench.store(timer, "cfg_lo", ENABLE | IRQ)
    bench.advance(5)
    assert bench.load(timer, "cnt_lo") == 3
    assert events(bench) == [(3, "low")]


def test_the_prescaler_divides_cycles_by_its_value_plus_one(bench: Bench, timer: PulpTimer) -> None:
    bench.store(timer, "cmp_lo", 5)
    bench.store(timer, "cfg_lo", ENABLE | IRQ | prescaler(3))
    bench.advance(23)
    assert bench.load(timer, "cnt_lo") == 5
    assert events(bench) == [(20, "low")]


def test_the_reference_clock_counts_its_edges(bench: Bench, timer: PulpTimer) -> None:
    bench.advance(7)
    bench.store(timer, "cmp_lo", 2)
    bench.store(timer, "cfg_lo", ENABLE | IRQ | REF_CLOCK)
    bench.advance(3)
    assert bench.load(timer, "cnt_lo") == 1
    bench.advance(90)
    assert bench.load(timer, "cnt_lo") == 10
    assert events(bench) == [(20, "low")]


def test_the_prescaler_divides_reference_edges_by_its_value(bench: Bench, timer: PulpTimer) -> None:
    bench.store(timer, "cfg_lo", ENABLE | REF_CLOCK | prescaler(4))
    bench.advance(12 * DIVIDER)
    assert bench.load(timer, "cnt_lo") == 3


def test_a_prescaler_of_zero_makes_every_cycle_count_on_the_reference_clock_too(
    bench: Bench, timer: PulpTimer
) -> None:
    bench.store(timer, "cfg_lo", ENABLE | REF_CLOCK | prescaler(0))
    bench.advance(33)
    assert bench.load(timer, "cnt_lo") == 33


def test_a_slow_counter_with_clear_repeats_every_compare_value_ticks(
    bench: Bench, timer: PulpTimer
) -> None:
    bench.store(timer, "cmp_lo", 3)
    bench.store(timer, "cfg_lo", ENABLE | IRQ | CLEAR | prescaler(3))
    bench.advance(12)
    assert bench.load(timer, "cnt_lo") == 3
    bench.advance(1)
    assert bench.load(timer, "cnt_lo") == 0
    bench.advance(20)
    assert events(bench) == [(12, "low"), (24, "low")]


def test_a_change_of_the_prescaler_keeps_the_count_and_the_cycles_since_the_last_tick(
    bench: Bench, timer: PulpTimer
) -> None:
    bench.store(timer, "cfg_lo", ENABLE | prescaler(9))
    bench.advance(23)
    bench.store(timer, "cfg_lo", ENABLE | prescaler(19))
    bench.advance(16)
    assert bench.load(timer, "cnt_lo") == 2
    bench.advance(1)
    assert bench.load(timer, "cnt_lo") == 3
    assert bench.reports == []


def test_a_prescaler_lowered_below_where_it_stands_goes_round_and_is_reported(
    bench: Bench, timer: PulpTimer
) -> None:
    bench.store(timer, "cfg_lo", ENABLE | prescaler(9))
    bench.advance(8)
    bench.store(timer, "cfg_lo", ENABLE | prescaler(3))
    bench.advance((1 << 32) - 8)
    assert bench.load(timer, "cnt_lo") == 0
    bench.advance(4)
    assert bench.load(timer, "cnt_lo") == 1
    (finding,) = bench.reports
    assert finding[0] == "prescaler-passed"
    assert "cfg_lo.prescaler was set to 3 while the prescaler was at 8" in finding[1]


def test_reset_with_a_lower_prescaler_starts_it_afresh(bench: Bench, timer: PulpTimer) -> None:
    bench.store(timer, "cfg_lo", ENABLE | prescaler(9))
    bench.advance(8)
    bench.store(timer, "reset_lo", 1)
    bench.store(timer, "cfg_lo", ENABLE | prescaler(3))
    bench.advance(8)
    assert bench.load(timer, "cnt_lo") == 2
    assert bench.reports == []


def test_in_64_bit_mode_the_low_counter_carries_into_the_high_one(
    bench: Bench, timer: PulpTimer
) -> None:
    bench.store(timer, "cnt_lo", 0xFFFF_FFF0)
    bench.store(timer, "cnt_hi", 6)
    bench.store(timer, "cfg_lo", ENABLE | WIDE)
    bench.advance(0x10)
    assert (bench.load(timer, "cnt_lo"), bench.load(timer, "cnt_hi")) == (0, 7)
    bench.store(timer, "cfg_lo", ENABLE)
    bench.advance(5)
    assert (bench.load(timer, "cnt_lo"), bench.load(timer, "cnt_hi")) == (5, 7)


def test_in_64_bit_mode_both_halves_must_match_and_the_low_line_tells(
    bench: Bench, timer: PulpTimer
) -> None:
    bench.store(timer, "cmp_lo", 20)
    bench.store(timer, "cmp_hi", 1)
    bench.store(timer, "cfg_hi", ENABLE | IRQ)
    bench.store(timer, "cfg_lo", ENABLE | IRQ | WIDE)
    bench.advance((1 << 32) + 19)
    assert bench.sent == []
    bench.advance(10)
    assert events(bench) == [((1 << 32) + 20, "low")]


def test_in_64_bit_mode_one_shot_and_clear_rule_both_halves(bench: Bench, timer: PulpTimer) -> None:
    bench.store(timer, "cmp_hi", 1)
    bench.store(timer, "cnt_lo", 0xFFFF_FFFE)
    bench.store(timer, "cfg_lo", ENABLE | IRQ | WIDE | ONE_SHOT)
    bench.advance(10)
    assert events(bench) == [(2, "low")]
    assert (bench.load(timer, "cnt_lo"), bench.load(timer, "cnt_hi")) == (0, 1)
    bench.store(timer, "cnt_hi", 0)
    bench.store(timer, "cnt_lo", 0xFFFF_FFFE)
    bench.store(timer, "cfg_lo", ENABLE | WIDE | CLEAR)
    bench.advance(2)
    assert (bench.load(timer, "cnt_lo"), bench.load(timer, "cnt_hi")) == (0, 1)
    bench.advance(2)
    assert (bench.load(timer, "cnt_lo"), bench.load(timer, "cnt_hi")) == (1, 0)


def test_a_match_that_no_run_reaches_is_not_waited_for(bench: Bench, timer: PulpTimer) -> None:
    bench.store(timer, "cmp_hi", 0xFFFF_FFFF)
    bench.store(timer, "cfg_lo", ENABLE | IRQ | WIDE)
    bench.settle(limit=0)
    assert bench.load(timer, "cnt_lo") == 0


def test_in_64_bit_mode_each_half_is_reset_and_written_on_its_own(
    bench: Bench, timer: PulpTimer
) -> None:
    bench.store(timer, "cnt_hi", 5)
    bench.store(timer, "cfg_lo", ENABLE | WIDE)
    bench.advance(100)
    bench.store(timer, "reset_lo", 1)
    assert (bench.load(timer, "cnt_lo"), bench.load(timer, "cnt_hi")) == (0, 5)
    bench.advance(100)
    bench.store(timer, "cfg_hi", RESET)
    assert (bench.load(timer, "cnt_lo"), bench.load(timer, "cnt_hi")) == (100, 0)
    bench.store(timer, "cnt_hi", 9)
    assert (bench.load(timer, "cnt_lo"), bench.load(timer, "cnt_hi")) == (100, 9)


@pytest.mark.parametrize(("index", "half"), [(0, "lo"), (1, "hi")])
def test_an_input_event_starts_a_counter_that_listens(
    bench: Bench, timer: PulpTimer, index: int, half: str
) -> None:
    event = timer.input("input_events", index)
    event(1, 0xFF)
    assert bench.load(timer, f"cfg_{half}") == 0
    bench.store(timer, f"cfg_{half}", IEM)
    event(0, 0xFF)
    bench.advance(10)
    event(1, 0xFF)
    bench.advance(10)
    assert bench.load(timer, f"cfg_{half}") == IEM | ENABLE
    assert bench.load(timer, f"cnt_{half}") == 10


def test_a_hart_that_is_behind_sees_the_counter_as_the_last_change_left_it(
    bench: Bench, timer: PulpTimer
) -> None:
    bench.now = 5000
    bench.store(timer, "cnt_lo", 100)
    bench.store(timer, "cfg_lo", ENABLE)
    bench.now = 3000
    assert bench.load(timer, "cnt_lo", hart=1) == 100
    bench.store(timer, "cmp_lo", 7, hart=1)
    bench.now = 5010
    assert bench.load(timer, "cnt_lo") == 110


def test_it_tells_where_the_running_counters_are(bench: Bench, timer: PulpTimer) -> None:
    bench.store(timer, "cmp_lo", 500)
    bench.store(timer, "cfg_lo", ENABLE)
    bench.advance(30)
    assert timer.doing() == "low counter at 30, matches at 500"
    bench.store(timer, "cfg_lo", ENABLE | WIDE)
    assert timer.doing() == "64-bit counter at 30, matches at 500"
