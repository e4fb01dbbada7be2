"""ITA's cycles against the tables of `ita.md` sections 6.2, 6.3 and 11."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.peripherals.ita.revision import AUGUST_2024, CURRENT
from vplat.peripherals.ita.timing import (
    Traffic,
    busy_cycles,
    cycles_lost,
    division_cycles,
    queued_cycles,
)

TRAFFIC = st.builds(Traffic, st.booleans(), st.booleans(), st.booleans(), st.booleans())
COLUMNS = ((True, True), (True, False), (False, True), (False, False))


@pytest.mark.parametrize(
    ("stores", "bias", "cycles"),
    [
        (True, True, (315, 306, 306, 297)),
        (True, False, (313, 304, 305, 296)),
        (False, True, (284, 284, 271, 271)),
        (False, False, (282, 282, 264, 264)),
    ],
)
def test_a_job_is_busy_for_the_cycles_measured_on_the_rtl(
    stores: bool, bias: bool, cycles: tuple[int, ...]
) -> None:
    measured = [busy_cycles(Traffic(stores, bias, *column)) for column in COLUMNS]
    assert measured == list(cycles)


def test_the_port_carries_the_beats_of_each_stream() -> None:
    middle = Traffic(stores=True, bias=True, preload=False, nextload=True)
    assert (middle.reads, middle.writes) == (162, 128)
    assert middle._replace(preload=True).reads == 170
    assert middle._replace(nextload=False).reads == 154
    assert middle._replace(bias=False).reads == 160
    assert middle._replace(stores=False).writes == 0


def linear(inner: int, outputs: int) -> list[Traffic]:
    """The jobs of ``outputs`` tiles of ``inner`` products each, in one prefetch chain."""
    last = inner * outputs - 1
    return [
        Traffic(stores=job % inner == inner - 1, bias=True, preload=job == 0, nextload=job < last)
        for job in range(inner * outputs)
    ]


def single_attention(s: int, p: int) -> list[Traffic]:
    block = [i == p - 1 for _ in range(s) for i in range(p)]
    block += [i == s - 1 for _ in range(p) for i in range(s)]
    stored = block * s
    return [
        Traffic(stores=each, bias=False, preload=job == 0, nextload=job < len(stored) - 1)
        for job, each in enumerate(stored)
    ]


def attention_and_feedforward(size: tuple[int, int, int, int]) -> list[Traffic]:
    """A whole layer; the chain starts afresh at F1, as upstream does (section 3.4)."""
    s, e, p, f = (each // 64 for each in size)
    projections = linear(e, 3 * s * p)
    attention = [job._replace(preload=False) for job in single_attention(s, p)]
    output = [job._replace(preload=False) for job in linear(p, s * e)]
    chained = [job._replace(nextload=True) for job in projections + attention]
    feedforward = linear(e, s * f)[:-1]
    return [
        *chained,
        *output,
        *feedforward,
        linear(e, s * f)[-1]._replace(nextload=True),
        *(job._replace(preload=False) for job in linear(f, s * e)),
    ]


@pytest.mark.parametrize(
    ("size", "jobs", "cycles"),
    [
        ((64, 64, 64, 64), 8, 2453),
        ((64, 128, 192, 256), 46, 13236),
        ((128, 192, 256, 256), 176, 49687),
        ((192, 256, 128, 128), 180, 51010),
        ((256, 64, 64, 64), 56, 16667),
        ((64, 512, 64, 512), 162, 45084),
        ((512, 64, 64, 64), 176, 51607),
    ],
)
def test_a_queued_layer_takes_the_cycles_of_the_published_configurations(
    size: tuple[int, int, int, int], jobs: int, cycles: int
) -> None:
    queue = attention_and_feedforward(size)
    assert len(queue) == jobs
    assert queued_cycles(queue) == cycles


# Section 11 counts from the trigger's acceptance, two cycles before busy is first seen high.
@pytest.mark.parametrize(
    ("queue", "cycles"),
    [
        (linear(1, 1), 308),
        (linear(2, 4), 2321),
        (linear(8, 64), 141509),
        (single_attention(1, 1), 612),
        (single_attention(4, 1), 9300),
        (linear(8, 8) + linear(8, 8), 35381),
    ],
    ids=["GEMM 64", "GEMM 128", "GEMM 512", "SA 64", "SA 256", "FFN 64 512 512"],
)
def test_a_second_simulation_counted_the_same_queued_cycles(
    queue: list[Traffic], cycles: int
) -> None:
    joined = [
        job._replace(preload=index == 0, nextload=index < len(queue) - 1)
        for index, job in enumerate(queue)
    ]
    assert queued_cycles(joined) + 2 == cycles


# Software that polls busy and triggers then adds two cycles to each gap between jobs.
@pytest.mark.parametrize(
    ("size", "cycles"),
    [((128,) * 4, 18599), ((256, 256, 64, 256), 64079), ((512,) * 4, 1133831)],
)
def test_a_polled_layer_takes_the_cycles_of_the_second_simulation(
    size: tuple[int, int, int, int], cycles: int
) -> None:
    queue = attention_and_feedforward(size)
    assert queued_cycles(queue) + 2 + 2 * (len(queue) - 1) == cycles


def settled(traffic: Traffic, refused: float) -> int:
    """The busy cycles of a job of which this share of cycles would refuse a request."""
    busy = elapsed = busy_cycles(traffic)
    while (end := busy + cycles_lost(traffic, busy, refused * elapsed, elapsed)) > elapsed:
        elapsed = end
    return elapsed


@pytest.mark.parametrize(
    ("granted", "cycles"), [(0.9, 19570), (0.7, 22649), (0.5, 30032), (0.25, 58505)]
)
def test_a_contended_layer_takes_the_cycles_of_the_second_simulation_within_its_error(
    granted: float, cycles: int
) -> None:
    queue = attention_and_feedforward((128,) * 4)
    busy = sum(settled(job, 1.0 - granted) for job in queue)
    assert busy + 3 * (len(queue) - 1) + 2 == pytest.approx(cycles, rel=0.015)


def test_no_jobs_take_no_cycles() -> None:
    assert queued_cycles([]) == 0


@pytest.mark.parametrize(
    ("refused", "stored", "not_stored"),
    [(0.1, 335, 272), (0.2, 375, 273), (0.3, 431, 275), (0.5, 600, 340)],
)
def test_contention_lengthens_a_job_as_measured_within_the_error_of_the_fit(
    refused: float, stored: int, not_stored: int
) -> None:
    for stores, cycles in ((True, stored), (False, not_stored)):
        traffic = Traffic(stores, bias=True, preload=False, nextload=True)
        assert settled(traffic, refused) == pytest.approx(cycles, rel=0.023)


@given(TRAFFIC, st.floats(0.0, 2000.0), st.floats(0.0, 2000.0), st.integers(1, 4000))
def test_more_refusals_never_shorten_a_job(
    traffic: Traffic, fewer: float, more: float, elapsed: int
) -> None:
    busy = busy_cycles(traffic)
    few, many = sorted((fewer, more))
    assert (
        0 <= cycles_lost(traffic, busy, few, elapsed) <= cycles_lost(traffic, busy, many, elapsed)
    )


@given(TRAFFIC)
def test_a_port_that_always_grants_costs_nothing(traffic: Traffic) -> None:
    assert cycles_lost(traffic, busy_cycles(traffic), 0.0, 1) == 0


def test_only_a_job_that_stores_pays_for_a_few_refused_requests() -> None:
    inner = Traffic(stores=False, bias=True, preload=False, nextload=True)
    assert cycles_lost(inner, 271, 60.0, 271) == 0
    assert cycles_lost(inner._replace(stores=True), 306, 60.0, 306) == 56


def test_the_first_release_waits_for_its_few_row_credits_when_a_row_block_ends() -> None:
    assert division_cycles(CURRENT) == 0
    assert division_cycles(AUGUST_2024) == 105
