"""MCHAN: which bytes a command moves, against a byte-by-byte reference, and how long that takes."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.peripherals.mchan import Mchan
from vplat.testing.bench import Bench

TCDM, TCDM_SIZE = 0x1000_0000, 0x1000
L2 = 0x1C00_0000
HIGH = 0x5_8000_0000
RX, INC, EXT_2D, ELE, ILE, BLE, TCDM_2D = (1 << position for position in range(17, 24))


def run(bench: Bench, *words: int, **parameters: object) -> Mchan:
    """Let a new MCHAN do one command to the end."""
    dma = bench.build(Mchan, {"tcdm_size": TCDM_SIZE, **parameters})
    bench.load(dma, "cmd", window=Mchan.core)
    for word in words:
        bench.store(dma, "cmd", word, window=Mchan.core)
    bench.settle()
    return dma


def pattern(length: int, seed: int = 1) -> bytes:
    """Bytes in which a shift by any distance shows."""
    return bytes((index * 7 + (index >> 8) * 13 + seed) & 0xFF for index in range(length))


@dataclasses.dataclass
class Rows:
    """Rows of one side, or None for a linear one."""

    start: int
    count: int | None
    stride: int

    def at(self, index: int) -> int:
        """Where byte ``index`` of the transfer is."""
        if not self.count:
            return self.start + index
        return self.start + index // self.count * self.stride + index % self.count

    def words(self) -> list[int]:
        return [] if self.count is None else [self.count, self.stride]


def rows(start: st.SearchStrategy[int]) -> st.SearchStrategy[Rows]:
    count = st.none() | st.integers(0, 80)
    return st.builds(Rows, start, count, st.integers(0, 200))


EXTERNAL = rows(st.integers(L2, L2 + 40))
LOCAL = rows(st.integers(TCDM, TCDM + 40) | st.integers(TCDM + TCDM_SIZE - 300, TCDM + TCDM_SIZE))


@given(EXTERNAL, LOCAL, st.integers(1, 700), st.sampled_from([RX, 0]), st.sampled_from([32, 64]))
def test_every_byte_goes_where_a_walk_byte_by_byte_takes_it(
    external: Rows, local: Rows, length: int, direction: int, address_bits: int
) -> None:
    base = HIGH - L2 if address_bits == 64 else 0
    bench, expected = Bench(), Bench()
    for memory in (bench.bus, expected.bus):
        memory.write(L2 + base, pattern(0x4000))
        memory.write(TCDM, pattern(TCDM_SIZE, seed=101))
    for index in range(length):
        ends = external.at(index) + base, TCDM + (local.at(index) - TCDM) % TCDM_SIZE
        source, destination = ends if direction else ends[::-1]
        expected.bus.write(destination, expected.bus.read(source, 1))
    first = length | INC | direction
    first |= EXT_2D if external.count is not None else 0
    first |= TCDM_2D if local.count is not None else 0
    start = external.start + base
    words = [start & 0xFFFF_FFFF, start >> 32][: address_bits // 32]
    words += external.words() + local.words()
    run(bench, first, local.start, *words, external_address_bits=address_bits)
    assert bench.bus.pages == expected.bus.pages


def test_a_len_of_0_copies_131072_bytes() -> None:
    bench = Bench()
    bench.bus.write(L2, pattern(0x2_0000))
    dma = run(bench, RX | INC, TCDM, L2, tcdm_size=0x4_0000)
    assert bench.bus.read(TCDM, 0x2_0001) == pattern(0x2_0000) + b"\0"
    assert dma.activities["bytes"] == 0x2_0000
    assert dma.activities["bursts"] == 512


def test_the_last_row_may_be_short() -> None:
    bench = Bench()
    bench.bus.write(TCDM, pattern(25))
    run(bench, 25 | INC | EXT_2D, TCDM, L2, 10, 16)
    data = pattern(25)
    assert bench.bus.read(L2, 42) == (
        data[:10] + bytes(6) + data[10:20] + bytes(6) + data[20:] + bytes(5)
    )


def test_the_tcdm_reaches_the_tcdm_through_its_external_address() -> None:
    bench = Bench()
    bench.bus.write(TCDM + 3, pattern(300))
    run(bench, 300 | INC, TCDM + 3, TCDM + 0x801)
    run(bench, 300 | INC | RX, TCDM + 0xC05, TCDM + 0x801)
    assert bench.bus.read(TCDM + 0xC05, 300) == pattern(300)


def test_a_tcdm_address_outside_the_tcdm_keeps_its_low_bits_and_is_reported() -> None:
    bench = Bench()
    bench.bus.write(L2, b"swapped!")
    run(bench, 8 | INC | RX, L2 + 0x1010, L2)
    assert bench.bus.read(TCDM + 0x10, 8) == b"swapped!"
    assert [rule for rule, _ in bench.reports] == ["dma-tcdm-address"]
    assert "0x1c001010" in bench.reports[0][1]
    assert "0x10000010" in bench.reports[0][1]


def test_a_repetition_of_the_tcdm_below_the_next_device_is_the_tcdm() -> None:
    bench = Bench()
    bench.bus.write(L2, b"repeated")
    run(bench, 8 | INC | RX, TCDM + 7 * TCDM_SIZE + 8, L2)
    assert bench.bus.read(TCDM + 8, 8) == b"repeated"
    assert bench.reports == []


def test_a_row_of_no_bytes_and_a_negative_stride_are_reported() -> None:
    bench = Bench()
    run(bench, 8 | INC | RX | EXT_2D | TCDM_2D, TCDM, L2, 0, 16, 8, 0xFFFF_FFF0)
    assert [rule for rule, _ in bench.reports] == ["dma-row-length", "dma-stride"]
    assert "external count" in bench.reports[0][1]
    assert "TCDM stride 0xfffffff0" in bench.reports[1][1]


class Fifo:
    """A bus on which every access to external memory is recorded."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.accesses: list[tuple[int, int]] = []
        self.memory = self.bench.bus
        self.bench.bus = self  # type: ignore[assignment]

    def read(self, address: int, length: int) -> bytes:
        if address >= L2:
            self.accesses.append((address, length))
        return self.memory.read(address, length)

    def write(self, address: int, data: bytes) -> None:
        if address >= L2:
            self.accesses.append((address, len(data)))
        self.memory.write(address, data)


@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_fixed_bursts_read_a_fifo_of_any_width_row_by_row(width: int) -> None:
    fifo = Fifo()
    fifo.memory.write(L2, b"\x10\x32\x54\x76\x98\xba\xdc\xfe")
    run(fifo.bench, 64 | RX | EXT_2D, TCDM, L2, width, 0)
    assert fifo.accesses == [(L2, width)] * (64 // width)
    repeated = b"\x10\x32\x54\x76\x98\xba\xdc\xfe"[:width] * (64 // width)
    assert fifo.memory.read(TCDM, 64) == repeated


@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_fixed_bursts_write_a_fifo_of_any_width_row_by_row(width: int) -> None:
    fifo = Fifo()
    fifo.memory.write(TCDM, pattern(64))
    run(fifo.bench, 64 | EXT_2D, TCDM, L2, width, 0)
    assert fifo.accesses == [(L2, width)] * (64 // width)
    assert fifo.memory.read(L2, 8) == pattern(64)[-width:] + bytes(8 - width)


def test_a_linear_fixed_burst_repeats_its_bus_word() -> None:
    fifo = Fifo()
    fifo.memory.write(L2, b"ABCDEFGH")
    run(fifo.bench, 21 | RX, TCDM, L2 + 5)
    assert fifo.accesses == [(L2 + 5, 3), (L2, 8), (L2, 8), (L2, 2)]
    assert fifo.memory.read(TCDM, 21) == b"FGHABCDEFGHABCDEFGHAB"


def test_each_fixed_burst_starts_at_the_address_again() -> None:
    fifo = Fifo()
    run(fifo.bench, 512 | RX, TCDM, L2 + 4)
    burst = [(L2 + 4, 4)] + [(L2, 8)] * 31
    assert fifo.accesses == [*burst, *burst, (L2, 4), (L2 + 4, 4)]


def test_a_refused_address_is_reported_and_the_rest_is_copied() -> None:
    bench = Bench()
    bench.bus.write(L2, pattern(0x400))
    bench.bus.holes.append(range(L2 + 0x100, L2 + 0x200))
    dma = run(bench, 0x400 | RX | INC | ELE, TCDM, L2)
    data = pattern(0x400)
    assert bench.bus.read(TCDM, 0x400) == data[:0x100] + bytes(0x100) + data[0x200:]
    assert [rule for rule, _ in bench.reports] == ["dma-access-fault"]
    assert "0x1c000100 is refused (nothing answers); 256 bytes" in bench.reports[0][1]
    assert dma.activities["bytes"] == 0x300
    assert len(bench.sent) == 1


def test_a_refused_fixed_address_is_reported_once() -> None:
    bench = Bench()
    bench.bus.holes.append(range(L2, L2 + 8))
    run(bench, 64 | RX, TCDM, L2)
    assert [rule for rule, _ in bench.reports] == ["dma-access-fault"]


def test_external_addresses_wrap_at_the_width_of_the_bus() -> None:
    bench = Bench()
    bench.bus.write(0xFFFF_FFFC, b"last")
    bench.bus.write(0, b"zero")
    run(bench, 8 | RX | INC, TCDM, 0xFFFF_FFFC)
    assert bench.bus.read(TCDM, 8) == b"lastzero"


# Cycles: 6 to the first request, external memory 12, TCDM 1, 2 to the event (all estimated).


def cycles(*words: int, **parameters: object) -> int:
    bench = Bench()
    run(bench, words[0] | ELE, *words[1:], **parameters)
    return bench.sent[0].cycle


@pytest.mark.parametrize("direction", [RX, 0])
@pytest.mark.parametrize(
    ("length", "external", "tcdm", "beats"),
    [
        (1, L2, TCDM, 1),
        (8, L2, TCDM, 1),
        (8, L2 + 1, TCDM, 2),
        (8, L2, TCDM + 7, 2),
        (9, L2 + 7, TCDM, 2),
        (256, L2, TCDM, 32),
        (257, L2, TCDM, 33),
        (4096, L2, TCDM, 512),
        (4096, L2 + 4, TCDM, 528),
        (4096, L2, TCDM + 4, 528),
    ],
)
def test_a_transfer_takes_its_latencies_and_one_cycle_a_beat(
    direction: int, length: int, external: int, tcdm: int, beats: int
) -> None:
    assert cycles(length | INC | direction, tcdm, external) == 6 + 12 + 1 + 2 + beats


@pytest.mark.parametrize(("start", "bursts"), [(L2, 4), (L2 + 0xF00, 4), (L2 + 0xFFF, 5)])
def test_bursts_end_at_multiples_of_256_bytes(start: int, bursts: int) -> None:
    dma = run(Bench(), 1024 | INC, TCDM, start)
    assert dma.activities["bursts"] == bursts


def test_rows_of_one_beat_follow_each_other_every_second_cycle() -> None:
    linear = cycles(512 | INC | RX, TCDM, L2, external_cycles=0)
    strided = cycles(512 | INC | RX | EXT_2D, TCDM, L2, 8, 64, external_cycles=0)
    assert strided - linear == 63


def test_eight_bursts_under_way_hide_a_latency_of_as_many_bursts() -> None:
    slow = cycles(8192 | INC | RX, TCDM, L2, external_cycles=200)
    assert slow == 6 + 200 + 1 + 2 + 1024
    starved = cycles(8192 | INC | RX, TCDM, L2, external_cycles=200, outstanding_bursts=1)
    assert starved > 32 * 200


def test_the_two_directions_work_side_by_side_and_each_in_order() -> None:
    bench = Bench()
    dma = bench.build(Mchan, {})
    for hart in range(4):
        bench.load(dma, "cmd", hart=hart, window=Mchan.core)
        direction = RX if hart % 2 else 0
        for word in (4096 | INC | ELE | direction, TCDM + 0x2000 * hart, L2 + 0x2000 * hart):
            bench.store(dma, "cmd", word, hart=hart, window=Mchan.core)
    bench.settle()
    ends = {sent.harts.bit_length() - 1: sent.cycle for sent in bench.sent}
    assert [ends[0], ends[1]] == [533, 534]  # the second event waits a cycle for its turn
    assert ends[2] - ends[0] == ends[3] - ends[1] == 512
    assert dma.activities == {
        "bytes": 4 * 4096,
        "bursts": 64,
        "transfers": 4,
        "busy_cycles": 533 + 512,
    }


def test_busy_cycles_leave_out_the_time_between_transfers() -> None:
    bench = Bench()
    dma = bench.build(Mchan, {})
    bench.load(dma, "cmd", window=Mchan.core)
    for _ in range(2):
        for word in (8 | INC | RX, TCDM, L2):
            bench.store(dma, "cmd", word, window=Mchan.core)
        bench.settle()
        bench.advance(1000)
    assert dma.activities["busy_cycles"] == 2 * 22
