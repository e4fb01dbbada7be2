"""The engine that executes real code: one Unicorn instance a hart, on shared memory.

What Unicorn really does, and how this file lives with it, is written down in ``docs/engine.md``.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

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
from vplat.machine.engine import Client, Exit, ExitKind, Guard, Reason
from vplat.machine.rows import COLUMNS, ERROR, NEXT_PC, new_rows, new_turns

from .python_probe import PythonProbe

NativeProbe: Any = None
"""The compiled probe; None where no C compiler was at hand when vplat was installed."""
with contextlib.suppress(ImportError):
    NativeProbe = importlib.import_module("vplat.engines._probe").Probe

FLOAT_STATUS_SHIFT: Final = 13
FLOAT_CSRS: Final = {0x001: UC_RISCV_REG_FFLAGS, 0x002: UC_RISCV_REG_FRM, 0x003: UC_RISCV_REG_FCSR}
FETCH_FAULT: Final = 1
"""Exception code of an instruction access fault (privileged specification, table 3.6)."""
WORD: Final = 0xFFFF_FFFF


class Probe(Protocol):
    """The native probe and the Python one look alike."""

    def attach(self, hart: int, engine: int, /) -> None: ...
    def hook_instruction(self, hart: int, address: int, /) -> None: ...
    def locate_instruction(self, hart: int, address: int, base: int, offset: int, /) -> None: ...
    def guard_instruction(
        self, hart: int, address: int, first: int, second: int, is_double: bool, /
    ) -> None: ...
    def map_devices(self, hart: int, base: int, size: int, answers_as: int, /) -> None: ...
    def add_memory(self, base: int, size: int, stores_to: int, /) -> None: ...
    def watch(self, page: int, stores_to: int, /) -> None: ...
    def reserve(self, base: int, size: int, /) -> None: ...
    def add_block(
        self, number: int, address: int, size: int, cycles: int, instructions: int, /
    ) -> None: ...
    def counts(self, hart: int, /) -> bytes: ...
    def forget(self) -> None: ...
    def run(self, turn_cycles: int, solo_cycles: int, /) -> tuple[int, int]: ...


class UnicornEngine:
    """``vplat.machine.engine.Engine`` on Unicorn.

    ``native`` chooses the probe: True the compiled one, False the Python one, None the best there
    is.
    """

    def __init__(self, harts: int, client: Client, *, native: bool | None = None) -> None:
        self.rows = new_rows(harts)
        self.turns = new_turns()
        self.native = NativeProbe is not None if native is None else native
        self._client = client
        self._harts = range(harts)
        self._exits: list[Exit] = [Exit(ExitKind.STOPPED)] * harts
        self._answered: set[int] = set()
        self._guarded: set[Guard] = set()
        self._inside: list[bool] = [False] * harts
        self._keep: list[Any] = []
        self._reserved = range(0)
        self._redirected = 0
        self._engines = [self._new_engine() for _ in self._harts]
        self._probe = self._new_probe()
        for hart, engine in enumerate(self._engines):
            self._probe.attach(hart, engine._uch.value or 0)
            self._add_exit_hook(hart, engine)

    def map_memory(self, base: int, memory: npt.NDArray[np.uint8], *, writable: bool) -> None:
        """Map one buffer into every instance."""
        self._keep.append(memory)
        for engine in self._engines:
            engine.mem_map_ptr(base, len(memory), uc_const.UC_PROT_ALL, memory.ctypes.data)
        stores_to = 0 if writable else self._redirect(base, len(memory))
        self._probe.add_memory(base, len(memory), stores_to)

    def map_devices(self, base: int, size: int) -> None:
        """Map device pages into every instance."""
        for hart in self._harts:
            self._probe.map_devices(hart, base, size, base)

    def reserve(self, base: int, size: int) -> None:
        """Addresses that nothing uses, for redirected stores."""
        self._reserved = range(base, base + size)
        self._probe.reserve(base, size)

    def watch_stores(self, page: int) -> None:
        """Send stores to ``page`` to the client."""
        self._probe.watch(page, self._redirect(page, PAGE))

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
        for hart, engine in enumerate(self._engines):
            self._probe.locate_instruction(hart, address, UC_RISCV_REG_X0 + base, offset)
            engine.ctl_remove_cache(address, address + 1)

    def answer(self, address: int) -> None:
        """Let the client carry out the instruction at ``address`` from now on."""
        if address not in self._answered:
            self._answered.add(address)
            for hart in self._harts:
                self._probe.hook_instruction(hart, address)
        for engine in self._engines:
            engine.ctl_remove_cache(address, address + 1)

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
        value: int = self._engines[hart].reg_read(UC_RISCV_REG_X0 + number)
        return value & WORD

    def write_register(self, hart: int, number: int, value: int) -> None:
        """Set x``number``."""
        if number:
            self._engines[hart].reg_write(UC_RISCV_REG_X0 + number, value & WORD)

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
            self._engines[hart].reg_write(UC_RISCV_REG_PC, address)

    def counts(self, hart: int) -> Sequence[int]:
        """Runs of each block."""
        return memoryview(self._probe.counts(hart)).cast("Q").tolist()

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
        fresh = [each for each in cost.answered if each not in self._answered]
        for each in fresh:
            self.answer(each)
        unguarded = [each for each in cost.guarded if each not in self._guarded]
        for guard in unguarded:
            self._guard(guard)
        self._probe.add_block(cost.number, address, size, cost.cycles, cost.instructions)
        return not fresh and not unguarded

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
    names = ("uc_emu_start", "uc_emu_stop", "uc_hook_add", "uc_reg_read", "uc_mmio_map")
    cast: Callable[..., Any] = ctypes.cast
    return tuple(cast(getattr(binding.uclib, name), ctypes.c_void_p).value for name in names)
