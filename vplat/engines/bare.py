"""Unicorn at its best and nothing else: the yardstick for what the platform adds."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

from unicorn import unicorn_const as uc_const
from unicorn.unicorn_py3 import Uc

PAGE: Final = 4096
FETCH: Final = uc_const.UC_PROT_READ | uc_const.UC_PROT_EXEC
DATA: Final = uc_const.UC_PROT_READ | uc_const.UC_PROT_WRITE


class BareEngine:
    """One instance with the virtual TLB, without hooks on blocks, instructions or accesses.

    ``memories`` are (base, size in bytes), whole pages; nothing counts, nothing is priced.
    """

    def __init__(self, memories: Iterable[tuple[int, int]]) -> None:
        self._engine = Uc(uc_const.UC_ARCH_RISCV, uc_const.UC_MODE_RISCV32)
        self._engine.ctl_set_tlb_mode(uc_const.UC_TLB_VIRTUAL)
        self._engine.hook_add(uc_const.UC_HOOK_TLB_FILL, _page_missing)
        for base, size in memories:
            self._engine.mem_map(base, size)

    def load(self, address: int, data: bytes) -> None:
        """Put ``data`` into memory."""
        self._engine.mem_write(address, data)

    def run(self, entry: int, until: int) -> float:
        """Run from ``entry`` until the pc is ``until``; the processor's seconds that took."""
        started = time.process_time()
        self._engine.emu_start(entry, until)
        return time.process_time() - started


def _page_missing(_: Uc, address: int, kind: int, entry: Any, __: object) -> bool:
    # Called once a page and kind of access, so it costs nothing that could be measured.
    entry.paddr = address & ~(PAGE - 1)
    entry.perms = FETCH if kind == uc_const.UC_MEM_FETCH else DATA
    return True
