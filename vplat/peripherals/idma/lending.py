"""What memory a transfer of the iDMA has while it is queued or under way."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

from vplat.model import Loan, Rows

from . import findings
from .movement import Reach
from .transfer import ADDRESS_MASK, End, Protocol, Transfer, signed

MOST_PIECES: Final = 4096
"""Of a transfer with more planes and more rows than that, so many planes count."""


def loan_of(transfer: Transfer, reach: Reach) -> Loan:
    """The bytes at both ends. A stream takes its transfers in turn, streams are independent."""
    return Loan(
        findings.describe(transfer),
        reads=tuple(itertools.islice(_rows(transfer, transfer.source, reach), MOST_PIECES)),
        writes=tuple(itertools.islice(_rows(transfer, transfer.destination, reach), MOST_PIECES)),
        order=f"stream {transfer.stream}",
    )


def _rows(transfer: Transfer, end: End, reach: Reach) -> Iterator[Rows]:
    if end.protocol == Protocol.INIT or not transfer.bytes:
        return
    base, size = 0, ADDRESS_MASK + 1
    if end.protocol == Protocol.OBI:
        base, size = reach.tcdm_base, reach.tcdm_size
    row = signed(end.stride_2)
    plane = signed((transfer.rows - 1) * end.stride_2 + end.stride_3)
    outer, inner = (transfer.planes, plane), (transfer.rows, row)
    if transfer.rows < transfer.planes:
        outer, inner = inner, outer
    for index in range(outer[0]):
        start = end.start + index * outer[1]
        yield from Rows.of(start, transfer.length, inner[1], inner[0]).within(base, size)
