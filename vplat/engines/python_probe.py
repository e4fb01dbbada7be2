"""What ``_probe.c`` does, in Python: slower, otherwise the same, where no C compiler is at hand."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

from unicorn import unicorn_const as uc_const
from unicorn.riscv_const import UC_RISCV_REG_PC
from unicorn.unicorn_py3 import Uc, UcError

from vplat.machine.engine import Reason
from vplat.machine.float_minimum import is_signalling
from vplat.machine.rows import ADDRESS, BLOCK, CYCLES, ERROR, INSTRUCTIONS, LIMIT, NEXT_PC, PC

from .rounds import Rounds, split_rows

PAGE_MASK: Final = 0xFFF
NO_ADDRESS: Final = 0xFFFF_FFFF


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
        on_load: Callable[[int, int, int], int],
        on_store: Callable[[int, int, int, int], None],
    ) -> None:
        self._engines = engines
        self._rows = split_rows(rows)
        self._rounds = Rounds(self._rows, turns, self._take_turn)
        self._on_block, self._on_instruction = on_block, on_instruction
        self._on_load, self._on_store = on_load, on_store
        self._numbers: dict[tuple[int, int], int] = {}
        self._costs: list[tuple[int, int]] = []
        self._met: set[tuple[int, int]] = set()
        self._counts: list[dict[int, int]] = [{} for _ in range(harts)]
        self._watched: dict[int, int] = {}
        self._reserved = range(0)
        self._memories: list[tuple[int, int, int]] = []
        self._located: dict[tuple[int, int], tuple[int, int]] = {}
        self._guards: dict[tuple[int, int], tuple[int, int, bool]] = {}
        self._at_limit = False
        self._error: BaseException | None = None

    def attach(self, hart: int, engine: int) -> None:
        """Install the callbacks that every hart has."""
        uc, row = self._engines[hart], self._rows[hart]
        counts = self._counts[hart]

        def entered(uc: Uc, address: int, size: int, _: object) -> None:
            if row[CYCLES] >= row[LIMIT]:
                self._at_limit = True
                uc.emu_stop()
                return
            if (address, size) not in self._met and not self._guard(
                uc, self._on_block, hart, address, size
            ):
                uc.emu_stop()
                return
            number = self._numbers[address, size]
            cycles, instructions = self._costs[number]
            row[BLOCK] = number
            row[CYCLES] += cycles
            row[INSTRUCTIONS] += instructions
            counts[number] = counts.get(number, 0) + 1

        uc.hook_add(uc_const.UC_HOOK_BLOCK, entered)
        uc.hook_add(uc_const.UC_HOOK_TLB_FILL, self._page_missing)

    def hook_instruction(self, hart: int, address: int) -> None:
        """Let the client carry out the instruction at ``address``."""
        row = self._rows[hart]

        def reached(uc: Uc, at: int, _: int, __: object) -> None:
            row[PC] = at
            self._guard(uc, self._on_instruction, hart, at)

        self._engines[hart].hook_add(uc_const.UC_HOOK_CODE, reached, begin=address, end=address)

    def locate_instruction(self, hart: int, address: int, base: int, offset: int) -> None:
        """Note the pc at ``address``, and what is at ``offset`` from a register of the engine."""
        uc, row = self._engines[hart], self._rows[hart]
        known = (hart, address) in self._located
        self._located[hart, address] = base, offset
        if known:
            return

        def reached(uc: Uc, at: int, _: int, __: object) -> None:
            base, offset = self._located[hart, at]
            row[PC], row[ADDRESS] = at, uc.reg_read(base) + offset & NO_ADDRESS

        uc.hook_add(uc_const.UC_HOOK_CODE, reached, begin=address, end=address)

    def guard_instruction(
        self, hart: int, address: int, first: int, second: int, is_double: bool
    ) -> None:
        """Let the client carry the instruction out when a float register holds a signalling NaN."""
        uc, row = self._engines[hart], self._rows[hart]
        known = (hart, address) in self._guards
        self._guards[hart, address] = first, second, is_double
        if known:
            return

        def reached(uc: Uc, at: int, _: int, __: object) -> None:
            first, second, is_double = self._guards[hart, at]
            width = 64 if is_double else 32
            if any(is_signalling(uc.reg_read(each), width) for each in (first, second)):
                row[PC] = at
                self._guard(uc, self._on_instruction, hart, at)

        uc.hook_add(uc_const.UC_HOOK_CODE, reached, begin=address, end=address)

    def map_devices(self, hart: int, base: int, size: int, answers_as: int) -> None:
        """Accesses to these pages go to ``on_load`` and ``on_store``."""

        def load(uc: Uc, offset: int, width: int, _: object) -> int:
            return self._guard(uc, self._on_load, hart, answers_as + offset, width) or 0

        def store(uc: Uc, offset: int, width: int, value: int, _: object) -> None:
            self._guard(uc, self._on_store, hart, answers_as + offset, width, value)

        self._engines[hart].mmio_map(base, size, load, None, store, None)

    def add_memory(self, base: int, size: int, stores_to: int) -> None:
        """Code can be fetched there; stores go to ``stores_to`` instead where that is not 0."""
        self._memories.append((base, base + size, stores_to))

    def watch(self, page: int, stores_to: int) -> None:
        """Send stores to ``page`` elsewhere."""
        self._watched[page] = stores_to

    def reserve(self, base: int, size: int) -> None:
        """Addresses that no hart may use."""
        self._reserved = range(base, base + size)

    def add_block(
        self, number: int, address: int, size: int, cycles: int, instructions: int
    ) -> None:
        """What the block costs; it is the one at ``address`` from now on."""
        self._numbers[address, size] = number
        if number == len(self._costs):
            self._costs.append((cycles, instructions))
        self._met.add((address, size))

    def counts(self, hart: int) -> bytes:
        """Runs of each block, as 64-bit numbers."""
        counts = self._counts[hart]
        runs = [counts.get(number, 0) for number in range(len(self._costs))]
        return struct.pack(f"={len(runs)}Q", *runs)

    def forget(self) -> None:
        """Code has changed: ask again about every block."""
        self._met.clear()

    def run(self, turn_cycles: int, solo_cycles: int) -> tuple[Reason, int]:
        """Turns until Python is needed."""
        return self._rounds.run(turn_cycles, solo_cycles)

    def _take_turn(self, hart: int) -> bool:
        uc, row = self._engines[hart], self._rows[hart]
        self._at_limit, row[ERROR] = False, 0
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
        entry.perms = uc_const.UC_PROT_READ | uc_const.UC_PROT_WRITE
        memory = next((each for each in self._memories if each[0] <= page < each[1]), None)
        if kind == uc_const.UC_MEM_FETCH:
            entry.perms = fetch
            # The engine itself looks up the page of the address to stop at.
            return memory is not None or page == NO_ADDRESS & ~PAGE_MASK
        if page in self._reserved:
            entry.paddr = self._reserved.start - (PAGE_MASK + 1)
        shadow = memory[2] + page - memory[0] if memory is not None and memory[2] else 0
        shadow = self._watched.get(page, shadow)
        if shadow and kind == uc_const.UC_MEM_WRITE:
            entry.paddr, entry.perms = shadow, uc_const.UC_PROT_WRITE
        elif shadow:
            entry.perms = uc_const.UC_PROT_READ
        return True

    def _guard(self, uc: Uc, behaviour: Callable[..., Any], *arguments: int) -> Any:
        """Call back; an exception must not cross the engine, so the end of the turn raises it."""
        try:
            return behaviour(*arguments)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised again in run
            self._error = self._error or error
            uc.emu_stop()
            return None
