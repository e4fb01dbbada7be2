"""The figures of both revisions and of contention, against the cycle model of the streams."""

from __future__ import annotations

from statistics import mean

import numpy as np
import pytest

from tests.unit import ita_streams
from tests.unit.ita_streams import CURRENT, FIRST_RELEASE, Design
from vplat.machine.interconnect import march_refusals
from vplat.peripherals.ita import revision
from vplat.peripherals.ita.revision import Revision
from vplat.peripherals.ita.timing import (
    BEAT_BYTES,
    Traffic,
    busy_cycles,
    cycles_lost,
    division_cycles,
)

DESIGNS = [(CURRENT, revision.CURRENT), (FIRST_RELEASE, revision.AUGUST_2024)]
KINDS = [
    Traffic(stores, bias, preload, nextload)
    for stores in (True, False)
    for bias in (True, False)
    for preload in (True, False)
    for nextload in (True, False)
]
STORED = Traffic(stores=True, bias=True, preload=False, nextload=True)
NOT_STORED = STORED._replace(stores=False)
BANKS, BANK_BYTES, DMA_BYTES = 32, 8, 64


@pytest.mark.parametrize(("design", "hardware"), DESIGNS, ids=["current", "first release"])
@pytest.mark.parametrize("traffic", KINDS)
def test_the_model_of_the_streams_takes_the_cycles_of_the_revision(
    design: Design, hardware: Revision, traffic: Traffic
) -> None:
    assert ita_streams.busy_cycles(design, traffic) == busy_cycles(traffic, hardware)


@pytest.mark.parametrize(("design", "hardware"), DESIGNS, ids=["current", "first release"])
@pytest.mark.parametrize("nextload", [True, False])
def test_the_job_that_ends_a_row_block_takes_as_much_longer_as_in_the_model(
    design: Design, hardware: Revision, nextload: bool
) -> None:
    traffic = Traffic(stores=True, bias=False, preload=False, nextload=nextload)
    alone = busy_cycles(traffic, hardware) + division_cycles(hardware)
    assert ita_streams.busy_cycles(design, traffic, ends_rows=True) == alone


@pytest.mark.parametrize("traffic", [STORED, NOT_STORED], ids=["stored", "not stored"])
@pytest.mark.parametrize("refused", [0.1, 0.2, 0.3, 0.5])
def test_refusals_at_random_lengthen_a_job_as_in_the_model(
    traffic: Traffic, refused: float
) -> None:
    random = np.random.default_rng(1)

    def one_run() -> int:
        refusals = random.random(2000) < refused

        def grants(cycle: int, _address: int) -> bool:
            return not refusals[cycle]

        return ita_streams.busy_cycles(CURRENT, traffic, grants=grants)

    modelled = mean(one_run() for _ in range(10))
    elapsed = busy = busy_cycles(traffic)
    while (end := busy + cycles_lost(traffic, busy, refused * elapsed, elapsed)) > elapsed:
        elapsed = end
    assert elapsed == pytest.approx(modelled, rel=0.03)


def banks(address: int, width: int) -> set[int]:
    """The banks of an access."""
    first = address // BANK_BYTES
    return {(first + lane) % BANKS for lane in range(width // BANK_BYTES)}


def dma_from(begin: int, beats: int, phase: int) -> ita_streams.Grants:
    """A memory that a DMA uses before everybody else, one word of 64 bytes after the other."""

    def grants(cycle: int, address: int) -> bool:
        if not begin <= cycle < begin + beats:
            return True
        word = DMA_BYTES * (cycle - begin + phase)
        return not banks(address, BEAT_BYTES) & banks(word, DMA_BYTES)

    return grants


@pytest.mark.parametrize("beats", [64, 128, 192])
def test_a_dma_lengthens_a_stored_job_within_a_tenth_of_what_the_model_says(beats: int) -> None:
    modelled = mean(
        ita_streams.busy_cycles(FIRST_RELEASE, STORED, grants=dma_from(begin, beats, phase))
        for begin in range(10, 90, 16)
        for phase in range(4)
    )
    blocks, covered = BANKS * BANK_BYTES // DMA_BYTES, BEAT_BYTES // DMA_BYTES
    refused = beats * march_refusals(blocks, covered, STORED.unaligned)
    busy = busy_cycles(STORED, revision.AUGUST_2024)
    assert busy + cycles_lost(STORED, busy, refused, busy) == pytest.approx(modelled, rel=0.1)


@pytest.mark.parametrize("beats", [64, 128, 192])
def test_a_dma_does_not_lengthen_a_job_that_stores_nothing_once_it_is_going(beats: int) -> None:
    alone = busy_cycles(NOT_STORED, revision.AUGUST_2024)
    for phase in range(4):
        grants = dma_from(30, beats, phase)
        assert ita_streams.busy_cycles(FIRST_RELEASE, NOT_STORED, grants=grants) == alone
