"""iDMA: which bytes a transfer moves, against a byte-by-byte reference, and how long that takes."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vplat.peripherals.idma import Idma
from vplat.testing.bench import Bench

TCDM, TCDM_SIZE = 0x1000_0000, 0x1000
L2 = 0x1C00_0000
AXI, OBI, INIT = 0, 1, 4
WORD = 0xFFFF_FFFF


@dataclasses.dataclass
class Shape:
    """Registers of one transfer."""

    src_addr: int
    dst_addr: int
    length: int
    dimensions: int = 0
    src_protocol: int = AXI
    dst_protocol: int = OBI
    reps_2: int = 0
    reps_3: int = 0
    src_stride_2: int = 0
    dst_stride_2: int = 0
    src_stride_3: int = 0
    dst_stride_3: int = 0
    flags: int = 0

    def registers(self) -> dict[str, int]:
        values = dataclasses.asdict(self)
        conf = values.pop("flags") | values.pop("dimensions") << 10
        conf |= values.pop("src_protocol") << 12 | values.pop("dst_protocol") << 15
        return {name: value & WORD for name, value in values.items()} | {"conf": conf}


def launch(bench: Bench, dma: Idma, shape: Shape, hart: int = 0) -> int:
    for register, value in shape.registers().items():
        bench.store(dma, register, value, hart=hart, window=Idma.core)
    stream = 0 if shape.dst_protocol == AXI else 1
    return bench.load(dma, f"next_id[{stream}]", hart=hart, window=Idma.core)


def run(bench: Bench, shape: Shape, **parameters: object) -> Idma:
    """Let a new iDMA do one transfer to the end."""
    dma = bench.build(Idma, {"tcdm_size": TCDM_SIZE, **parameters})
    launch(bench, dma, shape)
    bench.settle()
    return dma


def pattern(length: int, seed: int = 1) -> bytes:
    """Bytes in which a shift by any distance shows."""
    return bytes((index * 7 + (index >> 8) * 13 + seed) & 0xFF for index in range(length))


def filled() -> Bench:
    bench = Bench()
    bench.bus.write(L2, pattern(0x4000))
    bench.bus.write(TCDM, pattern(TCDM_SIZE, seed=101))
    return bench


def place(protocol: int, address: int) -> int:
    return TCDM + (address - TCDM) % TCDM_SIZE if protocol == OBI else address & WORD


def reference(bench: Bench, shape: Shape) -> None:
    """The nested loops of the middle end, byte by byte; the third stride starts at the last row."""
    rows = (shape.reps_2 or 1) if shape.dimensions >= 1 else 1
    planes = (shape.reps_3 or 1) if shape.dimensions >= 2 else 1
    if shape.dimensions >= 2 and not shape.reps_2 and not shape.reps_3:
        return
    source, destination = shape.src_addr, shape.dst_addr
    for _ in range(planes):
        for row in range(rows):
            data = [
                0 if shape.src_protocol == INIT
                else bench.bus.read(place(shape.src_protocol, source + index), 1)[0]
                for index in range(shape.length)
            ]  # fmt: skip
            for index, byte in enumerate(data):
                if shape.dst_protocol != INIT:
                    bench.bus.write(place(shape.dst_protocol, destination + index), bytes([byte]))
            last = row == rows - 1
            source += shape.src_stride_3 if last else shape.src_stride_2
            destination += shape.dst_stride_3 if last else shape.dst_stride_2


def strides(maximum: int) -> st.SearchStrategy[int]:
    return st.integers(0, maximum) | st.integers(-maximum, -1)


def shapes(source: int, destination: int) -> st.SearchStrategy[Shape]:
    """Transfers whose ends never overlap: one in L2 or nowhere, the other in the TCDM."""
    starts = {
        OBI: st.integers(TCDM, TCDM + 40) | st.integers(TCDM + TCDM_SIZE - 200, TCDM + TCDM_SIZE)
    }
    axi = st.integers(L2 + 0x1000, L2 + 0x1040)
    return st.builds(
        Shape,
        src_addr=starts.get(source, axi),
        dst_addr=starts.get(destination, axi),
        length=st.integers(1, 100),
        dimensions=st.integers(0, 3),
        src_protocol=st.just(source),
        dst_protocol=st.just(destination),
        reps_2=st.integers(0, 5),
        reps_3=st.integers(0, 4),
        src_stride_2=strides(150),
        dst_stride_2=strides(150),
        src_stride_3=strides(300),
        dst_stride_3=strides(300),
        flags=st.integers(0, 0x3FF),
    )


@given(
    st.sampled_from([(AXI, OBI), (OBI, AXI), (INIT, OBI), (INIT, AXI), (AXI, INIT)]).flatmap(
        lambda ends: shapes(*ends)
    )
)
def test_every_byte_goes_where_the_nested_loops_take_it(shape: Shape) -> None:
    bench, expected = filled(), filled()
    reference(expected, shape)
    run(bench, shape)
    assert bench.bus.pages == expected.bus.pages


def test_the_third_stride_leads_on_from_the_last_row_of_a_plane() -> None:
    bench = filled()
    shape = Shape(L2, TCDM, 1, dimensions=2, reps_2=3, reps_3=2, src_stride_2=10, src_stride_3=100)
    shape.dst_stride_2 = shape.dst_stride_3 = 1
    run(bench, shape)
    data = pattern(0x200)
    assert bench.bus.read(TCDM, 6) == bytes(data[at] for at in (0, 10, 20, 120, 130, 140))


def test_a_copy_within_the_tcdm_goes_through_obi_on_both_sides() -> None:
    bench = filled()
    run(bench, Shape(TCDM + 3, TCDM + 0x805, 300, src_protocol=OBI))
    assert bench.bus.read(TCDM + 0x805, 300) == pattern(TCDM_SIZE, seed=101)[3:303]
    assert bench.reports == []


def test_init_as_source_clears_and_as_destination_only_reads() -> None:
    bench = filled()
    run(bench, Shape(0, L2 + 5, 70, src_protocol=INIT, dst_protocol=AXI))
    assert bench.bus.read(L2, 80) == pattern(5) + bytes(70) + pattern(80)[75:]
    before = dict(bench.bus.pages)
    run(bench, Shape(L2, 0, 70, dst_protocol=INIT))
    assert bench.bus.pages == before
    bench.bus.holes.append(range(L2, L2 + 16))
    run(bench, Shape(L2, 0, 8, dst_protocol=INIT))
    assert [rule for rule, _ in bench.reports] == ["dma-access-fault"]


def test_an_obi_address_outside_the_tcdm_keeps_its_low_bits_and_is_reported() -> None:
    bench = filled()
    run(bench, Shape(L2, L2 + 0x2010, 8))
    assert bench.bus.read(TCDM + 0x10, 8) == pattern(8)
    assert [rule for rule, _ in bench.reports] == ["dma-tcdm-address"]
    assert "DST: 0x1c002010" in bench.reports[0][1]
    assert "0x10000010" in bench.reports[0][1]


@pytest.mark.parametrize("dimensions", [0, 1, 2])
def test_a_length_of_0_copies_nothing_and_is_done_at_once(dimensions: int) -> None:
    bench = filled()
    dma = run(bench, Shape(L2, TCDM, 0, dimensions=dimensions, reps_2=3, reps_3=WORD))
    assert bench.bus.read(TCDM, 8) == pattern(8, seed=101)
    assert bench.load(dma, "done_id[1]", window=Idma.core) == 2
    assert [sent.cycle for sent in bench.sent] == [5]
    assert [rule for rule, _ in bench.reports] == ["dma-length"]
    assert dma.activities["bytes"] == 0


def test_a_transfer_of_no_length_takes_its_turn_behind_others() -> None:
    bench = filled()
    dma = bench.build(Idma, {})
    launch(bench, dma, Shape(L2, TCDM, 4096))
    launch(bench, dma, Shape(L2, TCDM, 0))
    bench.settle()
    assert [sent.cycle for sent in bench.sent] == sorted(sent.cycle for sent in bench.sent)
    assert bench.load(dma, "done_id[1]", window=Idma.core) == 3


@pytest.mark.parametrize(
    ("dimensions", "reps_2", "reps_3", "rules", "copied"),
    [
        (0, 0, 0, 0, 8),
        (1, 0, 0, 1, 8),
        (1, 2, 0, 0, 16),
        (2, 0, 2, 1, 16),
        (2, 2, 0, 1, 16),
        (2, 0, 0, 2, 0),
        (3, 2, 2, 0, 32),
    ],
)
def test_a_count_of_0_switches_its_dimension_off_and_is_reported(
    dimensions: int, reps_2: int, reps_3: int, rules: int, copied: int
) -> None:
    bench = filled()
    shape = Shape(L2, TCDM, 8, dimensions=dimensions, reps_2=reps_2, reps_3=reps_3)
    dma = run(bench, shape)
    assert [rule for rule, _ in bench.reports] == ["dma-repetitions"] * rules
    assert dma.activities["bytes"] == copied
    assert bench.load(dma, "done_id[1]", window=Idma.core) == 2


def test_a_refused_address_is_reported_once_and_the_rest_is_copied() -> None:
    bench = filled()
    bench.bus.holes.append(range(L2 + 0x100, L2 + 0x200))
    dma = run(
        bench, Shape(L2, TCDM, 0x100, dimensions=1, reps_2=4, src_stride_2=0x80, dst_stride_2=0x100)
    )
    data = pattern(0x280)
    assert bench.bus.read(TCDM, 0x180) == data[:0x100] + data[0x80:0x100]
    assert [rule for rule, _ in bench.reports] == ["dma-access-fault"]
    assert "0x1c000100 is refused (nothing answers); 512 bytes" in bench.reports[0][1]
    assert dma.activities["bytes"] == 0x400 - 512
    launch(bench, dma, Shape(L2, TCDM, 8))
    bench.settle()
    assert len(bench.reports) == 1


def test_addresses_wrap_at_32_bits() -> None:
    bench = Bench()
    bench.bus.write(0xFFFF_FFFC, b"last")
    bench.bus.write(0, b"zero")
    run(bench, Shape(0xFFFF_FFFC, TCDM, 8))
    assert bench.bus.read(TCDM, 8) == b"lastzero"


def test_a_giant_transfer_is_worked_off_in_slices() -> None:
    bench = Bench()
    shape = Shape(
        0, L2, 1, dimensions=2, src_protocol=INIT, dst_protocol=AXI, reps_2=WORD, reps_3=WORD
    )
    dma = bench.build(Idma, {})
    launch(bench, dma, shape)
    bench.advance(30_000)
    assert dma.activities["bytes"] == 2 * 8192
    assert bench.sent == []
    assert bench.load(dma, "status[0]", window=Idma.core) == 0x3FF


def test_slices_meet_in_the_middle_of_a_row() -> None:
    bench = Bench()
    bench.bus.write(L2 + 0xF_FFF0, pattern(0x30))
    dma = run(bench, Shape(L2, 0x8000_0003, 0x10_0020, dst_protocol=AXI, src_protocol=AXI))
    assert bench.bus.read(0x8000_0003 + 0xF_FFF0, 0x30) == pattern(0x30)
    assert dma.activities == {
        "bytes": 0x10_0020,
        "bursts": dma.activities["bursts"],
        "busy_cycles": bench.sent[0].cycle,
        "transfers": 1,
    }


# Cycles: 3 to the first request, external memory 12, TCDM 1, 2 to the event (all estimated).


def cycles(shape: Shape, **parameters: object) -> int:
    bench = Bench()
    run(bench, shape, **parameters)
    return bench.sent[0].cycle


@pytest.mark.parametrize("ends", [(AXI, OBI), (OBI, AXI)])
@pytest.mark.parametrize(
    ("length", "external", "tcdm", "beats"),
    [
        (1, L2, TCDM, 1),
        (8, L2 + 1, TCDM, 2),
        (8, L2, TCDM + 7, 2),
        (4096, L2, TCDM, 512),
        (4096, L2 + 4, TCDM, 514),
    ],
)
def test_a_transfer_takes_its_latencies_and_one_cycle_a_beat(
    ends: tuple[int, int], length: int, external: int, tcdm: int, beats: int
) -> None:
    addresses = (external, tcdm) if ends == (AXI, OBI) else (tcdm, external)
    shape = Shape(*addresses, length, src_protocol=ends[0], dst_protocol=ends[1])
    assert cycles(shape) == 3 + 12 + 1 + 2 + beats


def test_copies_within_the_tcdm_and_of_zeros_are_not_kept_waiting() -> None:
    assert cycles(Shape(TCDM, TCDM + 0x800, 64, src_protocol=OBI)) == 3 + 1 + 1 + 2 + 8
    assert cycles(Shape(0, TCDM, 64, src_protocol=INIT)) == 3 + 0 + 1 + 2 + 8


@pytest.mark.parametrize(
    ("flags", "bursts"),
    [
        (0, 2),
        (1 << 2 | 7 << 4, 4),
        (1 << 2 | 3 << 4, 64),
        (1 << 2, 512),
        (7 << 4, 2),
        (1 << 3 | 3 << 7, 2),
    ],
)
def test_the_reduced_length_of_source_bursts_is_counted_in_beats(flags: int, bursts: int) -> None:
    assert run(Bench(), Shape(L2, TCDM, 4096, flags=flags)).activities["bursts"] == bursts


@pytest.mark.parametrize(("flags", "bursts"), [(0, 3), (1 << 3 | 4 << 7, 32), (1 << 2 | 4 << 4, 3)])
def test_the_reduced_length_of_destination_bursts_is_its_own(flags: int, bursts: int) -> None:
    shape = Shape(TCDM, L2 + 0x780, 4096, src_protocol=OBI, dst_protocol=AXI, flags=flags)
    assert run(Bench(), shape).activities["bursts"] == bursts


def test_coupled_sides_are_cut_at_the_same_places() -> None:
    shape = Shape(L2, L2 + 0x10400, 4096, src_protocol=AXI, dst_protocol=AXI)
    assert run(Bench(), shape).activities["bursts"] == 2 * 4
    shape.flags = 1 << 1
    assert run(Bench(), shape).activities["bursts"] == 2 + 3


def test_short_bursts_cannot_hide_a_long_latency() -> None:
    long_bursts = cycles(Shape(L2, TCDM, 4096), external_cycles=300)
    short_bursts = cycles(Shape(L2, TCDM, 4096, flags=1 << 2), external_cycles=300)
    assert long_bursts == 3 + 300 + 1 + 2 + 512
    assert short_bursts > 512 // 8 * 300


def test_streams_work_side_by_side_and_each_in_order() -> None:
    bench = Bench()
    dma = bench.build(Idma, {})
    for hart in range(2):
        launch(bench, dma, Shape(L2, TCDM, 4096), hart)
        launch(bench, dma, Shape(TCDM, L2, 4096, src_protocol=OBI, dst_protocol=AXI), hart)
    bench.settle()
    assert [sent.cycle for sent in bench.sent] == [530, 530, 1042, 1042]
    assert dma.activities["busy_cycles"] == 1042
    assert dma.activities["transfers"] == 4
    assert dma.activities["bytes"] == 4 * 4096
