"""The Snitch DMA: settings, queue, identifiers and status, as its core's instructions see them."""

from __future__ import annotations

import pytest

from vplat.model import Stall
from vplat.peripherals.xdma import SnitchDma
from vplat.testing import Bench

TCDM, ALIAS, PERIPHERALS, ZEROS, HWPE, L3 = (
    0x1000_0000,
    0x1800_0000,
    0x1002_0000,
    0x1003_0000,
    0x1004_0000,
    0x8000_0000,
)
COMPLETED, NEXT, BUSY, WOULD_BLOCK = range(4)
TWO_DIMENSIONAL = 2


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def dma(bench: Bench) -> SnitchDma:
    return bench.build(SnitchDma)


def start(dma: SnitchDma, source: int, destination: int, length: int) -> int:
    """Start a copy of one dimension."""
    dma.set_source(source & 0xFFFF_FFFF, source >> 32)
    dma.set_destination(destination & 0xFFFF_FFFF, destination >> 32)
    return dma.copy(8, length, 0)


def test_after_reset_the_next_copy_is_2_and_the_last_finished_one_was_1(dma: SnitchDma) -> None:
    found = [dma.status(each) for each in (COMPLETED, NEXT, BUSY, WOULD_BLOCK)]
    assert found == [1, 2, 0, 0]


def test_a_copy_moves_its_bytes_and_then_counts_as_completed(bench: Bench, dma: SnitchDma) -> None:
    bench.bus.write(L3 + 1, bytes(range(100)))
    assert start(dma, L3 + 1, TCDM + 3, 100) == 2
    assert [dma.status(each) for each in (COMPLETED, NEXT, BUSY)] == [1, 3, 1]
    assert bench.bus.read(TCDM + 3, 100) == bytes(100)
    bench.settle()
    assert [dma.status(each) for each in (COMPLETED, NEXT, BUSY)] == [2, 3, 0]
    assert bench.bus.read(TCDM, 104) == bytes(3) + bytes(range(100)) + bytes(1)


def test_copies_are_made_in_the_order_in_which_they_were_started(
    bench: Bench, dma: SnitchDma
) -> None:
    bench.bus.write(L3, b"abcd")
    numbers = [
        start(dma, L3, TCDM, 4),
        start(dma, TCDM, TCDM + 0x100, 4),
        start(dma, TCDM + 0x100, L3 + 0x100, 4),
    ]
    assert numbers == [2, 3, 4]
    seen = []
    while dma.status(BUSY):
        bench.advance(1)
        seen.append(dma.status(COMPLETED))
    assert sorted(seen) == seen
    assert seen[-1] == 4
    assert bench.bus.read(L3 + 0x100, 4) == b"abcd"


def test_a_selector_has_two_bits(dma: SnitchDma) -> None:
    assert [dma.status(4 + each) for each in (COMPLETED, NEXT)] == [1, 2]


def test_strides_may_be_negative(bench: Bench, dma: SnitchDma) -> None:
    bench.bus.write(L3, b"aabbcc")
    dma.set_source(L3 + 4, 0)
    dma.set_destination(TCDM, 0)
    dma.set_strides(-2 & 0xFFFF_FFFF, 8)
    dma.set_repetitions(3)
    dma.copy(8, 2, TWO_DIMENSIONAL)
    bench.settle()
    rows = [bench.bus.read(TCDM + 8 * row, 2) for row in range(3)]
    assert rows == [b"cc", b"bb", b"aa"]


def test_settings_keep_their_values_from_copy_to_copy(bench: Bench, dma: SnitchDma) -> None:
    bench.bus.write(L3, b"abcdefgh")
    dma.set_source(L3, 0)
    dma.set_destination(TCDM, 0)
    dma.set_strides(2, 4)
    dma.set_repetitions(2)
    dma.copy(8, 2, TWO_DIMENSIONAL)
    bench.settle()
    bench.bus.write(TCDM, bytes(8))
    dma.copy(8, 3, TWO_DIMENSIONAL)
    bench.settle()
    assert bench.bus.read(TCDM, 8) == b"abc\0cde\0"
    bench.bus.write(TCDM, bytes(8))
    dma.copy(8, 3, 0)
    bench.settle()
    assert bench.bus.read(TCDM, 8) == b"abc\0\0\0\0\0", "one dimension does not look at them"


def test_what_is_set_after_the_start_does_not_change_a_copy_that_waits(
    bench: Bench, dma: SnitchDma
) -> None:
    bench.bus.write(L3, b"abcd")
    start(dma, L3, TCDM, 4)
    start(dma, L3, TCDM + 0x100, 4)
    dma.set_source(0, 0)
    dma.set_destination(L3, 0)
    bench.settle()
    assert bench.bus.read(TCDM + 0x100, 4) == b"abcd"


@pytest.mark.parametrize("depth", [1, 3, 8])
def test_a_core_waits_while_the_queue_is_full(bench: Bench, depth: int) -> None:
    dma = bench.build(SnitchDma, {"queue_depth": depth})
    accepted = 0
    while not dma.status(WOULD_BLOCK):
        start(dma, L3, TCDM, 0x1_0000)
        accepted += 1
    assert accepted == depth + 1
    with pytest.raises(Stall):
        start(dma, L3, TCDM, 0x1_0000)
    assert dma.status(WOULD_BLOCK) == 1
    assert dma.status(NEXT) == 2 + accepted, "the refused one got no number"
    assert "queued" in dma.explain_wait(8)
    assert dma.explain_wait(0) == ""
    while not bench.woken:
        bench.advance(1)
    assert (bench.woken, dma.status(WOULD_BLOCK)) == ([8], 0)
    assert dma.copy(8, 4, 0) == 2 + accepted
    bench.settle()
    assert dma.status(COMPLETED) == 2 + accepted


def test_a_copy_of_nothing_is_done_at_once_and_reported(bench: Bench, dma: SnitchDma) -> None:
    assert start(dma, L3, TCDM, 0) == 2
    bench.settle()
    assert (dma.status(COMPLETED), dma.status(BUSY)) == (2, 0)
    assert [rule for rule, _ in bench.reports] == ["dma-length"]
    assert not bench.bus.pages


def test_a_2d_copy_without_repetitions_copies_nothing_and_is_reported(
    bench: Bench, dma: SnitchDma
) -> None:
    dma.set_source(L3, 0)
    dma.set_destination(TCDM, 0)
    assert dma.copy(8, 16, TWO_DIMENSIONAL) == 2
    bench.settle()
    assert dma.status(COMPLETED) == 2
    assert [rule for rule, _ in bench.reports] == ["dma-repetitions"]
    assert not bench.bus.pages


def test_zero_memory_reads_as_zeros_and_keeps_nothing(bench: Bench, dma: SnitchDma) -> None:
    bench.bus.write(TCDM, b"\xff" * 64)
    start(dma, ZEROS, TCDM + 8, 16)
    start(dma, TCDM, ZEROS, 64)
    start(dma, ZEROS + 0x800_0000, TCDM + 40, 8)
    bench.settle()
    expected = b"\xff" * 8 + bytes(16) + b"\xff" * 16 + bytes(8) + b"\xff" * 16
    assert bench.bus.read(TCDM, 64) == expected
    assert set(bench.bus.pages) == {TCDM >> 12}
    assert not bench.reports


def test_a_copy_may_reach_past_the_zero_memory_s_end(bench: Bench, dma: SnitchDma) -> None:
    bench.bus.write(TCDM, b"\xff" * 32)
    start(dma, HWPE - 16, TCDM, 32)
    bench.settle()
    assert bench.bus.read(TCDM, 32) == bytes(32), "behind it is memory that nobody has written"
    assert [rule for rule, _ in bench.reports] == ["dma-address"]


@pytest.mark.parametrize("address", [PERIPHERALS, HWPE, ALIAS + 0x2_0000, ALIAS + 0x4_0000])
def test_the_cluster_s_registers_are_out_of_reach(
    bench: Bench, dma: SnitchDma, address: int
) -> None:
    bench.bus.write(address, b"reg!")
    bench.bus.write(TCDM, b"abcd")
    start(dma, TCDM, address, 4)
    start(dma, address, TCDM + 0x100, 4)
    bench.settle()
    assert bench.bus.read(address, 4) == b"reg!", "what harts see there is untouched"
    assert bench.bus.read(TCDM + 0x100, 4) == b"abcd", "the testbench's memory behind it is not"
    assert [rule for rule, _ in bench.reports] == ["dma-address", "dma-address"]
    assert "for harts only" in bench.reports[0][1]


def test_addresses_have_48_bits(bench: Bench, dma: SnitchDma) -> None:
    bench.bus.write(L3, b"low!")
    start(dma, L3, 0xABCD_8765_8000_0000, 4)
    start(dma, 0x8765_8000_0000, TCDM, 4)
    bench.settle()
    assert bench.bus.read(TCDM, 4) == b"low!"
    assert set(bench.bus.pages) == {L3 >> 12, TCDM >> 12}
    assert [rule for rule, _ in bench.reports] == ["dma-address", "dma-address"]
    assert "0x876580000000, above 4 GiB" in bench.reports[0][1]


def test_an_address_where_nothing_is_is_reported_when_the_copy_starts(
    bench: Bench, dma: SnitchDma
) -> None:
    bench.bus.holes.append(range(0x4000_0000, 0x4000_1000))
    bench.bus.write(L3, bytes(range(256)) * 17)
    start(dma, L3, 0x4000_0000 - 16, 0x1000)
    assert [rule for rule, _ in bench.reports] == ["dma-address"]
    assert "the destination reaches 0x40000fef" in bench.reports[0][1]
    bench.settle()
    assert [rule for rule, _ in bench.reports] == ["dma-address", "dma-access-fault"]
    bench.bus.holes.clear()
    assert bench.bus.read(0x4000_0000 - 16, 32) == bytes(range(16)) + bytes(16)
    assert dma.status(COMPLETED) == 2


def test_work_is_accounted_for_by_where_it_goes(bench: Bench) -> None:
    dma = bench.build(SnitchDma, {"queue_depth": 8})
    start(dma, L3, TCDM, 128)
    start(dma, TCDM, L3, 64)
    start(dma, TCDM, TCDM + 0x1000, 32)
    start(dma, L3, L3 + 0x1000, 16)
    start(dma, ZEROS, TCDM, 8)
    bench.settle()
    counted = dma.activities
    assert {name: counted[name] for name in sorted(counted) if name.startswith("bytes")} == {
        "bytes_in": 128,
        "bytes_out": 64,
        "bytes_outside": 16,
        "bytes_within": 32,
        "bytes_written": 248,
        "bytes_zeroed": 8,
    }
    assert counted["transfers"] == 5
    assert 0 < counted["busy_cycles"] <= bench.now


def test_misaligned_copies_take_a_beat_more_on_their_side(bench: Bench, dma: SnitchDma) -> None:
    start(dma, L3 + 8, TCDM, 64)
    bench.settle()
    counted = dma.activities
    assert (counted["read_beats"], counted["write_beats"]) == (2, 1)
    assert (counted["read_bursts"], counted["write_bursts"]) == (1, 1)


def test_no_burst_crosses_a_page_of_either_side(bench: Bench, dma: SnitchDma) -> None:
    start(dma, L3 + 0xFC0, TCDM + 0x800, 0x2000)
    bench.settle()
    counted = dma.activities
    assert (counted["read_bursts"], counted["write_bursts"]) == (5, 5)


def test_a_reset_forgets_copies_under_way(bench: Bench, dma: SnitchDma) -> None:
    bench.bus.write(L3, b"abcd")
    start(dma, L3, TCDM, 4)
    dma.reset()
    bench.settle()
    assert bench.bus.read(TCDM, 4) == bytes(4)
    assert (dma.status(NEXT), dma.status(BUSY), dma.doing()) == (2, 0, "")


def test_it_says_what_it_is_doing(dma: SnitchDma) -> None:
    assert dma.doing() == ""
    start(dma, L3, TCDM, 100)
    start(dma, L3, TCDM, 100)
    assert dma.doing() == "0x80000000 -> 0x10000000, 100 bytes (id 2), 1 more"


def test_a_huge_copy_is_worked_off_in_slices(bench: Bench, dma: SnitchDma) -> None:
    bench.bus.write(L3 + 0x18_0000, b"abcd")
    start(dma, L3, L3 + 0x100_0000, 0x20_0000)
    bench.settle()
    assert bench.bus.read(L3 + 0x118_0000, 4) == b"abcd"
    assert (dma.status(COMPLETED), dma.activities["transfers"]) == (2, 1)
    assert dma.activities["bytes_written"] == 0x20_0000
