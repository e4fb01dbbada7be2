"""What memory a job has from the moment when it may run until it has ended."""

from __future__ import annotations

from collections.abc import Iterator

from vplat.model import Loan, Rows

from .job import Job
from .operands import Reach, stretches
from .weights import POINTER_MASK

OUTPUT = "OUTPUT_PTR"


def loan_of(job: Job, context: int, reach: Reach) -> Loan:
    """Tiles, weights and biases that it reads, and the tile it stores; jobs run in turn."""
    reads: list[Rows] = []
    writes: list[Rows] = []
    for register, pointer, length in stretches(job):
        address = reach.address(pointer & POINTER_MASK)
        (writes if register == OUTPUT else reads).extend(_reached(reach, address, length))
    return Loan(f"its job in context {context}", tuple(reads), tuple(writes))


def _reached(reach: Reach, address: int, length: int) -> Iterator[Rows]:
    """The part of a stretch that is in the memory of the accelerator's port."""
    if reach.outside(address, length) is None:
        yield Rows(address, length)
    elif reach.wraps:
        yield from Rows(address, length).within(reach.memory_base, reach.memory_size)
    else:
        first = max(address, reach.memory_base)
        end = min(address + length, reach.memory_base + reach.memory_size)
        if first < end:
            yield Rows(first, end - first)
