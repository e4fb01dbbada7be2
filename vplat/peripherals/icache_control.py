"""Control of the cluster's instruction caches.

Registers: `pulp-cluster.md` section 4.1, with the fields of `hier_icache_ctrl_unit.sv`. The caches
themselves are not modelled, and the specification has no offsets for their hit counters: what stays
is that harts see fresh code after a flush, and that nobody waits in vain.
"""

from __future__ import annotations

from vplat.hookspecs import hookimpl
from vplat.model import RW, W1P, WO, Event, Peripheral, Register, Unchecked, Word, bit, bits


class IcacheControl(Peripheral, kind="icache_control", size=0x400, undefined=0):
    """Enables and flushes the instruction caches.

    A flush is over when its store is, so registers that firmware polls for its end read as zero.
    """

    specification = "pulp-cluster.md section 4.1"

    enable_icache = Register(
        0x00,
        "Use of the caches.",
        enable=bit(0, RW, "1: use the caches. 0: bypass them, so that every fetch sees memory."),
    )
    flush_icache = Register(
        0x04,
        "Flush of all caches. Reads as zero: done.",
        flush=bit(0, W1P, "Drop every line of the private and the shared caches."),
    )
    flush_l1_only = Register(
        0x08,
        "Flush of the harts' private caches. Reads as zero: done.",
        flush=bit(0, W1P, "Drop every line of the private caches, keep the shared one."),
    )
    sel_flush_icache = Word(
        0x0C, WO, "Drop the line that holds the address stored here. Reads as zero: done."
    )
    clear_cnts = Register(
        0x10,
        "Reset of the hit and miss counters. Reads as zero.",
        clear=bit(0, W1P, "Set them to zero. The counters themselves are not on this platform."),
    )
    enable_cnts = Register(
        0x14,
        "Use of the hit and miss counters.",
        enable=bit(0, RW, "Let them count. The counters themselves are not on this platform."),
    )
    enable_l1_l15_prefetch = Register(
        0x1C,
        "Prefetch from the shared cache into the private ones. Reads as zero: the prefetcher is "
        "disabled in the hardware.",
        harts=bits(15, 0, WO, "Bit h asks for it on hart h."),
    )

    polled = Unchecked(
        flush_icache,
        flush_l1_only,
        sel_flush_icache,
        because="firmware polls them for the end of the flush",
        section="pulp-cluster.md section 4.1",
    )

    flush = Event("Code that harts have already seen may have changed: they must fetch it anew.")

    @flush_icache.flush.on_set
    @flush_l1_only.flush.on_set
    @sel_flush_icache.on_write
    def drop_lines(self) -> None:
        self.account("flushes", 1)
        self.flush()

    @enable_icache.on_write
    def bypass(self) -> None:
        if not self.enable_icache.enable:
            self.flush()


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    return [IcacheControl]
