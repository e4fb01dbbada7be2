"""What ``_probe.c`` does, in Python: slower, otherwise the same, where no C compiler is at hand."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from unicorn import unicorn_const as uc_const
from unicorn.riscv_const import UC_RISCV_REG_PC, UC_RISCV_REG_X0
from unicorn.unicorn_py3 import Uc, UcError

from vplat.machine.engine import Reason
from vplat.machine.float_minimum import is_signalling
from vplat.machine.rows import (
    ACCESSES,
    ADDRESS,
    AT_ENTRY,
    BLOCK,
    CYCLES,
    ERROR,
    HELD,
    HOLD_AT,
    INSIDE,
    INSTRUCTIONS,
    LIMIT,
    NEXT_PC,
    NO_STEP,
    NOT_HELD,
    PC,
    SAMPLE,
    STEP,
    STOPS,
    UNIT_CYCLES,
)

from .contention import wait_for_banks
from .followed import Followed
from .rounds import Rounds, split_rows

PAGE_MASK: Final = 0xFFF
NO_ADDRESS: Final = 0xFFFF_FFFF
FRAME_REGISTERS: Final = (1, 2, 5, 8)
"""ra, sp, t0 and s0: what call frames are found by."""
WATCH_LOADS: Final = 1
WATCH_STORES: Final = 2
"""What of a watched page goes elsewhere."""


class PythonProbe:
    """The callbacks and the turns of all harts."""

    def __init__(
        self,
        engines: Sequence[Uc],
        harts: int,
        rows: memoryview,
        turns: memoryview,
        on_block: Callable[[int, int, int], bool],
        on_instruction: Callable[[int, int], None],
        on_reach: Callable[[int, int], bool],
        on_load: Callable[[int, int, int], int],
        on_store: Callable[[int, int, int, int], None],
    ) -> None:
        self._engines = engines
        self._rows = split_rows(rows)
        self._rounds = Rounds(self._rows, turns, self._take_turn)
        self._on_block, self._on_instruction = on_block, on_instruction
        self._on_reach, self._on_load, self._on_store = on_reach, on_load, on_store
        self._numbers: dict[tuple[int, int], int] = {}
        self._costs: list[tuple[int, int, int, int]] = []
        self._met: set[tuple[int, int]] = set()
        self._counts: list[dict[int, int]] = [{} for _ in range(harts)]
        self._watched: dict[int, tuple[int, int]] = {}
        self._pages: dict[int, int] = {}
        """What each stretch of devices, by where it is mapped, answers as."""
        self._reserved = range(0)
        self._memories: list[tuple[int, int, int]] = []
        self._written: dict[int, npt.NDArray[np.uint8]] = {}
        self._located: dict[tuple[int, int], tuple[int, int]] = {}
        self._guards: dict[tuple[int, int], tuple[int, int, bool]] = {}
        self._guard_hooks: dict[tuple[int, int], int] = {}
        self._at_limit = False
        self._error: BaseException | None = None
        self._followed: Followed | None = None
        self._counts_falls = False
        self._on_pass: Callable[..., None] = lambda *_: None

    def observe(
        self,
        counts_falls: bool,
        on_pass: Callable[[int, int, int, int, int, int], None],
        on_steps: Callable[[bytes], None] | None,
    ) -> None:
        """Whether to count falls; whom to tell of passes, and of steps if that is not None."""
        self._on_pass = on_pass
        if counts_falls or on_steps is not None:
            self._followed = Followed(len(self._rows), on_steps)
        self._counts_falls = counts_falls

    def attach(self, hart: int, engine: int) -> None:
        """Install the callbacks that every hart has."""
        uc, row = self._engines[hart], self._rows[hart]
        counts = self._counts[hart]

        def entered(uc: Uc, address: int, size: int, _: object) -> None:
            if 0 < row[SAMPLE] <= row[CYCLES] < row[LIMIT] and row[HELD] != INSIDE:
                row[SAMPLE] = 0
                frame = [uc.reg_read(UC_RISCV_REG_X0 + number) for number in FRAME_REGISTERS]
                self._guard(uc, self._on_pass, hart, address, *frame)
            looks = row[CYCLES] >= row[LIMIT] or row[STEP] or row[HELD] or row[HOLD_AT]
            if looks and not self._looks_before_block(uc, row):
                return
            if (address, size) not in self._met and not self._guard(
                uc, self._on_block, hart, address, size
            ):
                uc.emu_stop()
                return
            number = self._numbers[address, size]
            if self._followed is not None:
                self._followed.enter(hart, row[CYCLES], number)
            cycles, instructions, accesses, unit_cycles = self._costs[number]
            row[BLOCK] = number
            row[CYCLES] += cycles
            row[INSTRUCTIONS] += instructions
            row[ACCESSES] += accesses
            row[UNIT_CYCLES] += unit_cycles
            counts[number] = counts.get(number, 0) + 1

        uc.hook_add(uc_const.UC_HOOK_BLOCK, entered)
        uc.hook_add(uc_const.UC_HOOK_TLB_FILL, self._page_missing)

    def _looks_before_block(self, uc: Uc, row: memoryview) -> bool:
        """No cycles are left, or a debugger is at work: whether to enter and charge the block."""
        steps = row[STEP] != NO_STEP
        if row[HELD] == INSIDE:  # it was charged when the hart entered it, before it was held
            row[HELD] = NOT_HELD
            row[STEP] = STOPS if steps else NO_STEP
            return False
        if row[STEP] == STOPS or 0 < row[HOLD_AT] <= row[CYCLES]:
            row[STEP], row[HOLD_AT], row[HELD] = NO_STEP, 0, AT_ENTRY
        elif row[CYCLES] < row[LIMIT]:
            row[STEP] = STOPS if steps else NO_STEP
            return True
        else:
            self._at_limit = True
        uc.emu_stop()
        return False

    def hook_instruction(self, hart: int, address: int) -> int:
        """Let the client carry out the instruction at ``address``; the hook's handle."""
        row = self._rows[hart]

        def reached(uc: Uc, at: int, _: int, __: object) -> None:
            row[PC] = at
            wait_for_banks(row)
            self._guard(uc, self._on_instruction, hart, at)

        return self._hook(hart, address, reached)

    def hold_instruction(self, hart: int, address: int) -> int:
        """Ask the client before the instruction at ``address``; the hook's handle.

        A guard there goes behind, since hooks are called in the order in which they came.
        """
        row = self._rows[hart]

        def reached(uc: Uc, at: int, _: int, __: object) -> None:
            before, row[PC] = row[PC], at
            stops = self._guard(uc, self._on_reach, hart, at)
            row[PC] = before
            if stops:
                row[HELD] = INSIDE
                uc.emu_stop()

        handle = self._hook(hart, address, reached)
        if (guard := self._guard_hooks.pop((hart, address), None)) is not None:
            self.unhook(hart, guard)
            self.guard_instruction(hart, address, *self._guards.pop((hart, address)))
        return handle

    def unhook(self, hart: int, handle: int) -> None:
        """Forget what ``hook_instruction`` or ``hold_instruction`` hooked."""
        self._engines[hart].hook_del(handle)

    def locate_instruction(self, hart: int, address: int, base: int, offset: int) -> None:
        """Note the pc at ``address``, and what is at ``offset`` from a register of the engine."""
        uc, row = self._engines[hart], self._rows[hart]
        known = (hart, address) in self._located
        self._located[hart, address] = base, offset
        if known:
            return

        def reached(uc: Uc, at: int, _: int, __: object) -> None:
            base, offset = self._located[hart, at]
            if base < 0:
                return
            row[PC], row[ADDRESS] = at, uc.reg_read(base) + offset & NO_ADDRESS

        uc.hook_add(uc_const.UC_HOOK_CODE, reached, begin=address, end=address)

    def guard_instruction(
        self, hart: int, address: int, first: int, second: int, is_double: bool
    ) -> None:
        """Let the client carry the instruction out when a float register holds a signalling NaN."""
        row = self._rows[hart]
        known = (hart, address) in self._guards
        self._guards[hart, address] = first, second, is_double
        if known:
            return

        def reached(uc: Uc, at: int, _: int, __: object) -> None:
            first, second, is_double = self._guards[hart, at]
            width = 64 if is_double else 32
            if any(is_signalling(uc.reg_read(each), width) for each in (first, second)):
                row[PC] = at
                wait_for_banks(row)
                self._guard(uc, self._on_instruction, hart, at)

        self._guard_hooks[hart, address] = self._hook(hart, address, reached)

    def map_devices(self, hart: int, base: int, size: int, answers_as: int) -> None:
        """Accesses to these pages go to ``on_load`` and ``on_store``."""

        row, redirected = self._rows[hart], answers_as != base
        pages = self._pages
        pages[base] = answers_as

        def load(uc: Uc, offset: int, width: int, _: object) -> int:
            if not redirected:
                wait_for_banks(row)
            return self._guard(uc, self._on_load, hart, pages[base] + offset, width) or 0

        def store(uc: Uc, offset: int, width: int, value: int, _: object) -> None:
            if not redirected:
                wait_for_banks(row)
            self._guard(uc, self._on_store, hart, pages[base] + offset, width, value)

        self._engines[hart].mmio_map(base, size, load, None, store, None)

    def add_memory(
        self, base: int, size: int, stores_to: int, written: npt.NDArray[np.uint8]
    ) -> None:
        """Code can be fetched there; stores go to ``stores_to`` instead where that is not 0.

        The byte of a page in ``written`` becomes 1 when a hart stores to it.
        """
        self._memories.append((base, base + size, stores_to))
        self._written[base] = written

    def watch(self, page: int, place: int, what: int) -> None:
        """Send loads (1) and stores (2) of ``page`` elsewhere, or neither (0)."""
        self._watched[page] = place, what
        self._pages[place] = page

    def reserve(self, base: int, size: int) -> None:
        """Addresses that no hart may use."""
        self._reserved = range(base, base + size)

    def add_block(
        self,
        number: int,
        address: int,
        size: int,
        cycles: int,
        instructions: int,
        accesses: int,
        unit_cycles: int,
        function: int = -1,
    ) -> None:
        """What the block costs; it is the one at ``address`` from now on."""
        if self._followed is not None:
            self._followed.add(number, address, size, function)
        self._numbers[address, size] = number
        if number == len(self._costs):
            self._costs.append((cycles, instructions, accesses, unit_cycles))
        self._met.add((address, size))

    def counts(self, hart: int) -> bytes:
        """Runs of each block, as 64-bit numbers."""
        counts = self._counts[hart]
        runs = [counts.get(number, 0) for number in range(len(self._costs))]
        return struct.pack(f"={len(runs)}Q", *runs)

    def keep_blocks(self, count: int) -> None:
        """Only the first so many blocks have been met."""
        self._numbers = {key: number for key, number in self._numbers.items() if number < count}
        self._met &= self._numbers.keys()
        del self._costs[count:]
        for counts in self._counts:
            counts.clear()
        if self._followed is not None:
            self._followed.keep(count)

    def set_counts(self, hart: int, counts: bytes) -> None:
        """Runs of each block, as ``counts`` gives them."""
        runs = enumerate(struct.unpack(f"={len(counts) // 8}Q", counts))
        self._counts[hart].clear()
        self._counts[hart].update((number, count) for number, count in runs if count)

    def falls(self, hart: int) -> bytes:
        """Runs of each block from the code in front of it, as 64-bit numbers."""
        if self._followed is None or not self._counts_falls:
            return b""
        falls = self._followed.falls[hart]
        return struct.pack(f"={len(falls)}Q", *falls)

    def tell_steps(self) -> None:
        """Hand over the steps noted so far."""
        if self._followed is not None:
            self._followed.tell()

    def forget(self) -> None:
        """Code has changed: ask again about every block."""
        self._met.clear()

    def run(self, turn_cycles: int, solo_cycles: int) -> tuple[Reason, int]:
        """Turns until Python is needed."""
        return self._rounds.run(turn_cycles, solo_cycles)

    def _take_turn(self, hart: int) -> bool:
        uc, row = self._engines[hart], self._rows[hart]
        self._at_limit, row[ERROR] = False, 0
        row[HELD] = INSIDE if row[HELD] == INSIDE else NOT_HELD
        try:
            uc.emu_start(row[NEXT_PC], NO_ADDRESS)
        except UcError as error:
            row[ERROR] = error.errno
        row[NEXT_PC] = uc.reg_read(UC_RISCV_REG_PC) & NO_ADDRESS
        if self._error is not None:
            kept, self._error = self._error, None
            raise kept
        return self._at_limit and not row[ERROR]

    def _page_missing(self, uc: Uc, address: int, kind: int, entry: Any, data: object) -> bool:
        page = address & ~PAGE_MASK
        fetch = uc_const.UC_PROT_READ | uc_const.UC_PROT_EXEC
        entry.paddr = page
        # A load does not allow stores, so that the first store to the page comes here.
        writes = uc_const.UC_PROT_WRITE if kind == uc_const.UC_MEM_WRITE else 0
        entry.perms = uc_const.UC_PROT_READ | writes
        memory = next((each for each in self._memories if each[0] <= page < each[1]), None)
        if memory is not None and writes:
            self._written[memory[0]][(page - memory[0]) // (PAGE_MASK + 1)] = 1
        if kind == uc_const.UC_MEM_FETCH:
            entry.perms = fetch
            if memory is None:  # the engine itself looks up the page of the address to stop at
                return page == NO_ADDRESS & ~PAGE_MASK
        if page in self._reserved:
            entry.paddr = self._reserved.start - (PAGE_MASK + 1)
        elif memory is not None:
            self._watched_page(page, kind, memory, entry)
        return True

    def _watched_page(self, page: int, kind: int, memory: tuple[int, int, int], entry: Any) -> None:
        """Where loads and stores of a page of memory go."""
        place, what = self._watched.get(page, (page, 0))
        loads = place if what & WATCH_LOADS else page
        stores = memory[2] + page - memory[0] if memory[2] else page
        stores = place if what & WATCH_STORES else stores
        if kind == uc_const.UC_MEM_FETCH:
            if loads != page:
                entry.perms = uc_const.UC_PROT_EXEC
            return
        writes = kind == uc_const.UC_MEM_WRITE
        entry.paddr = stores if writes else loads
        if loads != stores:
            entry.perms = uc_const.UC_PROT_WRITE if writes else uc_const.UC_PROT_READ

    def _hook(self, hart: int, address: int, reached: Callable[..., None]) -> int:
        uc = self._engines[hart]
        handle: int = uc.hook_add(uc_const.UC_HOOK_CODE, reached, begin=address, end=address)
        return handle

    def _guard(self, uc: Uc, behaviour: Callable[..., Any], *arguments: int) -> Any:
        """Call back; an exception must not cross the engine, so the end of the turn raises it."""
        try:
            return behaviour(*arguments)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised again in run
            self._error = self._error or error
            uc.emu_stop()
            return None
