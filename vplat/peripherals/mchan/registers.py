"""The data sheet of the MCHAN: its ports, registers, events, and what a board chooses."""

from __future__ import annotations

from vplat.model import (
    HART_PORT,
    RO,
    W1C,
    Event,
    HandedBack,
    Lent,
    Parameter,
    Peripheral,
    Register,
    Unchecked,
    Window,
    bits,
)

from .command import FIRST_WORD
from .findings import CLUSTER_PORT, FABRIC_PORT


class MchanRegisters(Peripheral):
    """What firmware and boards see of an MCHAN (`pulp-cluster.md` section 2.1)."""

    specification = "pulp-cluster.md section 2.1"

    core = Window(0x400, "Each hart's own port, at one address for all.", port=HART_PORT)
    cluster = Window(0x400, "The port on the peripheral interconnect.", port=CLUSTER_PORT)
    fabric = Window(0x400, "The port of the fabric controller.", port=FABRIC_PORT)

    harts = Parameter(8, "Harts with a port of their own.", minimum=1, maximum=CLUSTER_PORT)
    tcdm_base = Parameter(0x1000_0000, "Address of the TCDM.", minimum=0)
    tcdm_size = Parameter(0x2_0000, "Bytes of TCDM; the TCDM side wraps there.", minimum=8)
    external_address_bits = Parameter(
        32, "Width of external addresses; 64 takes one more command word.", choices=(32, 64)
    )
    queue_depth = Parameter(16, "Commands that wait, for all ports: twice the harts.", minimum=1)
    bytes_per_cycle = Parameter(8, "Bytes a beat, in each direction.", choices=(4, 8, 16, 32, 64))
    outstanding_bursts = Parameter(8, "Bursts under way in each direction.", minimum=1)
    start_cycles = Parameter(
        6, "From the last command word to the first request; estimated: register stages.", minimum=0
    )
    external_cycles = Parameter(
        12, "Latency of external memory; estimated: GVSoC's AXI (section 5.2).", minimum=0
    )
    finish_cycles = Parameter(
        2, "From the last acknowledgement to the event; estimated: register stages.", minimum=0
    )

    cmd = Register(
        0x00,
        "Commands. A load allocates the lowest free TID (0..15) and returns it; it sleeps while "
        "all are taken. Stores, all to this one offset, are the words of a command under the TID "
        "that this port allocated last: 1. the fields below; 2. the TCDM address; 3. the external "
        "address (low, then high word where it has 64 bits); with twd_ext the external count and "
        "stride; with twd_tcdm the TCDM count and stride. Several commands may share one TID.",
        **FIRST_WORD,
        windows=(core, cluster, fabric),
    )
    words_of_a_command = Unchecked(
        cmd,
        because="what a word means depends on those before it",
        section="pulp-cluster.md section 2.1",
    )
    status = Register(
        0x04,
        "Transfer identifiers, the same on every port.",
        active=bits(
            15,
            0,
            W1C,
            "A load: bit t is 1 while commands under TID t are queued or under way. A store of 1 "
            "to bit t: TID t becomes free (it does not cancel anything).",
        ),
        allocated=bits(
            31, 16, RO, "Bit t is 1 from the load that allocates TID t until it is freed."
        ),
        windows=(core, cluster, fabric),
    )
    tids = HandedBack(
        taken=cmd,
        by=status.active,
        because="after 16 of them the next load of CMD sleeps for ever; store 1 << tid to STATUS "
        "when a transfer is finished",
        section="pulp-cluster.md section 2.1",
    )
    buffers = Lent(
        until="the TID's bit of status.active is 0, asleep on event 8",
        section="pulp-cluster.md section 2.1",
    )

    finished = Event("A TID with the event enabled has nothing left to do (event line 8).")
    interrupt = Event("A TID with the interrupt enabled has nothing left to do (line 9).")
    external_finished = Event(
        "A TID of the cluster or the fabric port, or a broadcast one, is finished (line 22)."
    )
