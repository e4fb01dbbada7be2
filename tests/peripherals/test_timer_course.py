"""The timer's lazy counters against counters that are stepped cycle by cycle."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from vplat.peripherals.timer import PulpTimer
from vplat.testing.bench import Bench

ENABLE, IRQ, CLEAR, ONE_SHOT, PRESCALE, REF_CLOCK = (1 << n for n in (0, 2, 4, 5, 6, 7))
DIVIDER = 10


def stepped(start: int, count: int, compare: int, configuration: int) -> Iterator[tuple[int, bool]]:
    """The counter's value and whether it matched, cycle by cycle, by plain stepping."""
    value, scaled = configuration >> 8 & 0xFF, configuration & PRESCALE
    reference, enabled = configuration & REF_CLOCK, True
    pulses, clearing, cycle = 0, False, start
    length = value if reference else value + 1
    while True:
        cycle += 1
        pulse = not reference or cycle % DIVIDER == 0
        tick = bool(enabled and pulse)
        if scaled and length:
            pulses += tick
            tick = tick and pulses == length
            pulses = 0 if tick else pulses
        elif scaled:
            tick = enabled
        matched = False
        if clearing:
            count, clearing = 0, False
        elif tick:
            count = (count + 1) % (1 << 32)
            matched = count == compare
            clearing = matched and bool(configuration & CLEAR)
            enabled = not (matched and configuration & ONE_SHOT)
        yield count, matched


@given(
    start=st.integers(0, 25),
    count=st.integers(0, 12) | st.integers((1 << 32) - 12, (1 << 32) - 1),
    compare=st.integers(0, 12),
    modes=st.sets(st.sampled_from([CLEAR, ONE_SHOT, REF_CLOCK, PRESCALE])),
    value=st.integers(0, 4),
)
def test_a_lazy_counter_shows_what_a_stepping_one_shows(
    start: int, count: int, compare: int, modes: set[int], value: int
) -> None:
    bench = Bench()
    timer = bench.build(PulpTimer, {"ref_clock_divider": DIVIDER})
    configuration = ENABLE | IRQ | sum(modes) | value << 8
    bench.advance(start)
    bench.store(timer, "cnt_lo", count)
    bench.store(timer, "cmp_lo", compare)
    bench.store(timer, "cfg_lo", configuration)
    expected = []
    for cycle, (value_then, matched) in enumerate(stepped(start, count, compare, configuration), 1):
        bench.advance(1)
        assert bench.load(timer, "cnt_lo") == value_then
        expected += [start + cycle] * matched
        if cycle == 200:
            break
    assert [sent.cycle for sent in bench.sent] == expected


def test_a_snapshot_brings_the_counters_back() -> None:
    bench = Bench()
    timer = bench.build(PulpTimer)
    bench.store(timer, "cfg_lo", ENABLE)
    bench.advance(10)
    saved = timer.snapshot()
    bench.store(timer, "cnt_lo", 5555)
    timer.restore(saved)
    assert bench.load(timer, "cnt_lo") == 10
