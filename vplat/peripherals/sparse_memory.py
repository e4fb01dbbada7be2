"""Memory where nothing else is: a testbench answers every address, with zeros where none wrote."""

from __future__ import annotations

from typing import Final

from vplat.hookspecs import hookimpl
from vplat.model import MAIN, Parameter, Peripheral, State

PAGE_SHIFT: Final = 12
PAGE_BYTES: Final = 1 << PAGE_SHIFT


class SparseMemory(Peripheral, kind="sparse_memory", size=0x1000):
    """Answers wherever a board places it, as RAM that reads zero until it is written.

    On a board it usually has ``base = "elsewhere"``: then it takes what nothing else answers. Only
    pages that were written take room. An access by a hart is reported, once a page, for on silicon
    nothing would be there.
    """

    reports = Parameter(16, "Pages whose first access is reported; 0 for none.", minimum=0)

    pages: State[dict[int, bytearray]] = State(dict, "What was written, by page of 4 KiB.")
    noticed: State[list[int]] = State(list, "Pages whose first access was reported.")

    @MAIN.on_load
    def load(self, offset: int, size: int, hart: int) -> int:
        """The bytes last written, or zeros."""
        self._notice(offset, hart, "loads from")
        page = self.pages.get(offset >> PAGE_SHIFT)
        if page is None:
            return 0
        low = offset % PAGE_BYTES
        return int.from_bytes(page[low : low + size], "little")

    @MAIN.on_store
    def store(self, offset: int, size: int, value: int, hart: int) -> None:
        """Keep the bytes."""
        self._notice(offset, hart, "stores to")
        page = self.pages.setdefault(offset >> PAGE_SHIFT, bytearray(PAGE_BYTES))
        low = offset % PAGE_BYTES
        page[low : low + size] = value.to_bytes(4, "little")[:size]

    def _notice(self, offset: int, hart: int, verb: str) -> None:
        page = offset >> PAGE_SHIFT
        if hart < 0 or len(self.noticed) >= self.reports or page in self.noticed:
            return
        self.noticed.append(page)
        last = len(self.noticed) == self.reports
        self.report(
            "stray-access",
            f"hart {hart} {verb} {offset:#010x}, where the platform has neither memory nor device; "
            "the testbench's memory answers, which no chip has: check the pointer"
            + (" (further pages are not reported)" if last else ""),
        )


@hookimpl
def vplat_peripherals() -> list[type[Peripheral]]:
    """The device of this module."""
    return [SparseMemory]
