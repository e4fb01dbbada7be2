"""What devices say that they have been lent, against the bytes that they really read and write."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.peripherals.ita_driver import (
    BIAS_PTR,
    BIASES,
    CTRL_STREAM,
    INPUT,
    INPUT_PTR,
    NEXTLOAD,
    NO_BIAS,
    NO_OUTPUT,
    OUTPUT,
    OUTPUT_PTR,
    PRELOAD,
    TILE,
    TRIGGER,
    WEIGHT_PTR0,
    WEIGHTS,
    Driver,
)
from vplat.model import Loan, Observer, Peripheral, Rows
from vplat.peripherals.idma import Idma
from vplat.peripherals.mchan import Mchan
from vplat.peripherals.xdma import SnitchDma
from vplat.testing import Bench

TCDM, TCDM_SIZE, L2 = 0x1000_0000, 0x1000, 0x1C00_0000
INC, EXT_2D, TCDM_2D = 1 << 18, 1 << 19, 1 << 23
WORD = 0xFFFF_FFFF


class Lender(Observer):
    """Remembers loans, and which of them are over."""

    def __init__(self) -> None:
        self.loans: list[Loan] = []
        self.open: set[tuple[str, int]] = set()

    def borrow(self, device: Peripheral, what: str, number: int, loan: Loan) -> None:
        assert (what, number) not in self.open
        self.loans.append(loan)
        self.open.add((what, number))

    def hand_back(self, device: Peripheral, what: str, number: int) -> None:
        self.open.discard((what, number))


class NosyBench(Bench):
    """Notes the address of every byte that a device reads and writes."""

    def __init__(self) -> None:
        super().__init__()
        self.read: set[int] = set()
        self.written: set[int] = set()
        load, store = self.bus.read, self.bus.write

        def read(address: int, length: int) -> bytes:
            self.read.update(range(address, address + length))
            return load(address, length)

        def write(address: int, data: bytes) -> None:
            self.written.update(range(address, address + len(data)))
            store(address, data)

        self.bus.read, self.bus.write = read, write  # type: ignore[method-assign]


def bytes_of(several: tuple[Rows, ...]) -> set[int]:
    return {
        address
        for rows in several
        for row in rows.each()
        for address in range(row, row + rows.length)
    }


def agree(lender: Lender, bench: NosyBench) -> None:
    """What was lent is what was touched, and all of it is handed back."""
    (loan,) = lender.loans
    assert bytes_of(loan.reads) == bench.read
    assert bytes_of(loan.writes) == bench.written
    assert not lender.open


near_the_end = st.integers(TCDM, TCDM + 40) | st.integers(TCDM + TCDM_SIZE - 300, TCDM + TCDM_SIZE)
sides = st.none() | st.tuples(st.integers(0, 80), st.integers(0, 200))


@given(
    st.booleans(),
    st.integers(1, 400),
    near_the_end,
    st.integers(L2, L2 + 40),
    sides,
    sides,
    st.booleans(),
)
def test_a_command_of_the_mchan_has_the_bytes_that_it_moves(
    receives: bool,
    length: int,
    tcdm: int,
    external: int,
    outside: tuple[int, int] | None,
    inside: tuple[int, int] | None,
    increments: bool,
) -> None:
    bench, lender = NosyBench(), Lender()
    dma = bench.build(Mchan, {"tcdm_size": TCDM_SIZE})
    dma.observer = lender
    bench.load(dma, "cmd", window=Mchan.core)
    first = length | receives << 17 | INC * increments
    words = [first | EXT_2D * (outside is not None) | TCDM_2D * (inside is not None)]
    for word in (*words, tcdm, external, *(outside or ()), *(inside or ())):
        bench.store(dma, "cmd", word, window=Mchan.core)
    bench.settle()
    if increments:
        agree(lender, bench)
    else:
        tcdm_bytes = [bench.read, bench.written][receives]
        (loan,) = lender.loans
        assert bytes_of((loan.reads, loan.writes)[receives]) == tcdm_bytes


protocols = st.sampled_from([0, 1, 4])


@settings(max_examples=60)
@given(
    st.integers(0, 40),
    st.integers(0, 2),
    st.tuples(protocols, protocols),
    st.lists(st.integers(-90, 90), min_size=4, max_size=4),
    st.tuples(st.integers(0, 4), st.integers(0, 6)),
    near_the_end,
)
def test_a_transfer_of_the_idma_has_the_bytes_that_it_moves(
    length: int,
    dimensions: int,
    ends: tuple[int, int],
    strides: list[int],
    repetitions: tuple[int, int],
    address: int,
) -> None:
    bench, lender = NosyBench(), Lender()
    dma = bench.build(Idma, {"tcdm_size": TCDM_SIZE})
    dma.observer = lender
    places = {0: L2 + 0x800, 1: address, 4: 0}
    registers = {
        "conf": dimensions << 10 | ends[0] << 12 | ends[1] << 15,
        "src_addr": places[ends[0]],
        "dst_addr": places[ends[1]],
        "length": length,
        "src_stride_2": strides[0],
        "dst_stride_2": strides[1],
        "src_stride_3": strides[2],
        "dst_stride_3": strides[3],
        "reps_2": repetitions[0],
        "reps_3": repetitions[1],
    }
    for register, value in registers.items():
        bench.store(dma, register, value & WORD, window=Idma.core)
    bench.load(dma, "next_id[0]", window=Idma.core)
    bench.settle()
    agree(lender, bench)


@settings(max_examples=60)
@given(
    st.integers(0, 70),
    st.booleans(),
    st.integers(-40, 90),
    st.integers(-40, 90),
    st.integers(0, 4),
)
def test_a_copy_of_the_snitch_dma_has_the_bytes_that_it_moves(
    length: int, rows: bool, from_stride: int, to_stride: int, count: int
) -> None:
    bench, lender = NosyBench(), Lender()
    dma = bench.build(SnitchDma)
    dma.observer = lender
    dma.set_source(0x8000_0100, 0)
    dma.set_destination(TCDM + 0x200, 0)
    dma.set_strides(from_stride & WORD, to_stride & WORD)
    dma.set_repetitions(count)
    dma.copy(8, length, 2 * rows)
    bench.settle()
    agree(lender, bench)


@given(st.booleans(), st.booleans(), st.booleans(), st.integers(0, 3))
def test_a_job_has_its_tiles_weights_and_biases(
    nextload: bool, bias: bool, stores: bool, off: int
) -> None:
    ita, lender = Driver(), Lender()
    ita.ita.observer = lender
    flags = PRELOAD | NEXTLOAD * nextload | NO_BIAS * (not bias) | NO_OUTPUT * (not stores)
    ita.commit({CTRL_STREAM: flags, INPUT_PTR: INPUT + off})
    (loan,) = lender.loans
    reads = {*range(INPUT, INPUT + TILE), *range(WEIGHTS, WEIGHTS + TILE)}
    reads |= set(range(0x3000, 0x3000 + 1024)) if nextload else set()
    reads |= set(range(BIASES, BIASES + 192)) if bias else set()
    assert bytes_of(loan.reads) == reads
    assert bytes_of(loan.writes) == (set(range(OUTPUT, OUTPUT + TILE)) if stores else set())


def test_jobs_have_no_memory_before_the_first_trigger_and_none_after_a_clear() -> None:
    ita, lender = Driver(), Lender()
    ita.ita.observer = lender
    ita.program()
    ita.put(TRIGGER, 1)
    assert not lender.loans
    ita.commit()
    assert lender.open == {("job", 0), ("job", 1)}
    ita.clear()
    assert not lender.open


def test_a_job_hands_its_memory_back_before_its_event() -> None:
    ita, lender = Driver(), Lender()
    ita.ita.observer = lender
    open_at_the_event: list[int] = []
    ita.ita.connect("finished", lambda level, harts: open_at_the_event.append(len(lender.open)))
    ita.run()
    assert open_at_the_event == [0]


def test_what_is_outside_of_the_accelerator_s_memory_is_not_lent() -> None:
    ita, lender = Driver(memory_base=0x1000, memory_size=0x8000), Lender()
    ita.ita.observer = lender
    ita.commit({INPUT_PTR: 0x8800, WEIGHT_PTR0: 0x10_0000, BIAS_PTR: 0x800, OUTPUT_PTR: 0x800})
    (loan,) = lender.loans
    assert bytes_of(loan.reads) == set(range(0x8800, 0x9000))
    assert bytes_of(loan.writes) == set(range(0x1000, 0x1800))
