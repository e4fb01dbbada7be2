"""What is derived, put to the RISC-V toolchain."""

from __future__ import annotations

import os
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection
from hypothesis import given, settings

from tests.unit.drawn_kinds import kinds
from tests.unit.export_samples import BOARD, SAMPLES, Arbiter, Mover, board_of, registered_kinds
from vplat.export.board_header import board_header
from vplat.export.c_header import c_header
from vplat.export.linker_script import linker_script
from vplat.model import Peripheral

TARGET = ("-march=rv32imafc", "-mabi=ilp32f")
STRICT = ("-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion", "-Wundef", "-ffreestanding")
EVERY_KIND = [*SAMPLES, *registered_kinds()]


def attempt(*arguments: str, cwd: Path) -> tuple[int, str]:
    """The exit status of the compiler, and all it said."""
    result = subprocess.run(
        ["riscv64-unknown-elf-gcc", *TARGET, *arguments],
        cwd=cwd,
        env=os.environ | {"LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


def gcc(*arguments: str, cwd: Path) -> None:
    """Compile or link, which has to go well and in silence."""
    assert attempt(*arguments, cwd=cwd) == (0, "")


def refused(*arguments: str, cwd: Path) -> str:
    """What the compiler says against it."""
    status, text = attempt(*arguments, cwd=cwd)
    assert status == 1
    return text


@pytest.fixture(scope="module")
def headers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("headers")
    for kind in SAMPLES:
        (folder / f"{kind.kind}.h").write_text(c_header(kind), "utf-8")
    (folder / "board.h").write_text(board_header(BOARD), "utf-8")
    (folder / "board.ld").write_text(linker_script(BOARD), "utf-8")
    return folder


@pytest.mark.parametrize("kind", EVERY_KIND, ids=lambda kind: kind.kind)
def test_the_headers_of_a_device_and_of_its_board_compile_as_c_as_cpp_and_as_assembler(
    tmp_path: Path, kind: type[Peripheral]
) -> None:
    (tmp_path / f"{kind.kind}.h").write_text(c_header(kind), "utf-8")
    (tmp_path / "board.h").write_text(board_header(board_of(kind)), "utf-8")
    twice = '#include "board.h"\n#include "board.h"\n'
    (tmp_path / "c.c").write_text(f"{twice}int unused;\n")
    (tmp_path / "cpp.cpp").write_text(f'extern "C" {{\n{twice}}}\n')
    (tmp_path / "assembler.S").write_text(twice)
    gcc(*STRICT, "-std=c11", "-c", "c.c", "assembler.S", cwd=tmp_path)
    gcc(*STRICT, "-std=c++11", "-c", "cpp.cpp", cwd=tmp_path)


@settings(max_examples=20)
@given(kind=kinds())
def test_whatever_is_declared_its_header_compiles(
    tmp_path_factory: pytest.TempPathFactory, kind: type[Peripheral]
) -> None:
    folder = tmp_path_factory.mktemp("drawn")
    (folder / "drawn.c").write_text(c_header(kind))
    gcc(*STRICT, "-std=c11", "-fsyntax-only", "drawn.c", cwd=folder)


def read_words(path: Path, section: str) -> list[int]:
    with path.open("rb") as file:
        found = ELFFile(file).get_section_by_name(section)
        assert found is not None
        data = found.data()
    return [word for (word,) in struct.iter_unpack("<I", data)]


def test_offsets_and_masks_in_the_object_code_are_those_of_the_declarations(headers: Path) -> None:
    source = """\
#include "mover.h"
#include "arbiter.h"
#define PLACE(type, member) (uint32_t)offsetof(type, member)
__attribute__((section("table"), used)) static const uint32_t places[] = {
    PLACE(mover_registers_t, default_), PLACE(mover_registers_t, slots[3]), MOVER_SLOTS_OFFSET(3),
    PLACE(mover_registers_t, pairs[1].value), MOVER_PAIRS_OFFSET(1u),
    PLACE(arbiter_plain_t, hart[7].buffer), ARBITER_HART_BUFFER_OFFSET(7),
    PLACE(arbiter_plain_t, barrier[3].status), PLACE(arbiter_plain_t, left_1),
    PLACE(arbiter_cluster_t, config), sizeof(arbiter_plain_t), ARBITER_PLAIN_SIZE,
    MOVER_CTRL_MODE_MASK, VPLAT_PUT(MOVER_CTRL_MODE, MOVER_CTRL_MODE_FAST),
    VPLAT_GET(MOVER_CTRL_TOP, 0xABCDEF01u),
};
"""
    (headers / "table.c").write_text(source)
    gcc(*STRICT, "-std=c11", "-c", "table.c", cwd=headers)
    mover, arbiter = Mover.registers, Arbiter.registers
    mode = mover["ctrl"].fields["mode"]
    assert read_words(headers / "table.o", "table") == [
        mover["default"].offset,
        *[mover["slots"].offsets[3]] * 2,
        *[mover["pairs"].offsets[1]] * 2,
        *[arbiter["hart_buffer"].offsets[7]] * 2,
        arbiter["barrier_status"].offsets[3],
        arbiter["left"].offsets[1],
        arbiter["config"].offset,
        *[0x400] * 2,
        mode.mask,
        mode.put(0, 2),
        0xAB,
    ]


def test_a_header_whose_struct_has_shifted_does_not_compile(tmp_path: Path) -> None:
    header = c_header(Mover)
    moved = header.replace("    volatile const uint32_t here;\n", "")
    assert moved != header
    (tmp_path / "moved.c").write_text(moved)
    text = refused("-ffreestanding", "-c", "moved.c", cwd=tmp_path)
    assert 'static assertion failed: "mover_registers_t.go"' in text


def test_a_store_to_a_read_only_register_does_not_compile(headers: Path) -> None:
    (headers / "store.c").write_text(
        '#include "board.h"\nvoid f(void) { VPLAT_MOVER->here = 1; }\n'
    )
    text = refused("-ffreestanding", "-c", "store.c", cwd=headers)
    assert "assignment of read-only member 'here'" in text


START = """\
#include "board.h"
    .section .vectors, "ax"
    .option norvc
    .rept 32
    j trap
    .endr
    .section .reset, "ax"
    .globl _start
_start:
    la gp, __global_pointer$
    la sp, __stack_top
    li a0, VPLAT_ARBITER_DEMUX_BASE + ARBITER_CONFIG_OFFSET
    call main
trap:
    j trap
"""
MAIN = """\
#include "board.h"
#define IN(section_name) __attribute__((section(section_name), used))
uint32_t zeros[5];
uint32_t ones[4] = {1, 1, 1, 1};
const char text[] = "text";
_Thread_local int per_thread = 3;
IN(".tcdm") uint32_t near = 4;
IN(".l1.more") uint32_t nearer = 5;
IN(".bss.tcdm") uint32_t near_zeros[16];
IN(".l2") uint32_t chip = 6;
IN(".bss.l3") uint32_t far_zeros[0x1000];
IN(".tohost") volatile uint64_t tohost;
int main(void) { VPLAT_MOVER->go = zeros[1] + ones[2] + (uint32_t)per_thread; return text[0]; }
"""


class Linked:
    """An ELF file, as far as its addresses go."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            elf = ELFFile(file)
            self.entry: int = elf.header.e_entry
            self.segments: list[Any] = [
                segment.header
                for segment in elf.iter_segments()
                if segment.header.p_type == "PT_LOAD"
            ]
            table = elf.get_section_by_name(".symtab")
            assert isinstance(table, SymbolTableSection)
            self.symbols: dict[str, int] = {
                each.name: each.entry.st_value for each in table.iter_symbols()
            }
            self.sections: dict[str, Any] = {each.name: each.header for each in elf.iter_sections()}

    def __getitem__(self, symbol: str) -> int:
        return self.symbols[symbol]


LINKED = ("-nostdlib", "-T", "board.ld", "-Wl,--fatal-warnings")


@pytest.fixture(scope="module")
def firmware(headers: Path) -> Path:
    """The folder of the headers with two sources, compiled."""
    (headers / "start.S").write_text(START)
    (headers / "main.c").write_text(MAIN)
    gcc("-ffreestanding", "-c", "start.S", "main.c", cwd=headers)
    return headers


def link(folder: Path, name: str, *more: str) -> Linked:
    gcc(*LINKED, *more, "start.o", "main.o", "-o", name, cwd=folder)
    return Linked(folder / name)


@pytest.fixture(scope="module")
def linked(firmware: Path) -> Linked:
    return link(firmware, "linked.elf")


def test_code_begins_with_the_vectors_and_the_reset_entry(linked: Linked) -> None:
    assert linked.sections[".vectors"].sh_addr == 0x1C00_8000
    assert linked.entry == linked["_start"] == 0x1C00_8080


def test_a_variable_is_in_the_memory_its_section_names(linked: Linked) -> None:
    tcdm, l2, l3 = (range(each.base, each.base + each.size) for each in BOARD.memories[:3])
    assert {linked[each] in tcdm for each in ("near", "nearer", "near_zeros")} == {True}
    assert {linked[each] in l2 for each in ("main", "zeros", "ones", "text", "chip")} == {True}
    assert linked["far_zeros"] in l3


def test_everything_is_loaded_where_it_is_used(linked: Linked) -> None:
    occupied = [segment for segment in linked.segments if segment.p_memsz]
    assert len(occupied) == 4
    assert all(segment.p_paddr == segment.p_vaddr for segment in occupied)


def test_no_segment_is_both_written_and_run(linked: Linked) -> None:
    assert {segment.p_flags & 3 for segment in linked.segments} == {1, 2}


def test_what_start_up_code_clears_holds_the_zeros_and_nothing_else(linked: Linked) -> None:
    for name, zeros in [("", "zeros"), ("tcdm_", "near_zeros"), ("l3_", "far_zeros")]:
        assert linked[f"_{name}bss_start"] <= linked[zeros] < linked[f"_{name}bss_end"]
    data = {each: linked[each] for each in ("ones", "near", "nearer", "chip", "tohost", "text")}
    for name in ("", "tcdm_", "l3_"):
        cleared = range(linked[f"_{name}bss_start"], linked[f"_{name}bss_end"])
        assert [each for each, address in data.items() if address in cleared] == []


def test_zeros_take_no_room_in_the_file(linked: Linked) -> None:
    types = {name: linked.sections[name].sh_type for name in (".bss", ".bss.tcdm", ".bss.l3")}
    assert set(types.values()) == {"SHT_NOBITS"}


def test_stacks_are_at_the_end_of_their_memory_and_heaps_fill_what_is_left(linked: Linked) -> None:
    assert linked["__stack_top"] == 0x1002_0000
    assert linked["__stack_size"] == 0x800
    assert linked["__hart_count"] == 8
    assert linked["_tcdm_heap_end"] == linked["__stack_top"] - 8 * 0x800
    assert linked["_l2_heap_end"] == 0x1C10_0000
    assert linked["_l3_heap_end"] == 0x8400_0000
    for name, last in [("tcdm", "_tcdm_bss_end"), ("l2", "_bss_end"), ("l3", "_l3_bss_end")]:
        start = linked[f"_{name}_heap_start"]
        assert start % 16 == 0
        assert linked[last] <= start < linked[last] + 16


def test_the_thread_local_template_ends_before_what_is_cleared(linked: Linked) -> None:
    template = linked.sections[".tdata"]
    assert template.sh_addr + template.sh_size <= linked["_bss_start"]


def test_the_host_interface_has_a_section_of_its_own_on_a_line_of_64_bytes(linked: Linked) -> None:
    assert linked.sections[".tohost"].sh_addr == linked["tohost"]
    assert linked["tohost"] % 64 == 0


def test_the_link_can_set_the_size_of_the_stacks(firmware: Path) -> None:
    larger = link(firmware, "larger.elf", "-Wl,--defsym=__stack_size=0x1000")
    assert larger["_tcdm_heap_end"] == 0x1002_0000 - 8 * 0x1000


def test_stacks_that_do_not_fit_are_refused_with_advice(firmware: Path) -> None:
    size = "-Wl,--defsym=__stack_size=0x4000"
    text = refused(*LINKED, size, "start.o", "main.o", "-o", "none.elf", cwd=firmware)
    assert "the stacks do not fit into tcdm beside its sections: move data elsewhere" in text


def test_firmware_that_uses_one_memory_only_links_as_well(headers: Path) -> None:
    (headers / "small.S").write_text('.section .reset, "ax"\n.globl _start\n_start: j _start\n')
    gcc(*LINKED, "small.S", "-o", "small.elf", cwd=headers)
    [segment] = [each for each in Linked(headers / "small.elf").segments if each.p_memsz]
    assert (segment.p_vaddr, segment.p_memsz) == (0x1C00_8000, 0x82)


def test_on_a_board_with_one_memory_the_stacks_end_the_heap_of_the_code(tmp_path: Path) -> None:
    (tmp_path / "board.ld").write_text(linker_script(board_of(Mover), stack_size=0x400))
    (tmp_path / "small.S").write_text('.section .reset, "ax"\n.globl _start\n_start: j _start\n')
    gcc(*LINKED, "small.S", "-o", "small.elf", cwd=tmp_path)
    small = Linked(tmp_path / "small.elf")
    assert small.entry == 0x1C00_0080
    assert small["_l2_heap_end"] == small["__stacks_start"] == 0x1C10_0000 - 0x400


def test_a_program_of_the_c_library_links(firmware: Path) -> None:
    (firmware / "library.c").write_text(
        "#include <errno.h>\n#include <stdio.h>\n#include <stdlib.h>\n"
        'int main(void) { errno = 3; char *p = malloc(9); return snprintf(p, 9, "%f", 1.0); }\n'
    )
    flags = ["-specs=picolibc.specs", "-nostartfiles", *LINKED[1:]]
    gcc(*flags, "start.o", "library.c", "-o", "library.elf", cwd=firmware)
    library = Linked(firmware / "library.elf")
    assert library["__heap_start"] == library["_l2_heap_start"]
