"""How many cycles an MCHAN command takes: pure.

The bursts and beats are those of ``trans_unpack.sv``, ``ext_rx_if.sv`` and ``ext_tx_if.sv``. The
three latencies of ``Rates`` are figures of the class *estimated*: nobody published a measurement.
"""

from __future__ import annotations

import dataclasses
from typing import Final, NamedTuple

import numpy as np

from vplat.model.row_copy import RowCopy, can_cut, cut
from vplat.model.transfer import BurstFlow, PortUse, beats, split

from .command import Command, Direction

BURST_BYTES: Final = 256
"""A burst ends at each multiple of this in the external address, so none crosses a 4 KiB page
either (`pulp-cluster.md` section 2.1)."""
TCDM_CYCLES: Final = 1
"""From a TCDM request to its data (`pulp-cluster.md` section 5.2)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rates:
    """``width`` bytes a beat; the cycles before, between and after a command's data.

    ``start_cycles`` lead from the last command word to the first request, ``external_cycles`` from
    a request to the first data of external memory or from the last data to its acknowledgement, and
    ``finish_cycles`` from there to the event.
    """

    width: int
    start_cycles: int
    external_cycles: int
    finish_cycles: int


class Course(NamedTuple):
    """What ``schedule`` tells."""

    finished: int
    """The cycle in which the command is finished."""
    bursts: int
    tcdm: PortUse
    """Of the ports to the TCDM."""


def schedule(command: Command, flow: BurstFlow, rates: Rates) -> Course:
    """When a command is carried out; ``flow`` moves on.

    Every run costs its direction's splitter one cycle, and every burst one more; the data of a
    burst takes one cycle a bus word, misaligned heads and tails included, on the side that has more
    of them.
    """
    if command.direction is Direction.RX:
        before, after = rates.external_cycles, TCDM_CYCLES
    else:
        before, after = TCDM_CYCLES, rates.external_cycles
    ready = command.accepted + rates.start_cycles
    finished = bursts = 0
    use = PortUse()
    runs, rows = command.runs(), command.rows()
    if rows is not None and command.increments and can_cut(rows, BURST_BYTES):
        finished, bursts = _rows(rows, ready, flow, (before, after), rates.width, use)
        runs = command.rest(rows)
    for external, tcdm, run in runs:
        flow.request_free += 1
        for offset, piece in split(run, BURST_BYTES, external):
            burst_start = external + offset if command.increments else external
            words = max(
                beats(burst_start, piece, rates.width), beats(tcdm + offset, piece, rates.width)
            )
            finished = flow.burst(ready, words, before, after)
            bursts += 1
            use.add(flow.data_free, words, words)
    return Course(finished + rates.finish_cycles, bursts, use)


def _rows(
    rows: RowCopy, ready: int, flow: BurstFlow, latency: tuple[int, int], width: int, use: PortUse
) -> tuple[int, int]:
    """When the last burst of whole rows is finished, and how many there are."""
    pieces = cut(rows, BURST_BYTES)
    words = np.maximum(pieces.read_beats(width), pieces.write_beats(width)).tolist()
    bursts = zip(words, pieces.begins_row.tolist(), strict=True)
    first, finished = flow.bursts(ready, bursts, *latency)
    use.add(first, words[0], words[0])
    use.add(flow.data_free, words[-1], sum(words[1:]))
    return finished, len(words)
