"""The testbench's CLINT: one word whose bits are software interrupts."""

from __future__ import annotations

import pytest

from vplat.peripherals.msip_word import MsipWord
from vplat.testing import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_bits_of_the_word_are_the_software_interrupts(bench: Bench) -> None:
    clint = bench.build(MsipWord, {"harts": 9})
    bench.store(clint, "msip", 0b1_0000_0101)
    bench.store(clint, "msip", 0b0_0000_0110)
    assert [(sent.level, sent.harts) for sent in bench.sent] == [
        (1, 0b1_0000_0101),
        (1, 0b10),
        (0, 0b1_0000_0001),
    ]
    assert bench.load(clint, "msip") == 0b110


def test_bits_without_a_hart_are_kept_and_drive_nothing(bench: Bench) -> None:
    clint = bench.build(MsipWord, {"harts": 2})
    bench.store(clint, "msip", 0xFFFF_FFF0)
    assert bench.sent == []
    assert bench.load(clint, "msip") == 0xFFFF_FFF0


def test_behind_the_word_is_memory(bench: Bench) -> None:
    clint = bench.build(MsipWord)
    bench.store(clint, 0x100, 0x1122_3344)
    bench.store(clint, 0x101, 0xAA, size=1)
    assert bench.load(clint, 0x100) == 0x1122_AA44
    assert bench.load(clint, 0x102, size=2) == 0x1122
    assert bench.load(clint, 0xFFC) == 0
