"""What a board file says, as plain data."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.board_texts import SMALL, parse, replaced
from vplat.machine.board import InstructionsSpec, OperatingPoint, Span
from vplat.machine.board_file import load_board
from vplat.machine.isa import Isa
from vplat.machine.place import Place

WHOLE = """\
name = "whole"
doc = "All that a board can say"
timing = "quick"
energy = "cool"
turn_cycles = 500

[harts]
count = 3
isa = "rv32imf"
user_mode = false
first_id = 0x20
boot = 0x1000_0080
mtvec = 0x1000_0001
instructions = ["xdma", "xbarrier"]
vendor_id = 0x602
architecture_id = 4
implementation_id = 1

[operating_points."0.65V"]
volts = 0.65
hertz = 425_000_000

[operating_points.fast]
volts = 1
hertz = 1_000_000_000

[memories.tcdm]
base = 0x1000_0000
size = 0x2_0000
wait_states = 1
writable = false
banks = 32
bank_bytes = 8
doc = "Near"
aliases = [
    { base = 0x1002_0000, size = "128 KiB" },
    { base = 0x3000_0000, size = "1 MiB" },
]

[devices.dma]
kind = "mover"
base = 0x2000_0000
wait_states = { "" = 3, fast = 1 }
parameters = { depth = 4, name = "m", deep = true }
events = { done = "pic.lines[8]", failed = ["harts.fast[3]", "machine.flush_code"] }

[devices.dma.windows]
fast = 0x2000_1000
slow = 0x2000_2000
debug = false
"""


def test_harts_are_as_the_table_says() -> None:
    harts = parse(WHOLE).harts
    assert (harts.count, harts.first_id) == (3, 0x20)
    assert harts.isa == Isa.parse("rv32imf")
    assert (harts.boot, harts.mtvec, harts.mtvec_follows_boot) == (0x1000_0080, 0x1000_0001, False)
    assert harts.instructions == (InstructionsSpec("xdma"), InstructionsSpec("xbarrier"))
    assert (harts.vendor_id, harts.architecture_id, harts.implementation_id) == (0x602, 4, 1)


def test_harts_have_user_mode_and_start_at_the_entry_unless_the_table_says_otherwise() -> None:
    harts = parse(SMALL).harts
    assert harts.isa.user_mode
    assert harts.boot is None
    assert (harts.mtvec, harts.mtvec_follows_boot) == (0, False)


def test_boot_at_the_entry_and_vectors_that_follow_it_can_be_said_in_words() -> None:
    harts = parse(replaced("count = 2", 'count = 2\nboot = "elf"\nmtvec = "boot"')).harts
    assert harts.boot is None
    assert harts.mtvec_follows_boot


def test_a_memory_has_its_aliases_and_banks() -> None:
    (memory,) = parse(WHOLE).memories
    assert (memory.name, memory.doc) == ("tcdm", "Near")
    assert memory.spans == (
        Span(0x1000_0000, 0x2_0000),
        Span(0x1002_0000, 0x2_0000),
        Span(0x3000_0000, 0x10_0000),
    )
    assert (memory.banks, memory.bank_bytes) == (32, 8)
    assert (memory.wait_states, memory.writable) == (1, False)


def test_a_device_has_its_windows_parameters_and_events() -> None:
    (device,) = parse(WHOLE).devices
    assert (device.name, device.kind) == ("dma", "mover")
    assert device.windows == {"": 0x2000_0000, "fast": 0x2000_1000, "slow": 0x2000_2000}
    assert device.absent == {"debug"}
    assert device.parameters == {"depth": 4, "name": "m", "deep": True}
    assert device.events == {
        "done": ("pic.lines[8]",),
        "failed": ("harts.fast[3]", "machine.flush_code"),
    }


def test_wait_states_of_a_device_are_by_window() -> None:
    (device,) = parse(WHOLE).devices
    assert device.wait_states == {"": 3, "fast": 1}


def test_one_number_of_wait_states_is_for_every_window() -> None:
    text = replaced('{ "" = 3, fast = 1 }', "7", WHOLE)
    (device,) = parse(text).devices
    assert device.wait_states == {"": 7, "fast": 7, "slow": 7}


def test_the_first_operating_point_is_the_default_one() -> None:
    board = parse(WHOLE)
    assert board.operating_point() == OperatingPoint("0.65V", 0.65, 425_000_000)
    assert board.operating_point("fast") == OperatingPoint("fast", 1.0, 1_000_000_000)


def test_the_rest_of_the_board_is_as_the_table_says() -> None:
    board = parse(WHOLE)
    assert (board.name, board.doc) == ("whole", "All that a board can say")
    assert (board.timing, board.energy, board.turn_cycles) == ("quick", "cool", 500)


def test_a_board_without_a_name_is_called_like_its_file() -> None:
    assert parse(SMALL, source="boards/my-own.v2.toml").name == "my-own.v2"


@pytest.mark.parametrize(
    ("written", "number_of_bytes"),
    [
        ("0x1_0000", 0x1_0000),
        ("65536", 65536),
        ('"4096 B"', 4096),
        ('"128 KiB"', 128 << 10),
        ('"128KiB"', 128 << 10),
        ('"64 MiB"', 64 << 20),
        ('"3 GiB"', 3 << 30),
    ],
)
def test_a_size_is_an_integer_or_a_string_with_a_unit(written: str, number_of_bytes: int) -> None:
    (memory,) = parse(replaced('"64 KiB"', written).partition("[devices")[0]).memories
    assert memory.size == number_of_bytes


def test_an_address_can_be_written_with_a_unit_too() -> None:
    (memory,) = parse(replaced("0x1000_0000", '"256 MiB"')).memories
    assert memory.base == 0x1000_0000


def test_a_memory_may_end_at_the_end_of_the_address_space() -> None:
    (memory,) = parse(replaced("0x1000_0000", "0xFFFF_0000")).memories
    assert memory.spans[0].end == 1 << 32


def test_aliases_can_be_tables_of_their_own() -> None:
    alias = "[[memories.ram.aliases]]\nbase = 0x1100_0000\nsize = 0x1000\n"
    (memory,) = parse(f"{SMALL}{alias}").memories
    assert memory.aliases == (Span(0x1100_0000, 0x1000),)


def test_the_board_knows_the_line_of_what_it_holds() -> None:
    board = parse(SMALL)
    assert board.place_of("devices", "dma", "base") == Place("my.toml", 18)
    assert str(board.place_of("devices", "dma")) == "my.toml:16"
    assert str(board.place_of("devices", "dma", "windows", "fast")) == "my.toml:16"


def test_a_file_may_have_windows_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    board = load_board(path)
    assert board == parse(SMALL, source=str(path))
    assert board.place_of("devices", "dma", "kind").line == 17
