"""How many cycles a copy of the Snitch DMA takes, and when it is in the TCDM: pure.

The pieces are those of the legaliser (``idma_legalizer`` of iDMA v0.6): no burst crosses a page of
4 KiB on either side. Data moves in the order of the copies, one bus word a cycle, read and written
at once; where both sides are the TCDM, its one port serves them in turn.

The latencies are *calibrated* on the authors' waveform (`snitch-ita-cluster.md` section 9), where
they are seen only through the loop that polls ``dmstati``: 8 bytes from the testbench's memory into
the TCDM take 15 to 20 cycles, 4 KiB out 74 to 79, and 4 KiB in right behind them 70 more.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Final, NamedTuple

import numpy as np

from vplat.model.row_copy import RowCopy, can_cut, cut
from vplat.model.transfer import BurstFlow, PortUse, beats, split

from .movement import Reach, Region
from .transfer import PAGE_BYTES, Transfer

INSIDE_CYCLES: Final = 3
"""Latency of the TCDM and of the zero memory as the DMA sees them, behind the wide crossbar."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rates:
    """``width`` bytes a beat; the cycles before, between and after a copy's data.

    ``start_cycles`` lead from the instruction to the first request, ``external_cycles`` from a
    request to the first data of memory outside the cluster or from the last data to its
    acknowledgement, and ``finish_cycles`` from there to the cycle in which the copy is done.
    """

    width: int
    start_cycles: int
    external_cycles: int
    finish_cycles: int

    def latency(self, region: Region) -> int:
        """Cycles of the memory on one side."""
        inside = region in (Region.TCDM, Region.ZERO)
        return INSIDE_CYCLES if inside else self.external_cycles


class Course(NamedTuple):
    """What ``schedule`` tells."""

    finished: int
    """The cycle in which the bytes are done."""
    bursts: int
    tcdm: PortUse
    """Of the DMA's port to the TCDM."""


def schedule(
    transfer: Transfer, begin: int, end: int, flow: BurstFlow, rates: Rates, reach: Reach
) -> Course:
    """When the bytes ``begin..end`` of a copy are moved; ``flow`` moves on.

    Call it in the order of the copies with one ``flow``, which says how many bursts may be under
    way. The next copy may begin in the cycle ``flow.request_free``.
    """
    ready = transfer.accepted + rates.start_cycles
    done = max(ready, flow.data_free)
    bursts, use = 0, PortUse()
    for part in transfer.parts(begin, end):
        reading, writing = reach.region_of(part.reads), reach.region_of(part.writes)
        if reading is None or writing is None or not can_cut(part, PAGE_BYTES):
            done, more = _one_by_one(part, ready, flow, rates, reach, use)
        else:
            done, more = _at_once(part, ready, flow, rates, (reading, writing), use)
        bursts += more
    return Course(done + rates.finish_cycles, bursts, use)


def _one_by_one(
    rows: RowCopy, ready: int, flow: BurstFlow, rates: Rates, reach: Reach, use: PortUse
) -> tuple[int, int]:
    """When the last burst of any rows is finished, and how many there are."""
    done = bursts = 0
    for source, destination, run in rows.runs():
        for offset, piece in split(run, PAGE_BYTES, source, destination):
            origin, target = source + offset, destination + offset
            reading, writing = reach.region(origin)[0], reach.region(target)[0]
            read = beats(origin, piece, rates.width)
            written = beats(target, piece, rates.width)
            in_tcdm = read * (reading is Region.TCDM) + written * (writing is Region.TCDM)
            words = max(read, written, in_tcdm)
            done = flow.burst(ready, words, rates.latency(reading), rates.latency(writing))
            bursts += 1
            if in_tcdm:
                use.add(flow.data_free, words, in_tcdm)
    return done, bursts


def _at_once(
    rows: RowCopy,
    ready: int,
    flow: BurstFlow,
    rates: Rates,
    regions: tuple[Region, Region],
    use: PortUse,
) -> tuple[int, int]:
    """The same of rows with one region on either side."""
    reading, writing = regions
    pieces = cut(rows, PAGE_BYTES, PAGE_BYTES)
    read, written = pieces.read_beats(rates.width), pieces.write_beats(rates.width)
    in_tcdm = read * (reading is Region.TCDM) + written * (writing is Region.TCDM)
    words = np.maximum(np.maximum(read, written), in_tcdm).tolist()
    bursts = zip(words, itertools.repeat(0))
    first, done = flow.bursts(ready, bursts, rates.latency(reading), rates.latency(writing))
    if Region.TCDM in regions:
        use.add(first, words[0], int(in_tcdm[0]))
        use.add(flow.data_free, words[-1], int(in_tcdm[1:].sum()))
    return done, len(words)
