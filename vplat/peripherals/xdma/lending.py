"""What memory a copy of the Snitch DMA has while it is queued or under way."""

from __future__ import annotations

from vplat.model import Loan, Rows

from . import findings
from .transfer import Transfer


def loan_of(transfer: Transfer) -> Loan:
    """The bytes at both ends; copies are made in turn."""
    ends = (
        (transfer.source, transfer.source_stride),
        (transfer.destination, transfer.destination_stride),
    )
    reads, writes = (
        (Rows.of(start, transfer.length, stride, transfer.rows),) for start, stride in ends
    )
    return Loan(findings.describe(transfer), reads, writes)
