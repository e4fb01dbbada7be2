"""Which firmware can tell harts apart."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.unit import tiny_firmware
from vplat.machine.elf import Firmware, Segment
from vplat.machine.hart_identity import tells_harts_apart
from vplat.plugins import Plugins
from vplat.session import HostConsole, Session

NOP, NOP_16 = 0x0000_0013, 0x0001


def segment(*words: int, address: int = 0x8000_0000, lead: bytes = b"") -> Segment:
    """``words`` behind ``lead``."""
    data = lead + struct.pack(f"<{len(words)}I", *words)
    return Segment(
        address, address, data, len(data), readable=True, writable=False, executable=True
    )


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("csrr a0, mhartid", 0xF140_2573),
        ("csrr t6, mhartid", 0xF140_2FF3),
        ("csrc a0, mhartid, zero", 0xF140_3573),
        ("csrrsi a0, mhartid, 0", 0xF140_6573),
        ("csrrci a1, mhartid, 0", 0xF140_75F3),
    ],
)
def test_every_instruction_that_reads_mhartid_counts(name: str, word: int) -> None:
    assert tells_harts_apart([segment(NOP, word)]), name


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("csrr a0, mvendorid", 0xF110_2573),
        ("csrw mhartid, a0", 0xF145_1073),
        ("csrrs a0, mhartid, a1", 0xF145_A573),
    ],
)
def test_other_csrs_and_writes_do_not(name: str, word: int) -> None:
    assert not tells_harts_apart([segment(NOP, word)]), name


def test_the_instruction_may_follow_a_compressed_one() -> None:
    behind_a_compressed_one = struct.pack("<H", NOP_16)
    assert tells_harts_apart([segment(0xF140_2573, lead=behind_a_compressed_one)])


def test_bytes_at_an_odd_address_are_no_instruction() -> None:
    assert not tells_harts_apart([segment(0xF140_2573, lead=b"\0")])


def test_firmware_without_it_runs_on_hart_0_alone_and_is_told_so(tmp_path: Path) -> None:
    words = tiny_firmware.call(tiny_firmware.EXIT_EXTENDED, tiny_firmware.TEXT)
    block = struct.pack("<2I", tiny_firmware.APPLICATION_EXIT, 5)
    elf = tiny_firmware.write_elf(tmp_path / "app.elf", words, block)
    assert not tells_harts_apart(Firmware.read(elf).segments)
    result = Session(elf, Plugins(installed=False), HostConsole()).run()
    assert result.exit_status == 5
    assert [hart.instructions > 0 for hart in result.statistics.harts] == [True, *[False] * 7]
    assert [finding.rule for finding, _ in result.findings] == ["lone-hart"]
