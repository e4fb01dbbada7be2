"""The engine that executes real code: one Unicorn instance a hart, on shared memory.

What Unicorn really does, and how this file lives with it, is written down in ``docs/engine.md``.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import unicorn.unicorn_py3.unicorn as binding
from unicorn import unicorn_const as uc_const
from unicorn.riscv_const import (
    UC_RISCV_REG_F0,
    UC_RISCV_REG_FCSR,
    UC_RISCV_REG_FFLAGS,
    UC_RISCV_REG_FRM,
    UC_RISCV_REG_MSTATUS,
    UC_RISCV_REG_PC,
    UC_RISCV_REG_X0,
)
from unicorn.unicorn_py3 import Uc, UcError

from vplat.errors import ToolError
from vplat.machine.board import PAGE
from vplat.machine.engine import (
    BlockCost,
    Client,
    EngineState,
    Exit,
    ExitKind,
    Guard,
    MetBlock,
    Reason,
)
from vplat.machine.rows import COLUMNS, ERROR, NEXT_PC, new_rows, new_turns

from .probe import Probe
from .python_probe import WATCH_LOADS, WATCH_STORES, PythonProbe
from .register_access import RegisterAccess
from .registers import FLOAT_STATUS_SHIFT, read_registers, write_registers

NativeProbe: Any = None
"""The compiled probe; None where no C compiler was at hand when vplat was installed."""
with contextlib.suppress(ImportError):
    NativeProbe = importlib.import_module("vplat.engines._probe").Probe

FLOAT_CSRS: Final = {0x001: UC_RISCV_REG_FFLAGS, 0x002: UC_RISCV_REG_FRM, 0x003: UC_RISCV_REG_FCSR}
FETCH_FAULT: Final = 1
"""Exception code of an instruction access fault (privileged specification, table 3.6)."""
WORD: Final = 0xFFFF_FFFF


class UnicornEngine:
    """``vplat.machine.engine.Engine`` on Unicorn.

    ``native`` chooses the probe: True the compiled one, False the Python one, None the best there
    is. With ``counts_falls`` there are ``falls``. With ``function_of``, which gives the function
    that holds an address as a number, the client is told from which function to which harts go.
    """

    def __init__(
        self,
        harts: int,
        client: Client,
        *,
        native: bool | None = None,
        counts_falls: bool = False,
        function_of: Callable[[int], int] | None = None,
    ) -> None:
        self.rows = new_rows(harts)
        self.turns = new_turns()
        self.native = NativeProbe is not None if native is None else native
        self._client = client
        self._harts = range(harts)
        self._exits: list[Exit] = [Exit(ExitKind.STOPPED)] * harts
        self._answered: dict[int, list[int]] = {}
        self._expected: set[int] = set()
        """Instructions that are answered as far as the run has come: hooks outlive going back."""
        self._located: dict[int, tuple[int, int]] = {}
        self._held: dict[tuple[int, int], int] = {}
        self._places: dict[int, int] = {}
        """Where accesses to each watched page go."""
        self._idle: list[int] = []
        """Such places of pages that are not watched any more."""
        self._guarded: set[Guard] = set()
        self._inside: list[bool] = [False] * harts
        self._keep: list[Any] = []
        self._reserved = range(0)
        self._redirected = 0
        self._engines = [self._new_engine() for _ in self._harts]
        self._registers = [RegisterAccess(engine) for engine in self._engines]
        self._probe = self._new_probe()
        self._function_of = function_of
        stepped = None if function_of is None else client.stepped
        self._probe.observe(counts_falls, client.passed, stepped)
        for hart, engine in enumerate(self._engines):
            self._probe.attach(hart, engine._uch.value or 0)
            self._add_exit_hook(hart, engine)

    def map_memory(
        self,
        base: int,
        memory: npt.NDArray[np.uint8],
        *,
        writable: bool,
        written: npt.NDArray[np.uint8],
    ) -> None:
        """Map one buffer into every instance."""
        self._keep.append(memory)
        for engine in self._engines:
            engine.mem_map_ptr(base, len(memory), uc_const.UC_PROT_ALL, memory.ctypes.data)
        stores_to = 0 if writable else self._redirect(base, len(memory))
        self._probe.add_memory(base, len(memory), stores_to, written)

    def map_devices(self, base: int, size: int) -> None:
        """Map device pages into every instance."""
        for hart in self._harts:
            self._probe.map_devices(hart, base, size, base)

    def reserve(self, base: int, size: int) -> None:
        """Addresses that nothing uses, for redirected stores."""
        self._reserved = range(base, base + size)
        self._probe.reserve(base, size)

    def watch(self, page: int, *, loads: bool, stores: bool) -> None:
        """Send accesses to ``page`` to the client."""
        if page not in self._places:
            self._places[page] = self._idle.pop() if self._idle else self._redirect(page, PAGE)
        self._probe.watch(page, self._places[page], WATCH_LOADS * loads | WATCH_STORES * stores)
        if not (loads or stores):
            self._idle.append(self._places.pop(page))
        self.note_stores()

    def run(self, turn_cycles: int, solo_cycles: int) -> tuple[Reason, int]:
        """See ``Engine.run``."""
        reason, hart = self._probe.run(turn_cycles, solo_cycles)
        return Reason(reason), hart

    def exit(self, hart: int) -> Exit:
        """How the hart left its turn; forgets it."""
        found, self._exits[hart] = self._exits[hart], Exit(ExitKind.STOPPED)
        row = hart * COLUMNS
        if found.kind is ExitKind.EXCEPTION:
            # The engine leaves the pc four bytes past the fault, whatever the instruction's length.
            self.rows[row + NEXT_PC] = self.rows[row + NEXT_PC] - 4 & WORD
        elif self.rows[row + ERROR] == uc_const.UC_ERR_EXCEPTION:
            # The probe gave no page to fetch from.
            found = Exit(ExitKind.FAULT, FETCH_FAULT, self.rows[row + NEXT_PC])
        elif self.rows[row + ERROR]:
            error = UcError(self.rows[row + ERROR])
            raise RuntimeError(f"hart {hart}: the engine gave up: {error}")
        return found

    def stop(self, hart: int) -> None:
        """Leave the turn at the current instruction."""
        self._engines[hart].emu_stop()

    def locate(self, address: int, base: int, offset: int) -> None:
        """Note the exact pc at ``address`` from now on, and what is accessed there."""
        self._located[address] = base, offset
        for hart, engine in enumerate(self._engines):
            self._probe.locate_instruction(hart, address, UC_RISCV_REG_X0 + base, offset)
            engine.ctl_remove_cache(address, address + 1)

    def answer(self, address: int) -> None:
        """Let the client carry out the instruction at ``address`` from now on."""
        if address not in self._answered:
            hooks = [self._probe.hook_instruction(hart, address) for hart in self._harts]
            self._answered[address] = hooks
        self._expected.add(address)
        for engine in self._engines:
            engine.ctl_remove_cache(address, address + 1)

    def hold(self, hart: int, address: int) -> None:
        """Ask the client before the instruction at ``address``."""
        if (hart, address) in self._held:
            return
        self._held[hart, address] = self._probe.hold_instruction(hart, address)
        if address in self._answered:  # hooks are called in the order in which they came
            self._probe.unhook(hart, self._answered[address][hart])
            self._answered[address][hart] = self._probe.hook_instruction(hart, address)
        self._engines[hart].ctl_remove_cache(address, address + 1)

    def release(self, hart: int, address: int) -> None:
        """Ask no more."""
        handle = self._held.pop((hart, address), None)
        if handle is not None:
            self._probe.unhook(hart, handle)
            self._engines[hart].ctl_remove_cache(address, address + 1)

    def forget_code(self, hart: int | None = None) -> None:
        """Drop translations and let every block be met again."""
        for each in self._harts if hart is None else (hart,):
            self._engines[each].ctl_flush_tb()
        self._probe.forget()

    def forget_range(self, begin: int, end: int) -> None:
        """Drop the translations of a range in every instance."""
        for engine in self._engines:
            engine.ctl_remove_cache(begin, end)
        self._probe.forget()

    def read_register(self, hart: int, number: int) -> int:
        """x``number``."""
        return self._registers[hart].read(UC_RISCV_REG_X0 + number) & WORD

    def write_register(self, hart: int, number: int, value: int) -> None:
        """Set x``number``."""
        if number:
            self._registers[hart].write(UC_RISCV_REG_X0 + number, value & WORD)

    def read_float_register(self, hart: int, number: int) -> int:
        """The 64 bits that the engine has for f``number``."""
        value: int = self._engines[hart].reg_read(UC_RISCV_REG_F0 + number)
        return value

    def write_float_register(self, hart: int, number: int, bits: int) -> None:
        """Set the 64 bits that the engine has for f``number``."""
        self._engines[hart].reg_write(UC_RISCV_REG_F0 + number, bits)

    def read_csr(self, hart: int, number: int) -> int:
        """fflags, frm or fcsr."""
        value: int = self._engines[hart].reg_read(FLOAT_CSRS[number])
        return value & WORD

    def write_csr(self, hart: int, number: int, value: int) -> None:
        """Set fflags, frm or fcsr."""
        self._engines[hart].reg_write(FLOAT_CSRS[number], value)

    def float_status(self, hart: int) -> int:
        """mstatus.FS."""
        status: int = self._engines[hart].reg_read(UC_RISCV_REG_MSTATUS)
        return status >> FLOAT_STATUS_SHIFT & 3

    def set_float_status(self, hart: int, value: int) -> None:
        """Set mstatus.FS; the engine's other bits stay zero, it never takes a trap itself."""
        self._engines[hart].reg_write(UC_RISCV_REG_MSTATUS, value << FLOAT_STATUS_SHIFT)

    def jump(self, hart: int, address: int) -> None:
        """Set the pc, now or for the next turn."""
        self.rows[hart * COLUMNS + NEXT_PC] = address
        if self._inside[hart]:
            self._registers[hart].write(UC_RISCV_REG_PC, address)

    def counts(self, hart: int) -> Sequence[int]:
        """Runs of each block."""
        return memoryview(self._probe.counts(hart)).cast("Q").tolist()

    def note_stores(self) -> None:
        """Make every instance ask anew about every page."""
        for engine in self._engines:
            engine.ctl(uc_const.UC_CTL_TLB_FLUSH, uc_const.UC_CTL_IO_WRITE)

    def snapshot(self) -> EngineState:
        """See ``Engine.snapshot``."""
        return EngineState(
            tuple(read_registers(engine) for engine in self._engines),
            tuple(self._probe.counts(hart) for hart in self._harts),
            dict(self._located),
            frozenset(self._expected),
            frozenset(self._guarded),
            {},
        )

    def restore(self, state: EngineState, blocks: Sequence[MetBlock], known: int) -> None:
        """See ``Engine.restore``."""
        self._probe.keep_blocks(known)
        for address, size, cost in blocks:
            self._add_block(address, size, cost)
        for address in state.answered - self._answered.keys():
            self.answer(address)
        for guard in state.guarded - self._guarded:
            self._guard(guard)
        self._expected, self._guarded = set(state.answered), set(state.guarded)
        for address in self._located.keys() - state.located.keys():
            for hart in self._harts:
                self._probe.locate_instruction(hart, address, -1, 0)
        for address, (base, offset) in state.located.items() - self._located.items():
            self.locate(address, base, offset)
        self._located = dict(state.located)
        for hart, engine in enumerate(self._engines):
            self._probe.set_counts(hart, state.counts[hart])
            write_registers(engine, state.registers[hart])

    def falls(self, hart: int) -> Sequence[int]:
        """Runs of each block that came from the code in front of it."""
        return memoryview(self._probe.falls(hart)).cast("Q").tolist()

    def tell_steps(self) -> None:
        """Hand over what the probe has noted."""
        self._probe.tell_steps()

    def close(self) -> None:
        """Give the instances back."""
        self._engines.clear()
        self._keep.clear()

    def _redirect(self, base: int, size: int) -> int:
        """A stretch of reserved addresses whose accesses are the client's, as those at ``base``."""
        start = self._reserved.start + self._redirected
        self._redirected += size
        if start + size > self._reserved.stop:
            raise RuntimeError("more stores are watched than addresses are reserved for")
        for hart in self._harts:
            self._probe.map_devices(hart, start, size, base)
        return start

    # Callbacks of the probe.

    def _on_block(self, hart: int, address: int, size: int) -> bool:
        cost = self._client.meet_block(hart, address, size)
        if cost is None:
            return False
        fresh = [each for each in cost.answered if each not in self._expected]
        for each in fresh:
            self.answer(each)
        unguarded = [each for each in cost.guarded if each not in self._guarded]
        for guard in unguarded:
            self._guard(guard)
        self._add_block(address, size, cost)
        return not fresh and not unguarded

    def _add_block(self, address: int, size: int, cost: BlockCost) -> None:
        self._probe.add_block(
            *(cost.number, address, size, cost.cycles, cost.instructions),
            *(cost.accesses, cost.unit_cycles),
            -1 if self._function_of is None else self._function_of(address),
        )

    def _on_instruction(self, hart: int, address: int) -> None:
        self._inside[hart] = True
        try:
            self._client.answer(hart, address)
        finally:
            self._inside[hart] = False

    # Construction.

    def _new_engine(self) -> Uc:
        engine = Uc(uc_const.UC_ARCH_RISCV, uc_const.UC_MODE_RISCV32)
        engine.ctl_set_tlb_mode(uc_const.UC_TLB_VIRTUAL)
        return engine

    def _new_probe(self) -> Probe:
        arguments = (
            len(self._harts),
            self.rows,
            self.turns,
            self._on_block,
            self._on_instruction,
            self._client.reached,
            self._client.load,
            self._client.store,
        )
        if not self.native:
            return PythonProbe(self._engines, *arguments)
        if NativeProbe is None:
            raise ToolError(
                "the native probe is not compiled here; leave out --probe native, or see what "
                "`vplat doctor` says about it"
            )
        probe: Probe = NativeProbe(_native_functions(), *arguments)
        return probe

    def _add_exit_hook(self, hart: int, engine: Uc) -> None:
        def exception(uc: Uc, cause: int, _: object) -> None:
            self._exits[hart] = Exit(ExitKind.EXCEPTION, cause)
            uc.emu_stop()

        engine.hook_add(uc_const.UC_HOOK_INTR, exception)

    def _guard(self, guard: Guard) -> None:
        self._guarded = {each for each in self._guarded if each.address != guard.address} | {guard}
        first, second = UC_RISCV_REG_F0 + guard.first, UC_RISCV_REG_F0 + guard.second
        for hart, engine in enumerate(self._engines):
            self._probe.guard_instruction(hart, guard.address, first, second, guard.is_double)
            engine.ctl_remove_cache(guard.address, guard.address + 1)


def _native_functions() -> tuple[int, ...]:
    names = (
        *("uc_emu_start", "uc_emu_stop", "uc_hook_add"),
        *("uc_reg_read", "uc_mmio_map", "uc_hook_del"),
    )
    cast: Callable[..., Any] = ctypes.cast
    return tuple(cast(getattr(binding.uclib, name), ctypes.c_void_p).value for name in names)
