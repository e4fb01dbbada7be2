"""What the iDMA tells the developer: each function gives ``(rule, sentence)`` for one mistake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vplat.model.transfer import Refusals

from .movement import Reach
from .transfer import End, Protocol, Transfer

CLUSTER_PORT: Final = 16
TCDM_REGION: Final = 0x10_0000
"""Bytes of the address map that hold the TCDM and its repetitions (section 4.1)."""
SECTION: Final = "(pulp-cluster.md section 2.2 b)"
OUTWARD: Final = ({Protocol.OBI, Protocol.INIT}, {Protocol.AXI, Protocol.INIT})
INWARD: Final = ({Protocol.AXI, Protocol.OBI, Protocol.INIT}, {Protocol.OBI, Protocol.INIT})
"""Source and destination protocols that even and odd streams of a cluster are built with: streams
come in pairs, one that copies out of the cluster and one that copies in (``idma_wrap.sv``)."""

Finding = tuple[str, str]
Findings = Iterator[Finding]


def port_name(port: int) -> str:
    """The port as a sentence names it."""
    return "the cluster port" if port == CLUSTER_PORT else f"hart {port}"


def protocol_name(code: int) -> str:
    """The protocol as a sentence names it."""
    names = {int(protocol): protocol.name for protocol in Protocol}
    return names.get(code, f"protocol {code}")


def describe(transfer: Transfer) -> str:
    """One line: stream, addresses, shape, who."""
    counts = [transfer.planes, transfer.rows, transfer.length]
    while len(counts) > 1 and counts[0] == 1:
        counts.pop(0)
    source, destination = (
        f"{protocol_name(end.protocol)} {end.start:#010x}"
        for end in (transfer.source, transfer.destination)
    )
    return (
        f"stream {transfer.stream}: {source} -> {destination}, "
        f"{' x '.join(map(str, counts))} bytes ({port_name(transfer.port)}, id {transfer.number})"
    )


def no_such_stream(stream: int, streams: int) -> Finding:
    """A launch on a stream that this iDMA does not have."""
    sentence = (
        f"NEXT_ID[{stream}] is loaded, but there are only streams 0..{streams - 1}; nothing is "
        f"launched and the load returns 0 {SECTION}"
    )
    return "dma-stream", sentence


def odd_protocols(transfer: Transfer) -> Findings:
    """Protocols that the stream's hardware lacks."""
    ends = (transfer.source, transfer.destination)
    built = INWARD if transfer.stream % 2 else OUTWARD
    for name, end, codes in zip(("src_protocol", "dst_protocol"), ends, built, strict=True):
        if end.protocol not in codes:
            allowed = " or ".join(protocol.name for protocol in sorted(codes))
            sentence = (
                f"CONF: {name} of stream {transfer.stream} is {protocol_name(end.protocol)}, but "
                f"in a cluster this stream has {allowed} there and would never finish; transfers "
                f"to L2 go through stream 0, those to L1 through stream 1 {SECTION}"
            )
            yield "dma-protocol", sentence


def odd_addresses(transfer: Transfer, reach: Reach) -> Findings:
    """OBI addresses outside the TCDM."""
    ends: tuple[tuple[str, End], ...] = (("SRC", transfer.source), ("DST", transfer.destination))
    for name, end in ends:
        if end.protocol == Protocol.OBI and not 0 <= end.start - reach.tcdm_base < TCDM_REGION:
            sentence = (
                f"{name}: {end.start:#010x} with protocol OBI is not in the TCDM at "
                f"{reach.tcdm_base:#010x}; the hardware decodes its low bits only and uses "
                f"{reach.tcdm(end.start):#010x}; use protocol AXI for other memories {SECTION}"
            )
            yield "dma-tcdm-address", sentence


def odd_shape(dimensions: int, length: int, reps_2: int, reps_3: int) -> Findings:
    """Sizes of nothing."""
    if not length:
        sentence = f"LEN is 0: the transfer copies nothing and is done at once {SECTION}"
        yield "dma-length", sentence
    counts = {"REPS_2": reps_2, "REPS_3": reps_3}
    enabled = list(counts)[: min(dimensions, 2)]
    for name in enabled:
        if not counts[name]:
            effect = (
                "all dimensions have 0, so nothing is copied"
                if dimensions >= 2 and not reps_2 and not reps_3
                else "the dimension is off, as with 1"
            )
            sentence = f"{name} is 0 although CONF.enable_nd is {dimensions}: {effect} {SECTION}"
            yield "dma-repetitions", sentence


def misleading_status(busy: int) -> Finding:
    """A poll of STATUS[0] that looks as if all were done."""
    sentence = (
        f"STATUS[0] reads idle while stream {busy} still copies; wait until DONE_ID of the "
        f"transfer's own stream has reached its id {SECTION}"
    )
    return "dma-status", sentence


def refused(transfer: Transfer, refusals: Refusals) -> Finding:
    """Addresses that the bus refuses."""
    where = f"access to {refusals.address:#010x} is refused ({refusals.message})"
    rest = f"{refusals.bytes} bytes are not copied, all others are; correct the address {SECTION}"
    sentence = f"{describe(transfer)}: {where}; {rest}"
    return "dma-access-fault", sentence
