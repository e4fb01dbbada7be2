"""The cycles of the Snitch DMA's copies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.model.transfer import BurstFlow, PortUse
from vplat.peripherals.xdma.movement import Reach
from vplat.peripherals.xdma.timing import Course, Rates, schedule
from vplat.peripherals.xdma.transfer import Transfer

TCDM, ZEROS, DRAM = 0x1000_0000, 0x1003_0000, 0x8000_0000
REACH = Reach(TCDM, 0x1800_0000, 0x5_0000, 0x2_0000, 0x3_0000, 0x1_0000)
RATES = Rates(width=64, start_cycles=3, external_cycles=8, finish_cycles=1)
TILE = 4096


def copy(
    source: int, destination: int, length: int, *, flow: BurstFlow | None = None, at: int = 0
) -> Course:
    """One copy of one dimension."""
    transfer = Transfer(2, at, source, destination, length)
    return schedule(transfer, 0, length, flow or BurstFlow(24), RATES, REACH)


def test_a_word_from_outside_takes_the_latencies_and_a_cycle() -> None:
    assert copy(DRAM, TCDM, 8) == Course(3 + 8 + 1 + 3 + 1, 1, PortUse(11, 12, 1))


# The authors' waveform: 74 to 79 cycles until dmstati sees it done.
def test_a_tile_on_its_way_out_takes_a_cycle_a_word_more() -> None:
    assert copy(TCDM, DRAM, TILE).finished == 79


def test_a_misaligned_copy_has_a_word_more_on_the_side_that_is_misaligned() -> None:
    aligned = copy(DRAM, TCDM, TILE)
    assert copy(DRAM + 16, TCDM, TILE - 128).finished == aligned.finished - 1
    assert copy(DRAM, TCDM + 16, TILE - 128).tcdm.beats == 63


def test_copies_follow_one_another_without_a_pause() -> None:
    flow = BurstFlow(24)
    first, second = copy(TCDM, DRAM, TILE, flow=flow), copy(DRAM, TCDM, TILE, flow=flow, at=5)
    assert first.tcdm == PortUse(6, 70, 64)
    assert second.tcdm == PortUse(70, 134, 64)


def test_a_copy_within_the_tcdm_takes_its_port_for_reads_and_writes() -> None:
    course = copy(TCDM, TCDM + 0x8000, TILE)
    assert (course.tcdm.end - course.tcdm.begin, course.tcdm.beats) == (128, 128)


def test_zeros_come_from_within_the_cluster_and_use_the_port_for_writes() -> None:
    assert copy(ZEROS, TCDM, 64) == Course(3 + 3 + 1 + 3 + 1, 1, PortUse(6, 7, 1))


def test_a_copy_that_leaves_the_tcdm_alone_does_not_use_its_port() -> None:
    assert copy(DRAM, DRAM + TILE, TILE).tcdm.beats == 0


@pytest.mark.parametrize(("offset", "bursts"), [(0, 2), (64, 3), (4032, 3)])
def test_no_burst_crosses_a_page(offset: int, bursts: int) -> None:
    assert copy(DRAM + offset, TCDM + offset, 2 * TILE).bursts == bursts


def test_small_rows_are_limited_by_the_bursts_under_way() -> None:
    rows = Transfer(2, 0, DRAM, TCDM, 8, rows=64, source_stride=TILE, destination_stride=8)
    many, few = (schedule(rows, 0, rows.bytes, BurstFlow(limit), RATES, REACH) for limit in (64, 3))
    assert many.finished == 16 + 63
    assert few.finished > 3 * many.finished


@given(st.integers(0, 200), st.integers(1, 20_000), st.integers(0, 200))
def test_a_copy_takes_at_least_its_words(source: int, length: int, destination: int) -> None:
    course = copy(DRAM + source, TCDM + destination, length)
    assert course.tcdm.beats * 64 >= length
    assert course.tcdm.end - course.tcdm.begin >= course.tcdm.beats
    assert course.finished > course.tcdm.end
