"""Arithmetic of block transfers: pieces, beats, timing of bursts, copies with refused blocks."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from vplat.model.transfer import BurstFlow, BusySpan, Refusals, beats, copy, split
from vplat.testing.bench import Bench

ADDRESSES = st.integers(0, 5000)
BOUNDARIES = st.sampled_from([4, 8, 256, 300])


@given(st.integers(0, 2000), BOUNDARIES, ADDRESSES, ADDRESSES)
def test_pieces_cover_a_run_in_order_and_cross_no_boundary_on_either_side(
    length: int, boundary: int, one: int, other: int
) -> None:
    position = 0
    for offset, piece in split(length, boundary, one, other):
        assert offset == position
        assert piece > 0
        for address in (one, other):
            first, last = address + offset, address + offset + piece - 1
            assert first // boundary == last // boundary
        position += piece
    assert position == length


@given(ADDRESSES, st.integers(1, 500), st.sampled_from([4, 8, 64]))
def test_beats_are_the_bus_words_that_a_run_touches(address: int, length: int, width: int) -> None:
    touched = {byte // width for byte in range(address, address + length)}
    assert beats(address, length, width) == len(touched)


@given(
    st.integers(1, 4),
    st.integers(0, 20),
    st.integers(0, 20),
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), min_size=1, max_size=30),
)
def test_bursts_share_the_channel_and_respect_how_many_may_be_under_way(
    outstanding: int, before: int, after: int, bursts: list[tuple[int, int]]
) -> None:
    flow = BurstFlow(outstanding)
    requests, data = [], []
    for ready, words in bursts:
        finished = flow.burst(ready, words, before, after)
        requests.append(flow.request_free - 1)
        data.append((flow.data_free - words, flow.data_free))
        assert finished == flow.data_free + after
        assert requests[-1] >= ready
        assert data[-1][0] >= requests[-1] + before
    assert all(later > earlier for earlier, later in pairwise(requests))
    assert all(later[0] >= earlier[1] for earlier, later in pairwise(data))
    for request in requests:
        under_way = [
            start
            for start, (_, end) in zip(requests, data, strict=True)
            if start <= request < end + after
        ]
        assert len(under_way) <= outstanding


def test_busy_cycles_count_overlapping_transfers_once() -> None:
    span = BusySpan()
    span.begin(10)
    span.begin(15)
    assert span.end(20) == 10
    assert span.end(30) == 10
    span.begin(100)
    assert span.end(101) == 1


def test_a_copy_leaves_out_the_refused_blocks_of_either_side_and_adds_them_up() -> None:
    bench = Bench()
    bench.bus.write(0x1000, bytes(range(1, 256)) * 4)
    bench.bus.holes += [range(0x1100, 0x1104), range(0x8200, 0x8201)]
    refusals = Refusals()
    copy(bench.bus, 0x1000, 0x8000, 0x3F0, refusals)
    assert refusals == Refusals(0x200, 0x1100, "nothing answers")
    assert bench.bus.read(0x8000, 0x200) == bench.bus.read(0x1000, 0x100) + bytes(0x100)
    assert bench.bus.read(0x8300, 0xF0) == bench.bus.read(0x1300, 0xF0)


def test_a_copy_onto_itself_moves_all_bytes_before_it_overwrites_any() -> None:
    bench = Bench()
    bench.bus.write(0, bytes(range(200)))
    refusals = Refusals()
    copy(bench.bus, 0, 3, 200, refusals)
    assert bench.bus.read(3, 200) == bytes(range(200))
    assert not refusals.bytes
