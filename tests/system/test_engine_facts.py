"""What `docs/engine.md` says of Unicorn, on Unicorn alone.

A release that behaves differently fails here first, and by name.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from unicorn import unicorn_const as uc_const
from unicorn.riscv_const import (
    UC_RISCV_REG_MHARTID,
    UC_RISCV_REG_PC,
    UC_RISCV_REG_T0,
    UC_RISCV_REG_T1,
    UC_RISCV_REG_T2,
)
from unicorn.unicorn_py3 import Uc, UcError

from tests.system.lab import CODE, PROBE, assemble
from vplat.machine.elf import Firmware

DEVICE_WORD: Final = 0x4433_2211
NOWHERE: Final = 0x3000_0000
MEMORY_BYTES: Final = 0x4000
STOP_ADDRESS: Final = 0xFFFF_FFFF
LOAD_2_INTO_T0: Final = 0x0020_0293


def memory_with(text: str) -> npt.NDArray[np.uint8]:
    """Memory at ``CODE`` with the program in it."""
    memory = np.zeros(MEMORY_BYTES, dtype=np.uint8)
    for segment in Firmware.parse(assemble(text), Path("facts.elf")).segments:
        start = segment.address - CODE
        memory[start : start + len(segment.data)] = np.frombuffer(segment.data, np.uint8)
    return memory


class Engine:
    """One instance as vplat sets it up, with a device page at ``PROBE``, and what it told."""

    def __init__(self, text: str = "", memory: npt.NDArray[np.uint8] | None = None) -> None:
        self.memory = memory_with(text) if memory is None else memory
        self.told: list[tuple[Any, ...]] = []
        self.stops_at: set[str] = set()
        self.uc = Uc(uc_const.UC_ARCH_RISCV, uc_const.UC_MODE_RISCV32)
        self.uc.ctl_set_tlb_mode(uc_const.UC_TLB_VIRTUAL)
        self.uc.mem_map_ptr(CODE, MEMORY_BYTES, uc_const.UC_PROT_ALL, self.memory.ctypes.data)
        self.uc.mmio_map(PROBE, 0x1000, self._load, None, self._store, None)
        self.uc.hook_add(uc_const.UC_HOOK_TLB_FILL, self._page_missing)
        self.uc.hook_add(uc_const.UC_HOOK_INTR, self._exception)

    def run(self, start: int | None = None) -> int:
        """Run from ``start`` (the first time ``CODE``) until it stops; the pc then."""
        self.told.clear()
        self.uc.emu_start(CODE if start is None else start, STOP_ADDRESS)
        return self[UC_RISCV_REG_PC]

    def __getitem__(self, register: int) -> int:
        value: int = self.uc.reg_read(register)
        return value

    def hook(self, kind: int, callback: Callable[[int], None], at: int | None = None) -> None:
        """Call ``callback(address)`` for blocks or instructions."""
        begin, end = (1, 0) if at is None else (at, at)
        self.uc.hook_add(
            kind, lambda uc, address, size, data: callback(address), begin=begin, end=end
        )

    def _page_missing(self, _: Uc, address: int, kind: int, entry: Any, data: object) -> bool:
        fetch = kind == uc_const.UC_MEM_FETCH
        read, write = uc_const.UC_PROT_READ, uc_const.UC_PROT_WRITE
        entry.paddr = address & ~0xFFF
        entry.perms = read | uc_const.UC_PROT_EXEC if fetch else read | write
        return not fetch or address & ~0xFFF != NOWHERE

    def _exception(self, uc: Uc, cause: int, data: object) -> None:
        self.told.append(("exception", cause))
        uc.emu_stop()

    def _load(self, uc: Uc, offset: int, size: int, data: object) -> int:
        self.told.append(("load", offset, size, self[UC_RISCV_REG_PC]))
        if "load" in self.stops_at:
            uc.emu_stop()
        return DEVICE_WORD & (1 << 8 * size) - 1

    def _store(self, uc: Uc, offset: int, size: int, value: int, data: object) -> None:
        self.told.append(("store", offset, size, value))
        if "store" in self.stops_at:
            uc.emu_stop()


def test_a_device_load_that_stops_leaves_the_pc_on_the_load_and_its_register_alone() -> None:
    engine = Engine(".option norvc\nli t0, PROBE\nlw t1, 4(t0)\nli t2, 1\nwfi")
    engine.stops_at = {"load"}
    assert engine.run() == CODE + 4
    assert (engine[UC_RISCV_REG_T1], engine[UC_RISCV_REG_T2]) == (0, 0)
    engine.stops_at = set()
    engine.run(CODE + 4)
    assert engine.told[0][:3] == ("load", 4, 4)
    assert (engine[UC_RISCV_REG_T1], engine[UC_RISCV_REG_T2]) == (DEVICE_WORD, 1)


def test_a_device_store_that_stops_leaves_the_pc_on_the_store_too() -> None:
    engine = Engine(".option norvc\nli t0, PROBE\nsw t0, 8(t0)\nli t2, 1\nwfi")
    engine.stops_at = {"store"}
    assert engine.run() == CODE + 4
    assert engine.run(CODE + 4) == CODE + 4
    assert engine.told == [("store", 8, 4, PROBE)]
    assert engine[UC_RISCV_REG_T2] == 0


TWO_LOADS: Final = """.option norvc
    li t0, PROBE
    lw t1, 0(t0)
    j 1f
1:  nop
    lw t1, 4(t0)
    wfi
"""


def test_the_pc_in_a_device_callback_is_stale_once_the_block_has_run() -> None:
    engine = Engine(TWO_LOADS)
    engine.run()
    engine.run()
    assert engine.told[1][3] < CODE + 16


def test_an_instruction_hook_makes_the_pc_in_a_device_callback_exact() -> None:
    engine = Engine(TWO_LOADS)
    engine.hook(uc_const.UC_HOOK_CODE, lambda address: None, CODE + 16)
    engine.run()
    engine.run()
    assert [each[3] for each in engine.told] == [CODE, CODE + 16]


@pytest.mark.parametrize(
    ("instruction", "pieces"),
    [
        ("lw t1, 1(t0)", [("load", 0, 4), ("load", 4, 4)]),
        ("lhu t1, 3(t0)", [("load", 2, 2), ("load", 4, 2)]),
        ("sw t0, 2(t0)", [("store", 2, 1), ("store", 3, 1), ("store", 4, 1), ("store", 5, 1)]),
        ("sh t0, 3(t0)", [("store", 3, 1), ("store", 4, 1)]),
        ("amoadd.w t1, t2, (t0)", [("load", 0, 4), ("store", 0, 4)]),
    ],
)
def test_some_device_accesses_arrive_in_pieces(
    instruction: str, pieces: list[tuple[str, int, int]]
) -> None:
    engine = Engine(f"li t0, PROBE\n{instruction}\nwfi")
    engine.run()
    assert [each[:3] for each in engine.told] == pieces


@pytest.mark.parametrize("instruction", ["amoadd.w t1, t2, (t0)", "lr.w t1, (t0)"])
def test_a_misaligned_atomic_is_reported_as_a_misaligned_load(instruction: str) -> None:
    engine = Engine(f"la t0, 1f + 1\n{instruction}\nwfi\n.balign 4\n1: .word 0, 0")
    engine.run()
    assert engine.told == [("exception", 4)]


def test_a_misaligned_load_from_memory_is_no_exception() -> None:
    engine = Engine("la t0, 1f\nlw t1, 1(t0)\nwfi\n.balign 4\n1: .word 0x44332211, 0x88776655")
    engine.run()
    assert engine.told == []
    assert engine[UC_RISCV_REG_T1] == 0x5544_3322


@pytest.mark.parametrize("instruction", [".half 0", ".word 0", "csrr t0, 0x123"])
def test_an_illegal_instruction_leaves_the_pc_four_bytes_behind_it(instruction: str) -> None:
    engine = Engine(f"nop\n{instruction}\nnop\nnop")
    assert engine.run() == CODE + 6
    assert engine.told == [("exception", 2)]


def test_a_floating_point_instruction_is_illegal_until_mstatus_turns_the_unit_on() -> None:
    engine = Engine("fadd.s f0, f1, f2\nwfi")
    engine.run()
    assert engine.told == [("exception", 2)]
    engine = Engine("li t0, 0x2000\ncsrs mstatus, t0\nfadd.s f0, f1, f2\nwfi")
    engine.run()
    assert engine.told == []


def test_ebreak_ends_the_run_as_an_error_without_an_exception_callback() -> None:
    engine = Engine("nop\nebreak")
    with pytest.raises(UcError):
        engine.run()
    assert (engine.told, engine[UC_RISCV_REG_PC]) == ([], CODE + 2)


def test_wfi_ends_the_run_without_an_error_and_the_pc_is_behind_it() -> None:
    assert Engine("nop\nwfi").run() == CODE + 6


def test_a_fetch_that_the_tlb_callback_refuses_ends_the_run_with_the_pc_on_it() -> None:
    engine = Engine(f"li t0, {NOWHERE:#x}\njr t0")
    with pytest.raises(UcError) as error:
        engine.run()
    assert error.value.errno == uc_const.UC_ERR_EXCEPTION
    assert engine[UC_RISCV_REG_PC] == NOWHERE


def test_every_instance_is_hart_0_whatever_is_written_to_mhartid() -> None:
    engine = Engine("csrr t0, mhartid\nwfi")
    engine.uc.reg_write(UC_RISCV_REG_MHARTID, 5)
    engine.run()
    assert engine[UC_RISCV_REG_T0] == 0


def test_the_cycle_counter_is_the_hosts_so_no_two_runs_read_the_same() -> None:
    engine = Engine("csrr t0, mcycle\ncsrr t1, mcycleh\nwfi")
    readings = set()
    for _ in range(3):
        engine.run()
        readings.add((engine[UC_RISCV_REG_T1], engine[UC_RISCV_REG_T0]))
    assert len(readings) == 3


def test_a_store_conditional_succeeds_if_the_value_is_what_it_was() -> None:
    engine = Engine("la t0, 1f\nlr.w t1, (t0)\nwfi\nsc.w t2, t1, (t0)\nwfi\n.balign 4\n1: .word 7")
    behind = engine.run()
    place = engine[UC_RISCV_REG_T0] - CODE
    engine.memory[place] = 9
    engine.memory[place] = 7
    engine.run(behind)
    assert engine[UC_RISCV_REG_T2] == 0


def test_the_minimum_of_a_signalling_nan_and_a_number_is_a_nan() -> None:
    engine = Engine("""
        li t0, 0x2000
        csrs mstatus, t0
        li t0, 0x7fa00000
        li t1, 0x3f800000
        fmv.w.x f0, t0
        fmv.w.x f1, t1
        fmin.s f2, f0, f1
        fmv.x.w t2, f2
        wfi
    """)
    engine.run()
    assert engine[UC_RISCV_REG_T2] == 0x7FC0_0000


def test_an_instance_runs_old_code_until_its_translation_is_removed() -> None:
    engine = Engine(".option norvc\nli t0, 1\nwfi")
    engine.run()
    word = LOAD_2_INTO_T0.to_bytes(4, "little")
    engine.memory[:4] = np.frombuffer(word, dtype=np.uint8)
    engine.run()
    assert engine[UC_RISCV_REG_T0] == 1
    engine.uc.ctl_remove_cache(CODE, CODE + 4)
    engine.run()
    assert engine[UC_RISCV_REG_T0] == 2


def test_code_that_an_instance_itself_has_stored_runs_at_once() -> None:
    engine = Engine(
        f".option norvc\nla t0, 1f\nli t1, {LOAD_2_INTO_T0:#x}\nsw t1, (t0)\nj 1f\n"
        ".balign 4\n1: li t0, 1\nwfi"
    )
    engine.run()
    assert engine[UC_RISCV_REG_T0] == 2


def test_a_hook_on_an_instruction_counts_once_its_block_is_translated_anew() -> None:
    engine = Engine("li t0, 1\nli t1, 2\nwfi")
    engine.run()
    reached: list[int] = []
    engine.hook(uc_const.UC_HOOK_CODE, reached.append, CODE + 2)
    engine.run()
    assert reached == []
    engine.uc.ctl_remove_cache(CODE + 2, CODE + 3)
    engine.run()
    assert reached == [CODE + 2]


def test_a_block_callback_that_stops_does_so_before_the_block_runs() -> None:
    engine = Engine("li t0, 1\nj 1f\n1: li t0, 2\nwfi")
    engine.hook(
        uc_const.UC_HOOK_BLOCK, lambda address: engine.uc.emu_stop() if address != CODE else None
    )
    assert engine.run() == CODE + 4
    assert engine[UC_RISCV_REG_T0] == 1


def test_a_hook_that_stops_leaves_the_instruction_undone_and_later_hooks_uncalled() -> None:
    engine = Engine("li t0, 1\nli t1, 2\nwfi")
    reached: list[str] = []

    def stop(_: int) -> None:
        reached.append("first")
        engine.uc.emu_stop()

    engine.hook(uc_const.UC_HOOK_CODE, stop, CODE + 2)
    engine.hook(uc_const.UC_HOOK_CODE, lambda _: reached.append("second"), CODE + 2)
    assert engine.run() == CODE + 2
    assert (engine[UC_RISCV_REG_T0], engine[UC_RISCV_REG_T1]) == (1, 0)
    assert reached == ["first"]


def test_a_hook_that_sets_the_pc_does_not_keep_later_hooks_from_being_called() -> None:
    engine = Engine("li t0, 1\nli t1, 2\nwfi")
    reached: list[int] = []
    engine.hook(
        uc_const.UC_HOOK_CODE,
        lambda _: engine.uc.reg_write(UC_RISCV_REG_PC, CODE + 4),
        CODE + 2,
    )
    engine.hook(uc_const.UC_HOOK_CODE, reached.append, CODE + 2)
    engine.run()
    assert engine[UC_RISCV_REG_T1] == 0
    assert reached == [CODE + 2]


def test_a_block_has_512_instructions_at_most_wherever_it_begins() -> None:
    engine = Engine(".option norvc\n" + "addi t0, t0, 1\n" * 900 + "wfi")
    sizes: dict[int, int] = {}

    def entered(_: Uc, address: int, size: int, __: object) -> None:
        sizes[address] = size

    engine.uc.hook_add(uc_const.UC_HOOK_BLOCK, entered)
    engine.run()
    assert sizes[CODE] == 2048
    assert CODE + 2048 in sizes
    engine.run(CODE + 100)
    assert sizes[CODE + 100] == 2048
