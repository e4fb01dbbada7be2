"""Backtraces: by call frame information, by prologues, and out of garbage."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.dwarf_builder import (
    advance,
    cfa_offset,
    common_frame,
    frame_entry,
    function_frame,
    saved,
    uleb128,
)
from tests.unit.elf_builder import CODE, Name, Piece, build_elf
from vplat.machine.elf import Firmware
from vplat.machine.prologue import scan

START = 0x8000_0000
MAIN, MIDDLE, LEAF = START, START + 0x40, START + 0x80
STACK = 0x1000_0F00
RA, SP, S0, S1 = 1, 2, 8, 9
SYMBOLS = {"main": (MAIN, 0x40), "middle": (MIDDLE, 0x40), "leaf": (LEAF, 0x40)}
ENTERED = advance(2) + cfa_offset(16) + saved(RA, 4) + saved(S0, 8)
FRAMES = common_frame() + b"".join(
    function_frame(start, 0x40, ENTERED) for start in (MAIN, MIDDLE, LEAF)
)

Memory = dict[int, int]


def registers(**values: int) -> list[int]:
    numbers = {"ra": RA, "sp": SP, "s0": S0, "s1": S1, "t0": 5}
    out = [0] * 32
    for name, value in values.items():
        out[numbers[name]] = value
    return out


def nothing(_address: int) -> int | None:
    """A memory that cannot be read."""
    return None


def firmware(code: bytes = bytes(0x100), **sections: bytes) -> Firmware:
    named = {f".{name}": data for name, data in sections.items()}
    image = build_elf([(START, code, CODE)], symbols=SYMBOLS, sections=named)
    return Firmware.parse(image, Path("app.elf"))


def backtrace(
    app: Firmware, pc: int, values: list[int], read_word: Callable[[int], int | None]
) -> list[str]:
    return [app.symbols.name(each.place) for each in app.unwinder.frames(pc, values, read_word)]


def stack_of_two_callers() -> Memory:
    """leaf's frame holds its return into middle, middle's the one into main, main's none."""
    return {
        STACK + 12: MIDDLE + 8,
        STACK + 8: 0x1111,
        STACK + 28: MAIN + 8,
        STACK + 24: 0x2222,
        STACK + 44: 0,
    }


def test_saved_registers_lead_from_frame_to_frame() -> None:
    frames = list(
        firmware(debug_frame=FRAMES).unwinder.frames(
            LEAF + 2, registers(sp=STACK, ra=0xDEAD), stack_of_two_callers().get
        )
    )
    assert [each.pc for each in frames] == [LEAF + 2, MIDDLE + 8, MAIN + 8]
    assert [each.cfa for each in frames] == [STACK + 16, STACK + 32, STACK + 48]
    assert [each.after_call for each in frames] == [False, True, True]
    assert [each.place for each in frames] == [LEAF + 2, MIDDLE + 7, MAIN + 7]


def test_at_the_first_instruction_the_return_address_is_still_in_ra() -> None:
    memory = {STACK + 12: MAIN + 8, STACK + 28: 0}
    found = backtrace(
        firmware(debug_frame=FRAMES), LEAF, registers(sp=STACK, ra=MIDDLE + 8), memory.get
    )
    assert found == ["leaf", "middle+0x7", "main+0x7"]


def test_call_frames_of_exception_handling_are_read_too() -> None:
    common = frame_entry(0, b"\x01zR\x00\x01\x7c\x01\x01\x00" + b"\x0c\x02\x00")
    pointer = len(common) + 4
    body = struct.pack("<II", LEAF, 0x40) + b"\x00" + advance(2) + cfa_offset(32) + saved(RA, 4)
    app = firmware(eh_frame=common + frame_entry(pointer, body) + bytes(4))
    memory = {STACK + 28: MAIN + 4}
    assert backtrace(app, LEAF + 8, registers(sp=STACK), memory.get) == ["leaf+0x8", "main+0x3"]


def test_a_frame_pointer_may_hold_the_frame() -> None:
    rules = advance(2) + b"\x0c" + uleb128(S0) + uleb128(0) + saved(RA, 4) + saved(S0, 8)
    app = firmware(debug_frame=common_frame() + function_frame(LEAF, 0x40, rules))
    memory = {STACK + 60: MAIN + 4}
    values = registers(sp=STACK, s0=STACK + 64)
    assert backtrace(app, LEAF + 8, values, memory.get) == ["leaf+0x8", "main+0x3"]


def test_a_return_address_may_be_in_another_register_or_be_computed() -> None:
    in_register = advance(2) + b"\x09" + bytes([RA, 5])
    app = firmware(debug_frame=common_frame() + function_frame(LEAF, 0x40, in_register))
    found = backtrace(app, LEAF + 8, registers(sp=STACK, t0=MAIN + 4), nothing)
    assert found == ["leaf+0x8", "main+0x3"]
    computed = advance(2) + b"\x14" + bytes([RA]) + uleb128(1)
    app = firmware(debug_frame=common_frame() + function_frame(LEAF, 0x40, computed))
    found = backtrace(app, LEAF + 8, registers(sp=MAIN + 8), nothing)
    assert found == ["leaf+0x8", "main+0x3"]


def test_an_undefined_return_address_ends_the_backtrace() -> None:
    outermost = b"\x07" + bytes([RA])
    frames = common_frame() + function_frame(LEAF, 0x40, outermost)
    values = registers(sp=STACK, ra=MAIN + 4)
    assert backtrace(firmware(debug_frame=frames), LEAF, values, nothing) == ["leaf"]


def test_an_interrupted_caller_is_shown_at_the_instruction_itself() -> None:
    common = frame_entry(0, b"\x01zRS\x00\x01\x7c\x01\x01\x00" + b"\x0c\x02\x00")
    body = struct.pack("<II", LEAF, 0x40) + b"\x00" + cfa_offset(16) + saved(RA, 4)
    app = firmware(eh_frame=common + frame_entry(len(common) + 4, body))
    memory = {STACK + 12: MIDDLE}
    values = registers(sp=STACK, ra=MAIN + 4)
    assert backtrace(app, LEAF + 4, values, memory.get) == ["leaf+0x4", "middle"]


def test_a_jump_to_nowhere_is_blamed_on_the_caller() -> None:
    memory = {STACK + 12: MAIN + 8, STACK + 28: 0}
    for pc in (0, 0x4000_0000, MIDDLE - 0x8000_0000):
        found = backtrace(
            firmware(debug_frame=FRAMES), pc, registers(sp=STACK, ra=MIDDLE + 8), memory.get
        )
        assert found == [f"{pc:#010x}", "middle+0x7", "main+0x7"]


def test_a_frame_that_has_called_and_saved_nothing_is_the_last() -> None:
    app = firmware(debug_frame=FRAMES)
    values = registers(sp=STACK, ra=MIDDLE + 2)
    assert backtrace(app, LEAF, values, nothing) == ["leaf", "middle+0x1"]


@pytest.mark.parametrize("word", [None, 0, 0x4000_0000, 0xFFFF_FFFF])
def test_a_return_address_outside_the_code_ends_the_backtrace(word: int | None) -> None:
    app = firmware(debug_frame=FRAMES)
    assert backtrace(app, LEAF + 4, registers(sp=STACK), lambda _: word) == ["leaf+0x4"]


def test_endless_recursion_is_shown_to_a_depth_of_64() -> None:
    app = firmware(debug_frame=FRAMES)
    found = backtrace(app, LEAF + 4, registers(sp=STACK), lambda _: LEAF + 8)
    assert found == ["leaf+0x4", *["leaf+0x7"] * 63]


def test_a_stack_that_leads_back_into_itself_ends_the_backtrace() -> None:
    rules = advance(2) + b"\x0c" + uleb128(S0) + uleb128(0) + saved(RA, 4) + saved(S0, 8)
    app = firmware(debug_frame=common_frame() + function_frame(LEAF, 0x40, rules))
    memory = {STACK - 4: LEAF + 8, STACK - 8: STACK}
    assert backtrace(app, LEAF + 8, registers(s0=STACK), memory.get) == ["leaf+0x8"]


def test_a_frame_below_the_one_it_called_ends_the_backtrace() -> None:
    rules = advance(2) + b"\x0c" + uleb128(S0) + uleb128(0) + saved(RA, 4) + saved(S0, 8)
    app = firmware(debug_frame=common_frame() + function_frame(LEAF, 0x40, rules))
    memory = {STACK - 4: LEAF + 8, STACK - 8: STACK - 64, STACK - 68: LEAF + 12}
    assert backtrace(app, LEAF + 8, registers(s0=STACK), memory.get) == ["leaf+0x8", "leaf+0x7"]


def hostile_frames() -> dict[str, bytes]:
    function = function_frame(LEAF, 0x40, ENTERED)
    rows = advance(1) + b"\x0a"
    return {
        "its own CIE": frame_entry(0, struct.pack("<II", LEAF, 0x40)),
        "a CIE inside another entry": common_frame() + function_frame(LEAF, 4, b"", common=4),
        "a CIE outside": common_frame() + function_frame(LEAF, 4, b"", common=0x7FFF_FFF0),
        "an entry past the end": common_frame() + struct.pack("<I", 0x1000) + function[4:],
        "an entry of no bytes": common_frame() + bytes(4) + function,
        "an absurd entry": frame_entry(0xFFFF_FFFF, bytes(1 << 20)),
        "64-bit entries": struct.pack("<IQ", 0xFFFF_FFFF, 8) + bytes(8),
        "unknown instructions": common_frame() + function_frame(LEAF, 0x40, b"\x3f\x3f"),
        "a stack of states that is empty": common_frame() + function_frame(LEAF, 0x40, b"\x0b"),
        "states without end": common_frame()
        + function_frame(
            LEAF, 0x40, b"".join(b"\x07" + uleb128(n) for n in range(9000)) + rows * 9000
        ),
        "numbers without end": common_frame()
        + function_frame(LEAF, 0x40, b"\x0e" + b"\x80" * 60000),
        "an expression": common_frame() + function_frame(LEAF, 0x40, b"\x0f\x01\x30"),
        "an unknown register": common_frame(b"\x0c\x7f\x00") + function,
        "garbage": b"\x5a" * 400,
    }


@pytest.mark.parametrize("frames", hostile_frames().values(), ids=hostile_frames())
def test_hostile_call_frames_leave_the_frame_of_a_leaf(frames: bytes) -> None:
    app = firmware(debug_frame=frames)
    memory = {STACK + 12: MIDDLE + 8}
    found = backtrace(app, LEAF + 8, registers(sp=STACK, ra=MAIN + 8), memory.get)
    assert found == ["leaf+0x8", "main+0x7"]


# Without call frame information.


def assembled(*instructions: int) -> bytes:
    """Instructions of 2 or 4 bytes, each told by its own low bits."""
    return b"".join(struct.pack("<I" if each & 3 == 3 else "<H", each) for each in instructions)


def addi(rd: int, rs1: int, number: int) -> int:
    return (number & 0xFFF) << 20 | rs1 << 15 | rd << 7 | 0x13


def sw(register: int, number: int) -> int:
    return (number >> 5 & 0x7F) << 25 | register << 20 | SP << 15 | 0x2023 | (number & 31) << 7


def lw(register: int, number: int) -> int:
    return (number & 0xFFF) << 20 | SP << 15 | 0x2003 | register << 7


CALL, RETURN, NOP = 0x0000_00EF, 0x0000_8067, 0x0000_0013
WIDE = [addi(SP, SP, -32), sw(RA, 28), sw(S0, 24), CALL, lw(RA, 28), lw(S0, 24), addi(SP, SP, 32)]
C_ADDI_SP_MINUS_32 = 0x1101
C_ADDI16SP_MINUS_64, C_ADDI16SP_64 = 0x7139, 0x6121
C_SWSP_RA_28, C_SWSP_RA_60, C_SWSP_S0_24 = 0xCE06, 0xDE06, 0xCC22
C_LWSP_RA_60, C_JR_RA, C_ADDI4SPN_S0_32 = 0x50F2, 0x8082, 0x1000


def walk(code: bytes, offset: int, values: list[int], memory: Memory) -> list[str]:
    """A backtrace from ``offset`` bytes into ``leaf``, whose instructions are ``code``."""
    text = bytes(LEAF - START) + code.ljust(0x80, b"\0")
    app = firmware(text)

    def read_word(address: int) -> int | None:
        if START <= address < START + len(text):
            return int(struct.unpack_from("<I", text, address - START)[0])
        return memory.get(address)

    return backtrace(app, LEAF + offset, values, read_word)


@pytest.mark.parametrize(
    ("offset", "sp", "ra"),
    [
        (0, STACK + 32, MAIN + 8),  # before the prologue
        (4, STACK, MAIN + 8),  # sp lowered, nothing stored
        (8, STACK, 0xDEAD),
        (16, STACK, LEAF + 16),  # after the call
        (20, STACK, MAIN + 8),  # ra loaded back
        (28, STACK + 32, MAIN + 8),  # sp raised
    ],
)
def test_a_prologue_tells_where_the_return_address_is(offset: int, sp: int, ra: int) -> None:
    found = walk(assembled(*WIDE, RETURN), offset, registers(sp=sp, ra=ra), {STACK + 28: MAIN + 8})
    assert found[1:] == ["main+0x7"]


def test_code_behind_an_early_return_still_has_its_frame() -> None:
    code = assembled(*WIDE, RETURN, NOP, NOP)
    memory = {STACK + 28: MAIN + 8}
    assert walk(code, 36, registers(sp=STACK, ra=LEAF + 16), memory)[1:] == ["main+0x7"]


def test_compressed_prologues_are_understood() -> None:
    memory = {STACK + 28: MAIN + 8}
    code = assembled(C_ADDI_SP_MINUS_32, C_SWSP_RA_28, C_SWSP_S0_24, C_ADDI4SPN_S0_32, CALL)
    assert walk(code, 12, registers(sp=STACK, s0=STACK + 32), memory)[1:] == ["main+0x7"]
    code = assembled(
        C_ADDI16SP_MINUS_64, C_SWSP_RA_60, CALL, C_LWSP_RA_60, C_ADDI16SP_64, C_JR_RA, NOP
    )
    memory = {STACK + 60: MAIN + 8}
    assert walk(code, 8, registers(sp=STACK, ra=0xDEAD), memory)[1:] == ["main+0x7"]
    assert walk(code, 10, registers(sp=STACK, ra=MAIN + 8), {})[1:] == ["main+0x7"]
    assert walk(code, 12, registers(sp=STACK + 64, ra=MAIN + 8), {})[1:] == ["main+0x7"]
    assert walk(code, 14, registers(sp=STACK, ra=0xDEAD), memory)[1:] == ["main+0x7"]


def test_a_stack_of_computed_size_is_left_by_the_frame_pointer() -> None:
    subtract = 32 << 25 | 15 << 20 | SP << 15 | SP << 7 | 0x33
    point = addi(S0, SP, 32)
    code = assembled(addi(SP, SP, -32), sw(RA, 28), sw(S0, 24), point, subtract, CALL)
    values = registers(sp=STACK - 0x100, s0=STACK + 32)
    assert walk(code, 24, values, {STACK + 28: MAIN + 8})[1:] == ["main+0x7"]


def test_a_stack_of_computed_size_without_a_frame_pointer_cannot_be_left() -> None:
    code = assembled(addi(SP, SP, -32), sw(RA, 28), 0x40F1_0133, CALL)
    values = registers(sp=STACK - 0x100, ra=LEAF + 16)
    assert (
        scan(LEAF, LEAF + 16, lambda address: struct.unpack_from("<I", code, address - LEAF)[0])
        is None
    )
    assert walk(code, 16, values, {STACK + 28: MAIN + 8})[0] == "leaf+0x10"


def test_registers_found_by_a_prologue_serve_the_call_frames_above() -> None:
    rules = advance(2) + b"\x0c" + uleb128(S0) + uleb128(0) + saved(RA, 4) + saved(S0, 8)
    text = bytes(LEAF - START) + assembled(*WIDE).ljust(0x80, b"\0")
    app = firmware(text, debug_frame=common_frame() + function_frame(MIDDLE, 0x40, rules))
    memory = {STACK + 28: MIDDLE + 8, STACK + 24: STACK + 96, STACK + 92: MAIN + 8}

    def read_word(address: int) -> int | None:
        if START <= address < START + len(text):
            return int(struct.unpack_from("<I", text, address - START)[0])
        return memory.get(address)

    found = backtrace(app, LEAF + 16, registers(sp=STACK, s0=0xDEAD), read_word)
    assert found == ["leaf+0x10", "middle+0x7", "main+0x7"]


def test_a_function_whose_end_is_far_is_scanned_at_its_opening_only() -> None:
    asked: list[int] = []
    code = assembled(addi(SP, SP, -32), sw(RA, 28)).ljust(0x1_0000, b"\x13")

    def read_word(address: int) -> int | None:
        asked.append(address)
        return int(struct.unpack_from("<I", code, address)[0])

    rule = scan(0, 0xF000, read_word)
    assert rule is not None
    assert (rule.cfa_offset, list(rule.saved)) == (32, [RA])
    assert max(asked) < 0x200


words = st.one_of(st.none(), st.integers(0, 0xFFFF_FFFF), st.integers(START, START + 0xFF))


@settings(max_examples=200)
@given(
    code=st.binary(min_size=0x80, max_size=0x80),
    frames=st.binary(max_size=64),
    pc=st.one_of(st.integers(-1, 1 << 33), st.integers(START, START + 0xFF)),
    values=st.lists(st.one_of(st.integers(-1, 1 << 33), words.map(lambda w: w or 0)), max_size=40),
    stack=st.lists(words, min_size=1, max_size=8),
)
def test_garbage_gives_a_bounded_backtrace(
    code: bytes, frames: bytes, pc: int, values: list[int], stack: list[int | None]
) -> None:
    app = firmware(bytes(LEAF - START) + code, debug_frame=FRAMES[:64] + frames)
    found = list(app.unwinder.frames(pc, values, lambda address: stack[address // 4 % len(stack)]))
    assert 1 <= len(found) <= 64
    assert found[0].pc == pc & 0xFFFF_FFFF
    assert len({(each.pc, each.cfa) for each in found}) == len(found)


def test_firmware_without_symbols_has_at_least_one_caller() -> None:
    image = build_elf([Piece(START, bytes(0x100))], section_headers=False)
    app = Firmware.parse(image, Path("app.elf"))
    frames = app.unwinder.frames(START + 8, registers(ra=START + 0x20), nothing)
    assert [each.pc for each in frames] == [START + 8, START + 0x20]


def test_a_function_known_by_its_label_only_is_scanned_from_there() -> None:
    text = assembled(*WIDE, RETURN).ljust(0x100, b"\0")
    image = build_elf([(START, text, CODE)], symbols={"trap": Name(START), "end": START + 0x80})
    app = Firmware.parse(image, Path("app.elf"))

    def read_word(address: int) -> int | None:
        if START <= address < START + len(text):
            return int(struct.unpack_from("<I", text, address - START)[0])
        return START + 0x90

    found = backtrace(app, START + 16, registers(sp=STACK), read_word)
    assert found == ["trap+0x10", "end+0xf"]
