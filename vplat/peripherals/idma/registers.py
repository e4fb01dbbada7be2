"""The data sheet of the iDMA: its ports, registers, event, and what a board chooses."""

from __future__ import annotations

from typing import Final

from vplat.model import (
    HART_PORT,
    RO,
    RW,
    Event,
    Lent,
    Needed,
    Parameter,
    Peripheral,
    PortRegister,
    PortWord,
    Registers,
    Window,
    Words,
    bit,
    bits,
)

from .findings import CLUSTER_PORT
from .transfer import FIRST_ID, Protocol

STREAMS: Final = 16
PORTS: Final = 17


class IdmaRegisters(Peripheral):
    """What firmware and boards see of an iDMA (`pulp-cluster.md` section 2.2 b)."""

    specification = "pulp-cluster.md section 2.2"

    core = Window(0x400, "Each hart's own registers, at one address for all.", port=HART_PORT)
    cluster = Window(0x400, "The port on the peripheral interconnect.", port=CLUSTER_PORT)

    harts = Parameter(8, "Harts with registers of their own.", minimum=1, maximum=CLUSTER_PORT)
    streams = Parameter(2, "Streams that work side by side.", minimum=1, maximum=STREAMS)
    status_is_shared = Parameter(
        True,
        "STATUS[0] shows all streams together, which drivers that poll nothing else rely on; "
        "false: only stream 0, as on silicon.",
    )
    queue_depth = Parameter(16, "Launches that a stream holds until it requests them.", minimum=1)
    tcdm_base = Parameter(0x1000_0000, "Address of the TCDM, which OBI reaches.", minimum=0)
    tcdm_size = Parameter(0x2_0000, "Bytes of TCDM; OBI addresses wrap there.", minimum=8)
    bytes_per_cycle = Parameter(8, "Bytes a beat of a stream.", choices=(4, 8, 16, 32, 64))
    outstanding_bursts = Parameter(8, "Bursts under way in each stream.", minimum=1)
    start_cycles = Parameter(
        3, "From the launch to the first request; estimated (section 2.2).", minimum=0
    )
    external_cycles = Parameter(
        12, "Latency of external memory; estimated: GVSoC's AXI (section 5.2).", minimum=0
    )
    finish_cycles = Parameter(
        2, "From the last acknowledgement to the event; estimated: register stages.", minimum=0
    )

    conf = PortRegister(
        PORTS,
        0x00,
        "How the port's next launch copies.",
        decouple_aw=bit(0, RW, "Send a write address only after the burst's first data was read."),
        decouple_rw=bit(1, RW, "Cut reads and writes into bursts independently of each other."),
        src_reduce_len=bit(2, RW, "Limit the bursts of the source by src_max_llen."),
        dst_reduce_len=bit(3, RW, "Limit the bursts of the destination by dst_max_llen."),
        src_max_llen=bits(6, 4, RW, "Longest burst of the source: 2^src_max_llen beats."),
        dst_max_llen=bits(9, 7, RW, "Longest burst of the destination: 2^dst_max_llen beats."),
        enable_nd=bits(11, 10, RW, "Dimensions: 0 = 1D, 1 = 2D, 2 = 3D."),
        src_protocol=bits(
            14, 12, RW, "Bus of the source: OBI = TCDM, INIT = zeros.", values=Protocol
        ),
        dst_protocol=bits(
            17, 15, RW, "Bus of the destination: OBI = TCDM, INIT = discard.", values=Protocol
        ),
        windows=(core, cluster),
    )
    status = Registers(
        STREAMS,
        0x04,
        "What stream {i} does; all zeros when idle.",
        backend_busy=bits(8, 0, RO, "Units that move data; not told apart here: all or none."),
        midend_busy=bit(9, RO, "Launches wait or have rows to request."),
        windows=(core, cluster),
    )
    next_id = Words(
        STREAMS,
        0x44,
        RO,
        "A load launches the transfer described by this port's registers on stream {i} and returns "
        "its id; it sleeps while the stream's queue is full.",
        reset=FIRST_ID,
        windows=(core, cluster),
    )
    done_id = Words(
        STREAMS,
        0x84,
        RO,
        "The id of stream {i}'s last finished transfer.",
        reset=FIRST_ID - 1,
        windows=(core, cluster),
    )
    dst_addr = PortWord(PORTS, 0xD0, RW, "Destination of the first byte.", windows=(core, cluster))
    src_addr = PortWord(PORTS, 0xD8, RW, "Source of the first byte.", windows=(core, cluster))
    length = PortWord(PORTS, 0xE0, RW, "Bytes of a row.", windows=(core, cluster))
    dst_stride_2 = PortWord(
        PORTS, 0xE8, RW, "Bytes from one row to the next, destination.", windows=(core, cluster)
    )
    src_stride_2 = PortWord(
        PORTS, 0xF0, RW, "Bytes from one row to the next, source.", windows=(core, cluster)
    )
    reps_2 = PortWord(PORTS, 0xF8, RW, "Rows of a plane.", windows=(core, cluster))
    dst_stride_3 = PortWord(
        PORTS,
        0x100,
        RW,
        "Bytes from the last row of a plane to the first row of the next, destination.",
        windows=(core, cluster),
    )
    src_stride_3 = PortWord(
        PORTS,
        0x108,
        RW,
        "Bytes from the last row of a plane to the first row of the next, source.",
        windows=(core, cluster),
    )
    reps_3 = PortWord(PORTS, 0x110, RW, "Planes.", windows=(core, cluster))

    source_set = Needed(
        src_addr,
        start=next_id,
        by_load=True,
        given=lambda idma, touch: idma.conf[touch.index].src_protocol != Protocol.INIT,
        because="the launch reads from address 0",
        section="pulp-cluster.md section 2.2 b",
    )
    destination_set = Needed(
        dst_addr,
        start=next_id,
        by_load=True,
        given=lambda idma, touch: idma.conf[touch.index].dst_protocol != Protocol.INIT,
        because="the launch writes to address 0",
        section="pulp-cluster.md section 2.2 b",
    )
    length_set = Needed(
        length,
        start=next_id,
        by_load=True,
        because="the launch copies nothing",
        section="pulp-cluster.md section 2.2 b",
    )
    rows_set = Needed(
        src_stride_2,
        dst_stride_2,
        reps_2,
        start=next_id,
        by_load=True,
        given=lambda idma, touch: idma.conf[touch.index].enable_nd >= 1,
        because="conf.enable_nd asks for a second dimension",
        section="pulp-cluster.md section 2.2 b",
    )
    planes_set = Needed(
        src_stride_3,
        dst_stride_3,
        reps_3,
        start=next_id,
        by_load=True,
        given=lambda idma, touch: idma.conf[touch.index].enable_nd >= 2,
        because="conf.enable_nd asks for a third dimension",
        section="pulp-cluster.md section 2.2 b",
    )
    buffers = Lent(
        until="done_id of its stream has reached its id",
        section="pulp-cluster.md section 2.2 b",
    )

    finished = Event("A transfer is finished; goes to all harts (event line 8).")
