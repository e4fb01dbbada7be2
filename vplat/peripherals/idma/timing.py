"""How many cycles an iDMA transfer takes: pure.

The bursts are those of the legaliser (``idma_legalizer``); a stream moves one bus word a cycle
(`pulp-cluster.md` sections 2.2 and 5.3). The latencies of ``Rates`` are figures of the class
*estimated*.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from vplat.model.row_copy import RowCopy, can_cut, cut
from vplat.model.transfer import BurstFlow, PortUse, beats, split

from .transfer import End, Protocol, Transfer

TCDM_CYCLES: Final = 1
"""From a TCDM request to its data (`pulp-cluster.md` section 5.2)."""
WITHOUT_BURSTS: Final = 2048
"""Bytes of a run that is looked at in one piece where neither side makes bursts."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rates:
    """``width`` bytes a beat; the cycles before, between and after a transfer's data.

    ``start_cycles`` lead from the launch to the first request, ``external_cycles`` from a request
    to the first data of external memory or from the last data to its acknowledgement, and
    ``finish_cycles`` from there to the event.
    """

    width: int
    start_cycles: int
    external_cycles: int
    finish_cycles: int

    def latency(self, end: End) -> int:
        """Cycles of one side's memory."""
        if end.protocol == Protocol.INIT:
            return 0
        return TCDM_CYCLES if end.protocol == Protocol.OBI else self.external_cycles


class Course(NamedTuple):
    """What ``schedule`` tells."""

    finished: int
    """The cycle in which the bytes are done."""
    bursts: int
    """AXI bursts."""
    tcdm: PortUse
    """Of the port to the TCDM."""


def schedule(transfer: Transfer, begin: int, end: int, flow: BurstFlow, rates: Rates) -> Course:
    """When the bytes ``begin..end`` are moved; ``flow`` moves on.

    Every burst costs one cycle of requests; its data takes one cycle a bus word, misaligned heads
    and tails included, on the side that has more of them.
    """
    ready = transfer.accepted + rates.start_cycles
    done = max(ready, flow.data_free)
    bursts, use = 0, PortUse()
    for part in transfer.parts(begin, end):
        if can_cut(part, *_boundaries(transfer), *_burst_bytes(transfer)):
            done, more = _at_once(transfer, part, ready, flow, rates, use)
        else:
            done, more = _one_by_one(transfer, part, ready, flow, rates, use)
        bursts += more
    return Course(done + rates.finish_cycles, bursts, use)


def _one_by_one(
    transfer: Transfer, rows: RowCopy, ready: int, flow: BurstFlow, rates: Rates, use: PortUse
) -> tuple[int, int]:
    """When any rows are finished, and how many AXI bursts they are."""
    before, after = rates.latency(transfer.source), rates.latency(transfer.destination)
    sides, done, bursts = _sides_in_tcdm(transfer), 0, 0
    for source, destination, run in rows.runs():
        for offset, piece in _requests(transfer, source, destination, run):
            words = max(
                beats(source + offset, piece, rates.width),
                beats(destination + offset, piece, rates.width),
            )
            done = flow.burst(ready, words, before, after)
            use.add(flow.data_free, words, words * sides)
        bursts += _bursts(transfer, source, destination, run)
    return done, bursts


def _at_once(
    transfer: Transfer, rows: RowCopy, ready: int, flow: BurstFlow, rates: Rates, use: PortUse
) -> tuple[int, int]:
    """The same of rows that are no longer than a burst."""
    before, after = rates.latency(transfer.source), rates.latency(transfer.destination)
    pieces, sides = cut(rows, *_boundaries(transfer)), _sides_in_tcdm(transfer)
    read, written = pieces.read_beats(rates.width), pieces.write_beats(rates.width)
    words = np.maximum(read, written).tolist()
    first, done = flow.bursts(ready, zip(words, itertools.repeat(0)), before, after)
    use.add(first, words[0], words[0] * sides)
    use.add(flow.data_free, words[-1], sum(words[1:]) * sides)
    reads, writes = _burst_bytes(transfer)
    bursts = len(words) if reads or writes else 0
    if reads and writes:
        bursts += len(words if transfer.coupled else cut(rows, 0, writes).lengths)
    return done, bursts


def _sides_in_tcdm(transfer: Transfer) -> int:
    return [end.protocol for end in (transfer.source, transfer.destination)].count(Protocol.OBI)


def _burst_bytes(transfer: Transfer) -> tuple[int, int]:
    """The most bytes of a burst at the source and at the destination; 0: no bursts there."""
    reads, writes = (
        end.burst if end.protocol == Protocol.AXI else 0
        for end in (transfer.source, transfer.destination)
    )
    return reads, writes


def _boundaries(transfer: Transfer) -> tuple[int, int]:
    """Where requests are cut at the source and at the destination; 0: that side does not count."""
    reads, writes = _burst_bytes(transfer)
    if reads and writes and not transfer.coupled:
        return reads, 0
    return (reads, writes) if reads or writes else (WITHOUT_BURSTS, 0)


def _sides(transfer: Transfer, source: int, destination: int) -> list[tuple[int, int]]:
    """``(bytes of a burst, address)`` of each side that makes bursts."""
    ends = ((transfer.source, source), (transfer.destination, destination))
    return [(end.burst, address) for end, address in ends if end.protocol == Protocol.AXI]


def _requests(
    transfer: Transfer, source: int, destination: int, run: int
) -> Iterator[tuple[int, int]]:
    """The pieces of a run that are requested one by one; uncoupled sides follow the reads."""
    sides = _sides(transfer, source, destination) or [(WITHOUT_BURSTS, source)]
    burst, address = sides[0]
    for offset, piece in split(run, burst, address):
        if transfer.coupled and len(sides) == 2:
            other, other_address = sides[1]
            for more, part in split(piece, other, other_address + offset):
                yield offset + more, part
        else:
            yield offset, piece


def _bursts(transfer: Transfer, source: int, destination: int, run: int) -> int:
    """AXI bursts of a run, on both sides together."""
    sides = _sides(transfer, source, destination)
    if transfer.coupled and len(sides) == 2:
        return 2 * sum(1 for _ in _requests(transfer, source, destination, run))
    return sum(1 for burst, address in sides for _ in split(run, burst, address))
