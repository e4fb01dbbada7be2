"""What the Snitch DMA tells the developer: each function gives ``(rule, sentence)``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from vplat.model.transfer import Refusals

from .movement import Reach, Region
from .transfer import ADDRESS_MASK, Transfer

SECTION: Final = "(snitch-ita-cluster.md section 5)"

Finding = tuple[str, str]
Place = Callable[[int], str]
"""What answers at an address of the platform's bus; '' where nothing of the platform does."""


def describe(transfer: Transfer) -> str:
    """One line: addresses, shape, identifier."""
    shape = f"{transfer.rows} x {transfer.length}" if transfer.rows > 1 else f"{transfer.length}"
    return (
        f"{transfer.source:#010x} -> {transfer.destination:#010x}, {shape} bytes "
        f"(id {transfer.number})"
    )


def odd_shape(transfer: Transfer, *, two_dimensional: bool) -> Iterator[Finding]:
    """Sizes of nothing."""
    if not transfer.length:
        sentence = f"dmcpy: the size is 0, so nothing is copied and it is done at once {SECTION}"
        yield "dma-length", sentence
    elif two_dimensional and not transfer.rows:
        sentence = (
            "dmcpy: a 2-D copy with 0 repetitions copies nothing and is done at once; "
            f"set them with dmrep {SECTION}"
        )
        yield "dma-repetitions", sentence


def odd_addresses(transfer: Transfer, reach: Reach, place: Place) -> Iterator[Finding]:
    """Addresses where the platform has nothing, or nothing that the DMA can reach."""
    if not transfer.bytes:
        return
    last_row = transfer.rows - 1
    sides = (
        ("source", transfer.source, transfer.source_stride),
        ("destination", transfer.destination, transfer.destination_stride),
    )
    for name, start, stride in sides:
        ends = (start, start + last_row * stride)
        for address in (min(ends), max(ends) + transfer.length - 1):
            if problem := _problem(address & ADDRESS_MASK, reach, place):
                yield "dma-address", f"{describe(transfer)}: the {name} {problem} {SECTION}"
                break


def _problem(address: int, reach: Reach, place: Place) -> str:
    region, _ = reach.region(address)
    if region is Region.HIDDEN:
        if address >> 32:
            return (
                f"reaches {address:#x}, above 4 GiB, where no hart can look; check the second "
                "operand of dmsrc and dmdst, which is the high word"
            )
        return (
            f"reaches {address:#010x}, which is the cluster's {place(address) or 'own'} for harts "
            "only; the DMA's access goes out to the testbench's memory instead"
        )
    if region is Region.OUTSIDE and not place(address):
        return (
            f"reaches {address:#010x}, where the platform has neither memory nor device; the "
            "testbench's memory answers, which no chip has"
        )
    return ""


def refused(transfer: Transfer, refusals: Refusals) -> Finding:
    """Addresses that the bus refuses."""
    where = f"access to {refusals.address:#010x} is refused ({refusals.message})"
    rest = f"{refusals.bytes} bytes are not copied, all others are; correct the address {SECTION}"
    return "dma-access-fault", f"{describe(transfer)}: {where}; {rest}"
