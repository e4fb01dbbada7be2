"""Values, addresses and names that cannot be, and the sentence each gets."""

from __future__ import annotations

import pytest

from tests.unit.board_texts import SMALL, problem, replaced

RANGES = [
    pytest.param(
        replaced("count = 2", "count = 33"),
        "my.toml:5: 'count' in [harts] is 33; it must be 1 to 32",
    ),
    pytest.param(
        replaced("count = 2", "count = 2\nfirst_id = 0xFFFF_FFFF"),
        "my.toml:6: 'first_id' in [harts] is 0xffffffff; it must be 0 to 0xfffffffe",
    ),
    pytest.param(
        replaced("volts = 0.8", "volts = -1"),
        "my.toml:9: 'volts' in [operating_points.nominal] is -1; it must be above 0, like 0.65",
    ),
    pytest.param(
        replaced("volts = 0.8", "volts = nan"),
        "my.toml:9: 'volts' in [operating_points.nominal] is nan; it must be above 0, like 0.65",
    ),
    pytest.param(
        replaced("hertz = 100_000_000", "hertz = 0"),
        "my.toml:10: 'hertz' in [operating_points.nominal] is 0; it must be 1 to 1000000000000",
    ),
    pytest.param(
        replaced('timing = "ri5cy"', 'timing = "ri5cy"\nturn_cycles = 0'),
        "my.toml:2: 'turn_cycles' in the board is 0; it must be 1 to 1000000",
    ),
    pytest.param(
        replaced('"64 KiB"', '"64 KiB"\nwait_states = -3'),
        "my.toml:15: 'wait_states' in [memories.ram] is -3; it must be 0 to 100000",
    ),
    pytest.param(
        replaced('"64 KiB"', '"64 KiB"\nbank_bytes = 6'),
        "my.toml:15: 'bank_bytes' in [memories.ram] is 6, not a power of two; use 4 or 8, say",
    ),
    pytest.param(
        replaced('"64 KiB"', "0x1_0000_1000"),
        "my.toml:14: 'size' in [memories.ram] is 0x100001000; it must be 0 to 0x100000000",
    ),
    pytest.param(
        replaced('"64 KiB"', '"5 GiB"'),
        "my.toml:14: 'size' in [memories.ram] is '5 GiB'; it must be at most 4 GiB",
    ),
    pytest.param(
        replaced('"64 KiB"', "0"),
        "my.toml:14: 'size' of memory 'ram' is 0; give it a page of 4096 bytes at least",
    ),
    pytest.param(
        replaced("base = 0x1000_0000", "base = 0xFFFF_F000"),
        "my.toml:13: memory 'ram' would end at 0x10000f000, beyond the 32-bit address space; move "
        "it down or make it smaller",
    ),
    pytest.param(
        replaced("base = 0x2000_0000", "base = 0x1_0000_0000"),
        "my.toml:18: 'base' of device 'dma' is 0x100000000, beyond the 32-bit address space; move "
        "it down",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), RANGES)
def test_a_value_out_of_range_is_refused(text: str, sentence: str) -> None:
    assert problem(text) == sentence


UNALIGNED = [
    pytest.param(
        replaced("base = 0x1000_0000", "base = 0x1000_0800"),
        "my.toml:13: 'base' of memory 'ram' is 0x10000800, not a multiple of the page of 4096 "
        "bytes; use 0x10000000 or 0x10001000",
    ),
    pytest.param(
        replaced('"64 KiB"', "0x1_0001"),
        "my.toml:14: 'size' of memory 'ram' is 0x10001, not a multiple of the page of 4096 bytes; "
        "use 0x10000 or 0x11000",
    ),
    pytest.param(
        replaced('"64 KiB"', '"64 KiB"\naliases = [{ base = 4, size = 0x1000 }]'),
        "my.toml:15: 'base' of alias 1 of memory 'ram' is 0x4, not a multiple of the page of 4096 "
        "bytes; use 0x0 or 0x1000",
    ),
    pytest.param(
        replaced("base = 0x2000_0000", "base = 0x2000_0002"),
        "my.toml:18: 'base' of device 'dma' is 0x20000002, not a multiple of 4; use 0x20000000",
    ),
    pytest.param(
        f"{SMALL}\n[devices.dma.windows]\nfast = 0x2000_1001\n",
        "my.toml:21: 'fast' of device 'dma' is 0x20001001, not a multiple of 4; use 0x20001000",
    ),
    pytest.param(
        replaced("count = 2", "count = 2\nboot = 0x1000_0001"),
        "my.toml:6: 'boot' in [harts] is 0x10000001, not a multiple of 2; use 0x10000000",
    ),
    pytest.param(
        replaced('"rv32imac_zicsr_zifencei"', '"rv32ima"\nboot = 0x1000_0002'),
        "my.toml:7: 'boot' in [harts] is 0x10000002, not a multiple of 4; use 0x10000000",
    ),
    pytest.param(
        replaced("count = 2", "count = 2\nmtvec = 0x1000_0002"),
        "my.toml:6: 'mtvec' in [harts] is 0x10000002, whose mode is reserved; end it in 0 (direct) "
        "or 1 (vectored)",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), UNALIGNED)
def test_an_unaligned_address_is_refused_with_an_aligned_one(text: str, sentence: str) -> None:
    assert problem(text) == sentence


def test_a_boot_address_outside_the_memories_is_refused() -> None:
    assert problem(replaced("count = 2", "count = 2\nboot = 0x1A00_0080")) == (
        "my.toml:6: 'boot' in [harts] is 0x1a000080, where the board has no memory; choose an "
        "address in one of its memories, or 'elf'"
    )


OVERLAPS = [
    pytest.param(
        f"{SMALL}[memories.rom]\nbase = 0x1000_8000\nsize = 0x1000\n",
        "my.toml:20: memory 'rom' (0x10008000..0x10008fff) overlaps memory 'ram' "
        "(0x10000000..0x1000ffff, my.toml:13) at 0x10008000; move one of the two",
    ),
    pytest.param(
        replaced('"64 KiB"', '"64 KiB"\naliases = [{ base = 0x1000_F000, size = 0x2000 }]'),
        "my.toml:15: alias 1 of memory 'ram' (0x1000f000..0x10010fff) overlaps memory 'ram' "
        "(0x10000000..0x1000ffff, my.toml:13) at 0x1000f000; move one of the two",
    ),
    pytest.param(
        replaced("base = 0x2000_0000", "base = 0x1000_0400"),
        "my.toml:18: device 'dma' (0x10000400..0x10000403) overlaps memory 'ram' "
        "(0x10000000..0x1000ffff, my.toml:13) at 0x10000400; move one of the two",
    ),
    pytest.param(
        f"{SMALL}windows.fast = 0x2000_0000\n",
        "my.toml:19: window 'fast' of device 'dma' (0x20000000..0x20000003) overlaps device 'dma' "
        "(0x20000000..0x20000003, my.toml:18) at 0x20000000; move one of the two",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), OVERLAPS)
def test_two_that_answer_at_one_address_are_both_named(text: str, sentence: str) -> None:
    assert problem(text) == sentence


NAMES = [
    pytest.param(
        f'name = "my board"\n{SMALL}',
        "my.toml:1: 'my board' cannot be a board's name; add name = \"...\" of letters, digits, "
        "'-', '_' and '.'",
    ),
    pytest.param(
        replaced("[memories.ram]", '[memories."r.am"]'),
        "my.toml:12: 'r.am' in [memories] is no name of letters, digits and '_', a letter first; "
        "rename it",
    ),
    pytest.param(
        replaced("[devices.dma]", "[devices.2dma]"),
        "my.toml:16: '2dma' in [devices] is no name of letters, digits and '_', a letter first; "
        "rename it",
    ),
    pytest.param(
        replaced("[operating_points.nominal]", '[operating_points."\\n"]'),
        "my.toml:8: '\\n' in [operating_points] is no name of up to 40 printable ASCII characters; "
        "rename it",
    ),
    pytest.param(
        replaced("[devices.dma]", "[devices.harts]"),
        "my.toml:16: the name 'harts' is taken by the platform; rename the device",
    ),
    pytest.param(
        replaced("[devices.dma]", "[devices.ram]"),
        "my.toml:16: a memory and a device are both called 'ram'; rename one of the two",
    ),
    pytest.param(
        f'{SMALL}windows = {{ "" = 0x2000_1000 }}\n',
        "my.toml:19: [devices.dma.windows] names a window ''; the main window's base is written "
        "base = 0x1020_0000, outside of 'windows'",
    ),
    pytest.param(
        f"{SMALL}wait_states = {{ fast = 3 }}\n",
        "my.toml:19: in [devices.dma.wait_states] there is no window 'fast'; there are \"\"",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), NAMES)
def test_a_name_that_cannot_be_is_refused(text: str, sentence: str) -> None:
    assert problem(text) == sentence


ISAS = [
    pytest.param(
        replaced('"rv32imac_zicsr_zifencei"', '"rv64gc"'),
        "my.toml:6: ISA 'rv64gc' is not a 32-bit one, and this platform runs RV32 only: write it "
        "like 'rv32imafc_zicsr_zifencei'",
    ),
    pytest.param(
        replaced('"rv32imac_zicsr_zifencei"', '"rv32imau"\nuser_mode = false'),
        "my.toml:7: 'user_mode' in [harts] is false but 'isa' is 'rv32imau'; take the user mode "
        "out of it, or remove user_mode = false",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), ISAS)
def test_an_isa_that_cannot_be_is_refused_at_its_line(text: str, sentence: str) -> None:
    assert problem(text) == sentence


TARGETS = [
    pytest.param(
        "pic",
        "'pic' is no target; write it like 'device.input', 'device.input[3]', 'harts.timer' or "
        "'machine.flush_code'",
    ),
    pytest.param(
        "pic.lines[x]",
        "'pic.lines[x]' is no target; write it like 'device.input', 'device.input[3]', "
        "'harts.timer' or 'machine.flush_code'",
    ),
    ("harts.timr", "target 'harts.timr': harts have no line 'timr'; did you mean 'timer'?"),
    ("harts.timer[2]", "target 'harts.timer[2]' is a single line; write 'harts.timer'"),
    pytest.param(
        "harts.fast",
        "target 'harts.fast' needs a number, fast[0] to fast[15] (bits 16 to 31 of mip)",
    ),
    pytest.param(
        "harts.fast[16]",
        "target 'harts.fast[16]' needs a number, fast[0] to fast[15] (bits 16 to 31 of mip)",
    ),
    ("machine.flush", "target 'machine.flush': no action 'flush'; did you mean 'flush_code'?"),
    pytest.param(
        "machine.flush_code[0]",
        "target 'machine.flush_code[0]' is a single line; write 'machine.flush_code'",
    ),
]


@pytest.mark.parametrize(("target", "sentence"), TARGETS)
def test_a_target_that_cannot_be_is_refused(target: str, sentence: str) -> None:
    text = f"{SMALL}events.done = [\n  'pic.lines[1]',\n  '{target}',\n]\n"
    assert problem(text) == f"my.toml:19: 'done' in [devices.dma.events]: {sentence}"
