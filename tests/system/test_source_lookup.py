"""Lines, names and backtraces of C compiled by the real toolchain."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unicorn import UC_ARCH_RISCV, UC_MODE_RISCV32, riscv_const
from unicorn.unicorn_py3 import Uc, UcError

from vplat.errors import FirmwareError
from vplat.machine.dwarf.frames import CallFrames
from vplat.machine.elf import Firmware
from vplat.machine.frame_rule import FrameRule, Recovery
from vplat.machine.prologue import scan

GCC = "riscv64-unknown-elf-gcc"
FLAGS = ["-march=rv32imafc", "-mabi=ilp32f", "-nostdlib", "-nostartfiles", "-Ttext=0x1c008000"]
STACK, STACK_SIZE = 0x1000_0000, 0x1_0000
CODE, CODE_SIZE = 0x1C00_0000, 0x2_0000

SOURCE = """\
static volatile int sink[8];

__attribute__((noinline)) int crash(int depth)
{
    volatile int local[4] = {depth};
    __asm__ volatile("ebreak");
    return local[0] + 1;
}

__attribute__((noinline)) int middle(int a, int b, int c)
{
    int kept = a * b;
    for (int i = 0; i < c; i++)
        kept += crash(i + a) * sink[i & 7];
    if (kept < 0)
        return kept;
    sink[0] = crash(kept);
    return kept + a + b + c + sink[1];
}

__attribute__((noinline)) int recurse(int n, int *sum)
{
    int frame[200];
    frame[n & 127] = n;
    if (n == 0)
        return middle(3, *sum, 2) + frame[0];
    *sum += n;
    return recurse(n - 1, sum) + frame[n & 127];
}

__attribute__((noinline)) int variable(int n)
{
    volatile char room[n];
    room[n - 1] = 1;
    return middle(room[n - 1], n, 1) + room[0];
}

int main(void)
{
    int sum = 1;
#ifdef COMPUTED_STACK
    return variable(40) + sum;
#endif
    return recurse(2, &sum);
}

void __attribute__((naked)) _start(void)
{
    __asm__ volatile("call main; ebreak");
}
"""


def line_of(text: str) -> int:
    return SOURCE[: SOURCE.index(text)].count("\n") + 1


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Compiles SOURCE, once for each set of options, in a folder of its own."""
    if shutil.which(GCC) is None:
        pytest.fail(
            f"{GCC} is not installed; get it with "
            "apt-get install gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf"
        )
    folder = tmp_path_factory.mktemp("source")
    (folder / "main.c").write_text(SOURCE)

    @cache
    def compiled(*options: str, flags: tuple[str, ...] = tuple(FLAGS)) -> Path:
        output = folder / f"{'_'.join(options) or 'plain'}{len(flags)}.elf"
        command = [GCC, *flags, *options, "main.c", "-o", str(output)]
        subprocess.run(command, cwd=folder, check=True)
        return output

    return compiled


def crashed(firmware: Firmware) -> tuple[int, list[int], Callable[[int], int | None]]:
    """Run to the first ebreak: the pc, the registers, and the memory."""
    engine = Uc(UC_ARCH_RISCV, UC_MODE_RISCV32)
    engine.mem_map(STACK, STACK_SIZE)
    engine.mem_map(CODE, CODE_SIZE)
    for segment in firmware.segments:
        engine.mem_write(segment.address, segment.data)
    engine.reg_write(riscv_const.UC_RISCV_REG_SP, STACK + STACK_SIZE - 64)
    with pytest.raises(UcError):
        engine.emu_start(firmware.entry, 0xFFFF_FFFE)

    def read_word(address: int) -> int | None:
        try:
            return int.from_bytes(engine.mem_read(address, 4), "little")
        except UcError:
            return None

    registers = [engine.reg_read(riscv_const.UC_RISCV_REG_X0 + index) for index in range(32)]
    return engine.reg_read(riscv_const.UC_RISCV_REG_PC), registers, read_word


def backtrace(firmware: Firmware) -> tuple[list[str], list[str | None]]:
    """The functions and the lines of the frames at the first ebreak."""
    frames = list(firmware.unwinder.frames(*crashed(firmware)))
    functions = [firmware.symbols.function(each.place) for each in frames]
    folder = firmware.path.parent
    return (
        [each.name if each else "?" for each in functions],
        [firmware.lines.describe(each.place, folder) for each in frames],
    )


CALLERS = ["crash", "middle", "recurse", "recurse", "recurse", "main", "_start"]
LINES = [
    line_of("__asm__ volatile"),
    line_of("kept += crash"),
    line_of("return middle(3"),
    line_of("return recurse(n"),
    line_of("return recurse(n"),
    line_of("return recurse(2"),
    line_of("call main"),
]


@pytest.mark.parametrize("version", ["-gdwarf-2", "-gdwarf-3", "-gdwarf-4", "-gdwarf-5"])
@pytest.mark.parametrize("level", ["-O0", "-O1"])
def test_a_crash_is_traced_back_to_the_start_with_its_lines(
    build: Callable[..., Path], version: str, level: str
) -> None:
    firmware = Firmware.read(build(version, level, "-fno-optimize-sibling-calls"))
    functions, lines = backtrace(firmware)
    assert functions == CALLERS
    assert lines == [f"main.c:{line}" for line in LINES]
    assert firmware.warnings == ()
    assert firmware.lines.warning is None


@pytest.mark.parametrize("level", ["-O0", "-O1", "-Os"])
def test_a_crash_is_traced_back_without_any_debug_information(
    build: Callable[..., Path], level: str
) -> None:
    firmware = Firmware.read(build(level, "-fno-optimize-sibling-calls"))
    functions, lines = backtrace(firmware)
    assert functions == CALLERS
    assert lines == [None] * len(CALLERS)


@pytest.mark.parametrize("debug", ["-g", "-g0"])
@pytest.mark.parametrize("level", ["-O0", "-O1"])
def test_a_stack_of_computed_size_is_traced_back_too(
    build: Callable[..., Path], debug: str, level: str
) -> None:
    firmware = Firmware.read(build(debug, level, "-DCOMPUTED_STACK"))
    assert backtrace(firmware)[0] == ["crash", "middle", "variable", "main", "_start"]


def test_call_frames_of_exception_handling_serve_as_well(build: Callable[..., Path]) -> None:
    options = ["-O1", "-fasynchronous-unwind-tables", "-fno-optimize-sibling-calls"]
    firmware = Firmware.read(build(*options))
    assert CallFrames(firmware.debug).rule(firmware.entry) is not None
    assert backtrace(firmware)[0] == CALLERS


def test_compressed_debug_information_is_read(build: Callable[..., Path]) -> None:
    firmware = Firmware.read(build("-g", "-O1", "-gz=zlib", "-fno-optimize-sibling-calls"))
    assert backtrace(firmware)[1][0] == f"main.c:{LINES[0]}"


def leaving(rule: FrameRule) -> tuple[int, int, int | None]:
    """What a backtrace takes from a rule: the CFA's register and offset, and where ra is."""
    recovery, number = rule.saved.get(rule.return_register, (Recovery.LOST, 0))
    assert recovery in (Recovery.AT_CFA, Recovery.LOST)
    return rule.cfa_register, rule.cfa_offset, number if recovery is Recovery.AT_CFA else None


def instructions(code: bytes, start: int) -> Iterator[int]:
    offset = 0
    while offset < len(code):
        yield start + offset
        offset += 4 if code[offset] & 3 == 3 else 2


def calls(read_word: Callable[[int], int | None], pc: int) -> bool:
    """True when the instruction at ``pc`` is a jal to a function, in either size."""
    word = (read_word(pc & ~3) or 0) | (read_word((pc & ~3) + 4) or 0) << 32
    instruction = word >> 8 * (pc & 3) & 0xFFFF_FFFF
    return instruction & 0xFFF == 0xEF or instruction & 0xE003 == 0x2001


@pytest.mark.parametrize("options", [["-O1"], ["-O2"], ["-Os"], ["-O2", "-march=rv32ima"]])
def test_prologues_tell_what_the_compiler_says_at_every_instruction(
    build: Callable[..., Path], options: list[str]
) -> None:
    abi = ["-mabi=ilp32"] if "-march=rv32ima" in options else []
    firmware = Firmware.read(build("-g", *options, *abi))
    text = next(each for each in firmware.segments if each.executable)
    frames = CallFrames(firmware.debug)

    def read_word(address: int) -> int | None:
        data = text.data[address - text.address : address - text.address + 4]
        return int(struct.unpack("<I", data)[0]) if len(data) == 4 else None

    checked = 0
    for name in ("crash", "middle", "recurse", "main"):
        symbol = firmware.symbols.find(name)
        assert symbol is not None
        offset = symbol.address - text.address
        code = text.data[offset : offset + symbol.size]
        for pc in instructions(code, symbol.address):
            told, read_off = frames.rule(pc), scan(symbol.address, pc, read_word)
            assert told is not None
            assert read_off is not None
            place = firmware.symbols.name(pc)
            (*cfa, ra), (*cfa_read_off, ra_read_off) = leaving(told), leaving(read_off)
            assert cfa_read_off == cfa, place
            # The compiler may tell of several stores at once; until the next call ra has both.
            if calls(read_word, pc) or None not in (ra, ra_read_off):
                assert ra_read_off == ra, place
            checked += 1
    assert checked > 60


def test_code_is_found_by_its_source_line(build: Callable[..., Path]) -> None:
    firmware = Firmware.read(build("-g", "-O0"))
    symbol = firmware.symbols.find("main")
    assert symbol is not None
    addresses = firmware.lines.addresses("main.c", line_of("int sum = 1"))
    assert addresses
    assert all(symbol.address < each < symbol.end for each in addresses)


def test_the_headers_the_linker_puts_in_front_are_not_loaded(build: Callable[..., Path]) -> None:
    firmware = Firmware.read(build("-g", "-O1"))
    assert min(each.address for each in firmware.segments) == 0x1C00_8000
    assert firmware.isa_attribute is not None
    assert firmware.isa_attribute.startswith("rv32i2p1_m2p0_a2p1_f2p2_c2p0")
    assert firmware.flags.compressed
    assert firmware.flags.float_abi == "single"


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("-march=rv64imac", "-mabi=lp64", "-nostdlib"), "is a 64-bit ELF for riscv64"),
        (("-march=rv32imac", "-mabi=ilp32", "-c"), "is a relocatable object (.o)"),
    ],
)
def test_what_the_toolchain_makes_for_others_is_refused(
    build: Callable[..., Path], flags: tuple[str, ...], words: str
) -> None:
    with pytest.raises(FirmwareError) as caught:
        Firmware.read(build(flags=flags))
    assert words in str(caught.value)


@settings(max_examples=300)
@given(data=st.data())
def test_a_real_file_may_be_damaged_anywhere(
    build: Callable[..., Path], data: st.DataObject
) -> None:
    path = build("-g", "-O1")
    image = bytearray(path.read_bytes())
    places = st.integers(0, len(image) - 1)
    for offset, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=20)):
        image[offset] = value
    try:
        firmware = Firmware.parse(bytes(image), path)
    except FirmwareError:
        return
    firmware.lines.describe(firmware.entry)
    firmware.symbols.name(firmware.entry)
    registers = [firmware.entry] * 32
    frames = list(firmware.unwinder.frames(firmware.entry, registers, lambda _: firmware.entry))
    assert 1 <= len(frames) <= 64
