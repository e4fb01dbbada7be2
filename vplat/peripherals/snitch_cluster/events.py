"""What the performance counters of a Snitch cluster can count, and what of it the platform knows.

Names and order are those of the register description that the authors' cluster was made from
(``snitch_cluster_peripheral_reg.hjson``, mid-2024); where the counts come from, of
``snitch_cluster_peripheral.sv``, ``snitch.sv`` and ``idma_inst64_events.sv``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from vplat.model import HartCounters

LOADS: Final = ("load", "amo", "load_reserved", "store_conditional")
"""Classes whose result comes back through the load/store unit."""
OFFLOADED: Final = ("mul", "mulh", "div")
"""Classes that the core hands to the shared multiplier, which returns a result."""
BASE: Final = ("alu", "jump", "jump_register", "csr")
"""Classes of base instructions that write a register in the core itself."""

FromHart = Callable[[HartCounters], int]
FromDma = Callable[[Mapping[str, int]], int]


class Counted(NamedTuple):
    """One event, by bit: what it is, and how its count is got.

    At most one of ``hart`` and ``dma`` is set: the hart's own counters, or what the DMA has
    accounted for. An event without either is counted by cycle, never happens, or is unknown;
    ``missing`` then says why.
    """

    name: str
    doc: str
    hart: FromHart | None = None
    dma: FromDma | None = None
    missing: str = ""


def _classes(*names: str) -> FromHart:
    return lambda counters: sum(counters.by_class.get(name, 0) for name in names)


def _activity(name: str, factor: int = 1) -> FromDma:
    return lambda activities: factor * activities.get(name, 0)


NO_SIGNALS: Final = "the platform moves whole bursts and does not know single handshakes"
NO_CONFLICTS: Final = "the platform does not see which access of a hart finds its bank busy"
NO_CACHE: Final = "the platform does not see single fetches"
BEAT_BYTES: Final = 64
"""The wide port's width; counters of bandwidth count whole beats (``DMADataWidth``)."""

EVENTS: Final = (
    Counted("cycle", "Cycles."),
    Counted("tcdm_accessed", "Accesses of all harts to the TCDM; estimated."),
    Counted("tcdm_congested", "Accesses to the TCDM that had to wait.", missing=NO_CONFLICTS),
    Counted("issue_fpu", "Operations in the FPU; none, there is no FPU."),
    Counted("issue_fpu_seq", "Instructions that the FPU sequencer issued; none."),
    Counted("issue_core_to_fpu", "Instructions that the hart sent to the FPU; none."),
    Counted("retired_instr", "Instructions retired.", hart=lambda each: each.instructions),
    Counted("retired_load", "Results that came from memory.", hart=_classes(*LOADS)),
    Counted("retired_i", "Results that the core itself computed.", hart=_classes(*BASE)),
    Counted("retired_acc", "Results that came from shared units.", hart=_classes(*OFFLOADED)),
    Counted("dma_aw_stall", "Cycles in which a write request waits.", missing=NO_SIGNALS),
    Counted("dma_ar_stall", "Cycles in which a read request waits.", missing=NO_SIGNALS),
    Counted("dma_r_stall", "Cycles without data to read.", missing=NO_SIGNALS),
    Counted("dma_w_stall", "Cycles in which data to write waits.", missing=NO_SIGNALS),
    Counted("dma_buf_w_stall", "Cycles without data to write.", missing=NO_SIGNALS),
    Counted("dma_buf_r_stall", "Cycles in which read data waits.", missing=NO_SIGNALS),
    Counted("dma_aw_done", "Write bursts requested.", dma=_activity("write_bursts")),
    Counted("dma_aw_bw", "Bytes of the write bursts.", dma=_activity("write_beats", BEAT_BYTES)),
    Counted("dma_ar_done", "Read bursts requested.", dma=_activity("read_bursts")),
    Counted("dma_ar_bw", "Bytes of the read bursts.", dma=_activity("read_beats", BEAT_BYTES)),
    Counted("dma_r_done", "Beats read.", dma=_activity("read_beats")),
    Counted("dma_r_bw", "Bytes of the beats read.", dma=_activity("read_beats", BEAT_BYTES)),
    Counted("dma_w_done", "Beats written.", dma=_activity("write_beats")),
    Counted("dma_w_bw", "Bytes written.", dma=_activity("bytes_written")),
    Counted("dma_b_done", "Write bursts acknowledged.", dma=_activity("write_bursts")),
    Counted("dma_busy", "Cycles in which the DMA is at work.", dma=_activity("busy_cycles")),
    Counted("icache_miss", "Misses of the hart's own instruction cache.", missing=NO_CACHE),
    Counted("icache_hit", "Hits there.", missing=NO_CACHE),
    Counted("icache_prefetch", "Prefetches.", missing=NO_CACHE),
    Counted("icache_double_hit", "Double hits.", missing=NO_CACHE),
    Counted("icache_stall", "Cycles in which the hart waits for instructions.", missing=NO_CACHE),
)
CYCLE, TCDM_ACCESSED = 0, 1
"""Bits of events that are the cluster's, whatever hart is selected."""


def selected(enable: int) -> int:
    """The event that an enable register chooses: its lowest bit; -1 for none."""
    enable &= (1 << len(EVENTS)) - 1
    return (enable & -enable).bit_length() - 1
